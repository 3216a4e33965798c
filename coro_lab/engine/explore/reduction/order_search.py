"""One order of each class of equivalent orders, run and judged: partial-order reduction.

Two orders are *equivalent* if one becomes the other by exchanging neighbouring steps that are not in conflict. They
take the same steps and lead to the same state, so one of them is judged for all. C. Flanagan and P. Godefroid, "Dynamic
partial-order reduction for model checking software", POPL 2005, find the other classes from an order that was just
run: where two of its steps race, some order has the second first. P. Abdulla, S. Aronis, B. Jonsson and K. Sagonas,
"Optimal dynamic partial order reduction", POPL 2014, say how that order begins, so that no order is run twice: a
*wake-up tree* holds the beginnings that are left to try at a place, and a task *sleeps* that was tried there, until a
step in conflict with its own is taken. What a racing step touches is not known before it is run in its new place. So it
counts as in conflict with everything until then, and sometimes an order is cut short, because all that could go on
sleep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.reduction.footprint import Footprint
from coro_lab.engine.explore.reduction.noted_program import NotReducibleError, is_thread, noted_program
from coro_lab.engine.explore.reduction.notes import notes
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.sync import touched
from coro_lab.engine.explore.verdict import Finding, judge

type Clock = tuple[int, ...]
"""For each task, how many of its steps come before: those with which it is in conflict, and what comes before these."""


@dataclass(slots=True)
class Move:
    """A step that was taken elsewhere, and may be taken here: what it touched, if that is certain.

    Only the first `known` objects have the same numbers here and there.
    """

    task: int
    footprint: Footprint | None
    known: int

    def conflicts(self, other: Move) -> bool:
        """Whether their order can matter."""
        if self.footprint is None or other.footprint is None:
            return True
        return self.footprint.conflicts(other.footprint, min(self.known, other.known))


@dataclass(slots=True)
class WakeUp:
    """A node of a wake-up tree: a move, and what is left to try after it."""

    move: Move
    later: list[WakeUp] = field(default_factory=list)


@dataclass(slots=True)
class _Place:
    """A place in the order that is run: who can go on there, what is left to try, and who sleeps."""

    ready: Schedule
    known: int  # how many objects have a number there
    to_try: list[WakeUp]
    asleep: dict[int, Move]


@dataclass(slots=True)
class _Step:
    """A step of the order that is run."""

    task: int
    number: int  # of this task's steps, from 1
    footprint: Footprint
    conflicts: list[int]  # the earlier steps of other tasks that are in conflict with it, the latest first
    before: Clock  # of the step before of the same task
    clock: Clock


@dataclass(frozen=True, slots=True)
class OrderClass:
    """Some equivalent orders: one of them, what is wrong with each, and what comes before what."""

    schedule: Schedule
    finding: Finding | None
    clocks: tuple[Clock, ...]  # of the steps of `schedule`


class OrderSearch:
    """Runs one order of each class; to be used in `quietly`. Raises NotReducibleError where that cannot be done."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.runs = 0  # orders begun
        self.steps = 0  # steps taken in them
        self.classes: list[OrderClass] = []
        self.has_found = False  # a broken order
        self._noted = noted_program(program)
        self._generators = [at for at, task in enumerate(program.coroutines.values()) if not is_thread(task)]
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
        self.runs += 1
        begin = len(self._order)
        touched.by, notes.prints, notes.given_up = notes, self.program.judges_output, ""
        try:
            run = LiveRun(self._noted)
            notes.begin_run([run.shared, *self.program.coroutines.values()], self._generators)
            for step in self._order:
                self._take(run, step.task)
            self._go_on(run)
            waits = {task: self._waiting(task, wait.on) for task, wait in run.waits.items() if not run.ready}
        finally:
            touched.by = None
        if notes.given_up:
            raise NotReducibleError(notes.given_up)
        if not run.ready:
            clocks = tuple(step.clock for step in self._order)
            finding = judge(run)
            self.has_found |= finding is not None
            self.classes.append(OrderClass(tuple(run.schedule), finding, clocks))
        self._find_races(begin, waits)
        run.close()

    def _take(self, run: LiveRun, task: int) -> Footprint:
        footprint = notes.begin_step(task)
        run.follow((task,))
        self.steps += 1
        return footprint

    def _waiting(self, task: int, what: object) -> Footprint:
        footprint = notes.begin_step(task)
        notes.whole(what, writes=False)
        return footprint

    def _go_on(self, run: LiveRun) -> None:
        """Go on to the end, or to where all that can go on sleep."""
        if not self._places:
            self._places.append(_Place(run.ready, notes.known, self._any(run.ready, {}), {}))
        while to_try := self._places[-1].to_try:
            place, first = self._places[-1], to_try.pop(0)
            task = first.move.task
            if task not in place.ready:
                continue
            footprint = self._take(run, task)
            self._add(task, footprint)
            taken = Move(task, footprint, place.known)
            asleep = {other: each for other, each in place.asleep.items() if not each.conflicts(taken)}
            place.asleep[task] = taken
            ready = run.ready
            self._places.append(_Place(ready, notes.known, first.later or self._any(ready, asleep), asleep))
            if len(self._order) > self.program.max_steps:
                raise NotReducibleError("an order is longer than max_steps")
        self._places.pop()

    def _any(self, ready: Schedule, asleep: dict[int, Move]) -> list[WakeUp]:
        """The first task that can go on and does not sleep, as what is to be tried."""
        return [WakeUp(Move(task, None, 0)) for task in ready if task not in asleep][:1]

    # -- what comes before what

    def _add(self, task: int, footprint: Footprint) -> None:
        before = self._clock_of(task)
        conflicts = self._conflicts(task, footprint)
        clock = list(_latest(before, (self._order[at].clock for at in conflicts)))
        clock[task] += 1
        self._order.append(_Step(task, clock[task], footprint, conflicts, before, tuple(clock)))

    def _clock_of(self, task: int) -> Clock:
        for step in reversed(self._order):
            if step.task == task:
                return step.clock
        return (0,) * len(self.program.names)

    def _conflicts(self, task: int, footprint: Footprint) -> list[int]:
        order = self._order
        places = range(len(order) - 1, -1, -1)
        return [at for at in places if order[at].task != task and order[at].footprint.conflicts(footprint)]

    # -- what is left to try

    def _find_races(self, begin: int, waits: dict[int, Footprint]) -> None:
        """For each two steps that race, the second from `begin` on, put a beginning with it into the wake-up tree."""
        for at, step in enumerate(self._order[begin:], begin):
            self._races_of(step.task, step.footprint, step.before, step.conflicts, at)
        for task, footprint in waits.items():  # who waits for ever could have come when what it waits for was free
            conflicts = self._conflicts(task, footprint)
            self._races_of(task, footprint, self._clock_of(task), conflicts, len(self._order))

    def _races_of(self, task: int, footprint: Footprint, before: Clock, conflicts: list[int], end: int) -> None:
        """The races of a step of this task, which stands at `end`, with the earlier steps in conflict with it."""
        covered = before
        for at in conflicts:
            first = self._order[at]
            if covered[first.task] < first.number and self._reverse(at, task, footprint, before, conflicts, end):
                covered = _latest(covered, [first.clock])

    def _reverse(self, at: int, task: int, footprint: Footprint, before: Clock, conflicts: list[int], end: int) -> bool:
        """Let the step of `task` be tried before step `at`; False if it could not come there."""
        first, place = self._order[at], self._places[at]
        moved = [
            (later, step)
            for later, step in enumerate(self._order[at + 1 :], at + 1)
            if step.clock[first.task] < first.number and later != end
        ]
        clock = _latest(before, (step.clock for later, step in moved if later in conflicts))
        earlier = [step for later, step in moved if later < end]
        if task not in place.ready and not any(_is_before(step, clock) for step in earlier):
            return False  # there it waited for what step `at` did
        moves = [(step.clock, Move(step.task, step.footprint, place.known)) for _, step in moved]
        moves.append((_next(clock, task), Move(task, footprint if footprint.is_certain else None, place.known)))
        if not any(_can_begin(asleep, moves) for asleep in place.asleep.values()):
            _insert(place.to_try, moves)
        return True


def _insert(tree: list[WakeUp], moves: list[tuple[Clock, Move]]) -> None:
    """Put moves, each with its clock, into a wake-up tree, unless it has a beginning that leads to the same."""
    while moves:
        found = next((node for node in tree if _can_begin(node.move, moves)), None)
        if found is None:
            for _, move in moves:
                node = WakeUp(move)
                tree.append(node)
                tree = node.later
            return
        if not found.later:
            return
        tree, moves = found.later, _without_first(found.move.task, moves)


def _can_begin(move: Move, moves: list[tuple[Clock, Move]]) -> bool:
    """Whether these moves can begin with this one, or are not in conflict with it."""
    seen: list[tuple[int, int]] = []
    for clock, each in moves:
        number = clock[each.task]
        if each.task == move.task:
            return not any(clock[task] >= own for task, own in seen)
        seen.append((each.task, number))
    return not any(move.conflicts(each) for _, each in moves)


def _without_first(task: int, moves: list[tuple[Clock, Move]]) -> list[tuple[Clock, Move]]:
    """The moves without the first of this task."""
    at = next((at for at, (_, move) in enumerate(moves) if move.task == task), len(moves))
    return moves[:at] + moves[at + 1 :]


def _latest(clock: Clock, others: Iterator[Clock] | Sequence[Clock]) -> Clock:
    """For each task the most of its steps that come before."""
    others = list(others)
    return tuple(map(max, clock, *others)) if others else clock


def _next(clock: Clock, task: int) -> Clock:
    return (*clock[:task], clock[task] + 1, *clock[task + 1 :])


def _is_before(step: _Step, clock: Clock) -> bool:
    return clock[step.task] >= step.number
