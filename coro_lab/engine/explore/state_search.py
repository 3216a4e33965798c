"""Judging all orders without running all of them: orders that reach the same state go on alike, and are judged once.

The states form a graph (`state_graph.py`), with an arrow for each step that a ready task can take. It is searched
breadth first. An order is judged where it ends.

A task that waits in a loop leads back to an earlier state. Then there are infinitely many orders, but only finitely
many states, so all endings are still found. A state from which no ending can be reached is an error.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from random import Random

from coro_lab.engine.explore.fingerprint.run_state import Fingerprints, Parts
from coro_lab.engine.explore.fingerprint.values import MadeBySetup
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.state_graph import StateGraph
from coro_lab.engine.explore.task_loops import line_of, loop_of
from coro_lab.engine.explore.verdict import Finding, disagreement, judge
from coro_lab.errors import SpinningError, UnknownStateError

MAX_STATES = 500_000
LEAST_SAMPLE, MOST_SAMPLE, STATES_PER_SAMPLE = 16, 2_000, 100
"""How many orders are run to confirm the result: one for each hundred states, within these bounds."""
_LOOKED_AT = 16  # states of one level from which each task is run alone, to see whether it ends
_FIRST_LOOK = 64  # steps; looks again after twice as many, and so on


@dataclass(slots=True)
class Ending:
    """The orders that end in one state: how many, the first of them, and what is wrong there."""

    ways: int
    schedule: Schedule
    finding: Finding | None


class StateSearch:
    """Searches the states of a program; to be used in `quietly`.

    Raises UnknownStateError where states cannot be compared reliably. The key of a state is written right after a run
    from a fresh start, so that what `setup` resets outside the shared object, a global say, cannot leak between runs.
    """

    def __init__(
        self,
        program: Program,
        made: MadeBySetup | None = None,
        most: int = MAX_STATES,
    ) -> None:
        self.program = program
        self.steps = 0  # taken so far
        self._most = most
        self._output = program.judges_output
        self._made = made
        self._fingerprints: Fingerprints  # made when the search begins, because it refuses some invariants
        self._numbers: dict[Hashable, int] = {}
        self._keys: list[Hashable] = []  # of the states, by their numbers
        self._known_steps: dict[tuple[int, int, int], tuple[int, int]] = {}  # what a step makes of two parts of a key
        self.graph = StateGraph()
        self._endings: dict[int, Finding | None] = {}

    @property
    def states(self) -> int:
        """How many states were found."""
        return len(self.graph)

    def search(self) -> Iterator[int]:
        """Find all states; after each comes the number of steps taken so far."""
        self._fingerprints = Fingerprints(self.program.invariant, self._made)
        level, steps = [self._start()], 0
        while level:
            self._look_ahead(level, steps)
            for at in level:
                self._go_on_from(at, steps)
                yield self.steps
            level, steps = self.graph.one_step_on(level), steps + 1

    def endings(self) -> tuple[list[Ending], bool]:
        """Where the orders end, sorted by steps and then by schedule, and whether some orders never end.

        To be asked when all states are found. If some orders never end, each ending counts once.
        """
        ways = self.graph.ways_to()
        lost = self.graph.without_end(self._endings) if ways is None else None
        if lost is not None:
            raise self._never_ends_error(self.graph.schedule(lost))
        found, first = self._endings.items(), self.graph.schedule
        return [Ending(ways[at] if ways else 1, first(at), finding) for at, finding in found], ways is None

    # -- one state after the other

    def _start(self) -> int:
        run = LiveRun(self.program)
        self._fingerprints.of(run)  # once beforehand: the effects that it finds belong to every key
        start = self._number(self._fingerprints.of(run, output=self._output), run.ready)
        run.close()
        return start

    def _number(self, key: Hashable, ready: Schedule) -> int:
        """The number of the state with this key, from which these can go on."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self.graph.add(ready)
            self._keys.append(key)
            if number >= self._most:
                raise UnknownStateError(f"there are more than {self._most:,} different states")
        return number

    def _go_on_from(self, at: int, steps: int) -> None:
        """Let each task that can go on take a step from this state, which the first order reaches by these steps.

        A run goes on for as long as it comes to states from which a step was not taken yet, but no further than to
        where `_look_ahead` looks next.
        """
        most = min(self.program.max_steps, max(_FIRST_LOOK, 1 << steps.bit_length()))
        while (task := self._untried(at, steps)) is not None:
            run, here = LiveRun(self.program).follow(self.graph.schedule(at)), at
            if steps >= self.program.max_steps:
                raise run.endless_error()
            try:
                while task is not None:
                    here = self._step(run, here, task)
                    self.steps += steps + 1
                    task = self._untried(here, steps) if len(run.schedule) < most else None
                self._judge_at_end(here, run)
            finally:
                run.close()
        if at not in self._endings and not self.graph.ready(at):
            run = LiveRun(self.program).follow(self.graph.schedule(at))
            self._judge_at_end(at, run)
            run.close()

    def _step(self, run: LiveRun, at: int, task: int) -> int:
        """The state that this run comes to by a step of this task."""
        before = self._keys[at]
        run.follow((task,))
        after = self._fingerprints.of(run, output=self._output, before=before, ran=task)
        if isinstance(before, Parts) and isinstance(after, Parts):
            self._known_steps[before.before(task)] = after[0], after[task + 1]
        number = self._number(after, run.ready)
        self.graph.lead(at, number)
        return number

    def _untried(self, at: int, steps: int) -> int | None:
        """The next task that has to be run from this state; steps that were taken from equal parts are known."""
        key, graph = self._keys[at], self.graph
        while (task := graph.untried(at)) is not None:
            if not isinstance(key, Parts) or (known := self._known_steps.get(key.before(task))) is None:
                return task
            self.steps += steps + 1
            after = key.after(task, known)
            number = self._numbers.get(after)
            graph.lead(at, self._number(after, after.ready) if number is None else number)
        return None

    def _judge_at_end(self, at: int, run: LiveRun) -> None:
        """Judge this run where it has come to its end, unless an equal one was judged."""
        if at not in self._endings and not run.ready:
            self._endings[at] = self._judged(run)

    def _judged(self, run: LiveRun) -> Finding | None:
        before = self._fingerprints.of_invariant()
        finding = judge(run)
        if self._fingerprints.of_invariant() != before:
            raise UnknownStateError("the invariant changes what lies outside, so it is called for each order")
        return finding

    def _look_ahead(self, level: list[int], steps: int) -> None:
        """At some levels: EndlessError if a task, run alone, neither ends nor returns to a state, as a counter does."""
        if steps < _FIRST_LOOK or steps & (steps - 1):
            return
        for at in level[:: max(1, len(level) // _LOOKED_AT)]:
            for task in self.graph.ready(at):
                run = LiveRun(self.program).follow(self.graph.schedule(at))
                seen: set[Hashable] = set()
                for _ in run.alone(task):
                    if len(run.schedule) > self.program.max_steps - _FIRST_LOOK:
                        seen.add(self._fingerprints.of(run, output=self._output))
                if task in run.ready and len(seen) == _FIRST_LOOK:
                    raise run.endless_error()
                run.close()

    def _never_ends_error(self, schedule: Schedule) -> SpinningError:
        run = LiveRun(self.program).follow(schedule)
        names = self.program.names
        loops = [f"\n  {names[task]} goes round at {loop_of(run.tasks[task])}" for task in run.ready]
        lines = {names[task]: line_of(run.tasks[task]) for task in run.ready}
        return SpinningError(
            f"After {self.program.abbreviate(schedule)} no order comes to its end any more: "
            f"each task that can go on only repeats a loop.{''.join(loops)}",
            schedule=self.program.named(schedule),
            loops=lines,
            limit=self.program.max_steps,
        )

    # -- confirmation by real orders

    def confirm(self, seed: int) -> None:
        """Run some orders, drawn at random with this seed; DisagreementError if one is judged differently."""
        chance = Random(seed)
        kinds = {_kind(finding) for finding in self._endings.values()}
        for _ in range(max(LEAST_SAMPLE, min(MOST_SAMPLE, self.states // STATES_PER_SAMPLE))):
            run = LiveRun(self.program)
            while (ready := run.ready) and len(run.schedule) < self.program.max_steps:
                run.follow((chance.choice(ready),))
            if not ready:
                key = self._fingerprints.of(run, output=self._output)
                self._compare(run, kinds, self._numbers.get(key))
            run.close()

    def _compare(self, run: LiveRun, kinds: set[str | None], at: int | None) -> None:
        kind = _kind(judge(run))
        if at is not None and at in self._endings:
            kinds = {_kind(self._endings[at])}
        if kind not in kinds:
            again = _kind(judge(LiveRun(self.program).follow(tuple(run.schedule))))
            if again == kind:
                order, schedule = self.program.abbreviate(run.schedule), self.program.named(run.schedule)
                raise disagreement(order, schedule, kind, kinds, "Merging equal states", "Two different states")
            raise run.not_deterministic_error(first=kind or "not broken", second=again or "not broken")


def _kind(finding: Finding | None) -> str | None:
    return finding.kind if finding else None
