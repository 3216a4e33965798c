"""The orders of one class: which comes first, and how many there are.

They are the linear extensions of a partial order, what comes before what. Their number is counted over its beginnings:
how many steps each task has taken. Tasks that have nothing to do with each other are counted apart.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from coro_lab.engine.explore.program import Schedule
from coro_lab.engine.explore.reduction.order_search import OrderClass

type Clock = dict[int, int]
"""For each task, how many of its steps come before."""

MOST_BEGINNINGS = 50_000
"""Of all classes together, beyond which their orders are not counted."""


class Begun:
    """The orders of a class that begin in one way."""

    def __init__(self, orders: OrderClass) -> None:
        self._before = orders.before
        self._taken = 0  # the steps of the beginning, as bits
        self._left: dict[int, list[int]] = {}  # the other steps of each task, the next one last
        for at in range(len(orders.schedule) - 1, -1, -1):
            self._left.setdefault(orders.schedule[at], []).append(at)

    def can_go_on(self, task: int) -> bool:
        """Whether one of these orders goes on with this task."""
        left = self._left.get(task)
        return bool(left) and not self._before[left[-1]] & ~self._taken  # type: ignore[index]

    def go_on(self, task: int) -> None:
        """Lengthen the beginning by this task."""
        self._taken |= 1 << self._left[task].pop()


def first_order(orders: OrderClass) -> Schedule:
    """The first of these orders, in lexicographic order."""
    begun, tasks, schedule = Begun(orders), sorted({*orders.schedule}), list[int]()
    while len(schedule) < len(orders.schedule):
        for task in tasks:
            if begun.can_go_on(task):
                begun.go_on(task)
                schedule.append(task)
                break
    return tuple(schedule)


def count_orders(classes: Sequence[OrderClass]) -> list[int] | None:
    """How many orders each of these classes has; None if counting them would take long."""
    apart, beginnings = list[tuple[dict[int, list[Clock]], list[set[int]]]](), 0
    for orders in classes:
        steps = _steps_by_task(orders)
        groups = _groups(steps)
        beginnings += sum(math.prod(len(steps[task]) + 1 for task in group) for group in groups)
        if beginnings > MOST_BEGINNINGS:
            return None
        apart.append((steps, groups))
    return [_count_class(steps, groups) for steps, groups in apart]


def _count_class(steps: dict[int, list[Clock]], groups: list[set[int]]) -> int:
    ways, left = 1, sum(map(len, steps.values()))
    for group in groups:
        size = sum(len(steps[task]) for task in group)
        ways *= math.comb(left, size) * _count_group({task: steps[task] for task in group})
        left -= size
    return ways


def _steps_by_task(orders: OrderClass) -> dict[int, list[Clock]]:
    steps: dict[int, list[Clock]] = defaultdict(list)
    own: dict[int, int] = defaultdict(int)
    for at, (task, before) in enumerate(zip(orders.schedule, orders.before, strict=True)):
        steps[task].append({other: number for other, bits in own.items() if (number := (before & bits).bit_count())})
        own[task] |= 1 << at
    return steps


def _can_come(task: int, steps: dict[int, list[Clock]], taken: dict[int, int]) -> bool:
    """Whether this task's next step can come when these numbers of steps were taken."""
    at = taken[task]
    if at == len(steps[task]):
        return False
    return all(number <= taken[other] for other, number in steps[task][at].items())


def _groups(steps: dict[int, list[Clock]]) -> list[set[int]]:
    """The tasks, those together that have to do with each other."""
    groups: list[set[int]] = []
    for task, clocks in steps.items():
        joined = {task}.union(*clocks)
        apart = [group for group in groups if group.isdisjoint(joined)]
        groups = [*apart, joined.union(*(group for group in groups if group not in apart))]
    return groups


def _count_group(steps: dict[int, list[Clock]]) -> int:
    tasks: Sequence[int] = sorted(steps)
    ways: dict[Schedule, int] = {(0,) * len(tasks): 1}
    for _ in range(sum(map(len, steps.values()))):
        following: dict[Schedule, int] = defaultdict(int)
        for taken, number in ways.items():
            for at, task in enumerate(tasks):
                if _can_come(task, steps, dict(zip(tasks, taken))):
                    following[*taken[:at], taken[at] + 1, *taken[at + 1 :]] += number
        ways = following
    return sum(ways.values())
