"""What does it cost to record an asyncio program, to draw ten thousand tasks, and to tell what each await did?

1,000 tasks of 10 awaits each, recorded without lines; beside it what two other ways to watch a loop cost on the same
program.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

import matplotlib as mpl
from matplotlib import pyplot as plt

from coro_lab import awaits, record, timeline
from tests.bench.recording import ratio

TASKS, AWAITS, TURNS = 1_000, 10, 5


async def worker(awaits: int) -> None:
    for _ in range(awaits):
        await asyncio.sleep(0)


async def main(tasks: int = TASKS, awaits: int = AWAITS) -> None:
    await asyncio.gather(*(worker(awaits) for _ in range(tasks)))


def alone() -> None:
    asyncio.run(main())


def recorded() -> None:
    record(main, lines=False, max_events=1_000_000)


def in_debug_mode() -> None:
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of each slow callback, and here every one is slow
    asyncio.run(main(), debug=True)


def by_viztracer() -> Callable[[], None] | None:
    """The program under viztracer with --log_async; None where it is not installed."""
    try:
        from viztracer import VizTracer  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        return None

    def traced() -> None:
        tracer = VizTracer(log_async=True, verbose=0)
        tracer.start()
        alone()
        tracer.stop()
        tracer.clear()

    return traced


def show_many(tasks: int, awaits: int) -> None:
    """Print how long it takes to record this many tasks of this many awaits, and to draw what happened."""
    mpl.use("Agg")
    begin = time.perf_counter()
    trace = record(main, tasks, awaits, lines=False, max_events=1_000_000)
    recorded_at = time.perf_counter()
    timeline(trace).figure.canvas.draw()
    drawn_at = time.perf_counter()
    plt.close("all")
    told = f"{tasks:,} tasks, awaits of each: {awaits}, {len(trace.events):,} events"
    parts = f"{recorded_at - begin:.2f} s recorded, {drawn_at - recorded_at:.2f} s shown"
    print(f"{told}: {drawn_at - begin:.2f} s (asked: 3 s), of them {parts}")


def tell_awaits(tasks: int) -> float:
    """How many seconds it takes to tell what each await of this many tasks did; the recording is not counted."""
    trace = record(main, tasks, max_events=1_000_000)
    repr(trace.events[-1])  # they are made when they are first read
    begin = time.perf_counter()
    repr(awaits(trace))
    return time.perf_counter() - begin


def show_awaits() -> None:
    """Print how long that takes, and how much longer for four times as many tasks."""
    once, four_times = (min(tell_awaits(tasks) for _ in range(TURNS)) for tasks in (TASKS, 4 * TASKS))
    told = f"{TASKS:,} tasks, awaits of each: {AWAITS}"
    print(f"{told}: awaits(trace) takes {once:.2f} s; of 4 times the tasks {four_times / once:.1f} times that")


def run() -> None:
    """Print the figures."""
    print(f"recording, without lines         {ratio(recorded, alone, TURNS):6.2f} times the plain run (asked: 3)")
    print(f"asyncio's debug mode             {ratio(in_debug_mode, alone, TURNS):6.2f} times")
    traced = by_viztracer()
    if traced is not None:
        print(f"viztracer with --log_async       {ratio(traced, alone, TURNS):6.2f} times")
    for each in (1, 10):
        show_many(10_000, each)
    show_awaits()
