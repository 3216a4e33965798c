"""Running orders here, or in parallel in an executor of concurrent.futures, with the same result.

Both run the same portions: all orders with one beginning, or some draws with one seed. A portion returns a Tally, and
tallies add up.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from time import perf_counter
from typing import Any

from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.schedules import LONG, TooFewStepsError, count, draw, every
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import Finding, judge
from coro_lab.engine.processes import pickler
from coro_lab.engine.progress_bar import Progress
from coro_lab.errors import ExplorationError

PORTIONS = 32  # the least number of portions, if there are as many orders
DRAWS = 1_000  # in one portion of a sample
REJECTED = 2_000  # rejected draws per accepted one before sampling gives up
_LOOK_EVERY = 0.5  # seconds, while another process works

type Portion = Callable[..., Tally]

type AnySchedule = tuple[Any, ...]
"""The tasks in the order in which they ran: by their places, or by their names where those are made in the run."""

type Counted = Callable[[int], None]
"""Gets the number of orders of a portion that have been judged."""


def _ignore(orders: int) -> None:
    """Report nothing."""


@dataclass
class Tally:
    """How many orders were judged, how many of them are broken by kind, and the first broken one."""

    judged: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    first: AnySchedule | None = None
    finding: Finding | None = None
    rejected: int = 0  # draws, see `schedules.draw`
    stopped: str = ""  # why it stopped early, if it did

    def add(self, schedule: AnySchedule, finding: Finding | None, ways: int = 1) -> None:
        """Count `ways` orders, the first of which is `schedule`."""
        self.count(finding, ways)
        if finding is not None:
            self.keep(schedule, finding)

    def count(self, finding: Finding | None, ways: int = 1) -> None:
        """Count `ways` orders, and keep none of them."""
        self.judged += ways
        if finding is not None:
            self.kinds[finding.kind] = self.kinds.get(finding.kind, 0) + ways

    def merge(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.judged += other.judged
        self.rejected += other.rejected
        for kind, number in other.kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + number
        if other.first is not None and other.finding is not None:
            self.keep(other.first, other.finding)

    def known_total(self, steps: list[int]) -> int | None:
        """The number of all orders, if no draw was rejected; else None."""
        return None if self.rejected else count(steps)

    def keep(self, schedule: AnySchedule, finding: Finding) -> None:
        """Keep this broken order, if it is the shortest so far."""
        if self.first is None or (len(schedule), schedule) < (len(self.first), self.first):
            self.first, self.finding = schedule, finding


def run_every(program: Program, most: int, executor: Executor | None, report: Progress) -> Tally | None:
    """All orders, run and judged; None if there are more than `most`."""
    with quietly():
        beginnings = list(_beginnings(program))
    portions = [partial(every_below, program, beginning, most) for beginning in beginnings]
    whole = added_up(portions, executor, report, most)
    return None if whole.judged > most else whole


def run_sample(
    program: Program, steps: list[int], most: int, seed: int, executor: Executor | None, report: Progress
) -> Tally:
    """`most` orders, drawn so that all are equally likely, run and judged."""
    while True:
        sizes = [min(DRAWS, most - done) for done in range(0, most, DRAWS)]
        portions = [partial(draws, program, steps, size, f"{seed} {number}") for number, size in enumerate(sizes)]
        try:
            return added_up(portions, executor, report)
        except TooFewStepsError as found:
            steps = [own + (task == found.args[0]) for task, own in enumerate(steps)]


def every_below(program: Program, beginning: Schedule, most: int, report: Counted = _ignore) -> Tally:
    """Judge the orders with this beginning; stop at one more than `most`."""
    tally = Tally()
    with quietly():
        for run in every(program, beginning):
            tally.add(tuple(run.schedule), judge(run))
            run.close()
            report(tally.judged)
            if tally.judged > most:
                break
    return tally


def draws(program: Program, steps: list[int], size: int, seed: str, report: Counted = _ignore) -> Tally:
    """Judge `size` orders, drawn with this seed."""
    tally, chance = Tally(), Random(seed)
    with quietly():
        while tally.judged < size:
            run = draw(program, steps, chance)
            report(tally.judged)
            if run is None:
                tally.rejected += 1
                if tally.rejected > REJECTED * (tally.judged + 20):
                    raise ExplorationError(
                        "Too few shuffles of the steps are orders that can happen, because the tasks wait so much.\n"
                        "  Explore fewer steps, or raise max_schedules until every order can be run."
                    )
                continue
            tally.add(tuple(run.schedule), judge(run))
            run.close()
    return tally


def _beginnings(program: Program) -> Iterator[Schedule]:
    """Beginnings of equal length that together begin every order; an order that ends earlier is one, too."""
    level: list[Schedule] = [()]
    while 0 < len(level) < PORTIONS and len(level[0]) < LONG:
        longer: list[Schedule] = []
        for beginning in level:
            run = LiveRun(program).follow(beginning)
            ready = run.ready
            if not ready:
                yield beginning
            longer += [(*beginning, task) for task in ready]
            run.close()
        level = longer
    yield from level


class StoppedError(Exception):
    """The time is over; the argument says so."""


INTERRUPTED = "the search was interrupted"


def with_end(report: Progress, ends_at: float | None) -> Progress:
    """The same progress; StoppedError once `perf_counter` is past this time."""
    if ends_at is None:
        return report

    def checked(share: float, doing: str = "") -> None:
        if perf_counter() > ends_at:
            raise StoppedError("the time was over")
        report(share, doing)

    return checked


def added_up(
    portions: Sequence[Portion], executor: Executor | None, report: Progress, most: int | None = None
) -> Tally:
    """The tallies of all portions, added up; of fewer if there are more than `most` orders, or if it is stopped.

    An interrupt is passed on only where nothing has been judged.
    """
    whole = Tally()
    try:
        for tally in results(portions, executor, report):
            whole.merge(tally)
            if most is not None and whole.judged > most:
                break
    except StoppedError as stopped:
        whole.stopped = str(stopped)
    except KeyboardInterrupt:
        if not whole.judged:
            raise
        whole.stopped = INTERRUPTED
    return whole


def results(portions: Sequence[Portion], executor: Executor | None, report: Progress) -> Iterator[Tally]:
    """The tally of each portion, in their order."""
    judged = 0

    def report_orders(portions_done: int, orders: int = 0) -> None:
        report(portions_done / len(portions), f"{judged + orders:,} orders")

    for tally in (
        _one_by_one(portions, report_orders) if executor is None else _parallel(portions, executor, report_orders)
    ):
        judged += tally.judged
        yield tally


def _one_by_one(portions: Sequence[Portion], report: Callable[..., None]) -> Iterator[Tally]:
    for at, portion in enumerate(portions):
        yield portion(report=partial(report, at))


def _parallel(portions: Sequence[Portion], executor: Executor, report: Callable[..., None]) -> Iterator[Tally]:
    jobs = [executor.submit(_work, _packed(portion, executor)) for portion in portions]
    try:
        for at, job in enumerate(jobs):
            while not job.done():
                with suppress(TimeoutError):
                    job.exception(timeout=_LOOK_EVERY)
                report(at)
            yield job.result()
    finally:
        for job in jobs:
            job.cancel()


def _packed(portion: Callable[[], Tally], executor: Executor) -> bytes | Callable[[], Tally]:
    """A portion as bytes for another process; cloudpickle sends the functions of a notebook by value."""
    if isinstance(executor, ThreadPoolExecutor):
        return portion
    try:
        packed: bytes = pickler().dumps(portion)
        return packed
    except (TypeError, pickle.PicklingError, AttributeError) as error:
        raise ExplorationError(
            f"The program cannot be sent to another process: {error}.\n"
            "  What its functions use from outside has to be data or functions; make everything else in `setup`."
        ) from None


def _work(portion: Any) -> Tally:
    tally: Tally = (pickle.loads(portion) if isinstance(portion, bytes) else portion)()
    return tally
