"""explore(): judges all orders, and keeps the first broken one.

Three ways, tried in this order; the result says which it was.
1. *Equal states merged*: exact, for any number of orders, where states can be compared reliably (`state_search.py`).
2. *Every order run*: exact, for at most `max_schedules` orders.
3. *A uniform random sample* of `max_schedules` orders: what it finds is real, but it may miss something.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram, program_of
from coro_lab.engine.explore.asyncio_orders.search import WALKS, confirm_async, judge_all
from coro_lab.engine.explore.determinism import FirstOrder, check_again, run_first
from coro_lab.engine.explore.order_trace import trace_of
from coro_lab.engine.explore.parallel import AnySchedule, Tally, run_every, run_sample
from coro_lab.engine.explore.program import MAX_STEPS, Program, in_one_dict
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.schedules import count
from coro_lab.engine.explore.state_search import MAX_STATES, StateSearch
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import VERBS, Finding, TaskWait, judge
from coro_lab.engine.progress_bar import Progress, shown_if_long
from coro_lab.errors import ArgumentError, SpinningError, UnknownStateError, advice
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.trace.wrapping import fitted

MAX_SCHEDULES = 100_000
FEW_STATES = 10_000
"""The least limit of states, even if there seem to be fewer orders: some may be longer than the first."""
MERGED, EVERY, SAMPLE = "equal states merged", "every order run", "a uniform random sample"


@dataclass(frozen=True)
class Exploration:
    """What exploring found. As text: the figures, and what is wrong with the first broken order.

    `schedule`, `counterexample`, `waits` and `finding` are about that order.
    """

    total: int | None  # the number of orders; None if it is infinite, or if a sample does not show it
    judged: int  # how many were judged; if there are infinitely many, each ending counts once
    broken: int  # how many of these are broken
    kinds: dict[str, int]  # how many are broken, by kind: invariant, error, deadlock, lost wake-up, left behind,
    # unseen error
    how: str  # equal states merged, every order run, a uniform random sample, random walks
    finding: Finding | None  # what is wrong with the first broken order; None if no order is broken
    runs: int  # how many orders were run, or how many different states were found
    reason: str  # why states were not merged, if they were not
    endless: bool  # there are infinitely many orders, because a task can wait in a loop
    program: Any = field(repr=False, kw_only=True)  # what was explored, for `lattice`
    first: AnySchedule | None = field(repr=False, kw_only=True)  # the first broken order, as the numbers of its tasks

    @property
    def schedule(self) -> str | None:
        """The broken order with the fewest steps, the first of them; None if no order is broken."""
        return None if self.first is None else self.program.spell(self.first, spaced=False)

    @cached_property
    def counterexample(self) -> Trace | None:
        """The Trace of the broken order with the fewest steps, which is run once more; None if no order is broken."""
        return None if self.first is None else trace_of(self.program, self.first)

    @property
    def waits(self) -> tuple[TaskWait, ...]:
        """Who waits for whom at the end of the broken order with the fewest steps; empty if nobody does."""
        return self.finding.waits if self.finding else ()

    def __bool__(self) -> bool:
        """Raises ArgumentError: `assert explore(...)` would always pass."""
        raise ArgumentError(
            advice("An exploration is not true or false.", "assert explore(...)", "assert explore(...).broken == 0")
        )

    def __repr__(self) -> str:
        return fitted("\n".join([self._figures(), *self._remarks()]))

    def _figures(self) -> str:
        orders = f"{self.judged:,} interleaving{'' if self.judged == 1 else 's'}"
        if self.how in (SAMPLE, WALKS):
            orders = f"{orders} drawn at random" + (f" from {self.total:,}" if self.total else "")
        if self.endless:
            endings = f"{self.judged:,} ending{'' if self.judged == 1 else 's'}"
            orders = f"Infinitely many interleavings of {self.runs:,} different states, with {endings}"
        if not self.broken:
            return f"{orders}, none of them broken"
        parts = [_counted(number, kind) for kind, number in self.kinds.items()]
        first = self.program.abbreviate(self.first or ())
        return f"{orders}, {', '.join(parts)}; first {first}"

    def _remarks(self) -> list[str]:
        found = [self.finding.text] if self.finding and self.finding.kind != "invariant" else []
        if self.endless:
            return [*found, "(a task can wait in a loop for as long as it likes; each ending is counted once)"]
        why = f", because {self.reason}" if self.reason else ""
        return found if self.how == MERGED else [*found, f"({self.how}{why})"]


@in_one_dict
def explore(
    coroutines: Mapping[str, Callable[..., Any]] | Callable[..., Any],
    *,
    setup: Callable[[], Any] | None = None,
    invariant: Callable[..., object] | None = None,
    max_schedules: int = MAX_SCHEDULES,
    max_steps: int = MAX_STEPS,
    seed: int = 0,
    merge: bool = True,
    executor: Executor | None = None,
    progress: bool | None = None,
    order: str = "tasks",
) -> Exploration:
    """Judge all orders of the steps of these coroutines, or of the tasks of an asyncio program.

    Returns how many orders are broken, and what is wrong with the first. An asyncio program is given by the async
    function that begins it, `explore(main)`, and runs unedited, on an event loop on which time is simulated.
    `explore(lambda: main(3))` gives it arguments. Coroutines by name may be async functions too; then they begin
    together, as tasks.


    `coroutines` maps names to generator functions, each of which is one task; a `yield` is where another task can run.
    `setup` makes the shared object afresh for each run; each coroutine that takes an argument is called with it.
    `invariant` is called at the end of an order, and returns whether all is well. Its argument is the shared object;
    the printed text, if there is no setup; or both, if it takes two. It is called once for all orders that end in equal
    states, and again for a few orders that are run to confirm this. An invariant that changes something outside is
    called for each order. An order is also broken if a task raises an error or waits for ever. An order goes on until no
    task can: an error ends only the task that raises it.

    Equal states are judged once. Some orders, drawn with `seed`, are run to confirm it: DisagreementError if one is
    judged differently. `merge=False` runs the orders one by one, and so does a program whose states cannot be compared;
    the result says why. Then at most `max_schedules` orders are run; if there are more, that many are drawn at random,
    always the same for one `seed`. `max_steps` limits the steps of one order: EndlessError beyond it, unless a task
    only returns to earlier states, as in a loop that waits. Such a program has infinitely many orders, and each ending
    is judged once.

    An `executor` of concurrent.futures runs orders in parallel. `progress` shows a bar: at once (True), never (False),
    or after two seconds (None). Raises ArgumentError for what cannot be explored, and an ExplorationError for a program
    that shows while it runs that it cannot.

    For an asyncio program, `order` says which orders could happen.

    - "tasks": whichever task is ready may go on next. Time stands still while a task can go on, so a sleep of an hour
      takes none, and a time limit passes only where all wait; timers for the same time are open. If no order is broken,
      it does not matter which task is quicker, as long as sleeps and time limits keep their order.
    - "time": besides, time may pass while a task can go on, since work takes a while. So any sleep and any time limit
      may be over before any step, the one that ends first before the others. If no order is broken, no time limit can
      fire at a bad moment either.
    - "asyncio": what is ready first goes on first, as on asyncio's own loop. Open is only the order of timers that are
      due together, and when a function in a thread ends. If no order is broken, the program is right on that loop, as
      long as its sleeps and time limits keep their order; on another loop it may be wrong.

    Such an order is the sequence of those who went on: tasks, callbacks of no task, and `(time)` where it passed
    early. It is broken as well if main ends before another task, or if nobody has seen a task's error. If `setup`
    is not given, `invariant` is called with what main returns, or with the printed text where that is None. Orders
    are run one by one; if there are more than `max_schedules`, as many random walks through the ready tasks.
    Sockets, processes and signals are refused (OutsideError).

    >>> def increment(box):
    ...     seen = box[0]
    ...     yield
    ...     box[0] = seen + 1
    >>> explore(setup=lambda: [0], coroutines={"A": increment, "B": increment}, invariant=lambda box: box == [2])
    6 interleavings, 4 break the invariant; first A B A B
    """
    if not isinstance(max_schedules, int) or max_schedules < 1:
        given = describe(max_schedules)
        said = f"max_schedules is how many orders are run at most, so at least 1; you wrote {given}."
        raise ArgumentError(said, argument="max_schedules", given=given)
    if executor is not None and not callable(getattr(executor, "submit", None)):
        given, what = describe(executor), "executor is one of concurrent.futures, which runs orders in parallel."
        said = advice(what, f"executor={given}", "executor=ProcessPoolExecutor(2), in a with block")
        raise ArgumentError(said, argument="executor", given=given)
    asynchronous = program_of(coroutines, setup, invariant, max_steps, order)
    if asynchronous is not None:
        return _explore_async(asynchronous, max_schedules, seed, executor, progress)
    if order != "tasks":
        said = 'order="asyncio" is for async functions; there is no such order of generators.'
        raise ArgumentError(said, argument="order", given=describe(order))
    program = Program(coroutines, setup, invariant, max_steps)  # type: ignore[arg-type]
    return _explore(program, max_schedules, seed, merge, executor, progress)


def _explore_async(
    program: AsyncProgram, most: int, seed: int, executor: Executor | None, progress: bool | None
) -> Exploration:
    with shown_if_long("exploring", progress) as report:
        tally, how, reason = judge_all(program, most, seed, executor, report)
    if tally.first is not None and tally.finding is not None:
        confirm_async(program, tally.first, tally.finding)
    return _exploration(program, tally, how, reason, None if how == WALKS else tally.judged)


def _explore(
    program: Program, max_schedules: int, seed: int, merge: bool, executor: Executor | None, progress: bool | None
) -> Exploration:
    first = run_first(program)
    reason = "merge=False" if not merge else ""
    with shown_if_long("exploring", progress) as report:
        if merge:
            try:
                return _merged(program, first, seed, report)
            except UnknownStateError as unknown:
                reason = str(unknown)
            except RecursionError:
                reason = "a state is nested too deeply"
        if first.spins:
            raise _not_merged(first.spins, reason)
        found = _run(program, first, max_schedules, seed, executor, report, reason)
    check_again(program, first)
    return _confirmed(found)


def _run(
    program: Program,
    first: FirstOrder,
    most: int,
    seed: int,
    executor: Executor | None,
    report: Progress,
    reason: str,
) -> Exploration:
    """Orders run one by one: all of them if there are at most `most`, or else `most` drawn at random."""
    try:
        if first.has_waited or count(first.steps) <= most:
            tally = run_every(program, most, executor, report)
            if tally is not None:
                return _exploration(program, tally, EVERY, reason, tally.judged)
        tally = run_sample(program, first.steps, most, seed, executor, report)
    except SpinningError as found:
        raise _not_merged(found, reason) from None
    return _exploration(program, tally, SAMPLE, reason, tally.known_total(first.steps))


def _not_merged(found: SpinningError, reason: str) -> SpinningError:
    """The same error, with the reason why equal states were not merged."""
    return SpinningError(
        f"{found}\n  Orders that never end are judged only where equal states are merged: {reason}.",
        schedule=found.schedule,
        loops=found.loops,
        limit=found.limit,
    )


def _merged(program: Program, first: FirstOrder, seed: int, report: Progress) -> Exploration:
    total = sum(first.steps)

    def report_states(states: int, steps: int) -> None:
        report(min(steps / total, 0.99), f"{states:,} states")

    most = MAX_STATES if first.spins else max(FEW_STATES, min(MAX_STATES, count(first.steps)))
    with quietly():
        search = StateSearch(program, first.made, most, report_states)
        endings, endless = search.endings()
    check_again(program, first)
    tally = Tally()
    for ending in endings:
        tally.add(ending.schedule, ending.finding, ending.ways)
    found = _exploration(program, tally, MERGED, "", None if endless else tally.judged, search.states, endless)
    found = _confirmed(found)
    with quietly():
        search.confirm(seed)
    return found


def _exploration(
    program: Program | AsyncProgram,
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
    """The same, after its counterexample was run again; NotDeterministicError if it is judged differently now."""
    if found.first is not None:
        with quietly():
            run = LiveRun(found.program).follow(found.first)
            seen = judge(run)
            if run.ready or seen is None or found.finding is None or seen.kind != found.finding.kind:
                kinds = [each.kind if each else "not broken" for each in (found.finding, seen)]
                raise run.not_deterministic_error(first=kinds[0], second=kinds[1])
            run.close()
    return found


def _counted(number: int, kind: str) -> str:
    words = VERBS[kind]
    if number == 1:
        verb, _, rest = words.partition(" ")
        words = f"{verb}s {rest}"
    return f"{number:,} {words}"
