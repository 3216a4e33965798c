"""The reference page holds every public name once and is up to date, and each name says what a caller must know."""

from __future__ import annotations

import functools
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import griffe
import pytest

import coro_lab
from coro_lab import errors
from tests.reference.__main__ import PAGE
from tests.reference.groups import grouped
from tests.reference.names import Entry, entries, members
from tests.reference.page import Page, has_heading, heading
from tests.reference.signatures import signature
from tests.reference.standard import faults, raised

TEXT = PAGE.read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
SECTIONS = dict(re.findall(r"^### `(\S+)`\n(.*?)(?=^##? |^### |\Z)", TEXT, re.DOTALL | re.MULTILINE))

PAGE_NOW = functools.cache(Page)  # to read the whole package takes long, also where only other tests run


@functools.cache
def names() -> dict[str, Entry]:
    return {entry.name: entry for entry in (*entries(), *members())}


def public_names() -> list[str]:
    """As the modules list them, and the errors."""
    parts = {name: getattr(coro_lab, name) for name in coro_lab.__all__}
    found = [*parts]
    for part, module in parts.items():
        found += [f"{part}.{name}" for name in module.__all__] if isinstance(module, ModuleType) else []
    return found + [f"errors.{name}" for name, value in vars(errors).items() if is_own_error(value)]


def is_own_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, errors.CoroLabError)


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_page_is_made_from_the_docstrings_as_they_are_now():
    assert PAGE_NOW().text() == TEXT, "docs/reference.md is not up to date.\n  Run: make reference"


def test_every_public_name_stands_on_the_page_once():
    headings = re.findall(r"^### `(\S+)`$", TEXT, re.MULTILINE)
    others = [name for line in re.findall(r"It is also (.*)\.$", TEXT, re.MULTILINE) for name in line.split("`")[1::2]]
    assert Counter(headings + others) == Counter(public_names())


def test_every_public_method_and_attribute_of_a_class_stands_in_its_section_once():
    """As Python sees the class: what griffe does not see would be missing."""
    for entry in (entry for entry in entries() if entry.item.is_class):
        methods = re.findall(r"^#### `(.+)`$", SECTIONS[entry.name], re.MULTILINE)
        attributes = re.findall(r"^- `(\w+)", SECTIONS[entry.name], re.MULTILINE)
        own = {name for name in vars(entry.value) if not name.startswith("_")}
        shown = [*attributes, *(title.rpartition(".")[2] for title in methods)]
        assert own <= set(shown), entry.name
        assert [name for name, times in Counter([*attributes, *methods]).items() if times > 1] == []
        assert [name for name in attributes if f"{entry.name}.{name}" not in names()] == []
        assert sorted(methods) == sorted(heading(member) for member in entry.members if has_heading(member))


def test_every_link_leads_to_a_heading():
    taken: Counter[str] = Counter()
    targets = set()
    for title in re.findall(r"^#+ (.*)$", PROSE, re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        targets.add(f"{slug}-{taken[slug]}" if taken[slug] else slug)
        taken[slug] += 1
    links = set(re.findall(r"\]\(#([^)]+)\)", PROSE))
    assert len(links) > len(public_names()) and links - targets == set()


def test_nothing_of_a_docstring_is_taken_for_a_tag():
    assert re.findall(r"<(?!!--)\S*", re.sub(r"`[^`\n]+`", "", PROSE)) == []


def test_every_group_has_names_and_every_name_one_group():
    found = [entry.name for _, group in grouped() for entry in group]
    assert sorted(found) == sorted(entry.name for entry in entries())
    assert [group.title for group, group_entries in grouped() if not group_entries] == []


def test_the_page_opens_with_what_a_reader_looks_for_first():
    assert list(SECTIONS)[:2] == ["record", "Trace"]


def test_the_readme_leads_to_the_page():
    assert "](docs/reference.md)" in (PAGE.parent.parent / "README.md").read_text(encoding="utf-8")


# -- the docstrings ----------------------------------------------------------------------------------------------------


def test_a_public_name_says_what_a_caller_must_know():
    owners = {member.name: entry for entry in entries() for member in entry.members}
    found = {name: faults(entry, owners.get(name)) for name, entry in names().items()}
    missing = [f"{names()[name].item.path}: {'; '.join(each)}" for name, each in found.items() if each]
    assert len(found) > len(public_names())
    assert missing == []


def is_called(entry: Entry) -> bool:
    """Whether a reader of `coro_lab` calls this: a function, or a class with a constructor that nothing else makes."""
    has_constructor = entry.item.is_class and any(function.lineno for function in entry.functions)
    made = has_constructor and entry.name not in PAGE_NOW().makers and not entry.is_error
    return "." not in entry.name and bool(entry.item.is_function or made)


def test_what_a_reader_calls_has_an_example():
    called = [*filter(is_called, entries())]
    assert len(called) > 30
    of_python_or_a_magic = (">>> ", "`%")
    assert [entry.name for entry in called if not any(each in entry.text for each in of_python_or_a_magic)] == []


# -- the standard ------------------------------------------------------------------------------------------------------


def written(source: str) -> Entry:
    """The function of this source."""
    lines = griffe.LinesCollection()
    lines[Path("m.py")] = source.splitlines()
    return Entry("f", griffe.visit("m", filepath=Path("m.py"), code=source, lines_collection=lines)["f"])


@pytest.mark.parametrize(
    "source, wanted",
    [
        ('def f(a):\n    "The sum of `a`."', []),
        ("def f(): ...", ["it has no sentence"]),
        ('def f():\n    "sums up."', ["its text does not begin like a sentence"]),
        ('def f(a):\n    "The sum."', ["it does not say what a is"]),
        ('def f() -> str:\n    "Write it down."', ["it does not say what comes back"]),
        ('def f() -> str:\n    "Write it down and return it."', []),
        ('def f() -> float:\n    "The time."', ["a measured number has no unit"]),
        ('def f() -> float:\n    "The time in seconds."', []),
        ('def f(wait: float):\n    "End after `wait`."', ["it does not say in what wait is measured"]),
        ('def f() -> int:\n    "The tasks."', ["a whole number does not say what it counts"]),
        ('def f():\n    "Raises FishError."', ["it names FishError, which does not exist"]),
        ('def f():\n    "Go."\n    raise ValueError(1)', ["it raises ValueError and does not say so"]),
        ('def f():\n    "Go."\n    raise ValueError', ["it raises ValueError and does not say so"]),
        ('def f():\n    "Raises ValueError."\n    raise ValueError(1)', []),
        ('def f():\n    "Raises LookupError."\n    raise KeyError(1)', []),
        ('def f():\n    "Go."\n    try:\n        raise KeyError(1)\n    except LookupError:\n        pass', []),
    ],
)
def test_what_is_missing_is_found(source: str, wanted: list[str]):
    assert faults(written(source)) == wanted


def test_an_error_that_a_helper_makes_or_raises_is_found():
    assert raised(names()["Scheduler.spawn"].function) == {"ArgumentError"}  # raise _not_a_task(task)
    assert raised(names()["run_threads"].function) == {"ArgumentError"}  # in _check


def test_the_comment_behind_a_field_is_its_sentence():
    assert names()["cores.Job.delay"].text == "Seconds the server waits before it answers."


def test_a_signature_shows_values_in_place_of_their_names():
    (function,) = names()["explore"].functions
    assert "    max_steps: int = 1000,\n" in signature("explore", function)
    assert signature("g", written("def f(self, a, /, *, b=1) -> int: ...").function) == "g(a, /, *, b=1) -> int"
