"""Judging all orders without running all of them: two orders that reach the same state go on alike, and are judged
once.

The states are gone through level by level; on level n lies what can be after n steps. With each state go the number
of orders that lead to it (an exact integer, however large) and the first of them. An order is judged where it ends.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from coro_lab.interleaving.faults import leftovers
from coro_lab.interleaving.findings import Finding, judge
from coro_lab.interleaving.footprint import UnknownStateError
from coro_lab.interleaving.program import Program
from coro_lab.interleaving.state import Fingerprints
from coro_lab.interleaving.world import Step

MAX_STATES = 500_000


@dataclass(slots=True)
class State:
    """One state: how many orders lead to it, the first of them, and who can go on."""

    ways: int
    schedule: Step
    ready: Step


@dataclass(slots=True)
class Ending:
    """Orders that ended in one state: how many, the first of them, and what was found there, if anything."""

    ways: int
    schedule: Step
    finding: Finding | None


class Merging:
    """The states of a program, gone through once; to be used in `quietly`.

    Raises UnknownStateError where that would not be sound. Each state is written down right after a run from a fresh
    start, so that what `setup` sets back outside the shared object (a global, say) cannot leak from one run into
    another.
    """

    def __init__(self, program: Program, most: int = MAX_STATES) -> None:
        self.program = program
        self.states = 0  # how many there were
        self._most = most
        self._output = program.judges_output
        self._fingerprints = Fingerprints(program.invariant)

    def endings(self) -> Iterator[Ending]:
        """Where the orders end: fewer steps first, and then in the order of the schedules."""
        start, ready = self._start(Fingerprints(self.program.invariant))
        level = {self._start(self._fingerprints)[0]: State(1, (), ready)}
        while level:
            self.states += len(level)
            if self.states > self._most:
                raise UnknownStateError(f"there are more than {self._most:,} different states")
            for state in level.values():
                if not state.ready:
                    yield self._judge(state)
            level = self._next(level)
        if self._start(Fingerprints(self.program.invariant))[0] != start:
            raise leftovers()

    def _start(self, fingerprints: Fingerprints) -> tuple[Hashable, Step]:
        world = self.program.start()
        key = fingerprints.of(world, output=self._output)
        world.close()
        return key, world.ready

    def _next(self, level: dict[Hashable, State]) -> dict[Hashable, State]:
        found: dict[Hashable, State] = {}
        for before, state in level.items():
            for task in state.ready:
                schedule = (*state.schedule, task)
                world = self.program.play(schedule)
                key = self._fingerprints.of(world, output=self._output, before=before, ran=task)
                known = found.get(key)
                if known is not None:
                    known.ways += state.ways
                else:
                    found[key] = State(state.ways, schedule, world.ready)
                    if len(schedule) >= self.program.max_steps and world.ready:
                        world.finish()  # raises: it never ends
                world.close()
        return found

    def _judge(self, state: State) -> Ending:
        world = self.program.play(state.schedule)
        finding = judge(world)
        world.close()
        return Ending(state.ways, state.schedule, finding)
