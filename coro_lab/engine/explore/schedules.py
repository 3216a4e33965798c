"""Every order of the steps of some coroutines: counted, run one by one, or drawn at random.

Orders come as in a dictionary, the names taken in the program's order: AAABBB first, BBBAAA last. The next order
differs from the one before from some step on; it is run from the start, because a generator cannot be copied.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun

LONG = 64
"""Steps of an order after which it is asked whether a task spins in it; and again after twice as many."""


def count(steps: Iterable[int]) -> int:
    """In how many orders coroutines of so many steps can run: (a + b + ...)! / (a! b! ...).

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
        world = LiveRun(program).follow(schedule).finish(later)
        if len(world.schedule) >= long:
            long *= 2
            look_for_spins(program, world.schedule)
        yield world
        while later and not later[-1]:
            later.pop()
        if not later:
            return
        at = len(below) + len(later) - 1
        schedule = (*world.schedule[:at], later[-1][0])
        later[-1] = later[-1][1:]


def look_for_spins(program: Program, schedule: Sequence[int]) -> None:
    """SpinningError if a task that is run alone from the middle of this order goes on past the limit of steps.

    There would be more such orders than anybody can run, each of them a little longer.
    """
    for task in range(len(program.names)):
        world = LiveRun(program).follow(schedule[: len(schedule) // 2])
        for _ in world.alone(task):
            pass
        if len(world.schedule) >= program.max_steps and task in world.ready:
            raise world.endless_error()
        world.close()


def draw(program: Program, steps: Sequence[int], chance: Random) -> LiveRun | None:
    """One order drawn so that all are equally likely, run to its end; None: this draw was none, draw again.

    `steps` says how many steps each task takes at most. A draw is a shuffle of all these steps. It is none where it
    names a task that cannot go on. Where tasks ended early, steps are left over behind the end; an order that comes
    out of m shuffles in that way is kept once in m times.
    """
    hand = [task for task, own in enumerate(steps) for _ in range(own)]
    chance.shuffle(hand)
    world = LiveRun(program)
    for at, task in enumerate(hand):
        ready = world.ready
        if not ready:
            left = hand[at:]
            ways = count(left.count(task) for task in range(len(steps)))
            return world if chance.randrange(ways) == 0 else None
        if task not in ready:
            return None
        world.follow((task,))
    if ready := world.ready:
        for _ in world.alone(ready[0]):
            pass
        if ready[0] in world.ready:
            raise world.endless_error()
        raise TooFewStepsError(ready[0])
    return world


class TooFewStepsError(Exception):
    """A task, which one says the argument, takes more steps in some order than was thought."""
