"""The learner's functions, running from rewritten code while a recording goes on, and given back afterwards."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from coro_lab.recorder.made_before import SENT_INTO, code_of, frame_of, sent_into
from coro_lab.rewriting import nested, table


class Patch:
    """The learner's functions, running from rewritten code until `undo`."""

    def __init__(self, is_learners: Callable[[str], bool]) -> None:
        self._is_learners = is_learners
        self._functions: list[tuple[FunctionType, CodeType]] | None = None
        self._made_before: dict[int, weakref.ref[Any]] = {}  # the learner's generators, by the id of their frames

    def apply(self, *, again: bool = False) -> None:
        """Let every function of the learner's that exists now report what its yields receive.

        They are looked up at the first call; `again` looks once more.
        """
        if self._functions is None or again:
            self._functions = list(self._find())
        for function, code in self._functions:
            if table.original(code) == function.__code__:
                function.__code__ = code

    def _find(self) -> Iterator[tuple[FunctionType, CodeType]]:
        for thing in gc.get_objects():
            kind = type(thing)
            if kind is FunctionType:
                if self._is_learners(thing.__code__.co_filename):
                    code = thing.__code__ if table.original(thing.__code__) else table.rewritten(thing.__code__)
                    if code is not None:
                        yield thing, code
            elif kind in SENT_INTO and self._is_learners(code_of(thing).co_filename) and (frame := frame_of(thing)):
                self._made_before[id(frame)] = weakref.ref(thing)

    def made_before(self, frame: int) -> weakref.ref[Any] | None:
        """The generator that had this frame (its id) before the recording; None for one that reports by itself."""
        return self._made_before.get(frame)

    def sent_into(self, frame: int, code: CodeType) -> tuple[object] | None:
        """What a generator made before the recording has just received, if certain; `frame`: its id."""
        made = self._made_before.get(frame, _gone)()
        return sent_into(made) if made is not None and code_of(made) is code else None

    def undo(self, ran: list[CodeType]) -> None:
        """Give all of them their own code back, also those that the rewritten code has made; `ran`: what has run."""
        for function, _ in self._functions or ():
            self._restore(function)
        made = [inner for code in ran if table.original(code) for inner in nested(code) if inner is not code]
        for holder in gc.get_referrers(*made) if made else ():
            if type(holder) is FunctionType:
                self._restore(holder)

    @staticmethod
    def _restore(function: FunctionType) -> None:
        code = table.original(function.__code__)
        if code is not None:
            function.__code__ = code


def _gone() -> None:
    return None
