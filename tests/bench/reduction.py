"""Exploring the programs of the papers: orders run, beside the number of the best algorithm, and bugs found early.

A child process runs frontrun, which patches what it watches, on the same programs: real threads, with threading's own
locks. It is of the bench extra; without it its column says so.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from time import perf_counter
from typing import Any

from coro_lab.engine.explore import explore
from tests.engine.explore import asyncio_twins
from tests.engine.explore import benchmark_programs as programs

BUDGET = 5.0
"""Seconds for each program."""


def run() -> None:
    """Print the figures."""
    print("orders run, beside those of optimal partial-order reduction (goal 1.5 times, each in 10 s)")
    for program, size, published in programs.PUBLISHED:
        begin = perf_counter()
        found = explore(**program(size), progress=False)
        taken = perf_counter() - begin
        print(f"  {program.__name__}({size}): {found.runs:,} beside {published:,}, {taken:.2f} s ({found.how})")
    print("the same as asyncio programs")
    for program, size, published in asyncio_twins.PUBLISHED:
        begin = perf_counter()
        found = explore(**program(size), progress=False)
        taken = perf_counter() - begin
        print(f"  {program.__name__}({size}): {found.runs:,} beside {published:,}, {taken:.2f} s ({found.how})")
    print(f"a bug among very many orders: seconds to it, with a budget of {BUDGET:g} s for each")
    for program, size in programs.WITH_A_BUG:
        begin = perf_counter()
        found = explore(**program(size), progress=False, seconds=BUDGET)
        ours = perf_counter() - begin
        known = f"{found.broken:,} broken of {found.total:,} orders" if found.total else found.reason or found.how
        print(
            f"  {program.__name__}({size}): coro_lab {_seconds(ours, bool(found.broken))} ({known}); ",
            end="",
            flush=True,
        )
        print(_by_frontrun(program.__name__, size, ours if found.broken else None), flush=True)
    orders_a_second()


def _seconds(taken: float, has_found: bool) -> str:
    return f"{taken:.2f} s" if has_found else f"nothing in {taken:.2f} s"


def _by_frontrun(program: str, size: int, ours: float | None) -> str:
    """What frontrun takes for the same program, and how many times as long."""
    start = [str(Path(sys.executable).with_name("frontrun")), sys.executable]
    command = [*start, "-m", "tests.bench.reduction", program, str(size)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        taken, kind = done.stdout.split()[-2:]
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        return f"frontrun not measured: {type(error).__name__}"
    ratio = f", {float(taken) / ours:.1f} times" if ours and kind == "found" else ""
    return f"frontrun {_seconds(float(taken), kind == 'found')}{ratio}"


def frontrun_looks(program: str, size: int) -> None:
    """Print how many seconds frontrun takes, and whether it has found the bug."""
    import frontrun

    class RealLock:
        """A lock of threading in place of coro_lab's, by the same name."""

        def __new__(cls, name: str = "lock") -> threading.Lock:  # type: ignore[misc]
            return threading.Lock()

    def as_a_flag(task: Callable[[Any], None]) -> Callable[[Any], None]:
        """The same task; a failed assertion is kept for the invariant, which is what frontrun judges."""

        def work(box: Any) -> None:
            try:
                task(box)
            except AssertionError:
                box.is_wrong = True

        return work

    vars(programs).update(Lock=RealLock, preemptible=as_a_flag)
    given = getattr(programs, program)(size)
    holds = given["invariant"] or (lambda box: True)
    begin = perf_counter()
    with redirect_stdout(StringIO()):
        found = frontrun.explore(
            setup=given["setup"],
            workers=list(given["coroutines"].values()),
            invariant=lambda box: holds(box) and not hasattr(box, "is_wrong"),
            total_timeout=BUDGET,
            reproduce_on_failure=0,
        )
    print(perf_counter() - begin, "nothing" if found.property_holds else "found")


def orders_a_second() -> None:
    """Every order of an asyncio program of ten steps."""

    async def count(own: list[int]) -> None:
        for _ in range(4):
            own[0] += 1
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(count([0]), count([0]))

    begin = perf_counter()
    found = explore(main, merge=False)
    taken = perf_counter() - begin
    print(f"asyncio, ten steps: {found.judged / taken:,.0f} of {found.judged:,} orders a second (goal 5,000)")


if __name__ == "__main__":
    frontrun_looks(sys.argv[1], int(sys.argv[2]))
