"""The cheat sheet: every line of code on it runs, and does what stands beside it."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Callable, Generator
from typing import Any

import nbformat
import pytest

from tests.places import NOTEBOOKS

SHEET = nbformat.read(NOTEBOOKS / "cheat-sheet.ipynb", as_version=4).cells


# What `main`, `A`, `B` and `f` of the sheet stand for.


def A() -> Generator[None]:
    yield


def B() -> Generator[None]:
    yield


def f(*args: object) -> object:
    return args


async def main() -> None:
    await asyncio.sleep(0)


def rows(heading: str) -> list[list[str]]:
    """The rows of the table under this heading, without the row of titles."""
    (cell,) = [cell.source for cell in SHEET if cell.source.startswith(f"## {heading}\n")]
    table = [line for line in cell.splitlines() if line.startswith("|")]
    return [[part.strip() for part in line.strip("|").split(" | ")] for line in table[2:]]


def code(text: str) -> str:
    """The code between the first two backticks."""
    return text.split("`")[1]


@pytest.fixture
def names() -> dict[str, Any]:
    """What the cell of code at the top defines, and what stands for functions of the reader's."""
    found: dict[str, Any] = {"A": A, "B": B, "f": f, "main": main}
    for cell in SHEET:
        if cell.cell_type == "code":
            exec(cell.source, found)
    return found


async def given_by(line: str, names: dict[str, Any]) -> str | None:
    """What a line gives: the repr of its value, the name of the error it raises, or None for a statement."""
    is_value = isinstance(ast.parse(line).body[-1], ast.Expr)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        value = eval(compile(line, "<line>", "eval" if is_value else "exec", flags), names)
        value = await value if inspect.iscoroutine(value) else value
    except Exception as error:
        return type(error).__name__
    return repr(value) if is_value else None


def test_each_operation_gives_what_the_sheet_says(names: dict[str, Any]):
    async def all_of_them() -> list[str | None]:
        return [await given_by(code(line), names) for line, _, _ in table]

    table = rows("A generator, from outside")
    given = asyncio.run(all_of_them())
    assert [value for value, row in zip(given, table, strict=True) if row[2]] == [
        code(row[2]) for row in table if row[2]
    ]


@pytest.mark.parametrize("heading", ["asyncio", "The tools of Coro Lab"])
def test_each_line_runs(heading: str, names: dict[str, Any]):
    async def all_of_them() -> dict[str, str | None]:
        also = re.compile(r"`(s\.\w+|record\(f.*?)`")
        lines = [line for row in rows(heading) for line in (code(row[0]), *also.findall(row[1]))]
        return {line: await given_by(line, names) for line in lines}

    failed = {line: given for line, given in asyncio.run(all_of_them()).items() if (given or "").endswith("Error")}
    assert failed == {}


def test_asyncio_run_begins_a_program(names: dict[str, Any]):
    assert asyncio.run(names["main"]()) is None


# ---- The four states -------------------------------------------------------------------------------------------------

OPERATIONS: list[Callable[[Any], object]] = [
    next, lambda c: c.send(10), lambda c: c.throw(KeyError), lambda c: c.close(),
]  # fmt: skip


def brought_to(state: str, operation: Callable[[Any], object]) -> tuple[str, str]:
    """What the operation gives in this state, as a word of the sheet, and the state afterwards."""
    seen: list[BaseException] = []

    def suspended() -> Any:
        while True:
            try:
                yield
            except BaseException as error:
                seen.append(error)
                raise

    def running() -> Any:
        yield operation(one)

    one = running() if state == "running" else suspended()
    if state in ("suspended", "closed"):
        next(one)
    if state == "closed":
        one.close()
        seen.clear()
    assert inspect.getgeneratorstate(one) == f"GEN_{'CREATED' if state == 'running' else state.upper()}"
    try:
        next(one) if state == "running" else operation(one)
    except Exception as error:
        return _said(error, seen), inspect.getgeneratorstate(one)
    return ("`GeneratorExit` at the `yield`" if seen else "resumes it"), inspect.getgeneratorstate(one)


def _said(error: Exception, seen: list[BaseException]) -> str:
    if isinstance(error, KeyError):
        return "raises at the `yield`" if seen else "the error comes out"
    return f"`{type(error).__name__}`"


def test_the_table_of_states_is_true():
    for state, *told in rows("Four states"):
        for words, operation in zip(told, OPERATIONS, strict=True):
            gives, after = brought_to(state, operation)
            expected = {
                "starts it": ("resumes it", "GEN_SUSPENDED"),
                "resumes it": ("resumes it", "GEN_SUSPENDED"),
                "ends it": ("resumes it", "GEN_CLOSED"),
                "does nothing": ("resumes it", "GEN_CLOSED"),
                "ends it, the error comes out": ("the error comes out", "GEN_CLOSED"),
            }.get(words, (words, after))
            assert (gives, after) == expected, (state, words)


# ---- Who gets what ---------------------------------------------------------------------------------------------------


def test_what_crosses_is_true():
    lines = [code(row[0]) for row in rows("Who gets what")]
    assert lines == ["x = yield v", "x = yield from inner()", "return r", "x = await thing()"]
    names: dict[str, Any] = {"v": "out", "r": "end"}
    source = """
def inner():
    {0}
    return [x]
def outer():
    {1}
    yield x
    {2}
async def awaits():
    {3}
    return x
async def thing():
    return 'given'
"""
    exec(source.format(*lines), names)
    outer = names["outer"]()
    assert [next(outer), outer.send("in")] == ["out", ["in"]]
    with pytest.raises(StopIteration) as end:
        next(outer)
    assert end.value.value == "end"
    assert asyncio.run(names["awaits"]()) == "given"


def test_the_states_are_those_that_inspect_names():
    named = {name.removeprefix("GEN_").lower() for name in dir(inspect) if re.match("GEN_", name)}
    assert [row[0] for row in rows("Four states")] == ["created", "running", "suspended", "closed"]
    assert named == {"created", "running", "suspended", "closed"}
