"""In a `with`, the learner's functions and asyncio's locks, queues and groups have code that notes what it touches.

The code of each function is replaced, so notes are written wherever it is called: asyncio, a decorator, an operator.
What runs without notes all the same, because it was not found or cannot be rewritten, is noticed by `sys.monitoring`;
its step may touch everything.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import weakref
from asyncio import locks, queues, taskgroups
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import get_ident
from types import CodeType, FunctionType, ModuleType
from typing import Any

from coro_lab.engine.explore.preemption.decorators import SUSPENDS
from coro_lab.engine.explore.preemption.nodes import NOTE, SLICE
from coro_lab.engine.explore.preemption.rewriting import Rewriter
from coro_lab.engine.explore.reduction.in_place import split_in_place
from coro_lab.engine.explore.reduction.in_place_notes import InPlaceNotes
from coro_lab.engine.explore.reduction.notes import Notes
from coro_lab.engine.explore.reduction.objects import ATOMS, reached_from
from coro_lab.engine.explore.reduction.order_search import NotReducibleError
from coro_lab.engine.recorder.user_code import is_learners, is_learners_file
from coro_lab.errors import PreemptionError

NAME = "coro_lab notes"
_MOST = 20_000  # objects among which functions are looked for
_MONITOR = sys.monitoring
_EVENTS = (_MONITOR.events.PY_START, _MONITOR.events.PY_RESUME, _MONITOR.events.PY_THROW)
_TRUSTED = (
    str(Path(asyncio.__file__).parent),
    str(Path(__file__).parents[1]),
    contextlib.__file__,
    sys.modules[weakref.WeakSet.__module__].__file__ or "-",
)
"""Files whose code touches only what is noted in another way."""
_REWRITER = Rewriter(split_in_place, {})


def _functions_of_asyncio() -> Iterator[FunctionType]:
    for module in (locks, queues, taskgroups):
        for cls in vars(module).values():
            if isinstance(cls, type) and cls.__module__ == module.__name__:
                yield from (each for each in vars(cls).values() if isinstance(each, FunctionType))


def learners_functions(roots: Iterable[object]) -> Iterator[FunctionType]:
    """The learner's functions that can be reached from these objects, and those of the learner's modules."""
    todo, seen = list(roots), set[int]()
    while todo and len(seen) < _MOST:
        value = todo.pop()
        if id(type(value)) in ATOMS or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, ModuleType):
            if is_learners_file(getattr(value, "__file__", None) or "<none>"):
                todo += [each for each in vars(value).values() if isinstance(each, (FunctionType, type))]
            continue
        if isinstance(value, FunctionType):
            todo.append(getattr(value, "__wrapped__", None))
            if is_learners(value.__code__):
                yield value
        todo += reached_from(value)


class swapped_code:  # noqa: N801 - it reads as what happens in the `with`
    """In this `with`, functions have code with notes. NotReducibleError if code without them could go unnoticed."""

    def __init__(self, notes: Notes, roots: Iterable[object]) -> None:
        self._notes = notes
        self._in_place = InPlaceNotes(notes)
        self._roots = list(roots)
        self._unseen: set[CodeType] = set()  # the learner's, which ran without notes
        self._had: list[tuple[FunctionType, CodeType]] = []
        self._namespaces: list[dict[str, Any]] = []
        self._known: dict[int, CodeType] = {}  # what has notes, or needs none, by id
        self._tool: int | None = None
        self._thread = get_ident()

    def __enter__(self) -> swapped_code:
        try:
            self._swap([*_functions_of_asyncio(), *learners_functions(self._roots)])
            self._watch()
        except BaseException:
            self.__exit__()
            raise
        return self

    def swap_what_ran(self) -> bool:
        """Put notes into the learner's functions that have run without; returns whether any had."""
        found = gc.get_referrers(*self._unseen) if self._unseen else []
        functions = [each for each in found if isinstance(each, FunctionType) and each.__code__ in self._unseen]
        self._unseen.clear()
        return self._swap(functions)

    def __exit__(self, *_: object) -> None:
        try:
            self._give_back()
        finally:  # once more, if the learner interrupted
            self._give_back()

    def _swap(self, functions: Iterable[FunctionType]) -> bool:
        helpers, before = {NOTE: self._in_place, SLICE: slice}, len(self._had)
        for function in functions:
            original = function.__code__
            try:
                code = _REWRITER.code_of(function)
            except (PreemptionError, SyntaxError, RecursionError):
                continue  # it is noticed
            if code.co_freevars == original.co_freevars and not (code.co_flags ^ original.co_flags) & SUSPENDS:
                self._known |= {id(each): each for each in _all_in(code)}
                self._namespaces.append(function.__globals__)
                function.__globals__.update(helpers)
                self._had.append((function, original))
                function.__code__ = code
        return len(self._had) > before

    def _watch(self) -> None:
        free = [tool for tool in range(6) if _MONITOR.get_tool(tool) is None]
        if not free:
            raise NotReducibleError("all tools of sys.monitoring are in use")
        self._tool = free[-1]
        _MONITOR.use_tool_id(self._tool, NAME)
        calls: list[Callable[..., object]] = [self._runs, self._runs, self._throws]
        for event, call in zip(_EVENTS, calls, strict=True):
            _MONITOR.register_callback(self._tool, event, call)
        _MONITOR.set_events(self._tool, sum(_EVENTS))
        _MONITOR.restart_events()

    def _runs(self, code: CodeType, offset: int) -> object:
        if self._is_known(code):
            return _MONITOR.DISABLE
        self._notice(code)
        return None

    def _throws(self, code: CodeType, offset: int, error: BaseException) -> None:
        if not self._is_known(code):
            self._notice(code)

    def _is_known(self, code: CodeType) -> bool:
        if id(code) not in self._known and _is_trusted(code):
            self._known[id(code)] = code
        return id(code) in self._known

    def _notice(self, code: CodeType) -> None:
        if get_ident() == self._thread:
            if code not in self._unseen and is_learners(code):
                self._unseen.add(code)
            self._notes.step.everything = True

    def _give_back(self) -> None:
        while self._had:
            function, code = self._had[-1]
            function.__code__ = code
            self._had.pop()
        for namespace in self._namespaces:
            namespace.pop(NOTE, None)
            namespace.pop(SLICE, None)
        if self._tool is not None and _MONITOR.get_tool(self._tool) == NAME:
            _MONITOR.set_events(self._tool, 0)
            for event in _EVENTS:
                _MONITOR.register_callback(self._tool, event, None)
            _MONITOR.free_tool_id(self._tool)
            _MONITOR.restart_events()


def _all_in(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _all_in(each)


def _is_trusted(code: CodeType) -> bool:
    """Whether this code is asyncio's or ours, or was written by the dataclass decorator."""
    return code.co_filename.startswith(_TRUSTED) or code.co_qualname.startswith("__create_fn__.<locals>.")
