"""run_on(): the Trace of a program on one of four engines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from io import StringIO
from typing import Any

from coro_lab.engine.backends import traces, turns
from coro_lab.engine.backends.translation import Function, Translation
from coro_lab.engine.backends.workers import UNPRIMED
from coro_lab.engine.recorder import MAX_EVENTS, record
from coro_lab.engine.scheduler import Scheduler, record_turns
from coro_lab.errors import ArgumentError, EngineError, advice
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace


def run_on(engine: str, *functions: Function, max_events: int = MAX_EVENTS) -> Trace:
    """The Trace of a program on one of four engines; what it prints is in `Trace.output` and nowhere else.

    `engine` is "generators", "asyncio", "threads" or "processes". The order of the steps is the same on each.
    `functions` are generator functions that take turns, or a function and the generator function that it sends to.
    Raises ArgumentError for anything else, UnknownNameError for another engine, and EngineError for a function that the
    engine cannot run. After `max_events` events, counted for each process, the program is stopped; the Trace so far
    comes back, and its `cut` says so. An exception that ends the program is the trace's `error`; if it ends a thread or
    a process, that is an EngineError which quotes it. The other parts then only clean up. An exception that ends a
    partner is first raised where it was sent to; StopIteration, too, if the partner returns, but on asyncio
    EngineError. Processes share nothing: each has copies of what the functions use.

    >>> def A():
    ...     print(1)
    ...     yield
    ...     print(2)
    >>> run_on("asyncio", A, A).output
    '1\\n1\\n2\\n2\\n'
    """
    program = Translation.of(engine, *functions)
    if not isinstance(max_events, int) or max_events < 1:
        given = describe(max_events)
        said = f"max_events is how many events are kept, so at least 1; you wrote {given}."
        raise ArgumentError(said, argument="max_events", given=given)
    run, driver = RUNS[engine]
    with redirect_stdout(StringIO()):
        trace = run(program, max_events)
    return traces.limited(replace(trace, driver=trace.driver or driver), "run_on")


# ---- Generators ------------------------------------------------------------------------------------------------------


def _on_generators(program: Translation, max_events: int) -> Trace:
    functions = program.functions()
    if program.converses:
        conversation: Trace = record(functions[0], functions[1](), max_events=max_events)
        return conversation
    scheduler = Scheduler()
    for function in functions:
        scheduler.spawn(function())
    return record_turns(scheduler, max_events)


# ---- asyncio ---------------------------------------------------------------------------------------------------------


class AsyncPartner:
    """`c` in an event loop: one queue leads to the partner, the task that it sends to; another leads back."""

    def __init__(self) -> None:
        self._there: asyncio.Queue[Any] = asyncio.Queue()
        self._back: asyncio.Queue[Any] = asyncio.Queue()
        self._task: asyncio.Task[Any] | None = None
        self._is_closed = False

    def meet(self, partner: Function) -> None:
        """Set the function to send to."""
        self._partner = partner

    async def send(self, value: Any) -> Any:
        """The partner's answer. The first send starts it, as it starts a generator.

        An exception that ends the partner is raised here; EngineError if it has returned.
        """
        if self._is_closed or (self._task is not None and self._task.done()):
            raise self._has_ended(None)
        if self._task is None:
            if value is not None:
                raise TypeError(UNPRIMED)
            self._task = asyncio.create_task(self._play())
            self._task.add_done_callback(lambda _: self._back.put_nowait(None))
        else:
            self._there.put_nowait(value)
        answer = await self._back.get()
        if self._task.done():
            raise self._has_ended(await self._task)
        return answer

    def __next__(self) -> Coroutine[Any, Any, Any]:
        """An awaitable: the partner's answer to None."""
        return self.send(None)

    async def answer(self, value: Any) -> Any:
        """Give this value back, and wait for what is sent next. GeneratorExit if closed, as in a generator."""
        if self._is_closed:
            raise RuntimeError("it was closed, and ignored GeneratorExit")
        self._back.put_nowait(value)
        received = await self._there.get()
        if self._is_closed:
            raise GeneratorExit
        return received

    async def close(self) -> None:
        """End the partner where it waits for an answer; a partner that has not begun never begins."""
        self._is_closed = True
        self._there.put_nowait(None)
        if self._task is not None and not self._task.done():
            await self._task

    async def _play(self) -> Any:
        with suppress(GeneratorExit):  # or it would be raised where the task is awaited
            return await self._partner()

    def _has_ended(self, returned: Any) -> EngineError:
        """The error where a generator raises StopIteration, which a coroutine cannot pass on."""
        name, answer = self._partner.__name__, "" if returned is None else f" {describe(returned)}"
        what = f"{name} has returned{answer}, so it no longer answers; an await cannot raise StopIteration."
        instead = f"a loop in {name} that receives until it is closed, or take another engine"
        said = advice(what, f"send or next after the end of {name}", instead)
        return EngineError(said, engine="asyncio", function=name)


async def switch(_: Any = None) -> None:
    """Let the other tasks run."""
    await asyncio.sleep(0)


async def _until_one_fails(function: Function, tasks: list[asyncio.Task[Any]]) -> None:
    """Run a part; if it fails, no other takes a further step, as on the other engines."""
    try:
        await function()
    except BaseException:
        for task in tasks:
            if task is not asyncio.current_task():
                task.cancel()
        raise


def _on_asyncio(program: Translation, max_events: int) -> Trace:
    c = AsyncPartner()
    functions = program.functions(switch=switch, answer=c.answer if program.converses else switch)

    async def all_together() -> None:
        if program.converses:
            c.meet(functions[1])
            await functions[0](c)
        else:
            tasks: list[asyncio.Task[Any]] = []
            tasks += [asyncio.create_task(_until_one_fails(function, tasks)) for function in functions]
            await asyncio.gather(*tasks)

    def recorded() -> Any:
        return record(all_together, max_events=max_events)

    with ThreadPoolExecutor(1, "event loop") as pool:
        # asyncio.run refuses a thread in which a loop runs, such as a notebook's
        trace: Trace = pool.submit(recorded).result() if _in_a_loop() else recorded()
    return trace


def _in_a_loop() -> bool:
    try:
        return bool(asyncio.get_running_loop())
    except RuntimeError:
        return False


RUNS: dict[str, tuple[Callable[[Translation, int], Trace], str | None]] = {
    "generators": (_on_generators, None),
    "asyncio": (_on_asyncio, "event loop"),
    "threads": (turns.on_threads, "operating system"),
    "processes": (turns.on_processes, "operating system"),
}
"""For each engine, the function that runs a program, and what resumes its parts."""
