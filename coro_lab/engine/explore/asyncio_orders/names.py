"""The names of what is chosen in an order: that of its task, or of a callback without a task.

A task has the name that the program has given it, or that of its coroutine; a second `worker` is `worker 2`. Tasks are
numbered in the order in which they are made, and callbacks as they become ready. So the names depend only on the
choices before them. Other callbacks stand in brackets: `(time limit of buy)`, and `(time)` where time passes though a
task could go on.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import Any

from coro_lab.engine.explore.asyncio_orders.callbacks import label_of
from coro_lab.engine.explore.asyncio_orders.entries import TIME, DueTimer, Entry
from coro_lab.engine.explore.asyncio_orders.loop import ChosenLoop
from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.program import Schedule
from coro_lab.engine.explore.weights import drawn_place
from coro_lab.errors import NotDeterministicError, ScheduleError


class TaskNames:
    """The names of what goes on in one loop."""

    def __init__(self, loop: ChosenLoop) -> None:
        self._loop = loop
        self._tasks: dict[asyncio.Task[Any], str] = {}
        self._handles: dict[int, str] = {}  # by id; the loop keeps what it has offered

    def of(self, one: Any) -> str:
        """The name of a task or of a handle."""
        if isinstance(one, asyncio.Handle):
            return self._of_handle(one)
        if one is TIME[0]:
            return "(time)"
        if isinstance(one, DueTimer):
            return f"(timer of {self._of_timer(one)})"
        known = self._tasks
        for task in self._loop.tasks[len(known) :]:
            self._name(task)
        if one not in known:  # made by asyncio.Task(...), without the loop's knowledge
            self._name(one)
        return known[one]

    def _name(self, task: asyncio.Task[Any]) -> None:
        coroutine = self._loop.coroutine_of(task)
        own = self._loop.given_names.get(task) or getattr(coroutine, "__name__", "") or "aclose"
        self._tasks[task] = _free(" ".join(own.split()) or "task", "{} {}", self._tasks.values())

    def _of_timer(self, timer: DueTimer) -> str:
        return self.of(timer.wakes) if timer.wakes else label_of(timer.callback, self.of) if timer.callback else "wait"

    def _of_handle(self, handle: asyncio.Handle) -> str:
        for offered, callback, owner in self._loop.offered[len(self._handles) :]:
            label = "callback" if callback is None else label_of(callback, self.of, owner)
            self._handles[id(offered)] = _free(f"({label})", "{} {}", self._handles.values())
        return self._handles[id(handle)]


def _free(name: str, numbered: str, taken: Any) -> str:
    """This name, or the first with a number that is not taken."""
    taken, number, free = set(taken), 1, name
    while free in taken:
        number += 1
        free = numbered.format(name, number)
    return free


class Spelled:
    """Choices by a schedule in names; where it ends, what was ready first goes on."""

    def __init__(self, schedule: str) -> None:
        self.taken: list[int] = []
        self._rest = " ".join(schedule.split())
        self._names: TaskNames | None = None
        self._seen = 0

    def take(self, loop: ChosenLoop, entries: Sequence[Entry]) -> int:
        """The place of what the schedule names next."""
        self.taken.append(self._place(loop, entries))
        return self.taken[-1]

    def _place(self, loop: ChosenLoop, entries: Sequence[Entry]) -> int:
        """The place of the longest name that fits."""
        names = self._caught_up(loop)
        named = [(at, names.of(entry[0])) for at, entry in enumerate(entries)]
        fitting = [(len(name), -at) for at, name in named if self._fits(name)]
        if fitting:
            return -max(fitting)[1]
        if not self._rest:
            return 0
        ready = ", ".join(names.of(entry[0]) for entry in entries)
        raise ScheduleError(
            f"The schedule goes on with {self._rest.split()[0]!r}, but who can go on now is: {ready}.\n"
            f"  Still to come in the schedule: {self._rest}",
            task=self._rest.split()[0],
            turn=len(loop.chosen) + 1,
            ready=tuple(names.of(entry[0]) for entry in entries),
        )

    def check_end(self, loop: ChosenLoop) -> None:
        """ScheduleError where the run has ended before its schedule."""
        self._caught_up(loop)
        if self._rest:
            said = f"The program ends before its schedule does; nobody could go on with: {self._rest}"
            raise ScheduleError(said, task=self._rest.split()[0], turn=len(loop.chosen) + 1)

    def _caught_up(self, loop: ChosenLoop) -> TaskNames:
        """Strike out what has gone on meanwhile."""
        names = self._names = self._names or TaskNames(loop)
        for one in loop.chosen[self._seen :]:
            name = names.of(one)
            if self._rest and not self._fits(name):
                raise ScheduleError(
                    f"The schedule goes on with {self._rest.split()[0]!r}, but only {name} can go on now.\n"
                    f"  Still to come in the schedule: {self._rest}",
                    task=self._rest.split()[0],
                    turn=self._seen + 1,
                    ready=(name,),
                )
            self._rest = self._rest[len(name) :].lstrip()
        self._seen = len(loop.chosen)
        return names

    def _fits(self, name: str) -> bool:
        return self._rest == name or self._rest.startswith(f"{name} ")


class Prefix:
    """Choices by their places: those given, and after them always the first. `widths` is how many there were."""

    def __init__(self, given: Sequence[int] = (), widths: Sequence[int] = ()) -> None:
        self.taken = list(given)
        self.widths = list(widths)
        self._given = len(given)
        self._at = 0

    def take(self, loop: ChosenLoop, entries: Sequence[Entry]) -> int:
        """The place of the next choice; NotDeterministicError where there were others to choose from before."""
        at, many = self._at, len(entries)
        self._at = at + 1
        if at >= self._given:
            self.taken.append(0)
            self.widths.append(many)
            return 0
        if at >= len(self.widths):
            self.widths.append(many)
        if self.widths[at] != many or self.taken[at] >= many:
            raise NotDeterministicError("other choices")
        return self.taken[at]


class Drawn:
    """Choices at random, in proportion to the steps that the tasks have left; `taken` is what was drawn.

    `steps` is how many each task takes, by its number, as far as is known; any other task counts as one step.
    """

    def __init__(self, chance: Any, steps: Sequence[int] = ()) -> None:
        self.taken: list[int] = []
        self.unit = math.prod(map(math.factorial, steps))
        self._chance = chance
        self._left: dict[int | None, int] = dict(enumerate(steps))
        self._seen = 0  # of what has gone on
        self._choices = 1
        self._likely = 1

    @property
    def weight(self) -> int:
        """How many orders this one stands for, in units: 1 / its probability."""
        return self._choices * self.unit // self._likely

    def take(self, loop: ChosenLoop, entries: Sequence[Entry]) -> int:
        """The place of the next choice."""
        left = self._left
        for one in loop.chosen[self._seen :]:
            number = getattr(one, "number", None)
            if number in left:
                left[number] -= 1
        self._seen = len(loop.chosen)
        each = [max(1, left.get(getattr(entry[0], "number", None), 1)) for entry in entries]
        at = drawn_place(each, self._chance)
        self.taken.append(at)
        self._choices *= sum(each)
        self._likely *= each[at]
        return at


def places_of(program: AsyncProgram, names: Sequence[str], schedule: str | Sequence[str]) -> Schedule:
    """The numbers of the names in a schedule. ScheduleError for a name that is not in `names`."""
    rest, places = program.parse(schedule), list[int]()
    while rest:
        fitting = [name for name in names if rest == name or rest.startswith(f"{name} ")]
        if not fitting:
            said = f"Nobody is called {rest.split()[0]!r} here; there are {', '.join(names)}."
            raise ScheduleError(said, task=rest.split()[0], turn=len(places) + 1)
        name = max(fitting, key=len)
        places.append(names.index(name))
        rest = rest[len(name) :].lstrip()
    return tuple(places)
