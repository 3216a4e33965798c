"""Exploring the programs of the papers: orders run, beside the number of the best algorithm, and bugs found early."""

from __future__ import annotations

import asyncio
from time import perf_counter

from coro_lab.engine.explore import explore
from tests.engine.explore import asyncio_twins
from tests.engine.explore import benchmark_programs as programs


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
    print("a bug among very many orders (goal 5 s each)")
    for program, size in programs.WITH_A_BUG:
        begin = perf_counter()
        found = explore(**program(size), progress=False)
        known = f"of {found.total:,} orders" if found.total else f"({found.how})"
        taken = perf_counter() - begin
        print(f"  {program.__name__}({size}): {taken:.2f} s, {found.broken:,} broken {known}")
    orders_a_second()


def orders_a_second() -> None:
    """Every order of an asyncio program of ten steps."""

    async def count(own: list[int]) -> None:
        for _ in range(4):
            own[0] += 1
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(count([0]), count([0]))

    begin = perf_counter()
    found = explore(main)
    taken = perf_counter() - begin
    print(f"asyncio, ten steps: {found.judged / taken:,.0f} of {found.judged:,} orders a second (goal 5,000)")


if __name__ == "__main__":
    run()
