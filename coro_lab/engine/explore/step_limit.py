"""`quietly`, in which programs are run: what runs borrow from the interpreter, and the limit for steps that never end.

A loop without a yield in it is found by counting how often code jumps back; that takes a tool id of `sys.monitoring`.
What a run prints is kept off the page, and the garbage collector runs less often: runs leave few cycles behind, and
looking for them after every few hundred objects would take a fifth of the time.

All of it is given back, also after an error. `Borrowed.give_back` may be called twice. An interrupt can arrive before
it is called at all; then `_jump`, which runs at every jump, notices that the borrower has ended, and gives back itself.
"""

from __future__ import annotations

import gc
import math
import sys
import threading
from collections.abc import Callable
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from coro_lab.engine.explore.idle_steps import IdleWatch, StepWaits
from coro_lab.engine.explore.jump_budget import MOST_JUMPS, NAME, StepLimitReached, budget
from coro_lab.engine.explore.sync import running
from coro_lab.errors import EndlessError

_MONITOR = sys.monitoring
_HERE = __file__.removesuffix("step_limit.py")
_LOOK_EVERY = 1_000  # jumps outside any step, between two looks at whether the borrower still runs
_ONE_AT_A_TIME = threading.RLock()  # sys.stdout is one for all threads
_open: list[Borrowed] = []  # by the thread that has the lock, the innermost last


class Borrowed:
    """What is borrowed for as long as `owner`, a frame, runs: from `take` to `give_back`."""

    def __init__(self, owner: FrameType, end: Callable[[], None]) -> None:
        """`end` is called where the owner has ended without giving back."""
        self._owner: FrameType | None = owner
        self._end = end
        self._thread = get_ident()
        self._page: Any = sys.stdout
        self._thresholds = gc.get_threshold()
        self._tool: int | None = None
        self._idle = 0
        self._watch = IdleWatch()

    def take(self) -> None:
        """Borrow all. Jumps are counted only if a tool id is free and they are not counted already."""
        first = self._thresholds[0]
        gc.set_threshold(max(first, 50_000) if first else 0)
        free = [tool for tool in (5, 4, 3, 2, 1, 0) if _MONITOR.get_tool(tool) is None]
        if free and not budget.is_counting:
            self._tool = free[0]
            _MONITOR.use_tool_id(self._tool, NAME)
            _MONITOR.register_callback(self._tool, _MONITOR.events.JUMP, self._jump)
            _MONITOR.set_events(self._tool, _MONITOR.events.JUMP)
        self._watch.begin()

    def give_back(self) -> None:
        """Give all back; may be called again, also where it was interrupted."""
        if self._owner is None:
            return
        if self._tool is not None and _MONITOR.get_tool(self._tool) == NAME:
            _MONITOR.set_events(self._tool, 0)
            _MONITOR.register_callback(self._tool, _MONITOR.events.JUMP, None)
            _MONITOR.free_tool_id(self._tool)
        self._watch.end()
        budget.left = math.inf
        sys.stdout = self._page
        gc.set_threshold(*self._thresholds)
        self._owner = None

    def is_abandoned(self) -> bool:
        """Whether the owner has ended without giving back, or everything was given back."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame is not self._owner:
            frame = frame.f_back
        return frame is None and get_ident() == self._thread

    def _jump(self, code: CodeType, offset: int, destination: int) -> object:
        if code.co_filename.startswith(_HERE):
            return _MONITOR.DISABLE
        if get_ident() != self._thread:
            return None
        if budget.left != math.inf:
            budget.left -= 1
            if budget.left < 0:
                raise budget.waits or StepLimitReached(code.co_name)
        else:
            self._idle += 1
            if self._idle % _LOOK_EVERY == 0 and self.is_abandoned():
                self._end()
        return None


def within_limit[Result](what: str, function: Callable[..., Result], *args: Any) -> Result:
    """What a function returns; EndlessError where it jumps back too often. `what` names it in the error."""
    budget.left = MOST_JUMPS
    try:
        return function(*args)
    except StepLimitReached as found:
        budget.left = math.inf
        if isinstance(found, StepWaits):
            raise EndlessError(
                f"{found} waits at {found.place}\n"
                f"while {what} was called. It is called for each order: write it without a lock of threading, an input "
                "or a long sleep.",
                loops={str(found): found.line},
            ).with_traceback(found.__traceback__) from None
        raise EndlessError(
            f"{found} did not come to its end within {MOST_JUMPS:,} turns of its loops, while {what} was called.\n"
            "  It is called for each order, so it has to end, and soon.",
            loops={str(found): found.line},
            limit=MOST_JUMPS,
        ).with_traceback(found.__traceback__) from None
    finally:
        budget.left = math.inf


class quietly:  # noqa: N801 - it reads as what happens in the `with`
    """In this `with`, runs print off the page, and no step runs for ever. One thread at a time.

    Afterwards the interpreter is as it was before, also if an interrupt comes while this begins or ends.
    """

    _borrowed: Borrowed | None = None

    def __enter__(self) -> None:
        try:
            _ONE_AT_A_TIME.acquire()
            _give_back()
            self._borrowed = Borrowed(sys._getframe(1), _end)
            _open.append(self._borrowed)
            self._borrowed.take()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            _end(self._borrowed)
        finally:  # once more, if the learner interrupted
            _end(self._borrowed)


def _end(borrowed: Borrowed | None = None) -> None:
    """Give back, and let other threads explore once this thread has given back everything."""
    _give_back(borrowed)
    while not _open and _is_mine():
        running.name = None
        _ONE_AT_A_TIME.release()


def _give_back(borrowed: Borrowed | None = None) -> None:
    """Give back this, and what its borrower can no longer give back."""
    while _is_mine() and _open and (_open[-1] is borrowed or _open[-1].is_abandoned()):
        _open[-1].give_back()
        _open.pop()


def _is_mine() -> bool:
    """Whether this thread explores; `threading.Condition` asks a lock in the same way."""
    return bool(_ONE_AT_A_TIME._is_owned())  # type: ignore[attr-defined]
