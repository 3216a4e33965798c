"""What the lattice and the tree show: how many orders pass each point, and the state of the tasks there."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.schedules import every
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.sync import Condition, Lock, Queue
from coro_lab.engine.explore.verdict import Finding, judge, wait_graph
from coro_lab.errors import TooManyOrdersError
from coro_lab.trace.safe_repr import describe

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
    """How many orders of a program pass each point, each move and each beginning."""

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
        """The points from which every order is broken."""
        return sorted(point for point, passage in self.points.items() if passage.doomed)

    @property
    def unreached(self) -> list[Point]:
        """The points that no order passes."""
        everywhere = product(*(range(size + 1) for size in self.sizes))
        return [point for point in everywhere if point not in self.points]

    def is_whole(self, order: Schedule) -> bool:
        """Whether this is a whole order, and not the beginning of a longer one."""
        return not any((*order, task) in self.beginnings for task in range(len(self.names)))

    def is_broken(self, order: Schedule) -> bool:
        """Whether this is a whole order that is broken."""
        return order in self.beginnings and self.beginnings[order].doomed and self.is_whole(order)


def ways(program: Program) -> Ways:
    """Count all orders at each point that they pass. TooManyOrdersError for more than 50,000 of them."""
    with quietly():
        return counted(program.names, _judged(program))


def _judged(program: Program) -> Iterator[tuple[Schedule, bool]]:
    for run in every(program):
        yield tuple(run.schedule), judge(run) is not None
        run.close()


def counted(names: Sequence[str], orders: Iterable[tuple[Schedule, bool]]) -> Ways:
    """Count these orders, each with whether it is broken. TooManyOrdersError for more than 50,000 of them.

    `names` may grow while the orders come.
    """
    points: defaultdict[Point, Passage] = defaultdict(Passage)
    moves: defaultdict[tuple[Point, int], Passage] = defaultdict(Passage)
    beginnings: defaultdict[Schedule, Passage] = defaultdict(Passage)
    listed = list(islice(orders, MOST_ORDERS + 1))
    if len(listed) > MOST_ORDERS:
        raise TooManyOrdersError(
            f"There are more than {MOST_ORDERS:,} orders, too many for a picture of all.\n"
            "  Draw a smaller program; explore(...) judges this one.",
            limit=MOST_ORDERS,
        )
    for schedule, broken in listed:
        _pass(schedule, broken, len(names), points, moves, beginnings)
    sizes = tuple(max(point[task] for point in points) for task in range(len(names)))
    return Ways(tuple(names), sizes, dict(points), dict(moves), dict(beginnings))


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


# -- each state, for a front end that cannot run the program

MOST_STATES = 4_000

type AsJson = dict[str, Any]


def choices(program: Program) -> AsJson:
    """The state after each beginning of an order, under a key like '0110': what was printed, which tasks are ready.

    TooManyOrdersError for more than 4,000 of them.
    """
    passed = ways(program)
    if len(passed.beginnings) > MOST_STATES:
        raise too_many(f"{passed.total.orders:,}")
    with quietly():
        states = {schedule: _state(program, passed, schedule) for schedule in sorted(passed.beginnings)}
    return as_json(passed, states)


def as_json(passed: Ways, states: Mapping[Schedule, AsJson]) -> AsJson:
    """What a front end gets: the names, the states and, if two take turns, the points of their lattice."""
    has_lattice = len(passed.names) == 2
    return {
        "names": list(passed.names),
        "sizes": list(passed.sizes),
        "states": {spelled(schedule): state for schedule, state in states.items()},
        "forbidden": [list(point) for point in passed.forbidden] if has_lattice else [],
        "unreached": [list(point) for point in passed.unreached] if has_lattice else [],
    }


def too_many(orders: str) -> TooManyOrdersError:
    """The error for a program with too many orders to choose between their states by hand."""
    return TooManyOrdersError(
        f"There are {orders} orders, more than anybody could choose between by hand.\n"
        "  Take fewer steps or fewer coroutines here; explore(...) judges the large program.",
        limit=MOST_STATES,
    )


def spelled(schedule: Schedule) -> str:
    """A schedule as the key of its state: one character for each step, 0 to 9 and then a to z."""
    return "".join("0123456789abcdefghijklmnopqrstuvwxyz"[task] for task in schedule)


def _state(program: Program, passed: Ways, schedule: Schedule) -> AsJson:
    run = LiveRun(program).follow(schedule)
    passage = passed.beginnings[schedule]
    state: AsJson = {
        "output": run.output,
        "shared": "" if program.setup is None else describe_shared(run.shared),
        "ready": list(run.ready),
        "tasks": [_task(run, task) for task in range(len(program.names))],
        "orders": passage.orders,
        "broken": passage.broken,
    }
    if not run.ready:
        state["finding"] = describe_finding(judge(run))
    run.close()
    return state


def describe_finding(finding: Finding | None) -> AsJson | None:
    """What is wrong at the end of an order; None if nothing is."""
    return None if finding is None else {"kind": finding.kind, "text": finding.text}


def describe_shared(shared: Any) -> str:
    """The shared object as text: its attributes, its items if it is a dict with names, or else its repr."""
    named = isinstance(shared, dict) and all(isinstance(name, str) for name in shared)
    attributes = shared if named else getattr(shared, "__dict__", None)
    if not attributes:
        return describe(shared)
    return "\n".join(
        f"{name} = {value!r}" if isinstance(value, (Lock, Condition, Queue)) else f"{name} = {describe(value)}"
        for name, value in attributes.items()
    )


def _task(run: LiveRun, task: int) -> AsJson:
    """What one task is doing: its state as `inspect` names it, its line, and what it waits for."""
    generator: Any = run.tasks[task]
    state = inspect.getgeneratorstate(generator).removeprefix("GEN_").lower()
    frame = generator.gi_frame
    waits = next((str(wait) for wait in wait_graph(run) if wait.task == run.program.names[task]), "")
    line = frame.f_lineno if frame is not None and state == "suspended" else None
    return {"state": state, "line": line, "waits": "" if task in run.ready else waits}
