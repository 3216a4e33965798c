"""Who asks for which lock, takes it and gives it back, as the starts and ends of asyncio's `acquire` and `release` say.

A Condition has an asyncio lock inside, so it is seen as well. No reference to a lock is kept.
"""

from __future__ import annotations

import weakref
from types import FrameType
from typing import Any

from coro_lab.engine.recorder.journal import Journal
from coro_lab.engine.recorder.locals import library_variables
from coro_lab.engine.recorder.tasks import Tasks
from coro_lab.trace.events import LaneIndex
from coro_lab.trace.lock_use import ASKS, GIVES, GIVES_UP, LOCK, SEMAPHORE, TAKES, LockUse
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


class LockReference(weakref.ref[Any]):
    """A weak reference that only the recorder holds. The program cannot reach the lock by it, so `waits` skips it."""

    __slots__ = ()


class LockRecords:
    """The uses of the locks of one recording."""

    def __init__(self, journal: Journal, tasks: Tasks) -> None:
        self._journal = journal
        self._tasks = tasks
        self._known: dict[int, tuple[weakref.ref[Any], int]] = {}  # by the id of the lock: the lock and its number
        self._uses: list[tuple[int, int | None, str, int, str]] = []  # as in LockUse; lanes go by their numbers

    def asks(self, frame: FrameType) -> None:
        """`acquire` begins."""
        self._add(frame, ASKS)

    def takes(self, frame: FrameType, _: object, error: BaseException | None) -> None:
        """`acquire` ends. What is thrown in comes here first, before it begins a step in the learner's code."""
        self._add(frame, TAKES if error is None else GIVES_UP, later=int(error is not None))

    def gives(self, frame: FrameType, _: object, error: BaseException | None) -> None:
        """`release` ends."""
        if error is None:
            self._add(frame, GIVES)

    def _add(self, frame: FrameType, does: str, later: int = 0) -> None:
        (lock,) = library_variables(frame, "self")
        if lock is None:
            return
        kind = LOCK if frame.f_code.co_qualname.startswith("Lock.") else SEMAPHORE
        known = self._known.get(id(lock))
        if known is None or known[0]() is not lock:
            known = self._known[id(lock)] = LockReference(lock), len(self._known)
        lane = self._tasks.lane_of(self._tasks.current())
        step = max(self._journal.step, 0) + later
        if does == TAKES and self._uses[-1:] == [(step, lane, ASKS, known[1], kind)]:  # it was free
            self._uses.pop()
        self._uses.append((step, lane, does, known[1], kind))

    def found(self, lanes: tuple[LaneIndex, ...]) -> tuple[LockUse, ...]:
        """All uses so far; `lanes` are the numbers of the lanes of the recording."""
        return tuple(
            LockUse(step, None if lane is None else lanes[lane], does, lock, kind)
            for step, lane, does, lock, kind in self._uses
        )
