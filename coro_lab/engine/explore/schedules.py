"""The orders of the steps of some coroutines: counted, run one by one, or drawn at random.

Orders come in lexicographic order of the program's names: AAABBB first, BBBAAA last. Each order is run from the start,
because a generator cannot be copied.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun

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


def draw(program: Program, steps: Sequence[int], chance: Random) -> LiveRun | None:
    """One order, run to its end, drawn so that all are equally likely. None if the draw was rejected: draw again.

    `steps` is how many steps each task takes at most. A draw is a shuffle of all these steps. It is rejected if it
    names a task that cannot go on. If tasks end early, steps are left over; an order that m shuffles begin with is
    therefore rejected m - 1 times in m.
    """
    hand = [task for task, own in enumerate(steps) for _ in range(own)]
    chance.shuffle(hand)
    run = LiveRun(program)
    for at, task in enumerate(hand):
        ready = run.ready
        if not ready:
            left = hand[at:]
            ways = count(left.count(task) for task in range(len(steps)))
            return run if chance.randrange(ways) == 0 else None
        if task not in ready:
            return None
        run.follow((task,))
    if ready := run.ready:
        for _ in run.alone(ready[0]):
            pass
        if ready[0] in run.ready:
            raise run.endless_error()
        raise TooFewStepsError(ready[0])
    return run


class TooFewStepsError(Exception):
    """In some order a task takes more steps than was thought; the argument is the task."""
