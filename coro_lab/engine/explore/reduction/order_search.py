"""One order of each class of equivalent orders, run and judged: partial-order reduction.

Two orders are *equivalent* if one becomes the other by exchanging neighbouring steps that are not in conflict. They
take the same steps and lead to the same state, so one of them is judged for all. C. Flanagan and P. Godefroid, "Dynamic
partial-order reduction for model checking software", POPL 2005, find the other classes from an order that was just
run: where two of its steps race, some order has the second first. P. Abdulla, S. Aronis, B. Jonsson and K. Sagonas,
"Optimal dynamic partial order reduction", POPL 2014, say how that order begins, so that no order is run twice: a
*wake-up tree* holds the beginnings that are left to try at a place, and a task *sleeps* that was tried there, until a
step in conflict with its own is taken. What a racing step touches is not always known before it is run in its new
place. Then it counts as in conflict with everything until it is run there, and sometimes an order is given up, because
all that could go on sleep: the order is equivalent to one that was run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from coro_lab.engine.explore.reduction.footprint import Footprint
from coro_lab.engine.explore.reduction.wakeup_tree import Move, WakeUp, can_begin, insert
from coro_lab.engine.explore.verdict import Finding


class NotReducibleError(Exception):
    """It cannot be seen what the steps of a program touch; the argument says why."""


class NotedRun(Protocol):
    """One run of a program that notes what its steps touch. Tasks are numbers, the same in each run."""

    @property
    def ready(self) -> Sequence[int]:
        """Who can go on; empty where the run has ended."""

    @property
    def known(self) -> int:
        """How many objects have a number."""

    def take(self, task: int) -> Footprint:
        """Let this task take a step; what it touched."""

    def repeat(self, tasks: Sequence[int]) -> None:
        """Let these tasks take the steps with which the run before began, too."""

    def waiting(self) -> dict[int, Footprint]:
        """At the end, what the tasks that can no longer go on would touch next."""

    def judge(self) -> Finding | None:
        """What is wrong at the end. NotReducibleError where it was not seen what a step touched."""

    def close(self) -> None:
        """End the run."""


@dataclass(slots=True)
class _Place:
    """A place in the order that is run: who can go on there, what is left to try, and who sleeps."""

    ready: Sequence[int]
    known: int  # how many objects have a number there
    to_try: list[WakeUp]
    asleep: dict[int, Move]


@dataclass(slots=True)
class _Step:
    """A step of the order that is run. Which steps come before is said by bits, the first step by the lowest."""

    task: int
    footprint: Footprint
    conflicts: list[int]  # the earlier steps of other tasks that are in conflict with it, the latest first
    own: int  # come before because they are of the same task, or make it ready; and what comes before these
    before: int  # the same, and those in conflict with it

    def move(self, known: int, *, elsewhere: bool = False) -> Move:
        """The step as one to be tried; `elsewhere` if what it touches may depend on what comes before it there."""
        return Move(self.task, None if elsewhere and not self.footprint.is_certain else self.footprint, known)


@dataclass(frozen=True, slots=True)
class OrderClass:
    """Some equivalent orders: one of them, what is wrong with each, and what comes before each step, as bits."""

    schedule: tuple[int, ...]
    finding: Finding | None
    before: tuple[int, ...]


class OrderSearch:
    """Runs one order of each class; to be used in `quietly`. Raises NotReducibleError where that cannot be done."""

    def __init__(self, begin: Callable[[], NotedRun], max_steps: int) -> None:
        """`begin` begins a run."""
        self.runs = 0  # orders, without those that were given up
        self.steps = 0  # steps taken in them
        self.classes: list[OrderClass] = []
        self.has_found = False  # a broken order
        self._begin = begin
        self._max_steps = max_steps
        self._places: list[_Place] = []
        self._order: list[_Step] = []

    def search(self) -> Iterator[int]:
        """Run all classes; after each order comes the number of steps taken so far."""
        while True:
            self._run()
            yield self.steps
            while self._places and not self._places[-1].to_try:
                self._places.pop()
            if not self._places:
                return
            del self._order[len(self._places) - 1 :]

    # -- one order

    def _run(self) -> None:
        """Run the order to the place where something is left to try, from there to the end, and judge it."""
        begin, run = len(self._order), self._begin()
        try:
            run.repeat([step.task for step in self._order])
            if self._places and run.known != self._places[-1].known:
                raise NotReducibleError("a run does not begin as the one before")
            self._go_on(run)
            self.steps += len(self._order)
            is_whole = not run.ready
            waiting = run.waiting() if is_whole else {}
            if is_whole:
                self.runs += 1
                finding = run.judge()
                self.has_found |= finding is not None
                schedule, before = zip(*((step.task, step.before) for step in self._order)) if self._order else ((), ())
                self.classes.append(OrderClass(schedule, finding, before))
        finally:
            run.close()
        self._find_races(begin, waiting)

    def _go_on(self, run: NotedRun) -> None:
        """Go on to the end, or to where all that can go on sleep."""
        if not self._places:
            ready = run.ready
            self._places.append(_Place(ready, run.known, self._any(ready, {}), {}))
        while (place := self._places[-1]).to_try:
            first = place.to_try.pop(0)
            task = first.move.task
            if task not in place.ready:
                continue
            footprint = run.take(task)
            self._add(task, footprint)
            taken = Move(task, footprint, place.known)
            asleep = {other: each for other, each in place.asleep.items() if not each.conflicts(taken)}
            place.asleep[task] = taken
            ready = run.ready
            self._places.append(_Place(ready, run.known, first.later or self._any(ready, asleep), asleep))
            if len(self._order) > self._max_steps:
                raise NotReducibleError("an order is longer than max_steps")
        self._places.pop()

    def _any(self, ready: Sequence[int], asleep: dict[int, Move]) -> list[WakeUp]:
        """The first task that can go on and does not sleep, as what is to be tried."""
        return [WakeUp(Move(task, None, 0)) for task in ready if task not in asleep][:1]

    # -- what comes before what

    def _add(self, task: int, footprint: Footprint) -> None:
        own = self._own(task, footprint)
        conflicts = self._conflicts(task, footprint)
        self._order.append(_Step(task, footprint, conflicts, own, self._with(own, conflicts)))

    def _own(self, task: int, footprint: Footprint) -> int:
        """The steps that come before the next one of this task, wherever it is taken."""
        before = self._with(0, footprint.needs)
        for at in range(len(self._order) - 1, -1, -1):
            if self._order[at].task == task:
                return self._with(before, (at,))
        return before

    def _with(self, before: int, steps: Sequence[int]) -> int:
        """These steps, and what comes before them, added to those before."""
        for at in steps:
            if not before >> at & 1:
                before |= self._order[at].before | 1 << at
        return before

    def _conflicts(self, task: int, footprint: Footprint) -> list[int]:
        order = self._order
        places = range(len(order) - 1, -1, -1)
        return [at for at in places if order[at].task != task and order[at].footprint.conflicts(footprint)]

    # -- what is left to try

    def _find_races(self, begin: int, waiting: dict[int, Footprint]) -> None:
        """For each two steps that race, the second from `begin` on, put a beginning with it into the wake-up tree."""
        for at, step in enumerate(self._order[begin:], begin):
            self._races_of(step, at)
        for task, footprint in waiting.items():  # it could have come earlier
            own, conflicts = self._own(task, footprint), self._conflicts(task, footprint)
            self._races_of(_Step(task, footprint, conflicts, own, 0), len(self._order))

    def _races_of(self, second: _Step, end: int) -> None:
        """The races of this step, which stands at `end`, with the earlier steps in conflict with it."""
        covered = second.own
        for at in second.conflicts:
            if not covered >> at & 1 and self._reverse(at, second, end):
                covered = self._with(covered, (at,))

    def _reverse(self, at: int, second: _Step, end: int) -> bool:
        """Let a step be tried before step `at`; False if it could not come there."""
        order, place, first = self._order, self._places[at], 1 << at
        moved = [later for later in range(at + 1, len(order)) if not order[later].before & first and later != end]
        there, earlier, before = first - 1, 0, second.own
        for later in moved:
            there |= 1 << later
            if later < end:
                earlier |= 1 << later
        for needed in second.footprint.needs:
            if not there >> needed & 1:
                return False  # what makes it ready comes after step `at`
        before = self._with(before, [later for later in second.conflicts if there >> later & 1 and later > at])
        if second.task not in place.ready and not before & earlier:
            return False  # there it waited for what step `at` did
        moves = [(later, order[later].before, order[later].move(place.known)) for later in moved]
        moves.append((end, before, second.move(place.known, elsewhere=True)))
        if not any(can_begin(asleep, moves) for asleep in place.asleep.values()):
            insert(place.to_try, moves)
        return True
