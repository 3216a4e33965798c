"""explore(): all orders judged, the first broken one kept.

Three ways, tried in this order; the result says which it was.
1. *Equal states merged*: exact, for any number of orders, where states can be told apart soundly (`merging.py`).
2. *Every order run*: exact, for at most `max_schedules` orders.
3. *A uniform random sample* of `max_schedules` orders; what it finds is there, what it does not find may be there too.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from coro_lab.description import describe
from coro_lab.events import Trace
from coro_lab.interleaving.faults import ExplorationError
from coro_lab.interleaving.findings import VERBS, Finding, Waiting, judge
from coro_lab.interleaving.footprint import UnknownStateError
from coro_lab.interleaving.merging import MAX_STATES, Merging
from coro_lab.interleaving.orders import count
from coro_lab.interleaving.probing import check_first, probe
from coro_lab.interleaving.program import MAX_STEPS, Program
from coro_lab.interleaving.replaying import trace_of
from coro_lab.interleaving.spreading import Tally, run_every, run_sample
from coro_lab.interleaving.world import Step, quietly
from coro_lab.lines import fitted

MAX_SCHEDULES = 100_000
MERGED, EVERY, SAMPLE = "equal states merged", "every order run", "a uniform random sample"


@dataclass(frozen=True)
class Exploration:
    """What exploring found. Its text: the figures, and what the first broken order shows."""

    total: int | None  # how many orders there are; None: only a sample of them is known
    judged: int  # how many were judged
    broken: int  # how many of these are broken, in whichever way
    kinds: dict[str, int]  # how many in which way: invariant, error, deadlock, lost wake-up, left behind
    how: str  # equal states merged, every order run, a uniform random sample
    finding: Finding | None  # what is wrong with the first broken order
    runs: int  # how many times the program was run, or states were told apart
    reason: str = ""  # why states were not merged, if they were not
    program: Program = field(repr=False, kw_only=True)
    first: Step | None = field(repr=False, kw_only=True)

    @property
    def schedule(self) -> str | None:
        """The first broken order with the fewest steps; None if none was found."""
        return None if self.first is None else self.program.spell(self.first, spaced=False)

    @cached_property
    def counterexample(self) -> Trace | None:
        """The run of that order; None if none was found."""
        return None if self.first is None else trace_of(self.program, self.first)

    @property
    def waits(self) -> tuple[Waiting, ...]:
        """Who waits for what at the end of that order."""
        return self.finding.waits if self.finding else ()

    def __repr__(self) -> str:
        return fitted("\n".join([self._figures(), *self._remarks()]))

    def _figures(self) -> str:
        orders = f"{self.judged:,} interleaving{'' if self.judged == 1 else 's'}"
        if self.how == SAMPLE:
            orders = f"{orders} drawn at random" + (f" from {self.total:,}" if self.total else "")
        if not self.broken:
            return f"{orders}, none of them broken"
        parts = [_counted(number, kind) for kind, number in self.kinds.items()]
        first = self.program.tell(self.first or ())
        return f"{orders}, {', '.join(parts)}; first {first}"

    def _remarks(self) -> list[str]:
        told = [self.finding.text] if self.finding and self.finding.kind != "invariant" else []
        why = f", because {self.reason}" if self.reason else ""
        return told if self.how == MERGED else [*told, f"({self.how}{why})"]


def explore(
    *,
    coroutines: Mapping[str, Callable[..., Generator[Any, Any, Any]]],
    setup: Callable[[], Any] | None = None,
    invariant: Callable[..., object] | None = None,
    max_schedules: int = MAX_SCHEDULES,
    max_steps: int = MAX_STEPS,
    seed: int = 0,
    merge: bool = True,
    executor: Executor | None = None,
    progress: bool | None = None,
) -> Exploration:
    """All orders of the steps of these coroutines, judged.

    `setup` makes the shared object afresh for each run; each coroutine that takes an argument is given it.
    `invariant` is called at the end of each order with that object (with what was printed, if there is no setup; with
    both, if it takes two) and says whether all is well. An order is broken, too, if a task raises an error or waits
    for ever.

    `max_schedules` is how many orders are run at most; where that is not enough, so many are drawn at random, the
    same ones for the same `seed`. `max_steps` is how many steps one order may take. `merge=False` runs orders even
    where equal states could be merged. An `executor` of concurrent.futures spreads the runs; `progress` shows a bar
    (with an executor, if not said otherwise). Raises ExplorationError for what cannot be explored.

    >>> def increment(box):
    ...     seen = box[0]
    ...     yield
    ...     box[0] = seen + 1
    >>> explore(setup=lambda: [0], coroutines={"A": increment, "B": increment}, invariant=lambda box: box == [2])
    6 interleavings, 4 break the invariant; first A B A B
    """
    if not isinstance(max_schedules, int) or max_schedules < 1:
        raise ExplorationError(
            f"max_schedules is how many orders are run at most, so at least 1; you wrote {describe(max_schedules)}."
        )
    program = Program(coroutines, setup, invariant, max_steps)
    steps, waits, outcome = probe(program)
    reason = "merge=False" if not merge else ""
    if merge:
        try:
            return _confirmed(_merged(program, steps))
        except UnknownStateError as unknown:
            reason = str(unknown)
    show = executor is not None if progress is None else progress
    few = waits or count(steps) <= max_schedules
    tally = run_every(program, max_schedules, executor, show) if few else None
    if tally is not None:
        check_first(program, outcome)
        return _confirmed(_told(program, tally, EVERY, reason, tally.judged))
    tally = run_sample(program, steps, max_schedules, seed, executor, show)
    check_first(program, outcome)
    return _confirmed(_told(program, tally, SAMPLE, reason, tally.known_total(steps)))


def _merged(program: Program, steps: list[int]) -> Exploration:
    with quietly():
        merging = Merging(program, most=max(1_000, min(MAX_STATES, count(steps))))
        endings = list(merging.endings())
    tally = Tally()
    for ending in endings:
        tally.add(ending.schedule, ending.finding, ending.ways)
    return _told(program, tally, MERGED, "", tally.judged, merging.states)


def _told(
    program: Program, tally: Tally, how: str, reason: str, total: int | None, runs: int | None = None
) -> Exploration:
    return Exploration(
        total,
        tally.judged,
        sum(tally.kinds.values()),
        tally.kinds,
        how,
        tally.finding,
        tally.judged if runs is None else runs,
        reason,
        program=program,
        first=tally.first,
    )


def _confirmed(found: Exploration) -> Exploration:
    """The same, after its counterexample has shown once more what it is one for; if not, NotDeterministicError."""
    if found.first is not None:
        with quietly():
            world = found.program.play(found.first)
            seen = judge(world)
            if world.ready or seen is None or found.finding is None or seen.kind != found.finding.kind:
                raise world.otherwise()
            world.close()
    return found


def _counted(number: int, kind: str) -> str:
    words = VERBS[kind]
    if number == 1:
        verb, _, rest = words.partition(" ")
        words = f"{verb}s {rest}"
    return f"{number:,} {words}"
