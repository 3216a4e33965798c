"""Which locals can change at which line: those that its instructions bind, and those that can change at any time."""

from __future__ import annotations

import dis
import functools
from collections import defaultdict
from collections.abc import Iterable
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import CodeType
from typing import NamedTuple

from coro_lab.trace.own_builtins import keep_builtins, undisturbed, with_builtins

keep_builtins(globals())

type NamesAt = dict[int | None, tuple[str, ...]]
"""Names by a place in the code, in the order of definition."""


type Span = tuple[tuple[int, int], tuple[int, int]]
"""Line and column where an expression begins, and where it ends."""

# STORE_NAME: a cell's or module's variables
_BINDS = ("STORE_FAST", "CLEAR", "DELETE_FAST", "STORE_DEREF", "DELETE_DEREF", "STORE_NAME", "DELETE_NAME")


@with_builtins
class Bindings(NamedTuple):
    """The locals that a code object binds or unbinds."""

    by_line: dict[int, list[str]]  # by 0 the arguments, which are bound before the first line
    before_yield: dict[int, list[str]]  # by the yield's offset: what its line can bind before the yield
    anywhere: frozenset[str]  # bound without a line (at the end of `except`), or deleted
    early: dict[int, tuple[str, ...]]  # by line: what can be bound before something is called on the same line


@functools.lru_cache(maxsize=1000)
@undisturbed
def lines_of(code: CodeType) -> dict[int, int | None]:
    """The line of each instruction, by its offset; None for an instruction that belongs to no line."""
    return {at: line for start, end, line in code.co_lines() for at in range(start, end, 2)}


@functools.lru_cache(maxsize=1000)
@undisturbed
def bindings(code: CodeType) -> Bindings:
    """What this code binds, and where."""
    by_line: defaultdict[int, list[str]] = defaultdict(list)
    before: dict[int, list[str]] = {}
    goes_back: set[int] = set()  # lines that hold a loop, whose yields may come after anything on them
    anywhere: list[str] = []
    early: dict[int, tuple[str, ...]] = {}
    lines = lines_of(code)
    for instruction in dis.get_instructions(code):
        name, line = instruction.opname, lines.get(instruction.offset)
        if any(part in name for part in _BINDS):
            names = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
            (anywhere if line is None or name.startswith("DELETE") else by_line[line]).extend(names)
        elif line is None:
            continue
        elif name == "YIELD_VALUE":
            before[instruction.offset] = list(by_line[line])
        elif "CALL" in name and by_line.get(line):
            early[line] = tuple(by_line[line])
        elif "JUMP_BACKWARD" in name and lines.get(instruction.argval) == line:
            goes_back.add(line)
    for at in before:
        line = lines[at]
        if line in goes_back:
            before[at] = by_line[line]
    early |= {line: tuple(by_line[line]) for line in goes_back if by_line.get(line)}
    by_line[0] = _arguments(code)
    return Bindings(dict(by_line), before, frozenset(anywhere), early)


@functools.lru_cache(maxsize=1000)
@undisturbed
def of_comprehensions(code: CodeType) -> frozenset[str]:
    """The names that belong to comprehensions alone. Since 3.12 (PEP 709) the interpreter keeps them as the function's.

    It sets the function's variable of that name aside (LOAD_FAST_AND_CLEAR) while the comprehension runs. A name that
    is also bound outside of comprehensions is the function's.
    """
    inside = inside_comprehensions(code)
    if not inside:
        return frozenset()
    outside = {*_arguments(code)}
    for instruction in dis.get_instructions(code):
        if "STORE" in instruction.opname and ("FAST" in instruction.opname or "DEREF" in instruction.opname):
            names = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
            outside |= {name for name in names if instruction.offset not in inside.get(name, ())}
    return frozenset(inside.keys() - outside)


@functools.lru_cache(maxsize=1000)
@undisturbed
def inside_comprehensions(code: CodeType) -> dict[str, frozenset[int]]:
    """For each name that a comprehension sets aside: the offsets at which it is the comprehension's."""
    found = list(dis.get_instructions(code))
    ends = [each.offset for each in found[1:]] + [len(code.co_code)]
    # a frame that has called something may stand on a cache behind its instruction
    instructions = [
        (each, range(each.offset, end, 2), span)
        for each, end in zip(found, ends, strict=True)
        if (span := _span(each.positions))
    ]
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    for instruction, _, span in instructions:
        if instruction.opname == "LOAD_FAST_AND_CLEAR":
            spans[instruction.argval].append(span)
    return {
        name: frozenset(
            at for _, places, span in instructions if any(_is_within(span, one) for one in theirs) for at in places
        )
        for name, theirs in spans.items()
    }


def _span(positions: dis.Positions | None) -> Span | None:
    if positions is None or None in positions:
        return None
    begin, end, column, end_column = positions
    return (begin, column), (end, end_column)  # type: ignore[return-value]  # none of them is None


def _is_within(span: Span, other: Span) -> bool:
    return other[0] <= span[0] and span[1] <= other[1]


def _arguments(code: CodeType) -> list[str]:
    gathering = (code.co_flags & CO_VARARGS > 0) + (code.co_flags & CO_VARKEYWORDS > 0)
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + gathering])


@functools.lru_cache(maxsize=1000)
@undisturbed
def to_read(code: CodeType, opened: frozenset[str]) -> tuple[NamesAt, NamesAt]:
    """The names to read after each line (0: at the start) and before the yield at each offset: the names that can be
    bound or unbound there, and the `opened` names."""
    order = tuple(dict.fromkeys(code.co_varnames + code.co_cellvars + code.co_freevars + code.co_names))
    by_line, before_yield, anywhere, _ = bindings(code)

    def names(here: Iterable[str]) -> tuple[str, ...]:
        wanted = anywhere.union(opened, here) - of_comprehensions(code)
        return tuple(name for name in order if name in wanted)

    everywhere = {*lines_of(code).values(), code.co_firstlineno, 0, None}  # a lane begins at the head of its function
    after = {line: names(() if line is None else by_line.get(line, ())) for line in everywhere}
    return after, {at: names(here) for at, here in before_yield.items()}


@functools.lru_cache(maxsize=1000)
@undisturbed
def early(code: CodeType) -> NamesAt:
    """By line: the names that it can bind before it calls something.

    A loop in a single line starts no new line event in the next turn; a second statement on the line does.
    """
    own = of_comprehensions(code)
    by_line = bindings(code).early.items()
    found = {line: tuple(dict.fromkeys(name for name in names if name not in own)) for line, names in by_line}
    return {line: names for line, names in found.items() if names}
