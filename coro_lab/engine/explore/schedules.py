"""The orders of the steps of some coroutines: counted, run one by one, and judged.

Orders come in lexicographic order of the program's names: AAABBB first, BBBAAA last. Each order is run from the start,
because a generator cannot be copied.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial

from coro_lab.engine.explore.parallel import PORTIONS, Counted, Tally, added_up, ignore, until_stopped
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import judge
from coro_lab.engine.progress_bar import Progress

LONG = 64
"""Steps of an order at which a search for spinning tasks begins; it is repeated at twice as many, and so on."""


def count(steps: Iterable[int]) -> int:
    """The number of orders of coroutines that take these numbers of steps: (a + b + ...)! / (a! b! ...).

    >>> count([3, 3]), count([4, 4, 4]), count([8, 8, 8])
    (20, 34650, 9465511770)
    """
    orders, taken = 1, 0
    for own in steps:
        taken += own
        orders *= math.comb(taken, own)
    return orders


def every(program: Program, below: Schedule = ()) -> Iterator[LiveRun]:
    """Each order that begins like `below`, run to its end; to be used in `quietly`."""
    later: list[tuple[int, ...]] = []  # for each step behind `below`, the tasks not yet tried there
    schedule: Sequence[int] = below
    long = LONG
    while True:
        run = LiveRun(program).follow(schedule).finish(later)
        if len(run.schedule) >= long:
            long *= 2
            look_for_spins(program, run.schedule)
        yield run
        while later and not later[-1]:
            later.pop()
        if not later:
            return
        at = len(below) + len(later) - 1
        schedule = (*run.schedule[:at], later[-1][0])
        later[-1] = later[-1][1:]


def look_for_spins(program: Program, schedule: Sequence[int]) -> None:
    """SpinningError if a task that is run alone from the middle of this order goes past the limit of steps.

    Otherwise all orders of a spinning task would be run, each a little longer than the one before.
    """
    for task in range(len(program.names)):
        run = LiveRun(program).follow(schedule[: len(schedule) // 2])
        for _ in run.alone(task):
            pass
        if len(run.schedule) >= program.max_steps and task in run.ready:
            raise run.endless_error()
        run.close()


def run_every(program: Program, most: int, executor: Executor | None, report: Progress) -> Tally | None:
    """All orders, run and judged; None if there are more than `most`."""
    with quietly():
        beginnings = list(_beginnings(program))
    portions = [partial(every_below, program, beginning, most) for beginning in beginnings]
    whole = added_up(portions, executor, report, most)
    return None if whole.judged > most else whole


def every_below(program: Program, beginning: Schedule, most: int, report: Counted = ignore) -> Tally:
    """Judge the orders with this beginning; stop at one more than `most`."""
    tally = Tally()
    with quietly(), until_stopped(tally):
        for run in every(program, beginning):
            tally.add(tuple(run.schedule), judge(run))
            run.close()
            report(tally.judged)
            if tally.judged > most:
                break
    return tally


def _beginnings(program: Program) -> Iterator[Schedule]:
    """Beginnings of equal length that together begin every order; an order that ends earlier is one, too."""
    level: list[Schedule] = [()]
    while 0 < len(level) < PORTIONS and len(level[0]) < LONG:
        longer: list[Schedule] = []
        for beginning in level:
            run = LiveRun(program).follow(beginning)
            ready = run.ready
            if not ready:
                yield beginning
            longer += [(*beginning, task) for task in ready]
            run.close()
        level = longer
    yield from level
