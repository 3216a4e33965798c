"""record(): one program, from its call to its Trace."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Coroutine
from typing import Any, overload

from coro_lab.description import describe
from coro_lab.errors import RecordingError
from coro_lab.events import Trace
from coro_lab.own_builtins import keep_builtins
from coro_lab.recorder.limit import MAX_EVENTS, Cut
from coro_lab.recorder.recorder import Recorder
from coro_lab.recorder.tasks import is_cancellation
from coro_lab.recorder.tracebacks import without_recorder

keep_builtins(globals())


@overload
def record(
    program: Coroutine[Any, Any, Any], /, *, lines: bool = True, max_events: int = MAX_EVENTS
) -> Coroutine[Any, Any, Trace]: ...
@overload
def record(
    program: Callable[..., Any], /, *args: Any, lines: bool = True, max_events: int = MAX_EVENTS, **kwargs: Any
) -> Trace: ...
def record(program: Any, /, *args: Any, lines: bool = True, max_events: int = MAX_EVENTS, **kwargs: Any) -> Any:
    """The Trace of `program(*args, **kwargs)`: what the learner's functions in it did, in order.

    An exception that ends the program is kept as `Trace.error`, its result as `Trace.result`. `lines=False` leaves out
    lines, awaits and locals. After `max_events` events the program is stopped and the Trace so far comes back, with
    `Trace.cut` set. Threads that the program starts are followed; between threads the operating system switches, so two
    runs need not be equal.

    An async function is run by `asyncio.run`. Where an event loop is running already, as in a notebook, that is not
    possible: there `await record(main())` records a coroutine in the running loop, and what else that loop runs of the
    learner's meanwhile.

    Raises RecordingError inside another recording, or for something that cannot be called. A KeyboardInterrupt goes on
    to the caller, with the Trace so far as its attribute `trace`.

    >>> def A():
    ...     print(1)
    ...     yield
    ...     print(2)
    >>> trace = record(lambda: list(A()), lines=False)
    1
    2
    >>> [event.value for event in trace.events if event.kind == "suspend"]
    ['None']
    """
    if inspect.iscoroutine(program):
        return _later(program, lines, max_events)
    if not callable(program):
        raise RecordingError(_not_callable(program))
    if inspect.iscoroutinefunction(program):
        if _loop_is_running():
            return _later(program(*args, **kwargs), lines, max_events)
        return _record(lambda: _run_async(program(*args, **kwargs)), lines, max_events, driver="event loop")
    return _record(functools.partial(program, *args, **kwargs), lines, max_events)


def _record(program: Callable[[], Any], lines: bool, max_events: int, driver: str | None = None) -> Trace:
    recorder = Recorder(lines=lines, max_events=max_events, driver=driver)
    result, error = None, None
    with recorder:
        try:
            result = program()
        except Cut:
            pass
        except BaseException as raised:
            error = _settled(raised, recorder)
    try:
        return _finished(recorder, result, error)
    finally:
        del recorder, result, error  # a kept traceback keeps this frame, and that must keep nothing else


def _later(program: Coroutine[Any, Any, Any], lines: bool, max_events: int) -> Coroutine[Any, Any, Trace]:
    """The same for a coroutine, to be awaited; where that is forgotten, it goes by what its reader wrote."""
    recording: Any = _record_in_loop(program, lines, max_events)
    recording.__name__ = recording.__qualname__ = record.__name__
    return recording  # type: ignore[no-any-return]


async def _record_in_loop(program: Coroutine[Any, Any, Any], lines: bool, max_events: int) -> Trace:
    """Record a coroutine as a task of the running loop."""
    recorder = Recorder(lines=lines, max_events=max_events, driver="event loop")
    result, error = None, None
    try:
        with recorder:
            try:
                result = await _as_task(program)
            except Cut:
                pass
            except BaseException as raised:
                error = _settled(raised, recorder)
    finally:
        program.close()  # where the recording could not begin, nobody has awaited it
    return _finished(recorder, result, error)


def _settled(raised: BaseException, recorder: Recorder) -> BaseException | None:
    """What the program itself has raised; a program that was cut is cancelled, and that is none of its doing."""
    return None if recorder.cut and is_cancellation(raised) else without_recorder(raised)


def _finished(recorder: Recorder, result: Any, error: BaseException | None) -> Trace:
    trace = recorder.trace(result=result, error=error)
    if isinstance(error, KeyboardInterrupt) or (error is not None and is_cancellation(error)):
        error.trace = trace  # type: ignore[attr-defined]
        raise error
    return trace


def _loop_is_running() -> bool:
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None


def _run_async(program: Coroutine[Any, Any, Any]) -> Any:
    import asyncio

    return asyncio.run(program)


async def _as_task(program: Coroutine[Any, Any, Any]) -> Any:
    import asyncio

    return await asyncio.get_running_loop().create_task(program)


def _not_callable(program: object) -> str:
    if hasattr(program, "send"):
        name = getattr(program, "__name__", type(program).__name__)
        return (
            f"record runs a program, and {describe(program)} is not one: something has to resume it.\n"
            f"  You wrote: record({name}(...))\n"
            f"  Write:     record(lambda: list({name}(...))), or record(your_function, {name}(...))"
        )
    return (
        f"record runs a program, so it needs something that can be called, not {describe(program)}.\n"
        f"  You wrote: record({describe(program)}), or a call that gave it: record(f(...))\n"
        f"  Write:     record(f, ...), the function and then its arguments after the comma"
    )
