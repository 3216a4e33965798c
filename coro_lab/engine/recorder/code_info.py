"""Facts about a code object: its kind, name and source, and what happens at which instruction."""

from __future__ import annotations

import dis
import functools
import linecache
import opcode
import re
import sys
import textwrap
from collections.abc import Iterable
from functools import cached_property
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_ITERABLE_COROUTINE
from pathlib import Path
from types import CodeType, FrameType
from typing import ClassVar, NamedTuple

from coro_lab.engine.recorder.bindings import NamesAt, early, inside_comprehensions, lines_of, to_read
from coro_lab.engine.recorder.rewriting import SUSPENDABLE, nested, table
from coro_lab.engine.recorder.user_code import is_top
from coro_lab.trace.events import Source
from coro_lab.trace.own_builtins import keep_builtins, undisturbed, with_builtins

keep_builtins(globals())

_SILENTLY = sys.version_info >= (3, 13)  # close() runs nothing of a generator suspended outside any `try` (gh-111354)
_RESUME = opcode.opmap["RESUME"]
_FOR_ITER = opcode.opmap["FOR_ITER"]
_CACHE = opcode.opmap["CACHE"]
_SEND = opcode.opmap["SEND"]
_GET_AWAITABLE = opcode.opmap["GET_AWAITABLE"]
_PUSH_EXC_INFO = opcode.opmap["PUSH_EXC_INFO"]
_AWAITS = frozenset({"GET_AWAITABLE", "GET_ANEXT"})
_AT_EXIT = 2  # GET_AWAITABLE's argument for what `__aexit__` returned; 1 for `__aenter__`, 0 for an `await`

VERBS = frozenset({"cancel", "uncancel"})
"""The methods of a task whose calls are recorded."""

_KEPT = 1000  # code objects whose facts are kept for the next recording


class CodeInfo:
    """The facts about one code object that a recording needs, each worked out once."""

    _of: ClassVar[dict[int, CodeInfo]] = {}  # by the id of the code: comparing code is slow

    @classmethod
    def of(cls, code: CodeType) -> CodeInfo:
        """The facts about this code, kept from an earlier recording if there are any."""
        info = cls._of.get(id(code))
        if info is None:
            info = cls._of[id(code)] = cls(code)  # keeps the code alive, so no other object gets its id
            if len(cls._of) > _KEPT:
                del cls._of[next(iter(cls._of))]
        return info

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.is_top = is_top(code)
        # names that can change at any line: a cell's globals, and variables that other functions can bind as well
        self.open = frozenset(code.co_names if self.is_top else code.co_cellvars + code.co_freevars)
        self.is_expression = code.co_name == "<genexpr>"
        self.hands_out_send = "send" in code.co_consts or uses(code, "send").handed_out
        self.may_cancel = not VERBS.isdisjoint(code.co_names)
        self.hands_out_cancel = uses(code, "cancel").handed_out  # as in `call_later(1, task.cancel)`
        self.is_native = bool(code.co_flags & CO_COROUTINE)
        self.yields_wrapped = bool(code.co_flags & CO_ASYNC_GENERATOR)
        self.lines = {at: line or code.co_firstlineno for at, line in lines_of(code).items()}
        is_rewritten = table.original(code) is not None
        self.reports = is_rewritten and not self.is_expression  # says what it receives
        self.may_close_silently = _SILENTLY and not is_rewritten and bool(code.co_flags & SUSPENDABLE)
        self.is_suspendable = bool(code.co_flags & SUSPENDABLE)
        self.only_awaits = self.is_native and not self.may_close_silently  # each of its yields belongs to an `await`
        self.hears = self.reports and not (
            self.delegations or self.yields_wrapped
        )  # then what it receives tells of each resume, too

    @cached_property
    def kind(self) -> str:
        """function, generator, coroutine or async generator."""
        flags = self.code.co_flags
        if flags & CO_ASYNC_GENERATOR:
            return "async generator"
        if flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE):
            return "coroutine"
        return "generator" if flags & CO_GENERATOR else "function"

    @cached_property
    def name(self) -> str:
        """As its author wrote it; see `name_of`."""
        return name_of(self.code)

    @cached_property
    def to_read(self) -> tuple[NamesAt, NamesAt]:
        """The names whose values can have changed after each line, and before each yield."""
        return to_read(self.code, self.open)

    @cached_property
    def early(self) -> NamesAt | None:
        """The names that a line can bind before others run on the same line; None for another line."""
        return early(self.code) or None

    @cached_property
    def inside_comprehensions(self) -> dict[str, frozenset[int]]:
        """For each name that a comprehension sets aside: the offsets at which it is the comprehension's."""
        return inside_comprehensions(self.code)

    @cached_property
    def resumes(self) -> dict[int, int]:
        """The offsets at which it is resumed, and after what: 1 after a `yield`, 2 a `yield from`, 3 an `await`.

        The interpreter notes that in the low bits of RESUME's argument (CPython,
        Include/internal/pycore_opcode_utils.h).
        """
        raw = self.code.co_code
        found = {at: raw[at + 1] & 3 for at in range(2, len(raw), 2) if raw[at] == _RESUME}
        return {at: after for at, after in found.items() if after}

    @cached_property
    def delegations(self) -> frozenset[int]:
        """The offsets of the yields that belong to a `yield from` or an `await`."""
        return frozenset(at - 2 for at, after in self.resumes.items() if after > 1)

    @cached_property
    def silent(self) -> frozenset[int]:
        """The offsets of the yields from which close() runs nothing; RESUME behind the yield is marked by bit 4."""
        raw = self.code.co_code
        return frozenset(at - 2 for at in self.resumes if raw[at + 1] & 4)

    @cached_property
    def awaits(self) -> dict[int, str]:
        """The offsets at which an `await` begins (or `async for`, `async with`), and the source of what it awaits."""
        return _awaits(self.code)

    @cached_property
    def source(self) -> Source | None:
        """Its lines as its author wrote them, without a common indentation; None if they are not known."""
        first = 1 if self.is_top else self.code.co_firstlineno
        last = max((line for inner in nested(self.code) for _, _, line in inner.co_lines() if line), default=first)
        text = "".join(table.lines(self.code)[first - 1 : last])
        return Source(first, textwrap.dedent(text).rstrip("\n")) if text else None


def name_of(code: CodeType) -> str:
    """Its name, with the class before a method (`Tally.add`); `cell` for a whole cell, the file's name for a module."""
    if not is_top(code):
        return code.co_qualname.rpartition("<locals>.")[2]
    file = Path(code.co_filename)
    if not file.is_file() and (code.co_filename.startswith("<") or linecache.getlines(code.co_filename)):
        return "cell"  # else a file that is gone, or a name that was made up for `compile`
    return file.parent.name if file.stem == "__init__" else file.stem


@functools.lru_cache(maxsize=1000)
@undisturbed
def _awaits(code: CodeType) -> dict[int, str]:
    found: dict[int, str] = {}
    positions = list(code.co_positions())
    for instruction in dis.get_instructions(code):
        if instruction.opname in _AWAITS:
            at = positions[instruction.offset // 2]
            explicit = instruction.opname == "GET_AWAITABLE" and instruction.arg == 0
            end = "the end of " if instruction.arg == _AT_EXIT else ""
            found[instruction.offset] = segment(code.co_filename, *at) if explicit else end + _head(code, at[0])
    return found


def _head(code: CodeType, line: int | None) -> str:
    """The head of the `async for` or `async with` that begins on this line."""
    text = linecache.getline(code.co_filename, line or 0).strip()
    return re.sub(r":(\s.*)?$", "", text) if text.startswith("async ") else "async for"


def segment(filename: str, line: int | None, end: int | None, column: int | None, end_column: int | None) -> str:
    """The source between two positions, in one line; columns count bytes of UTF-8, as Python's own do."""
    lines = linecache.getlines(filename)
    if line is None or end is None or column is None or end_column is None or end > len(lines):
        return "?"
    raw = [text.encode() for text in lines[line - 1 : end]]
    raw[-1] = raw[-1][:end_column]
    raw[0] = raw[0][column:]
    return " ".join(b"".join(raw).decode(errors="replace").split()).removeprefix("await ")


def is_at_for(frame: FrameType | None) -> bool:
    """Whether this frame is at the head of a `for` loop, which resumes a generator with None and nothing else."""
    if frame is None:
        return False
    raw, at = frame.f_code.co_code, frame.f_lasti
    while at > 0 and raw[at] == _CACHE:  # a specialised loop stands on the cache behind its instruction
        at -= 2
    return raw[at] == _FOR_ITER


def begins_handling(frame: FrameType) -> bool:
    """Whether this frame is about to handle an exception. If a callback raises a second
    exception there, the first stays the thread's handled exception for good. Only a callback can raise there."""
    return frame.f_code.co_code[frame.f_lasti] == _PUSH_EXC_INFO


@with_builtins
class _Uses(NamedTuple):
    calls: frozenset[tuple[int | None, int | None]]  # line and column at which a call of the method begins
    handed_out: bool  # it is also taken without being called at once, as in map(it.send, values)


@functools.lru_cache(maxsize=1000)
@undisturbed
def uses(code: CodeType, method: str) -> _Uses:
    """Where this code uses a method of this name."""
    if method not in code.co_names:
        return _Uses(frozenset(), False)
    begins = _begins(code)
    taken = [instruction for instruction in dis.get_instructions(code) if instruction.argval == method]
    # the lowest bit of LOAD_ATTR's argument says that a method is loaded in order to be called
    called = [each for each in taken if each.opname == "LOAD_ATTR" and (each.arg or 0) & 1]
    return _Uses(frozenset(begins[each.offset // 2] for each in called), len(called) < len(taken))


@functools.lru_cache(maxsize=1000)
@undisturbed
def _begins(code: CodeType) -> list[tuple[int | None, int | None]]:
    """Line and column at which the expression of each instruction begins."""
    return [(line, column) for line, _, column, _ in code.co_positions()]


def is_calling(frame: FrameType | None, method: str) -> bool:
    """Whether this frame may be calling a method of this name, such as `send` or `close`."""
    # to look a code object up in a cache takes a hash of all its instructions, so its names are asked first
    if frame is None or method not in frame.f_code.co_names:
        return False
    code = frame.f_code
    begins, calls = _begins(code), uses(code, method).calls
    return bool(calls) and (begins[frame.f_lasti // 2] in calls or begins[_call_behind(frame) // 2] in calls)


def _call_behind(frame: FrameType) -> int:
    """Where the call stands whose result this frame awaits just now; where the frame is, if it does not await one."""
    raw, at = frame.f_code.co_code, frame.f_lasti
    while at > 0 and raw[at] == _CACHE:
        at -= 2
    awaits = raw[at] == _SEND and raw[at - 4] == _GET_AWAITABLE  # between them None is loaded, to be sent
    return at - 6 if awaits else at


def may_be_calling(code: CodeType, offset: int, methods: Iterable[str]) -> bool:
    """Whether the call at this offset may be that of a method with one of these names."""
    begins, used = _begins(code)[offset // 2], [uses(code, method) for method in methods]
    return True in [each.handed_out or begins in each.calls for each in used]
