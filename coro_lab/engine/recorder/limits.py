"""The limit: how many events a recording keeps, and the exceptions that end an endless program."""

from __future__ import annotations

import sys
from types import FrameType

from coro_lab.engine.recorder.tasks import cancellation
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

MAX_EVENTS = 100_000  # a hundred times what Python Tutor allows
GRACE = 10_000  # further events for what has to be closed after the limit


class LimitReached(BaseException):
    """Ends a program that has reached the limit; not an Exception, so that programs do not catch it by mistake."""


def ending(why: str, *, at_home: bool) -> BaseException:
    """The exception that stops this thread silently. `at_home`: this is the recording thread."""
    if at_home:
        return LimitReached(why)
    if not _works_for_pool():
        return SystemExit()
    # the code that waits for the pool's work receives this exception, and a SystemExit would end its event loop
    return cancellation() or LimitReached(why)


def _works_for_pool() -> bool:
    """Whether the running thread is one of a ThreadPoolExecutor, such as asyncio.to_thread uses."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_globals.get("__name__") != "concurrent.futures.thread":
        frame = frame.f_back
    return frame is not None
