"""The ways to switch from one task to the next, each as a ring that can be turned.

Three rules make their numbers comparable:

1. In a *switch* one task stops and the next one runs. It is the same unit for all mechanisms.
2. A *ring* holds n tasks that are all alive and suspended (or blocked). One *turn* lets each run once: n switches.
3. Starting and ending tasks is never measured: the clock starts after the ring is built and stops before it is taken
   down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from coro_lab.engine.scheduler import Scheduler
from coro_lab.errors import UnavailableError
from coro_lab.measure.costs import thread_rings as threads

Clock = Callable[[], float]
Turn = Callable[[int], float]
"""Turns the ring this many times and returns the seconds that it took."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One way to switch."""

    name: str  # as it is given to `measure`
    switch: str  # what happens in one switch
    ring: Callable[[int, Clock], AbstractContextManager[Turn]]  # makes a ring of this many tasks, by this clock
    fewest: int = 1  # the smallest number of tasks in a ring
    package: str | None = None  # the optional package that it needs; None: it needs none


def _calling(steps: list[Callable[[None], object]], clock: Clock) -> Turn:
    """A turn that calls each of the steps. They are put into one list first, so that the loop costs almost nothing."""

    def turn(turns: int) -> float:
        coming = steps * turns
        begin = clock()
        for step in coming:
            step(None)
        return clock() - begin

    return turn


@contextmanager
def _functions(tasks: int, clock: Clock) -> Iterator[Turn]:
    def function() -> Callable[[None], None]:
        def called(value: None) -> None:
            pass

        return called

    yield _calling([function() for _ in range(tasks)], clock)


@contextmanager
def _generators(tasks: int, clock: Clock) -> Iterator[Turn]:
    def generator() -> Generator[None, None, None]:
        while True:
            yield

    started = [generator() for _ in range(tasks)]
    for each in started:
        each.send(None)
    yield _calling([each.send for each in started], clock)


@contextmanager
def _scheduler(tasks: int, clock: Clock) -> Iterator[Turn]:
    def task(turns: int) -> Generator[None, None, None]:
        for _ in range(turns + 2):  # so that the task lives until the clock has been read for the last time
            yield

    def timekeeper(turns: int, seconds: list[float]) -> Generator[None, None, None]:
        yield
        begin = clock()
        for _ in range(turns):
            yield
        seconds.append(clock() - begin)

    def turn(turns: int) -> float:
        scheduler, seconds = Scheduler(), list[float]()
        scheduler.spawn(timekeeper(turns, seconds))
        for number in range(tasks - 1):
            scheduler.spawn(task(turns), f"task {number}")
        scheduler.run_bare()
        return seconds[0]

    yield turn


@contextmanager
def _asyncio(tasks: int, clock: Clock) -> Iterator[Turn]:
    """The event loop runs in a separate thread, because a notebook's thread has a running loop already."""

    async def forever() -> None:
        while True:
            await asyncio.sleep(0)

    async def start() -> list[asyncio.Task[None]]:
        others = [asyncio.create_task(forever()) for _ in range(tasks - 1)]
        await asyncio.sleep(0)
        return others

    async def go_round(turns: int) -> float:
        begin = clock()
        for _ in range(turns):
            await asyncio.sleep(0)
        return clock() - begin

    async def stop(others: list[asyncio.Task[None]]) -> None:
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    with ThreadPoolExecutor(1, "event loop") as thread:
        loop = asyncio.new_event_loop()

        def run[T](coroutine: Coroutine[None, None, T]) -> T:
            return thread.submit(loop.run_until_complete, coroutine).result()

        others = run(start())
        try:
            yield lambda turns: run(go_round(turns))
        finally:
            run(stop(others))
            loop.close()


@contextmanager
def _greenlets(tasks: int, clock: Clock) -> Iterator[Turn]:
    try:
        import greenlet
    except ImportError:
        said = "greenlet is not installed (%pip install greenlet in a cell adds this row)"
        raise UnavailableError(said, package="greenlet") from None

    def forever(place: int) -> None:
        following = ring[(place + 1) % tasks]
        ring[0].switch()  # back to the measuring greenlet, which starts the next; starting each other would nest them
        while True:
            following.switch()

    ring = [greenlet.getcurrent()]  # the measuring greenlet is a member of the ring
    ring += [greenlet.greenlet(lambda place=place: forever(place)) for place in range(1, tasks)]
    for each in ring[1:]:
        each.switch()

    def turn(turns: int) -> float:
        following = ring[1]
        begin = clock()
        for _ in range(turns):
            following.switch()
        return clock() - begin

    try:
        yield turn
    finally:
        for each in ring[1:]:
            each.throw()


MECHANISMS = (
    Mechanism("function call", "one function returns, the next is called", _functions),
    Mechanism("send", "one generator yields, the next is sent to", _generators),
    Mechanism("Scheduler", "one generator yields, the ready queue gives the next", _scheduler),
    Mechanism("asyncio", "one task awaits sleep(0), the event loop resumes the next", _asyncio),
    Mechanism("greenlet", "one greenlet switches to the next", _greenlets, fewest=2, package="greenlet"),
    Mechanism("thread, lock", "one thread releases the lock the next one waits for", threads.by_lock, fewest=2),
    Mechanism("thread, queue", "one thread puts what the next one waits for", threads.by_queue, fewest=2),
)
"""All mechanisms, cheapest first: 'function call', 'send', 'Scheduler', 'asyncio', 'greenlet', 'thread, lock' and
'thread, queue'."""
