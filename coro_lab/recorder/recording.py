"""Opening and closing a recording, and `record` itself."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Self, overload

from coro_lab.description import describe
from coro_lab.errors import RecordingError
from coro_lab.events import Trace
from coro_lab.recorder.callbacks import Callbacks
from coro_lab.recorder.journal import events
from coro_lab.recorder.monitor import Monitor
from coro_lab.recorder.naming import named
from coro_lab.recorder.patch import Patch
from coro_lab.recorder.roster import MAX_EVENTS, Cut
from coro_lab.recorder.stdout import StdoutWatch
from coro_lab.recorder.tasks import is_cancellation
from coro_lab.recorder.territory import is_learners_file
from coro_lab.recorder.tracebacks import without_recorder


class Recorder:
    """Keeps what the learner's code does in the calling thread while a `with` block of it is open.

    The block may be opened again and again: a stepper opens it for each step. `driver` names who resumes lanes from
    outside, `limit_of` what the reader has written that takes `max_events`. Entering raises RecordingError while
    another recorder is open.
    """

    _open: Recorder | None = None

    def __init__(
        self,
        *,
        lines: bool = True,
        max_events: int = MAX_EVENTS,
        driver: str | None = None,
        limit_of: str = "record",
    ) -> None:
        if not isinstance(max_events, int) or max_events < 1:
            kept = "max_events is how many events are kept, so a whole number of at least 1"
            raise RecordingError(f"{kept}; you wrote {describe(max_events)}.")
        self._driver = driver
        self._monitor = Monitor()
        self._patch = Patch(is_learners_file)
        self._callbacks = Callbacks(
            self._monitor, self._patch, lines=lines, max_events=max_events, outside=driver or "outside"
        )
        self._callbacks.limit_of = limit_of
        self._stdout = StdoutWatch(self._callbacks.on_output)

    def __enter__(self) -> Self:
        if Recorder._open is not None:
            raise RecordingError(
                "A recording is going on already, and it sees everything; a second one inside it would see the first.\n"
                "  Write: call the function itself, and record only the outermost call."
            )
        Recorder._open = self
        try:
            self._callbacks.begin()
            self._patch.apply()
            self._stdout.begin()
            self._monitor.take(self._callbacks.by_event())
            self._callbacks.watch_all()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        """Give everything back, even if one thing cannot be, or the learner interrupts right now."""
        raised: BaseException | None = None
        for give_back in (self._monitor.give_back, self._stdout.end, self._callbacks.end, self._unpatch):
            while True:
                try:
                    give_back()
                except KeyboardInterrupt as error:
                    raised = error
                    continue
                except Exception as error:  # of a stdout that is the learner's own, for instance
                    raised = error
                break
        Recorder._open = None
        if raised is not None:
            raise raised

    def _unpatch(self) -> None:
        self._patch.undo([info.code for info in self._callbacks.codes.values()])

    def expect(self, value: object, name: str | None = None) -> None:
        """The driver is about to send this value from outside; if that starts a lane, it is called `name`."""
        self._callbacks.expected = describe(value)
        self._callbacks.next_name = name

    @property
    def cut(self) -> str | None:
        """Why the program was stopped, in one sentence; None if it was not."""
        return self._callbacks.cut

    def trace(self, *, result: Any = None, error: BaseException | None = None) -> Trace:
        """What was kept so far, as a Trace."""
        lanes = tuple(named(self._callbacks.lanes))
        read = functools.partial(events, tuple(self._callbacks.fields))
        return Trace.later(read, lanes, driver=self._driver, cut=self.cut, result=result, error=error)


def _end_in_child() -> None:
    """A forked process is not recorded: nobody could read that."""
    if Recorder._open is not None:
        Recorder._open._end()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_end_in_child)


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
