"""How far each task has come, and how many orders pass there: the numbers behind the lattice and the tree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from typing import Any

from coro_lab.engine.explore.findings import judge
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.schedules import every
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.errors import ExplorationError

MOST_ORDERS = 50_000

type Point = tuple[int, ...]
"""How many steps each task has taken, in the order of the names."""


@dataclass(slots=True)
class Passage:
    """How many orders pass here, and how many of them are broken."""

    orders: int = 0
    broken: int = 0

    @property
    def doomed(self) -> bool:
        """Whether every order that passes here is broken."""
        return 0 < self.orders == self.broken


@dataclass(frozen=True)
class Ways:
    """All orders of a program, counted where they pass."""

    names: tuple[str, ...]
    sizes: Point  # how many steps each task takes at most
    points: dict[Point, Passage]
    moves: dict[tuple[Point, int], Passage]  # from a point, by a step of this task
    beginnings: dict[Schedule, Passage]  # of each order, from no step to all of them

    @property
    def total(self) -> Passage:
        """All orders."""
        return self.beginnings[()]

    @property
    def forbidden(self) -> list[Point]:
        """The points where nothing can be saved any more: every order that passes there is broken."""
        return sorted(point for point, passage in self.points.items() if passage.doomed)

    @property
    def unreached(self) -> list[Point]:
        """The points where no order passes."""
        everywhere = product(*(range(size + 1) for size in self.sizes))
        return [point for point in everywhere if point not in self.points]

    def is_whole(self, order: Schedule) -> bool:
        """Whether this is an order to its end, and not only the beginning of some."""
        return not any((*order, task) in self.beginnings for task in range(len(self.names)))


def ways(program: Program) -> Ways:
    """Count all orders where they pass. ExplorationError for more than 50,000 of them."""
    points: defaultdict[Point, Passage] = defaultdict(Passage)
    moves: defaultdict[tuple[Point, int], Passage] = defaultdict(Passage)
    beginnings: defaultdict[Schedule, Passage] = defaultdict(Passage)
    with quietly():
        for number, world in enumerate(every(program)):
            if number == MOST_ORDERS:
                raise ExplorationError(
                    f"There are more than {MOST_ORDERS:,} orders, too many for a picture of all.\n"
                    "  Draw a smaller program; explore(...) judges this one."
                )
            broken = judge(world) is not None
            _pass(tuple(world.schedule), broken, len(program.names), points, moves, beginnings)
            world.close()
    sizes = tuple(max(point[task] for point in points) for task in range(len(program.names)))
    return Ways(program.names, sizes, dict(points), dict(moves), dict(beginnings))


def _pass(schedule: Schedule, broken: bool, tasks: int, points: Any, moves: Any, beginnings: Any) -> None:
    place = (0,) * tasks
    for at in range(len(schedule) + 1):
        _count(points[place], broken)
        _count(beginnings[schedule[:at]], broken)
        if at < len(schedule):
            task = schedule[at]
            _count(moves[place, task], broken)
            place = (*place[:task], place[task] + 1, *place[task + 1 :])


def _count(passage: Passage, broken: bool) -> None:
    passage.orders += 1
    passage.broken += broken
