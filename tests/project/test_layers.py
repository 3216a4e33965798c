"""The house: a module imports from its own layer and from those below it, and no imports go round in a circle."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import NamedTuple

from tests.places import ROOT

LAYERS = ("errors", "trace", "engine", "measure", "views", "lessons", "face")
"""From the ground up. The face is all else: the modules beside the folders, and `command_line`."""
LAZY = {
    "coro_lab": "a learner's first import loads no widgets and no matplotlib",
    "coro_lab.__main__": "to open the notebooks takes no checker",
    "coro_lab.ipython": "%load_ext loads no ipywidgets",
    "coro_lab.views.display": "a Trace outside a notebook loads no ipywidgets",
    "coro_lab.views.plots.lattice": "matplotlib takes longer than all the rest of a first cell",
    "coro_lab.views.plots.pictures": "matplotlib takes longer than all the rest of a first cell",
    "coro_lab.views.plots.timeline": "matplotlib takes longer than all the rest of a first cell",
}
"""The modules that may import inside a function, and why they do."""


class Import(NamedTuple):
    """One module of coro_lab imports another."""

    by: str
    of: str
    lazy: bool  # it stands inside a function


def name_of(path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


SOURCES = {name_of(path): path.read_text(encoding="utf-8") for path in (ROOT / "coro_lab").rglob("*.py")}


def _outside_of_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _outside_of_functions(child)


def imports(name: str, source: str) -> Iterator[Import]:
    """What a module imports from coro_lab, also for type checkers only."""
    tree = ast.parse(source)
    at_its_top = {id(node) for node in _outside_of_functions(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found = [
                each if (each := f"{node.module}.{alias.name}") in SOURCES else node.module for alias in node.names
            ]
        else:
            continue
        yield from (Import(name, each, id(node) not in at_its_top) for each in found if each in SOURCES)


@functools.cache
def all_imports() -> list[Import]:
    """Those of every module. To read them takes a second, so it waits for the first test that asks."""
    return [each for name, source in SOURCES.items() for each in imports(name, source)]


def layer(name: str) -> int:
    """0 is the ground."""
    first = name.split(".")[1] if "." in name else ""
    return LAYERS.index(first) if first in LAYERS else LAYERS.index("face")


def upwards(given: list[Import]) -> list[Import]:
    return [each for each in given if layer(each.of) > layer(each.by)]


def test_every_arrow_points_down():
    assert upwards(all_imports()) == []


def test_an_arrow_that_is_turned_round_is_found():
    for each in all_imports():
        if layer(each.by) != layer(each.of):
            assert upwards([Import(each.of, each.by, lazy=False)])


def test_no_imports_go_round_in_a_circle():
    below: dict[str, set[str]] = {}
    for each in all_imports():
        below.setdefault(each.by, set()).add(each.of)
    assert [*TopologicalSorter(below).static_order()]  # raises CycleError with the circle


def test_only_what_is_slow_to_import_is_imported_inside_a_function():
    assert {each.by for each in all_imports() if each.lazy} | {"coro_lab"} == LAZY.keys()


def test_no_class_name_is_used_twice():
    classes = [
        (node.name, name)
        for name, source in SOURCES.items()
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    ]
    names = [name for name, _ in classes]
    assert sorted(each for each in classes if names.count(each[0]) > 1) == []


def test_the_tests_lie_in_the_same_rooms():
    rooms = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    assert rooms >= set(LAYERS) - {"errors", "face"}
