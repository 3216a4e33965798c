"""The front end is one module and one style sheet, and neither asks anything of anybody."""

from __future__ import annotations

import re

from coro_lab.crossings import LABELS
from coro_lab.events import Lane, Trace
from coro_lab.sentences import TEMPLATES
from coro_lab.widgets import frontend

NAME = re.compile(r"^(?:export )?(?:async )?(?:function|const|class) (\w+)", re.MULTILINE)


def sources() -> dict[str, str]:
    return {name: (frontend.FOLDER / name).read_text(encoding="utf-8") for name in frontend.MODULES}


def test_the_modules_of_the_player_give_each_thing_a_name_of_its_own():
    names = [name for text in sources().values() for name in NAME.findall(text)]
    assert len(names) == len(set(names)), "joined modules share one scope"


def test_each_module_imports_only_from_those_before_it():
    for place, (name, text) in enumerate(sources().items()):
        imported = re.findall(r'from "\./([\w.]+)"', text)
        assert set(imported) <= {*frontend.MODULES[:place]}, name


def test_the_joined_module_needs_no_other():
    assert not re.search(r"^import |^export (?!default)|import\(", frontend.module(), re.MULTILINE)
    assert frontend.module().count("export default") == 1


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
    before, _, after = frontend.style_sheet().partition("@media (prefers-reduced-motion: no-preference)")
    assert "animation" in after
    assert not re.search(r"animation|transition", before)


def test_what_the_front_end_is_given_holds_the_words_of_python_and_a_look_for_each_lane():
    given = frontend.given(Trace((), (Lane("A", "generator"), Lane("B", "generator"))), title="two")
    assert given["templates"] == TEMPLATES
    assert given["labels"] == LABELS
    assert [len(look) for look in given["looks"]] == [5, 5]
    assert given["title"] == "two"


def test_half_a_character_travels_as_an_escape():
    text = frontend.portable(Trace((), (Lane("\ud800", "generator"),)))
    assert "\\ud800" in text
    assert Trace.from_json(text).lanes[0].name == "\ud800"
