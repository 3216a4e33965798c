"""waits(): who waits for whom, in a loop that runs now or at a step of a recorded run."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from coro_lab.engine.waits.live import look
from coro_lab.engine.waits.result import Waits
from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace

keep_builtins(globals())


def waits(of: Any = None) -> Waits:
    """Who waits for whom: a row for each task, with what it waits for, who holds it, and where the task is.

    Without an argument it is about the loop that runs here, in a coroutine, a cell or a debugger; `waits(loop)` can be
    asked in any thread, also while the loop is blocked.

    The first line says what is wrong. A *deadlock* is a circle of tasks, each of which waits for the next. A task is
    *stuck* in vain if nobody is left who could end its wait: whoever puts an item into a queue, or sets an event, must
    have hold of it, so Python's garbage collector is asked from which tasks, callbacks and threads it can be reached.
    Where more than 20 such objects are waited for, or one can be reached from a library written in C, nothing is said
    to be stuck. The holder of a lock is seen where it was taken by `async with`. The program is not changed.

    Raises ArgumentError where no loop runs here and none is given.
    """
    loop = of
    if loop is None:
        loop, thread = asyncio._get_running_loop(), threading.get_ident()
    else:
        thread = getattr(loop, "_thread_id", None)
    if not isinstance(loop, asyncio.AbstractEventLoop):
        raise _no_loop(of)
    return look(loop, thread)


def _no_loop(given: Any) -> ArgumentError:
    wrote = "" if given is None else describe(given)
    what = "No event loop runs in this thread." if given is None else "waits is about an event loop or a Trace."
    return ArgumentError(advice(what, f"waits({wrote})", "waits(loop)"), argument="of", given=wrote)
