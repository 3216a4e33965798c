"""Which locals can have changed where: what the instructions of a line bind, and what can change at any time."""

from __future__ import annotations

import dis
import functools
from collections import defaultdict
from collections.abc import Iterable
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import CodeType
from typing import NamedTuple

type NamesAt = dict[int | None, tuple[str, ...]]
"""Names by a place in the code, in the order of definition."""


class Bindings(NamedTuple):
    """The locals that a code object binds or unbinds."""

    by_line: dict[int, list[str]]  # by 0 the arguments, which are bound before the first line
    before_yield: dict[int, list[str]]  # by the yield's offset: what its own line can bind before coming to it
    anywhere: frozenset[str]  # without a line (at the end of `except`), or only at times


@functools.lru_cache(maxsize=1000)
def lines_of(code: CodeType) -> dict[int, int | None]:
    """The line of each instruction by its offset; lines start at 1, None: it belongs to none."""
    return {at: line for start, end, line in code.co_lines() for at in range(start, end, 2)}


@functools.lru_cache(maxsize=1000)
def bindings(code: CodeType) -> Bindings:
    """What this code binds, and where."""
    by_line: defaultdict[int, list[str]] = defaultdict(list)
    before: dict[int, list[str]] = {}
    goes_back: set[int] = set()  # lines that hold a loop, whose yields may come after anything on them
    anywhere: list[str] = []
    lines = lines_of(code)
    for instruction in dis.get_instructions(code):
        name, line = instruction.opname, lines.get(instruction.offset)
        if "STORE_FAST" in name or "CLEAR" in name or name in ("DELETE_FAST", "STORE_DEREF", "DELETE_DEREF"):
            names = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
            (anywhere if line is None or name.startswith("DELETE") else by_line[line]).extend(names)
        elif line is not None and name == "YIELD_VALUE":
            before[instruction.offset] = list(by_line[line])
        elif line is not None and "JUMP_BACKWARD" in name and lines.get(instruction.argval) == line:
            goes_back.add(line)
    for at in before:
        line = lines[at]
        if line in goes_back:
            before[at] = by_line[line]
    by_line[0] = _arguments(code)
    return Bindings(dict(by_line), before, frozenset(anywhere))


def _arguments(code: CodeType) -> list[str]:
    gathering = (code.co_flags & CO_VARARGS > 0) + (code.co_flags & CO_VARKEYWORDS > 0)
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + gathering])


@functools.lru_cache(maxsize=1000)
def to_read(code: CodeType, opened: frozenset[str]) -> tuple[NamesAt, NamesAt]:
    """The names to look at after a line (after 0: as it begins), and before the yield at an offset: those that can have
    been bound or unbound there, and the `opened` ones."""
    order = tuple(dict.fromkeys(code.co_varnames + code.co_cellvars + code.co_freevars + code.co_names))
    by_line, before_yield, anywhere = bindings(code)

    def names(here: Iterable[str]) -> tuple[str, ...]:
        wanted = anywhere.union(opened, here)
        return tuple(name for name in order if name in wanted)

    everywhere = {*lines_of(code).values(), code.co_firstlineno, 0, None}  # a lane begins at the head of its function
    after = {line: names(() if line is None else by_line.get(line, ())) for line in everywhere}
    return after, {at: names(here) for at, here in before_yield.items()}
