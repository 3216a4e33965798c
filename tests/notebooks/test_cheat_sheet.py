"""The cheat sheet: every line of code on it runs, and does what stands beside it."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import AsyncGenerator, Generator
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
    line = f"try: pass\n{line}" if line.startswith("except") else line
    is_value = isinstance(ast.parse(line).body[-1], ast.Expr)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        value = eval(compile(line, "<line>", "eval" if is_value else "exec", flags), names)
        value = await value if inspect.iscoroutine(value) else value
    except Exception as error:
        return type(error).__name__
    return repr(value) if is_value else None


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


# ---- asyncio ---------------------------------------------------------------------------------------------------------


async def left_by(line: str, names: dict[str, Any], log: list[str], *, cancelled: bool = False) -> str:
    """What a line of the sheet raises where `work` takes a moment, and so does closing `lines`."""

    async def work() -> None:
        try:
            await asyncio.sleep(0.01)
            log.append("work ends")
        except asyncio.CancelledError:
            log.append("work is cancelled")
            raise

    async def lines() -> AsyncGenerator[str]:
        try:
            yield "line 1"
        finally:
            await asyncio.sleep(0)
            log.append("stream closed")

    names |= {"work": work, "lines": lines}
    exec(f"async def main():\n    {line}", names)
    task = asyncio.create_task(names["main"]())
    names["task"] = task
    await asyncio.sleep(0)
    if cancelled:
        task.cancel()
    await asyncio.wait([task])
    log.append("the line ends")
    await asyncio.sleep(0.03)
    return "CancelledError" if task.cancelled() else type(task.exception()).__name__


def line_with(part: str) -> str:
    """The line of the table that has this part."""
    (line,) = [code(row[0]) for row in rows("asyncio") if part in row[0]]
    return line


ENDS: dict[str, tuple[str, bool, str, list[str]]] = {  # line, is it cancelled, what it raises, what happens
    "cancel": ("work()", True, "CancelledError", ["work is cancelled", "the line ends"]),
    "shield": ("shield", True, "CancelledError", ["the line ends", "work ends"]),
    "timeout": ("timeout", False, "TimeoutError", ["work is cancelled", "the line ends"]),
    "aclosing": ("aclosing", False, "NoneType", ["stream closed", "the line ends"]),
}


@pytest.mark.parametrize("name", ENDS)
def test_how_a_line_ends_is_what_the_sheet_says(name: str, names: dict[str, Any]):
    part, cancelled, raised, happens = ENDS[name]
    line = "await work()" if part == "work()" else line_with(part).replace("timeout(1)", "timeout(0.001)")
    log: list[str] = []
    assert asyncio.run(left_by(line, names, log, cancelled=cancelled)) == raised
    assert log == happens


def test_a_cancellation_comes_in_the_next_turn_of_the_loop(names: dict[str, Any]):
    async def cancelled() -> list[bool]:
        names["task"] = task = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        assert await given_by(line_with("task.cancel"), names) == "True"
        ended = [task.done()]
        await asyncio.wait([task])
        return [*ended, task.cancelled()]

    assert asyncio.run(cancelled()) == [False, True]


def test_an_except_star_takes_one_kind_of_error_and_passes_on_the_others(capsys: pytest.CaptureFixture[str]):
    two = ExceptionGroup("two", [OSError("lost"), ValueError("other")])
    with pytest.raises(ExceptionGroup) as passed_on:
        exec(f"try: raise two\n{line_with('except*')}", {"two": two})
    assert [type(error) for error in passed_on.value.exceptions] == [ValueError]
    assert capsys.readouterr().out == "lost\n"


# ---- A generator, from outside ---------------------------------------------------------------------------------------

STATES = ("created", "suspended", "closed", "running")
WHAT_HAPPENS = {  # as the sheet says it: what the operation gives, what is raised at the `yield`, and the state then
    "runs to its first `yield`": ("1", None, "suspended"),
    "the same as `c.send(None)`": ("TypeError", None, "closed"),  # the counter cannot add None
    "10 is the value of the `yield`; runs to the next": ("11", None, "suspended"),
    "raises it at the `yield`": ("KeyError", "KeyError", "closed"),
    "`GeneratorExit` at the `yield`; closed": ("None", "GeneratorExit", "closed"),
    "the error comes out; closed": ("KeyError", None, "closed"),
    "the error comes out": ("KeyError", None, "closed"),
    "closed": ("None", None, "closed"),
    "does nothing": ("None", None, "closed"),
    "`StopIteration`": ("StopIteration", None, "closed"),
    "`TypeError`": ("TypeError", None, "created"),
    "`ValueError`": ("ValueError", None, "running"),
}


def happened(line: str, state: str) -> tuple[str | None, str | None, str]:
    """What this line gives in this state, what is raised at the `yield`, and the state afterwards."""
    raised: list[str] = []
    names: dict[str, Any] = {}

    def counter() -> Generator[int, int]:
        n = 1
        if state == "running":
            names["then"] = asyncio.run(given_by(line, names)), None, _state(names["c"])
        while True:
            try:
                n = n + (yield n)
            except (GeneratorExit, KeyError) as error:
                raised.append(type(error).__name__)
                raise

    names["c"] = c = counter()
    if state != "created":
        next(c)
    if state == "closed":
        c.close()
        raised.clear()
    if state == "running":
        then: tuple[str | None, None, str] = names["then"]
        return then
    assert _state(c) == state
    gives = asyncio.run(given_by(line, names))
    return gives, raised[0] if raised else None, _state(c)


def _state(generator: Any) -> str:
    return inspect.getgeneratorstate(generator).removeprefix("GEN_").lower()


def test_each_operation_does_in_each_state_what_the_sheet_says():
    for operation, *told in rows("A generator, from outside"):
        for words, state in zip(told, STATES, strict=True):
            assert happened(code(operation), state) == WHAT_HAPPENS[words], (operation, state)


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
