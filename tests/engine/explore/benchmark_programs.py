"""Programs by which model checkers are compared, as threads under `preemptible`.

readers, last_zero, indexer and file_system come from C. Flanagan and P. Godefroid, POPL 2005, and P. Abdulla,
S. Aronis, B. Jonsson and K. Sagonas, POPL 2014; the others have the shapes of SCTBench (P. Thomson, A. Donaldson and
A. Betts, "Concurrency testing using schedule bounding", PPoPP 2014). Each function returns the arguments of `explore`.
"""

from __future__ import annotations

from coro_lab.engine.explore import Lock, preemptible


class Box:
    """Holds what the tasks share, as attributes."""

    def __init__(self, x=0, a=0, b=0, table=(), first=None, second=None):
        self.x = x
        self.a = a
        self.b = b
        self.table = table
        self.first = first
        self.second = second


class Disk:
    """Files and blocks, with a lock for each."""

    def __init__(self):
        self.node = [0] * 32
        self.busy = [False] * 26
        self.nodes = [Lock(f"node {at}") for at in range(32)]
        self.blocks = [Lock(f"block {at}") for at in range(26)]


def readers(n):
    """One writes, and n read."""

    def write(box):
        box.x = 1

    def read(box):
        return box.x

    tasks = {"W": write, **{f"R{each}": read for each in range(n)}}
    return _program(lambda: Box(x=0), tasks, lambda box: box.x == 1)


def last_zero(n):
    """One looks for the last zero of an array, and n others add one to their neighbour's cell."""

    def find(cells):
        at = len(cells) - 1
        while cells[at] != 0:
            at = at - 1

    def adder(own):
        def add(cells, own=own):
            cells[own] = cells[own - 1] + 1

        return add

    tasks = {"F": find, **{f"A{own}": adder(own) for own in range(1, n + 1)}}
    return _program(lambda: [0] * (n + 1), tasks, lambda cells: True)


def indexer(n):
    """Each puts four numbers into a hash table; up to 11 of them never meet in one cell."""

    def worker(own):
        def work(box, own=own):
            for number in range(1, 5):
                word = number * 11 + own
                at = (word * 7) % 128
                while box.table[at] != 0:
                    at = (at + 1) % 128
                box.table[at] = word

        return work

    return _program(lambda: Box(table=[0] * 128), {f"T{own}": worker(own) for own in range(n)}, lambda box: True)


def file_system(n):
    """Each takes a free block for its file, with locks; up to 13 of them never want the same."""

    def worker(own):
        def work(box, own=own):
            with box.nodes[own]:
                if box.node[own] == 0:
                    at = (own * 2) % 26
                    found = False
                    while not found:
                        with box.blocks[at]:
                            if not box.busy[at]:
                                box.busy[at] = True
                                box.node[own] = at + 1
                                found = True
                        at = (at + 1) % 26

        return work

    return _program(Disk, {f"T{own}": worker(own) for own in range(n)}, lambda box: True)


def reorder(n):
    """All but one set a and then b; one sees a without b."""

    def setter(box):
        box.a = 1
        box.b = -1

    def checker(box):
        assert (box.a == 0 and box.b == 0) or (box.a == 1 and box.b == -1)

    return _program(lambda: Box(a=0, b=0), {**{f"S{each}": setter for each in range(n - 1)}, "C": checker}, None)


def two_stage(n):
    """Two locks, taken one after the other, do not keep two numbers together."""

    def setter(box):
        with box.first:
            box.a = 1
        with box.second:
            box.b = box.a + 1

    def checker(box):
        with box.first:
            seen = box.a
        if seen == 0:
            return
        with box.second:
            other = box.b
        assert other == seen + 1

    tasks = {**{f"S{each}": setter for each in range(n - 1)}, "C": checker}
    return _program(lambda: Box(a=0, b=0, first=Lock("first"), second=Lock("second")), tasks, None)


def wrong_lock(n):
    """One holds another lock than all the others."""

    def one(box):
        with box.first:
            seen = box.a
            box.a = box.a + 1
            assert box.a == seen + 1

    def other(box):
        with box.second:
            box.a = box.a + 1

    tasks = {"A": one, **{f"B{each}": other for each in range(n - 1)}}
    return _program(lambda: Box(a=0, first=Lock("first"), second=Lock("second")), tasks, None)


def fibonacci(n):
    """Two add to each other's number; only if they take turns exactly does one reach the limit."""

    def one(box):
        for _ in range(n):
            box.a = box.a + box.b

    def other(box):
        for _ in range(n):
            box.b = box.b + box.a

    top, after = 1, 1
    for _ in range(2 * n):
        top, after = after, top + after
    return _program(lambda: Box(a=1, b=1), {"A": one, "B": other}, lambda box: box.a < after and box.b < after)


def _program(setup, tasks, invariant):
    coroutines = {name: preemptible(task) for name, task in tasks.items()}
    return {"setup": setup, "coroutines": coroutines, "invariant": invariant}


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
"""The number of orders that optimal dynamic partial-order reduction runs (Abdulla and others 2014)."""

WITH_A_BUG = [
    *[(reorder, size) for size in (3, 5, 10, 20)],
    *[(two_stage, size) for size in (3, 5, 10)],
    *[(wrong_lock, size) for size in (3, 6)],
    (fibonacci, 5),
]
"""Programs with a bug that needs few switches, among very many orders."""
