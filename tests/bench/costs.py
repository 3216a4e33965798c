"""Does costs.measure agree with a bare loop written by hand, and what do two cores and 50 coroutines bring?

    python -m tests.bench.costs

Both sides are measured in one run, back to back, and the median of nine such pairs is told.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from queue import Queue
from statistics import median

from coro_lab.measure import cores, costs

TASKS = 10
REPETITIONS = 9
SWITCHES = 200_000
FEWER = 10_000  # hand-overs between threads
AGREE = 0.15


def call(switches: int) -> float:
    def function() -> Callable[[None], None]:
        return lambda value: None

    ring = [function() for _ in range(TASKS)] * (switches // TASKS)
    begin = time.perf_counter()
    for called in ring:
        called(None)
    return time.perf_counter() - begin


def generator() -> Generator[None, None, None]:
    while True:
        yield


def send(switches: int) -> float:
    ring = [generator() for _ in range(TASKS)]
    for each in ring:
        next(each)
    sends = [each.send for each in ring] * (switches // TASKS)
    begin = time.perf_counter()
    for resume in sends:
        resume(None)
    return time.perf_counter() - begin


def round_robin(switches: int) -> float:
    """The ready queue of Scheduler, without anything around it."""

    def task(steps: int) -> Generator[None, None, None]:
        for _ in range(steps):
            yield

    ready = deque(task(switches // TASKS).send for _ in range(TASKS))
    begin = time.perf_counter()
    while ready:
        step = ready.popleft()
        try:
            step(None)
        except StopIteration:
            continue
        ready.append(step)
    return time.perf_counter() - begin


def event_loop(switches: int) -> float:
    async def task() -> None:
        for _ in range(switches // TASKS):
            await asyncio.sleep(0)

    async def everybody() -> float:
        begin = time.perf_counter()
        await asyncio.gather(*(task() for _ in range(TASKS)))
        return time.perf_counter() - begin

    return asyncio.run(everybody())


def greenlets(switches: int) -> float:
    from greenlet import getcurrent, greenlet

    def forever(place: int) -> None:
        following = ring[(place + 1) % TASKS]
        ring[0].switch()
        while True:
            following.switch()

    ring = [getcurrent(), *(greenlet(lambda place=place: forever(place)) for place in range(1, TASKS))]
    for each in ring[1:]:
        each.switch()
    begin = time.perf_counter()
    for _ in range(switches // TASKS):
        ring[1].switch()
    seconds = time.perf_counter() - begin
    for each in ring[1:]:
        each.throw()
    return seconds


def lock(switches: int) -> float:
    locks = [threading.Lock() for _ in range(TASKS)]
    for each in locks:
        each.acquire()

    def member(place: int) -> None:
        for _ in range(1 + switches // TASKS):
            locks[place].acquire()
            locks[(place + 1) % TASKS].release()

    return _ring(member, switches, lambda: locks[1].release(), locks[0].acquire)


def queue(switches: int) -> float:
    queues: list[Queue[int]] = [Queue() for _ in range(TASKS)]

    def member(place: int) -> None:
        for _ in range(1 + switches // TASKS):
            queues[place].get()
            queues[(place + 1) % TASKS].put(1)

    return _ring(member, switches, lambda: queues[1].put(1), queues[0].get)


def _ring(
    member: Callable[[int], None], switches: int, give: Callable[[], object], take: Callable[[], object]
) -> float:
    threads = [threading.Thread(target=member, args=(place,)) for place in range(1, TASKS)]
    for each in threads:
        each.start()
    give()  # once around before the clock runs: now everybody waits
    take()
    begin = time.perf_counter()
    for _ in range(switches // TASKS):
        give()
        take()
    seconds = time.perf_counter() - begin
    for each in threads:
        each.join()
    return seconds


BY_HAND = {
    "function call": (call, SWITCHES),
    "send": (send, SWITCHES),
    "Scheduler": (round_robin, SWITCHES),
    "asyncio": (event_loop, SWITCHES // 10),
    "greenlet": (greenlets, SWITCHES // 4),
    "thread, lock": (lock, FEWER),
    "thread, queue": (queue, FEWER),
}


def agreement(name: str) -> float:
    """What costs.measure says over what the loop by hand takes: the median of nine pairs, each taken back to back."""
    by_hand, switches = BY_HAND[name]
    ratios = []
    with on_one_core():
        for _ in range(REPETITIONS):
            hand = by_hand(switches) / switches * 1e9
            measured = costs.measure([name], [TASKS], repetitions=1, memory=False, shown=False)
            ratios.append(measured.ns(name, TASKS) / hand)
    return median(ratios)


@contextmanager
def on_one_core() -> Iterator[None]:
    """A hand-over to another core takes two to three times as long as one on the same core, and which of the two it
    is the kernel decides anew for each ring; where that can be settled, it is, for both sides."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def two_processes() -> float:
    """Throughput of 2 × 50 over that of 1 × 50 on a page that costs CPU."""
    with cores.serve() as address:
        job = cores.Job(address, pages=400, delay=0.02, numbers=200)
        runs = [(cores.run(job, 1, 50).throughput, cores.run(job, 2, 50).throughput) for _ in range(REPETITIONS)]
    return median(two / one for one, two in runs)


def busy(turns: int) -> int:
    """Work that needs a core and nothing else."""
    return sum(n * n % 7 for n in range(turns))


def two_cores() -> float:
    """How much more two processes do than one where they share nothing: the most that 2 × 50 could gain here."""

    def seconds(processes: int) -> float:
        begin = time.perf_counter()
        list(pool.map(busy, [3_000_000] * processes))
        return time.perf_counter() - begin

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        seconds(2)  # both are there, and have imported what they need
        return median(2 * seconds(1) / seconds(2) for _ in range(REPETITIONS))


def many_coroutines() -> float:
    """Throughput of 2 × 50 over that of 1 × 1 on a page that waits."""
    with cores.serve() as address:
        job = cores.Job(address, pages=2_000, delay=0.05, numbers=1)
        one = cores.run(replace(job, pages=20), 1, 1).throughput
        return cores.run(job, 2, 50).throughput / one


def run() -> None:
    """Print each figure as a ratio, and whether it keeps its promise."""
    for name in BY_HAND:
        ratio = agreement(name)
        print(f"costs.measure / loop by hand, {name}: {ratio:.2f} {_kept(abs(ratio - 1) <= AGREE)}")
    ratio = two_processes()
    print(f"2 × 50 / 1 × 50, a page that costs CPU: {ratio:.2f} {_kept(ratio >= 1.6)}; bare loops: {two_cores():.2f}")
    ratio = many_coroutines()
    print(f"2 × 50 / 1 × 1, a page that waits: {ratio:.0f} {_kept(ratio >= 20)}")


def _kept(promise: bool) -> str:
    return "(kept)" if promise else "(NOT kept)"


if __name__ == "__main__":
    run()
