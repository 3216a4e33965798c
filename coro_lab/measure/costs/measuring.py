"""Measuring what a switch costs, fairly and within a budget.

Four rules explain the rest:

1. *Interleaved*: no ring is measured all at once. In each sweep, every ring is built, warmed up, sampled and taken
   down, so that a busy minute of the machine affects all mechanisms alike.
2. *Median and spread*: every sample is kept, and a disturbance of a few samples does not move the median.
3. *The budget is kept*: a ring is only built if there is time for it, judged by the measurements so far. Only the
   smallest ring of each mechanism, which takes milliseconds, is always measured. The result names what was left out.
4. *Found, not guessed*: threads are started until there are as many as asked for or the machine refuses another. Then
   the machine's own limit is measured instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from coro_lab.engine.progress_bar import Progress, progress
from coro_lab.errors import (
    ArgumentError,
    NotMeasuredError,
    ThreadsRefusedError,
    UnavailableError,
    UnknownNameError,
    advice,
)
from coro_lab.measure.costs.mechanisms import MECHANISMS, Clock, Mechanism
from coro_lab.measure.costs.memory import measure_memory
from coro_lab.measure.costs.results import Cost, Costs, Gap
from coro_lab.measure.counts import are_counts, check_count
from coro_lab.measure.machine import allowed, this_machine
from coro_lab.trace.collecting import uncollected
from coro_lab.trace.safe_repr import describe

TASKS = (1, 2, 10, 100, 1_000, 10_000)
"""The numbers of tasks that `measure` keeps alive at once, unless it is given others."""

SAMPLES = 3  # taken from a ring each time it is built
BATCH = 0.01  # seconds that a sample takes at least, so that reading the clock does not matter
LARGE_SHARE = 0.1  # of the budget; a ring that took longer is not built a second time


@dataclass(slots=True)
class _Cell:
    """One mechanism with one number of tasks, during the measurement."""

    mechanism: Mechanism
    tasks: int
    samples: list[float] = field(default_factory=list)
    visits: int = 0
    seconds: float = 0.0  # the length of the last visit
    building: float = 0.0  # the part of these seconds in which the ring was built and taken down
    reason: str = "the budget ended before it"  # why it has no sample, if so


def measure(
    mechanisms: Iterable[str | Mechanism] | None = None,
    tasks: Sequence[int] = TASKS,
    *,
    budget: float = 20.0,
    repetitions: int = 9,
    memory: bool = True,
    shown: bool = True,
    clock: Clock = time.perf_counter,
) -> Costs:
    """What a switch costs: each mechanism against each number of tasks alive, in at most `budget` seconds.

    `mechanisms` are names (None: all of MECHANISMS). `tasks` are numbers of tasks that are alive at once; for a
    mechanism that needs two tasks, 1 means 2. Each ring is built `repetitions` times if the budget allows. With
    `memory=False` the bytes for each task are not measured. `shown` says whether there is a progress bar. `clock` tells
    the time in seconds. The environment variable CORO_LAB_BUDGET can lower the budget. Raises UnknownNameError for an
    unknown mechanism, and ArgumentError for a number of tasks below 1, and for a budget below 0.

    >>> from coro_lab import costs
    >>> result = costs.measure(["function call", "send"], [10], budget=0.2, memory=False, shown=False)
    >>> result.ratio("send", "function call", tasks=10) > 0
    True
    """
    if isinstance(mechanisms, str):
        said = f"mechanisms is a list of names; write mechanisms=[{mechanisms!r}]."
        raise ArgumentError(said, argument="mechanisms", given=repr(mechanisms))
    if mechanisms is not None and not isinstance(mechanisms, Iterable):
        given = describe(mechanisms)
        said = advice("mechanisms is a list of names.", f"measure({given})", 'measure(["send", "asyncio"])')
        raise ArgumentError(said, argument="mechanisms", given=given)
    chosen = [named(each) for each in (MECHANISMS if mechanisms is None else mechanisms)]
    if not are_counts(tasks):
        given = describe(tasks)
        said = f"tasks are counts of at least 1, such as [1, 100]; you wrote tasks={given}."
        raise ArgumentError(said, argument="tasks", given=given)
    check_count("repetitions", repetitions, "how often each ring is built")
    begin = clock()
    end = begin + allowed(budget)
    cells = [_Cell(mechanism, n) for n, mechanism in _plan(chosen, tasks)]
    with progress("measuring", shown=shown) as report:
        kept = measure_memory() if memory else ()
        most = _sweep(cells, repetitions, begin, end, clock, report)
    found = [cell for mechanism in chosen for cell in cells if cell.mechanism is mechanism]
    return Costs(
        costs=tuple(Cost(c.mechanism.name, c.tasks, tuple(c.samples), c.visits) for c in found if c.samples),
        gaps=tuple(Gap(c.mechanism.name, c.tasks, c.reason) for c in found if not c.samples),
        memory=kept,
        machine=this_machine(*(each.package for each in chosen if each.package)),
        seconds=round(clock() - begin, 1),
        most_threads=most,
    )


def cheaper(result: Costs, cheap: str, dear: str, *, by: float = 1.0, tasks: int) -> bool:
    """Whether a switch of `dear` costs at least `by` times a switch of `cheap`, with this many `tasks` alive.

    `result` is what `measure` returned. If it says no, or had no time for the two, they are measured once more, without
    the others. Raises NotMeasuredError if the time does not suffice for that either, UnknownNameError for an unknown
    mechanism, and ArgumentError for anything but a Costs.
    """
    if not isinstance(result, Costs):
        given, instead = describe(result), 'cheaper(costs.measure(), "send", "asyncio", tasks=100)'
        said = advice("cheaper looks into Costs.", f"cheaper({given}, ...)", instead)
        raise ArgumentError(said, argument="result", given=given)
    try:
        if result.ratio(dear, cheap, tasks) >= by:
            return True
    except NotMeasuredError:
        pass
    again = measure([cheap, dear], [tasks], budget=4.0, memory=False, shown=False)
    return again.ratio(dear, cheap, tasks) >= by


def reference() -> Costs:
    """A result from another machine, which comes with Coro Lab; its text says which machine.

    >>> from coro_lab import costs
    >>> costs.reference()
    <Costs of 7 mechanisms with up to 10,000 tasks>
    """
    from importlib.resources import files

    return Costs.from_json(files("coro_lab.measure.costs").joinpath("reference.json").read_text(encoding="utf-8"))


def named(mechanism: str | Mechanism) -> Mechanism:
    """The mechanism of this name. Raises UnknownNameError, which lists all names, for any other.

    Raises ArgumentError for anything but a name.
    """
    if isinstance(mechanism, Mechanism):
        return mechanism
    for known in MECHANISMS:
        if known.name == mechanism:
            return known
    names, given = tuple(each.name for each in MECHANISMS), describe(mechanism)
    said = f"There is no mechanism {given}. There is: {', '.join(map(repr, names))}."
    if not isinstance(mechanism, str):
        raise ArgumentError(said, argument="mechanism", given=given)
    raise UnknownNameError(said, name=mechanism, known=names)


def _plan(mechanisms: Sequence[Mechanism], tasks: Sequence[int]) -> Iterator[tuple[int, Mechanism]]:
    """The (tasks, mechanism) pairs to measure, small rings first, so that the budget leaves out the expensive ones."""
    pairs = {(max(n, mechanism.fewest), place) for n in tasks for place, mechanism in enumerate(mechanisms)}
    return ((n, mechanisms[place]) for n, place in sorted(pairs))


def _sweep(
    cells: list[_Cell], repetitions: int, begin: float, end: float, clock: Clock, report: Progress
) -> int | None:
    """Visit all cells `repetitions` times. Returns the number of threads at which the machine refused another."""
    most: int | None = None
    for _ in range(repetitions):
        for cell in cells:
            now = clock()
            if not _affordable(cell, cells, now, begin, end):
                continue
            report((now - begin) / max(end - begin, 1e-9), f"{cell.mechanism.name}, {cell.tasks:,} tasks")
            try:
                _visit(cell, clock)
            except UnavailableError as error:
                _leave_out(cells, cell.mechanism, 1, str(error))
            except ThreadsRefusedError as error:
                most = error.alive
                _leave_out(cells, cell.mechanism, cell.tasks, f"the machine refused another thread at {most:,}")
                limit = _Cell(cell.mechanism, most - most // 10)  # a tenth is left for other programs
                if limit.tasks >= cell.mechanism.fewest and _affordable(limit, cells, clock(), begin, end):
                    cells.append(limit)
    return most


def _leave_out(cells: list[_Cell], mechanism: Mechanism, fewest: int, reason: str) -> None:
    for cell in cells:
        if cell.mechanism is mechanism and cell.tasks >= fewest:
            cell.reason, cell.seconds = reason, float("inf")


def _affordable(cell: _Cell, cells: list[_Cell], now: float, begin: float, end: float) -> bool:
    """Whether there is time to visit this cell (again)."""
    if not cell.visits and cell is next(c for c in cells if c.mechanism is cell.mechanism):
        return cell.seconds == 0.0  # the smallest ring is measured once in any case, unless `_leave_out` ruled it out
    if cell.visits and cell.seconds > (end - begin) * LARGE_SHARE:
        return False
    return now + (1.2 * cell.seconds if cell.seconds else _expected(cell, cells)) < end


def _expected(cell: _Cell, cells: list[_Cell]) -> float:
    """Seconds for a first visit, from the next smaller ring: twice its time a task, as switches get dearer."""
    smaller = [c for c in cells if c.mechanism is cell.mechanism and c.visits and c.tasks < cell.tasks]
    if not smaller:
        return 2 * BATCH * (SAMPLES + 2)
    nearest = max(smaller, key=lambda c: c.tasks)
    turn = nearest.samples[-1] / 1e9 * cell.tasks
    return 2 * nearest.building * cell.tasks / nearest.tasks + (SAMPLES + 2) * max(BATCH, 2 * turn)


@uncollected  # a collection would walk over all tasks, and add its time to whichever task runs
def _visit(cell: _Cell, clock: Clock) -> None:
    """Build the ring, warm it up, take samples, and take the ring down."""
    begin = clock()
    with cell.mechanism.ring(cell.tasks, clock) as turn:
        built = clock()
        turns = _warm_up(turn)
        taken = [turn(turns) / (turns * cell.tasks) * 1e9 for _ in range(SAMPLES)]
        sampled = clock()
    cell.samples += [round(ns, 1) for ns in taken]
    cell.visits += 1
    cell.seconds = clock() - begin
    cell.building = cell.seconds - (sampled - built)


def _warm_up(turn: Callable[[int], float]) -> int:
    """Turn the ring until every task has run, and return how many turns make a sample long enough."""
    turns = 1
    while (seconds := turn(turns)) < BATCH / 2:
        turns *= min(100, max(2, ceil(BATCH / max(seconds, 1e-9))))
    return turns
