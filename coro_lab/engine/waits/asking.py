"""waits(): who waits for whom, in a loop that runs now or at a step of a recorded run."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from coro_lab.engine.waits.live import look
from coro_lab.engine.waits.recorded import look_back
from coro_lab.engine.waits.result import Waits
from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace

keep_builtins(globals())


def waits(of: Any = None, step: int | None = None) -> Waits:
    """Who waits for whom: a row for each task, with what it waits for, who holds it, and where the task is.

    Without an argument it is about the loop that runs here, in a coroutine, a cell or a debugger; `waits(loop)` can be
    asked in any thread. `waits(trace, step)` is about a recorded run at the end of this step, counted from 0, or at its
    end. It knows which tasks belong together and who has taken which lock of asyncio, but not who could put an item
    into a queue or set an event. `watch_loop` finds a call that blocks the loop.

    The first line says what is wrong. A *deadlock* is a circle of tasks, each of which waits for the next. A task is
    *stuck* if nobody is left who could end its wait: code that puts an item into a queue, or sets an event, must have
    hold of it. So Python's garbage collector is asked from which tasks, callbacks and threads it can be reached. Where
    more than 20 such objects are waited for, nothing is said to be stuck. If only a library written in C holds the
    object, out of the collector's sight, a task can be called stuck wrongly. The holder of a lock is seen where it was
    taken by `async with`. The program is not changed.

    Raises ArgumentError where no loop runs here and none is given, and for a step that the run does not have.

    >>> import asyncio
    >>> async def deposit(lock):
    ...     async with lock:
    ...         async with lock:
    ...             pass
    >>> async def main():
    ...     task = asyncio.create_task(deposit(asyncio.Lock()))
    ...     await asyncio.sleep(0)
    ...     print(waits())
    ...     task.cancel()
    >>> asyncio.run(main())
    Deadlock: deposit waits for itself
    main     line 4 in main     runs
    deposit  line 3 in deposit  waits for lock, held by deposit
    """
    if isinstance(of, Trace):
        return look_back(of, _step(of, step))
    loop = asyncio._get_running_loop() if of is None else of
    thread = threading.get_ident() if of is None else getattr(loop, "_thread_id", None)
    if not isinstance(loop, asyncio.AbstractEventLoop):
        raise _no_loop(of)
    return look(loop, thread)


def _step(trace: Trace, step: int | None) -> int:
    if step is None:
        return trace.steps
    if type(step) is not int or not 0 <= step < max(trace.steps, 1):
        what = f"step must be a step of the run, 0 to {trace.steps - 1}."
        said = advice(what, f"waits(trace, {describe(step)})", f"waits(trace, {max(trace.steps - 1, 0)})")
        raise ArgumentError(said, argument="step", given=describe(step))
    return step


def _no_loop(given: Any) -> ArgumentError:
    wrote = "" if given is None else describe(given)
    what = "No event loop runs in this thread." if given is None else "waits is about an event loop or a Trace."
    return ArgumentError(advice(what, f"waits({wrote})", "waits(loop)"), argument="of", given=wrote)
