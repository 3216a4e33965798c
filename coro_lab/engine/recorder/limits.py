"""The limit: how many events a recording keeps, and what ends a program that does not end by itself."""

from __future__ import annotations

import sys
from types import FrameType

from coro_lab.engine.recorder.tasks import cancellation
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

MAX_EVENTS = 100_000  # a hundred times what Python Tutor allows
GRACE = 10_000  # further events for what has to be closed after the limit


class Cut(BaseException):
    """Ends a program that has reached the limit; not an Exception, so that programs do not catch it by mistake."""


def ending(why: str, *, at_home: bool) -> BaseException:
    """What ends the program in this thread and is not told to anybody; `at_home`: it is the thread that records."""
    if at_home:
        return Cut(why)
    if not _works_for_pool():
        return SystemExit()
    # whoever waits for the pool's work gets it, and an event loop would end of a SystemExit
    return cancellation() or Cut(why)


def _works_for_pool() -> bool:
    """Whether the running thread is one of a ThreadPoolExecutor, such as asyncio.to_thread uses."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_globals.get("__name__") != "concurrent.futures.thread":
        frame = frame.f_back
    return frame is not None
