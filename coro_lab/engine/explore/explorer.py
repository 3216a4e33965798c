"""explore(): all orders judged, the first broken one kept.

Three ways, tried in this order; the result says which it was.
1. *Equal states merged*: exact, for any number of orders, where states can be told apart soundly (`state_search.py`).
2. *Every order run*: exact, for at most `max_schedules` orders.
3. *A uniform random sample* of `max_schedules` orders; what it finds is there, what it does not find may be there too.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from coro_lab.engine.explore.determinism import Probe, check_first, probe
from coro_lab.engine.explore.faults import ExplorationError, SpinningError
from coro_lab.engine.explore.findings import VERBS, Finding, TaskWait, judge
from coro_lab.engine.explore.fingerprint.effects import UnknownStateError
from coro_lab.engine.explore.parallel import Tally, run_every, run_sample
from coro_lab.engine.explore.program import MAX_STEPS, Program
from coro_lab.engine.explore.progress import shown_if_long
from coro_lab.engine.explore.replay import trace_of
from coro_lab.engine.explore.run import Step, quietly
from coro_lab.engine.explore.schedules import count
from coro_lab.engine.explore.state_search import MAX_STATES, Merging
from coro_lab.engine.progress_bar import Progress
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.trace.wrapping import fitted

MAX_SCHEDULES = 100_000
FEW_STATES = 10_000
"""As many are gone through even where fewer orders seem to be there: some may be longer than the first."""
MERGED, EVERY, SAMPLE = "equal states merged", "every order run", "a uniform random sample"


@dataclass(frozen=True)
class Exploration:
    """What exploring found. Its text: the figures, and what the first broken order shows."""

    total: int | None  # how many orders there are; None: infinitely many, or only a sample of them is known
    judged: int  # how many were judged; of infinitely many, in how many different states they end
    broken: int  # how many of these are broken, in whichever way
    kinds: dict[str, int]  # how many in which way: invariant, error, deadlock, lost wake-up, left behind
    how: str  # equal states merged, every order run, a uniform random sample
    finding: Finding | None  # what is wrong with the first broken order
    runs: int  # how many times the program was run, or states were told apart
    reason: str  # why states were not merged, if they were not
    endless: bool  # there are infinitely many orders: a task can wait in a loop. Each ending is counted once
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
    def waits(self) -> tuple[TaskWait, ...]:
        """Who waits for what at the end of that order."""
        return self.finding.waits if self.finding else ()

    def __repr__(self) -> str:
        return fitted("\n".join([self._figures(), *self._remarks()]))

    def _figures(self) -> str:
        orders = f"{self.judged:,} interleaving{'' if self.judged == 1 else 's'}"
        if self.how == SAMPLE:
            orders = f"{orders} drawn at random" + (f" from {self.total:,}" if self.total else "")
        if self.endless:
            endings = f"{self.judged:,} ending{'' if self.judged == 1 else 's'}"
            orders = f"Infinitely many interleavings of {self.runs:,} different states, with {endings}"
        if not self.broken:
            return f"{orders}, none of them broken"
        parts = [_counted(number, kind) for kind, number in self.kinds.items()]
        first = self.program.tell(self.first or ())
        return f"{orders}, {', '.join(parts)}; first {first}"

    def _remarks(self) -> list[str]:
        told = [self.finding.text] if self.finding and self.finding.kind != "invariant" else []
        if self.endless:
            return [*told, "(a task can wait in a loop for as long as it likes; each ending is counted once)"]
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
    `invariant` is called at the end of an order with that object (with what was printed, if there is no setup; with
    both, if it takes two) and says whether all is well. It is called once for orders that end in equal states, and
    more than once for a few orders that are run again; one that changes something outside is called for each order.
    An order is broken, too, if a task raises an error or waits for ever.

    Equal states are judged once, and some real orders, drawn from `seed`, confirm it: DisagreementError if one differs.
    `merge=False` runs orders one by one, and so does a program whose states cannot be told apart; the result says why.
    Then `max_schedules` is how many orders are run at most; where that is not enough, as many are drawn at random, the
    same ones for the same `seed`. `max_steps` is how many steps one order may take: EndlessError for more, unless a
    task only comes back to states that were there before, as one does that waits in a loop. Such a program has
    infinitely many orders, and each ending is judged.

    An `executor` of concurrent.futures spreads the runs. `progress` shows a bar: at once (True), never (False), or, if
    nothing is said, when it takes longer than two seconds. Raises ExplorationError for what cannot be explored.

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
    first = probe(program)
    reason = "merge=False" if not merge else ""
    with shown_if_long("exploring", progress) as tell:
        if merge:
            try:
                return _merged(program, first, seed, tell)
            except UnknownStateError as unknown:
                reason = str(unknown)
            except RecursionError:
                reason = "a state is nested too deeply"
        if first.spins:
            raise _not_merged(first.spins, reason)
        found = _run(program, first, max_schedules, seed, executor, tell, reason)
    check_first(program, first)
    return _confirmed(found)


def _run(
    program: Program,
    first: Probe,
    most: int,
    seed: int,
    executor: Executor | None,
    tell: Progress,
    reason: str,
) -> Exploration:
    """Orders run one by one: all of them if there are no more than `most`, or else so many drawn at random."""
    try:
        if first.waits or count(first.steps) <= most:
            tally = run_every(program, most, executor, tell)
            if tally is not None:
                return _told(program, tally, EVERY, reason, tally.judged)
        tally = run_sample(program, first.steps, most, seed, executor, tell)
    except SpinningError as found:
        raise _not_merged(found, reason) from None
    return _told(program, tally, SAMPLE, reason, tally.known_total(first.steps))


def _not_merged(found: SpinningError, reason: str) -> SpinningError:
    """The same error, and why the orders of a program that waits in a loop were run one by one."""
    return SpinningError(f"{found}\n  Orders that never end are judged only where equal states are merged: {reason}.")


def _merged(program: Program, first: Probe, seed: int, tell: Progress) -> Exploration:
    total = sum(first.steps)

    def told(states: int, steps: int) -> None:
        tell(min(steps / total, 0.99), f"{states:,} states")

    most = MAX_STATES if first.spins else max(FEW_STATES, min(MAX_STATES, count(first.steps)))
    with quietly():
        merging = Merging(program, first.made, most, told)
        endings, endless = merging.endings()
    check_first(program, first)
    tally = Tally()
    for ending in endings:
        tally.add(ending.schedule, ending.finding, ending.ways)
    found = _told(program, tally, MERGED, "", None if endless else tally.judged, merging.states, endless)
    found = _confirmed(found)
    with quietly():
        merging.confirm(seed)
    return found


def _told(
    program: Program,
    tally: Tally,
    how: str,
    reason: str,
    total: int | None,
    runs: int | None = None,
    endless: bool = False,
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
        endless,
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
