"""record(): one program, from its call to its Trace."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, overload

from coro_lab.engine.recorder.advice import loop_is_running
from coro_lab.engine.recorder.awaited_recording import Recording
from coro_lab.engine.recorder.limits import MAX_EVENTS
from coro_lab.engine.recorder.run import ProgramRun
from coro_lab.engine.recorder.tasks import coroutine_of
from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace

keep_builtins(globals())


@overload
def record(
    program: Coroutine[Any, Any, Any], /, *, lines: bool = ..., max_events: int = ...
) -> Coroutine[Any, Any, Trace]: ...
@overload
def record(program: Callable[..., Any], /, *args: Any, lines: bool, max_events: int = ..., **kwargs: Any) -> Trace: ...
@overload
def record(program: Callable[..., Any], /, *args: Any, lines: bool = ..., max_events: int, **kwargs: Any) -> Trace: ...
@overload
def record[**P](program: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs) -> Trace: ...
def record(  # type: ignore[misc]  # a program that itself takes `lines` or `max_events` is wrapped in a lambda
    program: Callable[..., Any] | Coroutine[Any, Any, Any],
    /,
    *args: Any,
    lines: bool = True,
    max_events: int = MAX_EVENTS,
    **kwargs: Any,
) -> Trace | Coroutine[Any, Any, Trace]:
    """The Trace of `program(*args, **kwargs)`: what the learner's functions in it did, in order.

    An exception that ends the program is kept as `Trace.error`, its result as `Trace.result`. `lines=False` leaves out
    lines, awaits and locals. After `max_events` events the program is stopped, and the Trace so far comes back with
    `Trace.cut` set; it also has the few events by which the lanes end. Where none of the learner's code was seen,
    `Trace.note` says why. Threads that the program starts are followed; between threads the operating system switches,
    so two runs need not be equal.

    An async function, or an object with an async `__call__`, is run by `asyncio.run`. Where an event loop is running
    already, as in a notebook, that is not possible: there `await record(main())` records a coroutine in the running
    loop, and the learner's other code that this loop runs. A recording of a coroutine begins when it is awaited, or
    run by `asyncio.run`.

    The program runs as it would alone, and what was borrowed is given back in every case. What it can notice: it takes
    longer; the `__code__` of its generator functions is another object meanwhile, and so is `sys.stdout.write`; there
    is a weak reference to each of its generators; `sys.monitoring` has one place less, and `gc.callbacks` one function
    more; its trace function or profiler meets frames of Coro Lab; a recursion has some frames less room.

    Raises RecordingError inside another recording, and ArgumentError for something that cannot be called. A
    KeyboardInterrupt goes on to the caller, with the Trace so far as its attribute `trace`. So does the cancellation of
    a task that awaits a recording; a program that is cancelled without that task ends with a CancelledError as its
    `Trace.error`.

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
    run = None
    try:
        run = ProgramRun()  # not in a separate function: an interrupt could arrive in its frame
        if inspect.iscoroutine(program):
            if args or kwargs:
                raise _called_already(program, args, kwargs)
            return Recording(program, lines, max_events)
        if not callable(program):
            raise ArgumentError(_not_callable(program), argument="program", given=describe(program))
        call = _Call(program, args, kwargs)
        del args, kwargs  # they may die in the program
        if not _is_async(program):
            return run.trace(call, program, lines, max_events)
        if loop_is_running():
            return Recording(call(), lines, max_events)
        return run.trace(lambda: _run_async(call()), program, lines, max_events, driver="event loop")
    except KeyboardInterrupt as interrupt:
        (run or ProgramRun()).keep(interrupt)
        raise
    finally:
        del run  # a kept traceback keeps this frame, and that must keep nothing else


def _called_already(program: Coroutine[Any, Any, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> ArgumentError:
    program.close()  # or Python would say that it was never awaited
    name = getattr(program, "__name__", "main")
    given = ", ".join([*map(describe, args), *(f"{key}={describe(value)}" for key, value in kwargs.items())])
    what = f"{name}(...) was called already, and has its arguments."
    return ArgumentError(advice(what, f"record({name}(...), {given})", f"record({name}, {given})"), given=given)


class _Call:
    """A call that is made once. It then drops its arguments, so that only the program holds them."""

    def __init__(self, program: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._parts: list[Any] = [kwargs, args, program]

    def __call__(self) -> Any:
        parts = self._parts
        return parts.pop()(*parts.pop(), **parts.pop())


def _is_async(program: Callable[..., Any]) -> bool:
    if inspect.iscoroutinefunction(program):
        return True
    while isinstance(program, functools.partial):
        program = program.func
    calls = getattr(type(program), "__call__", None)  # noqa: B004 - it is asked what it is, not whether it is there
    return inspect.iscoroutinefunction(calls)


def _run_async(program: Coroutine[Any, Any, Any]) -> Any:
    import asyncio

    return asyncio.run(program)


def _not_callable(program: object) -> str:
    if isinstance(program, Recording):
        return f"This is a recording already.\n  Write:     t = await record({program.program_name}())"
    if inspect.isawaitable(program):
        return _only_awaitable(program)
    if hasattr(program, "send") or hasattr(program, "asend"):
        name = getattr(program, "__name__", type(program).__name__)
        instead = (
            f"record(lambda: list({name}(...))), or record(your_function, {name}(...))"
            if hasattr(program, "send")
            else f"record(your_function, {name}(...)), where your_function has an `async for`"
        )
        return (
            f"record runs a program, and {describe(program)} is not one: something has to resume it.\n"
            f"  You wrote: record({name}(...))\n"
            f"  Write:     {instead}"
        )
    return (
        f"record runs a program, so it needs something that can be called, not {describe(program)}.\n"
        f"  You wrote: record({describe(program)}), or a call that gave it: record(f(...))\n"
        f"  Write:     record(f, ...), the function and then its arguments after the comma"
    )


def _only_awaitable(program: Any) -> str:
    """What to write instead of recording a task, a future or the like, which an event loop runs by itself."""
    coroutine = coroutine_of(program)
    awaited = {"_GatheringFuture": "asyncio.gather(...)", "Future": "future"}.get(type(program).__name__, "it")
    if coroutine is not None:
        awaited = f"{getattr(coroutine, '__name__', 'work')}(...)"
    run = "await record(main())" if loop_is_running() else "record(main)"
    return (
        f"record runs a program from its beginning, and {describe(program)} can only be awaited by one.\n"
        f"  You wrote: record({describe(program)}), or a call that gave it\n"
        f"  Write:     async def main():\n"
        f"                 return await {awaited}\n"
        f"             t = {run}"
    )
