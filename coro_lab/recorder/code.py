"""What a code object says about itself: its kind, its name, its source, and what happens at which instruction."""

from __future__ import annotations

import linecache
import opcode
import textwrap
from functools import cached_property
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_ITERABLE_COROUTINE
from types import CodeType, FrameType

from coro_lab.events import Source
from coro_lab.recorder.territory import is_top
from coro_lab.rewriting import nested

_RESUME = opcode.opmap["RESUME"]
_FOR_ITER = opcode.opmap["FOR_ITER"]
_CACHE = opcode.opmap["CACHE"]


class CodeInfo:
    """The facts about one code object that a recording needs, each worked out once."""

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.is_top = is_top(code)
        self._lines: dict[int, int] = {}

    @property
    def kind(self) -> str:
        """function, generator, coroutine or async generator."""
        flags = self.code.co_flags
        if flags & CO_ASYNC_GENERATOR:
            return "async generator"
        if flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE):
            return "coroutine"
        return "generator" if flags & CO_GENERATOR else "function"

    @property
    def name(self) -> str:
        """As its author wrote it, with the class before a method: `Tally.add`; `cell` for a whole cell or module."""
        return "cell" if self.is_top else self.code.co_qualname.rpartition("<locals>.")[2]

    def line(self, offset: int) -> int:
        """The line of the instruction at this offset; lines start at 1."""
        line = self._lines.get(offset)
        if line is None:
            for start, end, number in self.code.co_lines():
                if start <= offset < end and number is not None:
                    line = number
                    break
            line = self._lines[offset] = line or self.code.co_firstlineno
        return line

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

    def source(self) -> Source | None:
        """Its lines as its author wrote them, without a common indentation; None where there are none."""
        first = 1 if self.is_top else self.code.co_firstlineno
        last = max((line for inner in nested(self.code) for _, _, line in inner.co_lines() if line), default=first)
        text = "".join(linecache.getlines(self.code.co_filename)[first - 1 : last])
        return Source(first, textwrap.dedent(text).rstrip("\n")) if text else None


def is_at_for(frame: FrameType) -> bool:
    """Whether this frame is at the head of a `for` loop, which resumes a generator with None and nothing else."""
    raw, at = frame.f_code.co_code, frame.f_lasti
    while at > 0 and raw[at] == _CACHE:  # a specialised loop stands on the cache behind its instruction
        at -= 2
    return raw[at] == _FOR_ITER
