"""The front end is one module and one style sheet, and neither asks anything of anybody."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from coro_lab.trace.events import Lane
from coro_lab.trace.trace import Trace
from coro_lab.views.widgets import frontend, race, scheduler
from coro_lab.views.widgets.race import heat_map
from coro_lab.views.widgets.scheduler import paths

NAME = re.compile(r"^(?:export )?(?:async )?(?:function|const|class) (\w+)", re.MULTILINE)
IMPORT = re.compile(r'^import \{ (.*) \} from "\.{1,2}/(?:[\w./]+/)?([\w.]+)";$', re.MULTILINE)
FUNCTION = re.compile(r"^export function (\w+)", re.MULTILINE)
LESSONS = frontend.FOLDER.parents[1] / "lessons" / "widgets"


def lesson(*names: str) -> tuple[Path, ...]:
    return (*(frontend.FOLDER / name for name in frontend.PAGE), *(LESSONS / f"{name}.js" for name in names))


WIDGETS = {
    "player": frontend.MODULES,
    "stepper": (*frontend.MODULES, "stepper.js"),
    "engines": (*frontend.MODULES, "engines.js"),
    "scheduler": scheduler.MODULES,
    "paths": paths.MODULES,
    "race": race.MODULES,
    "heat map": heat_map.MODULES,
    "exercise": lesson("learning", "place", "outcome", "exercise"),
    "parsons": lesson("learning", "place", "outcome", "parsons"),
    "prediction": lesson("learning", "place", "prediction"),
    "chapters": lesson("learning", "place", "chapters"),
    "glossary": lesson("learning", "place", "glossary"),
}
JOINED = pytest.mark.parametrize("modules", WIDGETS.values(), ids=list(WIDGETS))
SHEETS = ["page.css", "player/code.css", "player/player.css", "stepper.css", "engines.css", "scheduler/scheduler.css"]
SHEETS += ["scheduler/paths.css", "race/race.css", "race/heat_map.css"]
SHEETS += [LESSONS / "learning.css"]


def sources(modules: tuple[str | Path, ...] = frontend.MODULES) -> dict[str, str]:
    files = [frontend.FOLDER / name for name in modules]
    return {file.name: file.read_text(encoding="utf-8") for file in files}


@JOINED
def test_the_modules_give_each_thing_a_name_of_its_own(modules):
    names = [name for text in sources(modules).values() for name in NAME.findall(text)]
    assert len(names) == len(set(names)), "joined modules share one scope"


@JOINED
def test_each_module_imports_what_stands_before_it_or_a_function(modules):
    texts = sources(modules)
    for place, (name, text) in enumerate(texts.items()):
        assert len(IMPORT.findall(text)) == text.count("\nimport "), f"{name}: each import is one line"
        for imported, other in IMPORT.findall(text):
            functions = FUNCTION.findall(texts[other])
            assert other in [*texts][:place] or set(imported.split(", ")) <= set(functions), f"{name} imports {other}"


@JOINED
def test_no_module_imports_itself_by_way_of_others(modules):
    imports = {name: {other for _, other in IMPORT.findall(text)} for name, text in sources(modules).items()}
    TopologicalSorter(imports).prepare()  # raises CycleError


@JOINED
def test_the_joined_module_needs_no_other(modules):
    text = frontend.joined(*modules)
    assert not re.search(r"^import |^export (?!default)|import\(", text, re.MULTILINE)
    assert text.count("export default") == 1


@JOINED
def test_the_joined_module_can_be_read_by_node_and_carries_no_comment(modules, tmp_path, node_reads):
    text = frontend.joined(*modules)
    (tmp_path / "joined.mjs").write_text(text, encoding="utf-8")
    node_reads(tmp_path / "joined.mjs")
    assert re.findall(r"/\*|^//|@param|@type", text, re.MULTILINE) == []


def test_what_a_style_sheet_says_in_quotes_keeps_its_spaces():
    quoted = [re.findall(r'"[^"\n]*"', (frontend.FOLDER / sheet).read_text(encoding="utf-8")) for sheet in SHEETS]
    assert [re.findall(r'"[^"\n]*"', frontend.stripped(sheet)) for sheet in SHEETS] == quoted


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: Path(sheet).stem)
def test_each_style_sheet_has_rules_for_forced_colours(sheet):
    text = (frontend.FOLDER / sheet).read_text(encoding="utf-8")
    assert "@media (forced-colors: active) {" in text
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: Path(sheet).stem)
def test_no_column_of_a_grid_is_wider_than_a_narrow_page(sheet):
    text = (frontend.FOLDER / sheet).read_text(encoding="utf-8")
    assert re.findall(r"auto-fit, minmax\((?!min\()[^)]*\)", text) == []


def test_every_style_sheet_is_looked_at_here():
    package = frontend.FOLDER.parents[1]
    assert {frontend.FOLDER / sheet for sheet in SHEETS} == set(package.rglob("*.css"))


def test_nothing_is_asked_of_a_network_and_no_text_becomes_markup():
    for text in [*sources().values(), frontend.style_sheet()]:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|XMLHttp|url\(|@import", text
        )
        assert set(re.findall(r"https?://[^\"]*", text)) <= {"http://www.w3.org/2000/svg"}


def test_neither_text_can_end_the_element_that_it_stands_in():
    assert "</script" not in frontend.module().lower()
    assert "</style" not in frontend.style_sheet().lower()


def test_motion_is_only_for_those_who_did_not_ask_for_less():
    before, _, after = frontend.style_sheet().partition("@media (prefers-reduced-motion:no-preference)")
    assert "transition" in after
    assert "prefers-reduced-motion: reduce" in sources()["traveller.js"]
    assert not re.search(r"animation|transition", before)


def test_the_front_end_is_given_a_look_for_each_lane():
    given = frontend.given(Trace((), (Lane("A", "generator"), Lane("B", "generator"))), title="two")
    assert [len(look) for look in given["looks"]] == [4, 4]
    assert given["title"] == "two"


def test_half_a_character_travels_as_an_escape():
    text = frontend.portable(Trace((), (Lane("\ud800", "generator"),)))
    assert "\\ud800" in text
    assert Trace.from_json(text).lanes[0].name == "\ud800"
