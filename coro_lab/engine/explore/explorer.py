"""explore(): judges all orders, and keeps the first broken one.

Three searches take turns until one of them has judged all orders (`in_turns.py`). Where neither of the first two can be
used, or both would take too long, the orders are run one by one: all, if there are at most `max_schedules`, or else a
random sample of them (`sampling.py`). What a sample finds is real, but it may miss something. The result says how it
was done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from time import perf_counter
from typing import Any

from coro_lab.engine.explore.asyncio_orders.judging import judge_all
from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram, program_of
from coro_lab.engine.explore.asyncio_orders.search import WALKS, confirm_async
from coro_lab.engine.explore.determinism import FirstOrder, check_again, run_first
from coro_lab.engine.explore.exploration import Exploration, exploration
from coro_lab.engine.explore.in_turns import NoneCanError, SearchInTurns, confirm, search_in_turns
from coro_lab.engine.explore.limits import EVERY, FOUND_FIRST, PART, SAMPLE, Limits, limits_of
from coro_lab.engine.explore.parallel import Tally, with_end
from coro_lab.engine.explore.program import MAX_STEPS, Program, in_one_dict
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.sampling import known_states, probed, run_shuffles, run_uniform
from coro_lab.engine.explore.schedules import count as count_schedules
from coro_lab.engine.explore.schedules import run_every
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import judge
from coro_lab.engine.progress_bar import Progress, shown_if_long
from coro_lab.errors import ArgumentError, SpinningError
from coro_lab.trace.safe_repr import describe


@in_one_dict
def explore(
    coroutines: Mapping[str, Callable[..., Any]] | Callable[..., Any],
    *,
    setup: Callable[[], Any] | None = None,
    invariant: Callable[..., object] | None = None,
    max_schedules: int | None = None,
    max_steps: int = MAX_STEPS,
    seed: int = 0,
    merge: bool = True,
    executor: Executor | None = None,
    progress: bool | None = None,
    order: str = "tasks",
    count: bool = False,
    seconds: float | None = None,
) -> Exploration:
    """Judge all orders of the steps of these coroutines, or of the tasks of an asyncio program.

    Returns an Exploration: how many orders are broken, and what is wrong with the shortest of them (of equally short
    ones, with the first by the names of its tasks).

    **What is explored.** `coroutines` maps names to generator functions, each of which is one task; at a `yield`
    another task can go on. A plain function becomes such a task, a thread, by `preemptible`. `setup` makes the shared
    object afresh for each run; each coroutine that takes an argument is called with it. An asyncio program is given by
    the async function that begins it, `explore(main)`, or `explore(lambda: main(3))` for one with arguments. It runs
    unedited, on an event loop on which time is simulated. Coroutines by name may be async functions, too; then they
    begin together, as tasks.

    **What is broken.** `invariant` is called at the end of an order, and returns whether all is well. Its argument is
    the shared object; without a setup, the printed text; or both, if it takes two. An order is also broken if a task
    raises an error, or waits for ever. An error ends only the task that raises it: an order goes on until no task can.
    The invariant is called once for all orders that end in equal states, and again for a few that are run to confirm
    this; one that changes something outside is called for each order.

    **How it is judged.** Not every order is run. Orders that differ only in steps that have nothing to do with each
    other are judged once (partial-order reduction), and so are orders that lead to equal states, whichever ends first;
    the result says which. Some orders, drawn with `seed`, are run to confirm it: DisagreementError if one is judged
    differently. Once a broken order is known, the rest is judged only if that does not take long, and orders are
    counted only if that takes no longer than to judge them; `count=True` asks for all.

    `merge=False` runs the orders one by one. So does a program whose steps and states cannot be compared; the result
    says why. Then at most `max_schedules` orders are run, 100,000 if it is not given. If there are more, that many are
    drawn at random, always the same for one `seed`. All orders are equally likely to be drawn if the states are few
    enough to be counted, or if no task waits and each always takes the same number of steps, as far as the drawn orders
    show. Otherwise the result says that they are random walks, some more likely than others; `broken_share` is the
    share of broken ones among all orders, as far as the walks can tell.

    **Limits.** `max_steps` is how many steps an order may take: SpinningError beyond it, unless tasks only return to
    earlier states, as in a loop that waits. Such a program has infinitely many orders, and each ending is judged once.
    EndlessError for a step that never comes to its end, or that only waits, for a lock of `threading` say.
    `seconds` is how long to search at most: then, and after an interrupt, what is known comes back, and the result says
    that it is not all. An `executor` of concurrent.futures runs orders in parallel. `progress` shows a bar: at once
    (True), never (False), or after two seconds (None). Raises ArgumentError for what cannot be explored, and an
    ExplorationError for a program that shows while it runs that it cannot.

    **For an asyncio program**, `order` says which orders could happen.

    - "tasks": whichever task is ready may go on next. Time stands still while a task can go on, so a sleep of an hour
      takes none, and a time limit passes only where all wait; timers for the same time may come in any order. If no
      order is broken, it does not matter which task is quicker, as long as sleeps and time limits keep their order.
    - "time": besides, time may pass while a task can go on, since work takes a while. So any sleep and any time limit
      may be over before any step, the one that ends first before the others. If no order is broken, no time limit can
      fire at a bad moment either.
    - "asyncio": what is ready first goes on first, as on asyncio's own loop. Only the order of timers that are due
      together is open, and when a function in a thread ends. If no order is broken, the program is right on that loop,
      as long as its sleeps and time limits keep their order; on another loop it may be wrong.

    Such an order is the sequence of those who went on: tasks, callbacks without a task, and `(time)` where it passed
    early. It is broken as well if main ends before another task, or if nobody has seen a task's error. If `setup` is
    not given, `invariant` is called with what main returns, or with the printed text where that is None. Up to 100
    orders are run one by one. If there are more, with "tasks", equivalent ones are judged once. Where that cannot be
    done, or they cannot be counted and `count=True`, and with "time", "asyncio" or `merge=False`, orders are run one by
    one; if there are more than `max_schedules`, that many are drawn at random, or if it is not given, as many as take
    200,000 steps. Sockets, processes and signals are refused (OutsideError).

    >>> def increment(box):
    ...     seen = box[0]
    ...     yield
    ...     box[0] = seen + 1
    >>> explore(setup=lambda: [0], coroutines={"A": increment, "B": increment}, invariant=lambda box: box == [2])
    6 interleavings, 4 break the invariant; first A B A B
    """
    limits = limits_of(max_schedules, count, merge, executor, seconds)
    ends_at = None if seconds is None else perf_counter() + seconds
    asynchronous = program_of(coroutines, setup, invariant, max_steps, order)
    if asynchronous is not None:
        with shown_if_long("exploring", progress) as report:
            return _explore_async(asynchronous, limits, seed, executor, with_end(report, ends_at))
    if order != "tasks":
        said = 'order="asyncio" is for async functions; generators have no such order.'
        raise ArgumentError(said, argument="order", given=describe(order))
    program = Program(coroutines, setup, invariant, max_steps)  # type: ignore[arg-type]
    with shown_if_long("exploring", progress) as report:
        return _explore(program, limits, seed, merge, executor, with_end(report, ends_at))


def _explore_async(
    program: AsyncProgram, limits: Limits, seed: int, executor: Executor | None, report: Progress
) -> Exploration:
    found = judge_all(program, limits, seed, executor, report)
    tally = found.tally
    if tally.first is not None and tally.finding is not None:
        confirm_async(program, tally.first, tally.finding)
    if found.how == WALKS:
        return _sampled(program, tally, found.reason)
    if tally.stopped:
        return exploration(program, tally, PART, tally.stopped)
    return exploration(program, tally, found.how, found.reason, found.total, runs=found.runs)


def _sampled(program: Program | AsyncProgram, tally: Tally, reason: str, total: int | None = None) -> Exploration:
    """The result for orders that were drawn at random."""
    if tally.stopped:
        return exploration(program, tally, PART, tally.stopped)
    return exploration(program, tally, SAMPLE if tally.weights.are_equal else WALKS, reason, total)


def _explore(
    program: Program, limits: Limits, seed: int, merge: bool, executor: Executor | None, report: Progress
) -> Exploration:
    first = run_first(program)
    reason, searches = "merge=False", None
    if merge:
        try:
            found, searches = search_in_turns(program, first, seed, limits, report)
            check_again(program, first)
            _check_first(found)
            with quietly():
                confirm(program, found, searches, seed)
            return found
        except NoneCanError as none:
            reason, searches = none.args
    if first.spins:
        raise _not_merged(first.spins, reason)
    found = _run(program, first, limits, seed, executor, report, reason, searches)
    check_again(program, first)
    _check_first(found)
    return found


def _run(
    program: Program,
    first: FirstOrder,
    limits: Limits,
    seed: int,
    executor: Executor | None,
    report: Progress,
    reason: str,
    searches: SearchInTurns | None,
) -> Exploration:
    """Orders run one by one: all if there are not too many; else a broken one that is known, or some at random."""
    most = limits.orders
    try:
        shuffle, are_few = None, not first.has_waited and count_schedules(first.steps) <= most
        if not are_few:
            shuffle, weights = probed(program, first, seed)
            are_few = not weights.exceed(most)
        if are_few:
            tally = run_every(program, most, executor, report)
            if tally is not None and not tally.stopped:
                return exploration(program, tally, EVERY, reason, tally.judged)
            if tally is not None:
                return exploration(program, tally, PART, tally.stopped)
        if searches is not None and searches.early.tally.first is not None and not limits.counted:
            return searches.so_far(FOUND_FIRST)
        states = known_states(program, first, report) if searches is None else None
        if states is not None:
            tally = run_uniform(program, states, most, seed, executor, report)
            return _sampled(program, tally, reason, states.total)
        shuffle = shuffle or probed(program, first, seed)[0]
        return _sampled(program, run_shuffles(program, shuffle, most, seed, executor, report), reason)
    except SpinningError as found:
        raise _not_merged(found, reason) from None


def _not_merged(found: SpinningError, reason: str) -> SpinningError:
    """The same error, with the reason why equal states were not merged."""
    return SpinningError(
        f"{found}\n  Orders that never end are judged only where equal states are merged: {reason}.",
        schedule=found.schedule,
        loops=found.loops,
        limit=found.limit,
    )


def _check_first(found: Exploration) -> None:
    """Run the counterexample again; NotDeterministicError if it is judged differently now."""
    if found.first is not None:
        with quietly():
            run = LiveRun(found.program).follow(found.first)
            seen = judge(run)
            if run.ready or seen is None or found.finding is None or seen.kind != found.finding.kind:
                kinds = [each.kind if each else "not broken" for each in (found.finding, seen)]
                raise run.not_deterministic_error(first=kinds[0], second=kinds[1])
            run.close()
