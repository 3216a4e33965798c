"""Steps that only wait, for a lock of `threading` say, or in a long sleep: while they wait, no task can go on.

All steps run in one thread, so such a wait never ends, or takes its time in each order. While an `IdleWatch` is on, a
signal comes once a second. If the thread has done nothing meanwhile, and is still in the same call, an error ends that
call. Only a main thread can be watched, where the system has such signals (not on Windows) and nobody else uses them.
"""

from __future__ import annotations

import linecache
import math
import signal
import threading
import time
from pathlib import Path
from types import FrameType

from coro_lab.engine.explore.jump_budget import StepLimitReached, budget
from coro_lab.engine.recorder.user_code import is_learners

thread_time = getattr(time, "thread_time", time.process_time)  # a Python with one thread has no clock for each

LOOK_EVERY = 1.0
"""Seconds between two looks."""
LOOKS = 3
"""Looks that must find a step waiting before it is ended. One is not enough: the computer may have slept."""
_IDLE = 0.01  # seconds of work between two looks, up to which nothing was done


class StepWaits(StepLimitReached):
    """A step only waits; the argument names the function. asyncio keeps it in its task, so the budget has it, too."""

    def __init__(self, frame: FrameType) -> None:
        """`frame` is where it waits; the innermost frame of the learner's code around it is where that was written."""
        around: FrameType | None = frame
        while around is not None and not is_learners(around.f_code):
            around = around.f_back
        self._frame = around or frame
        super().__init__(self._frame.f_code.co_name)
        self._line = self._frame.f_lineno

    @property
    def line(self) -> int | None:
        """The line where it waits, from 1."""
        return self._line

    @property
    def place(self) -> str:
        """The line with its file and text: 'line 12 of bank.py: lock.acquire()'."""
        name = self._frame.f_code.co_filename
        text = linecache.getline(name, self._line, self._frame.f_globals).strip()
        file = Path(name).name if Path(name).is_file() else "the cell"
        return f"line {self._line} of {file}" + (f": {text}" if text else "")


class IdleWatch:
    """Ends steps that only wait, from `begin` to `end`."""

    def __init__(self) -> None:
        self._seen: tuple[FrameType | None, int, float] = None, 0, 0.0  # at the last look: who ran, where, jumps left
        self._worked = 0.0
        self._looks = 0

    def begin(self) -> bool:
        """Begin to watch; False where that cannot be done."""
        if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
            return False
        if signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL or signal.getitimer(signal.ITIMER_REAL)[0]:
            return False
        budget.waits = None
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, LOOK_EVERY, LOOK_EVERY)
        return True

    def end(self) -> None:
        """Give the signal back."""
        if hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) == self._look:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        self._seen = None, 0, 0.0

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        seen, worked = (frame, frame.f_lasti if frame else 0, budget.left), thread_time()
        waits = seen == self._seen and worked - self._worked < _IDLE and budget.left != math.inf
        self._looks = self._looks + 1 if waits else 0
        self._seen, self._worked = seen, worked
        if frame is not None and self._looks >= LOOKS:
            self._looks, self._seen = 0, (None, 0, 0.0)
            budget.left, budget.waits = -1, StepWaits(frame)
            raise budget.waits
