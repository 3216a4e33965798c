"""The programs of `benchmark_programs.py` as asyncio programs, with an await that suspends between two accesses.

Each function returns the arguments of `explore`.
"""

from __future__ import annotations

import asyncio

from tests.engine.explore.benchmark_programs import Box


class Disk:
    """Files and blocks, with a lock for each."""

    def __init__(self):
        self.node = [0] * 32
        self.busy = [False] * 26
        self.nodes = [asyncio.Lock() for _ in range(32)]
        self.blocks = [asyncio.Lock() for _ in range(26)]


def readers(n):
    """One writes, and n read."""

    async def write(box):
        box.x = 1

    async def read(box):
        return box.x

    tasks = {"W": write, **{f"R{each}": read for each in range(n)}}
    return _program(lambda: Box(x=0), tasks, lambda box: box.x == 1)


def last_zero(n):
    """One looks for the last zero of an array, and n others add one to their neighbour's cell."""

    async def find(cells):
        at = len(cells) - 1
        while cells[at] != 0:
            at = at - 1
            await asyncio.sleep(0)

    def adder(own):
        async def add(cells):
            seen = cells[own - 1]
            await asyncio.sleep(0)
            cells[own] = seen + 1

        return add

    tasks = {"F": find, **{f"A{own}": adder(own) for own in range(1, n + 1)}}
    return _program(lambda: [0] * (n + 1), tasks, lambda cells: True)


def indexer(n):
    """Each puts four numbers into a hash table; up to 11 of them never meet in one cell."""

    def worker(own):
        async def work(box):
            for number in range(1, 5):
                word = number * 11 + own
                at = (word * 7) % 128
                while box.table[at] != 0:
                    await asyncio.sleep(0)
                    at = (at + 1) % 128
                await asyncio.sleep(0)
                box.table[at] = word
                await asyncio.sleep(0)

        return work

    return _program(lambda: Box(table=[0] * 128), {f"T{own}": worker(own) for own in range(n)}, lambda box: True)


def file_system(n):
    """Each takes a free block for its file, with locks; up to 13 of them never want the same."""

    def worker(own):
        async def work(disk):
            async with disk.nodes[own]:
                await asyncio.sleep(0)
                if disk.node[own] == 0:
                    at = (own * 2) % 26
                    found = False
                    while not found:
                        async with disk.blocks[at]:
                            await asyncio.sleep(0)
                            if not disk.busy[at]:
                                await asyncio.sleep(0)
                                disk.busy[at] = True
                                await asyncio.sleep(0)
                                disk.node[own] = at + 1
                                found = True
                        at = (at + 1) % 26

        return work

    return _program(Disk, {f"T{own}": worker(own) for own in range(n)}, lambda disk: True)


def _program(setup, tasks, invariant):
    return {"setup": setup, "coroutines": tasks, "invariant": invariant}


def gathered(program):
    """The same program, whose tasks one main makes and awaits."""
    tasks = program["coroutines"].values()

    async def main(shared):
        await asyncio.gather(*[task(shared) for task in tasks])

    return {**program, "coroutines": main}


PUBLISHED = [
    (readers, 8, 256),
    (readers, 13, 8_192),
    (last_zero, 5, 64),
    (last_zero, 6, 144),
    (indexer, 2, 1),
    (indexer, 3, 1),
    (indexer, 11, 1),
    (file_system, 2, 1),
    (file_system, 4, 1),
    (file_system, 13, 1),
]
"""The number of orders that optimal dynamic partial-order reduction runs with threads (Abdulla and others 2014)."""
