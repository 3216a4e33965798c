"""Judging all orders without running all of them: two orders that reach the same state go on alike, and are judged
once.

The states make a graph: from each leads one step of each task that can go on. It is gone through once, fewer steps
first. The number of orders that lead to a state is the sum of those of the states before it (exact integers, however
large). An order is judged where it ends.

Where a task waits in a loop for another one, a step leads back to a state that was there before. Then there are
infinitely many orders, and yet no more states: what can come out of them is known. Only where no end can be reached
any more is there nothing to judge, and that is an error.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from random import Random

from coro_lab.engine.explore.findings import VERBS, Finding, judge
from coro_lab.engine.explore.fingerprint.run_state import Fingerprints
from coro_lab.engine.explore.fingerprint.values import MadeBySetup
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun, loop_of
from coro_lab.errors import DisagreementError, SpinningError, UnknownStateError

MAX_STATES = 500_000
LEAST_SAMPLE, MOST_SAMPLE, STATES_PER_SAMPLE = 16, 2_000, 100
"""How many real orders confirm what merging found: one to so many states, within these bounds."""
_LOOKED_AT = 16  # states of one level from which each task is run alone, to see whether it comes to an end
_FIRST_LOOK = 64  # steps; after twice as many again, and so on


@dataclass(slots=True)
class Ending:
    """Orders that ended in one state: how many, the first of them, and what was found there, if anything."""

    ways: int
    schedule: Schedule
    finding: Finding | None


class Merging:
    """The states of a program, gone through once; to be used in `quietly`.

    Raises UnknownStateError where that would not be sound. Each state is written down right after a run from a fresh
    start, so that what `setup` sets back outside the shared object (a global, say) cannot leak from one run into
    another.
    """

    def __init__(
        self,
        program: Program,
        made: MadeBySetup | None = None,
        most: int = MAX_STATES,
        tell: Callable[[int, int], None] = lambda states, level: None,
    ) -> None:
        self.program = program
        self._most = most
        self._tell = tell
        self._output = program.judges_output
        self._fingerprints = Fingerprints(program.invariant, made)
        self._numbers: dict[Hashable, int] = {}
        self._next: list[list[int]] = []  # for each state, the states one step on
        self._reached: list[tuple[int, int]] = []  # for each state, the state before it and the task that ran
        self._endings: dict[int, Finding | None] = {}

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self._next)

    def endings(self) -> tuple[list[Ending], bool]:
        """Where the orders end, fewer steps first and then in the order of the schedules, and whether some never end.

        If some never end, each ending counts once.
        """
        level = [self._start()]
        while level:
            self._tell(self.states, len(level[0][1]))
            self._look_ahead(level)
            new: list[tuple[Hashable, Schedule, Schedule]] = []
            for state in level:
                self._step(state, new)
            level = new
        ways = self._ways()
        if ways is None:
            self._check_ends()
        found = self._endings.items()
        return [Ending(ways[at] if ways else 1, self._schedule(at), finding) for at, finding in found], ways is None

    # -- the graph

    def _start(self) -> tuple[Hashable, Schedule, Schedule]:
        world = LiveRun(self.program)
        self._fingerprints.of(world)  # once beforehand: what it finds out belongs to every key
        key = self._fingerprints.of(world, output=self._output)
        self._add(key, 0, 0)
        world.close()
        return key, (), world.ready

    def _add(self, key: Hashable, before: int, task: int) -> int:
        self._numbers[key] = number = len(self._next)
        self._next.append([])
        self._reached.append((before, task))
        if number >= self._most:
            raise UnknownStateError(f"there are more than {self._most:,} different states")
        return number

    def _step(self, state: tuple[Hashable, Schedule, Schedule], new: list[tuple[Hashable, Schedule, Schedule]]) -> None:
        """One step on from this state, by each task that can; what is reached for the first time is new."""
        before, schedule, ready = state
        at, numbers = self._numbers[before], self._numbers
        for task in ready:
            longer = (*schedule, task)
            world = LiveRun(self.program).follow(longer)
            key = self._fingerprints.of(world, output=self._output, before=before, ran=task)
            number = numbers.get(key)
            if number is None:
                number = self._add(key, at, task)
                ready = world.ready
                if not ready:
                    self._endings[number] = self._judged(world)
                elif len(longer) >= self.program.max_steps:
                    raise world.endless_error()
                else:
                    new.append((key, longer, ready))
            self._next[at].append(number)
            world.close()

    def _judged(self, world: LiveRun) -> Finding | None:
        before = self._fingerprints.of_invariant()
        finding = judge(world)
        if self._fingerprints.of_invariant() != before:
            raise UnknownStateError("the invariant changes what lies outside, so it is called for each order")
        return finding

    def _look_ahead(self, level: list[tuple[Hashable, Schedule, Schedule]]) -> None:
        """Now and then: whether a task, run alone, never ends and never comes back to a state, as one that counts."""
        steps = len(level[0][1])
        if steps < _FIRST_LOOK or steps & (steps - 1):
            return
        for _, schedule, ready in level[:: max(1, len(level) // _LOOKED_AT)]:
            for task in ready:
                world = LiveRun(self.program).follow(schedule)
                seen: set[Hashable] = set()
                for _ in world.alone(task):
                    if len(world.schedule) > self.program.max_steps - _FIRST_LOOK:
                        seen.add(self._fingerprints.of(world, output=self._output))
                if task in world.ready and len(seen) == _FIRST_LOOK:
                    raise world.endless_error()
                world.close()

    # -- what it says

    def _ways(self) -> list[int] | None:
        """How many orders lead to each state; None if a step leads back to a state that was there before."""
        before = [0] * self.states
        for following in self._next:
            for at in following:
                before[at] += 1
        ways, todo, done = [1, *[0] * (self.states - 1)], [0] if not before[0] else [], 0
        while todo:
            at = todo.pop()
            done += 1
            for following_one in self._next[at]:
                ways[following_one] += ways[at]
                before[following_one] -= 1
                if not before[following_one]:
                    todo.append(following_one)
        return ways if done == self.states else None

    def _check_ends(self) -> None:
        """SpinningError where a state is reached from which no order ever ends."""
        back: list[list[int]] = [[] for _ in self._next]
        for at, following in enumerate(self._next):
            for one in following:
                back[one].append(at)
        ends, todo = set(self._endings), deque(self._endings)
        while todo:
            new = [at for at in back[todo.popleft()] if at not in ends]
            ends.update(new)
            todo.extend(new)
        lost = next((at for at in range(self.states) if at not in ends), None)
        if lost is not None:
            raise self._never_ends(self._schedule(lost))

    def _schedule(self, at: int) -> Schedule:
        steps = []
        while at:
            at, task = self._reached[at]
            steps.append(task)
        return tuple(reversed(steps))

    def _never_ends(self, schedule: Schedule) -> SpinningError:
        world = LiveRun(self.program).follow(schedule)
        names = self.program.names
        loops = [f"\n  {names[task]} goes round at {loop_of(world.tasks[task])}" for task in world.ready]
        return SpinningError(
            f"After {self.program.abbreviate(schedule) or 'the start'} no order comes to its end any more, "
            f"whoever goes on.{''.join(loops)}"
        )

    # -- whether it is so

    def confirm(self, seed: int) -> None:
        """Run some real orders, drawn at random from this seed; DisagreementError if one is judged differently."""
        chance = Random(seed)
        kinds = {_kind(finding) for finding in self._endings.values()}
        for _ in range(max(LEAST_SAMPLE, min(MOST_SAMPLE, self.states // STATES_PER_SAMPLE))):
            world = LiveRun(self.program)
            while (ready := world.ready) and len(world.schedule) < self.program.max_steps:
                world.follow((chance.choice(ready),))
            if not ready:
                key = self._fingerprints.of(world, output=self._output)
                self._compare(world, kinds, self._numbers.get(key))
            world.close()

    def _compare(self, world: LiveRun, kinds: set[str | None], at: int | None) -> None:
        kind = _kind(judge(world))
        if at is not None and at in self._endings:
            kinds = {_kind(self._endings[at])}
        if kind not in kinds:
            again = _kind(judge(LiveRun(self.program).follow(tuple(world.schedule))))
            raise world.not_deterministic_error() if again != kind else self._differs(world, kind, kinds)

    def _differs(self, world: LiveRun, kind: str | None, kinds: set[str | None]) -> DisagreementError:
        said = " or ".join(f"orders that {VERBS[one]}" if one else "orders that are not broken" for one in kinds)
        return DisagreementError(
            f"Merging equal states found {said}, but when it is run, the order "
            f"{self.program.abbreviate(world.schedule)} turns out to {VERBS[kind] if kind else 'be not broken'}.\n"
            "  So two states were taken for one that are different, and the figures would be wrong. This is a fault\n"
            "  of Coro Lab; please report the program. Until then run every order: explore(..., merge=False)"
        )


def _kind(finding: Finding | None) -> str | None:
    return finding.kind if finding else None
