"""What README.md and CONTRIBUTING.md say is so: the examples run, and what they name is there."""

from __future__ import annotations

import asyncio
import re
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib.axes import Axes

import coro_lab
from coro_lab import awaits, record, timeline
from coro_lab.__main__ import COMMANDS, _parser
from coro_lab.trace.trace import Trace
from tests.places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BOTH = README + CONTRIBUTING
START = "HEAD?urlpath=lab/tree/notebooks/00-start-here.ipynb"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def section(title: str, text: str = README) -> str:
    """The text below this heading, up to the next."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def code(text: str) -> list[str]:
    """What stands between single backticks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


@pytest.mark.parametrize("title", ["Record your own program", "Every order of your own program"])
def test_the_example_prints_what_stands_below_it(title: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    ((example, printed),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", section(title), re.DOTALL)
    (tmp_path / "example.py").write_text(example, encoding="utf-8")
    names = runpy.run_path(str(tmp_path / "example.py"), run_name="__main__")
    assert capsys.readouterr().out == printed
    if "timeline(trace)" in code(section(title)):
        assert isinstance(timeline(names["trace"]), Axes)


def test_what_the_readme_says_about_async_programs_is_true():
    """`awaits` tells which await gave way; nothing else that takes an async program is promised."""
    calls = {re.split(r"[( ]", said.removeprefix("await "))[0] for said in code(section("Record your own program"))}
    assert calls & set(coro_lab.__all__) == {"timeline", "record", "awaits"}

    async def main() -> None:
        await asyncio.sleep(0)

    async def recorded() -> Trace:
        return await record(main())

    assert "await asyncio.sleep(0)" in str(awaits(asyncio.run(recorded())))


def test_the_map_names_the_notebooks_that_there_are():
    named = re.findall(r"^\| `(\S+)` \|", section("The map"), re.MULTILINE)
    assert named == sorted(file.stem for file in (ROOT / "notebooks").glob("*.ipynb"))


def lines_of_shell() -> Iterator[str]:
    yield from (said for said in code(BOTH) if re.match(r"(make|python|coro-lab|\.venv|jupyter)\b", said))
    yield from re.findall(r"^    (.*)$", BOTH, re.MULTILINE)


@pytest.mark.parametrize("line", sorted({line for line in lines_of_shell() if line.startswith("make ")}))
def test_each_verb_of_make_is_there(line: str):
    verb = next(word for word in line.split()[1:] if "=" not in word and not word.startswith("-"))
    assert re.search(rf"^{verb}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("line", sorted({line for line in lines_of_shell() if line.startswith("python -m coro_lab")}))
def test_each_command_line_is_understood(line: str):
    words = line.split()[3:]
    assert (words and words[0] in COMMANDS) or _parser().parse_args(words)


def test_make_test_runs_its_checks_in_the_stated_order():
    told = re.search(r"`make test` runs, in this order, (.*?)\.", section("The checks", CONTRIBUTING), re.DOTALL)
    done = re.search(r"^test: (.*?)  ##", MAKEFILE, re.MULTILINE)
    assert told is not None and done is not None
    assert code(told[1]) == done[1].split()


def test_make_runs_side_by_side_what_is_stated():
    told = re.search(r"`checks` runs (.*?)\.", section("The checks", CONTRIBUTING), re.DOTALL)
    done = re.search(r"^checks: .*\n\t@echo .*\n\t@sh \.ci/at-once \S+ (.*)$", MAKEFILE, re.MULTILINE)
    assert told is not None and done is not None
    assert code(told[1]) == done[1].replace('"', "").split()


@pytest.mark.parametrize("path", sorted({said for said in code(BOTH) if re.fullmatch(r"[\w./-]+/[\w./-]*", said)}))
def test_each_path_is_there(path: str):
    if not path.startswith(("@", ".venv")):
        assert (ROOT / path).exists() or "exNN" in path


def test_each_picture_is_there():
    assert [path for path in re.findall(r"\]\((notebooks/[^)]+)\)", README) if not (ROOT / path).is_file()] == []


def test_the_badges_are_of_workflows_that_there_are_and_binder_opens_only_a_named_repository():
    """Addresses below `../../actions` are those of the repository on GitHub that shows the README, of a fork, too."""
    badges = re.findall(r"^\[!\[(\S+)\]\((\S+)\)\]\((\S+)\)$", README, re.MULTILINE)
    addresses = {name: (picture, target) for name, picture, target in badges}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    repository = project.get("urls", {}).get("Repository", "").removeprefix("https://github.com/")
    _, binder = addresses.pop("Binder")
    assert binder == (f"https://mybinder.org/v2/gh/{repository}/{START}" if repository else "#on-binder")
    for name, (picture, target) in addresses.items():
        assert (ROOT / ".github" / "workflows" / f"{name}.yml").exists()
        assert (picture, target) == (f"{target}/badge.svg", f"../../actions/workflows/{name}.yml")
    assert set(addresses) == {"tests", "pages"}
