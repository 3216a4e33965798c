"""Running orders here, or in parallel in an executor of concurrent.futures, with the same result.

Both run the same portions: all orders with one beginning, or some draws with one seed. A portion returns a Tally, and
tallies add up.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

from coro_lab.engine.explore.verdict import Finding
from coro_lab.engine.explore.weights import Weights
from coro_lab.engine.processes import pickler
from coro_lab.engine.progress_bar import Progress
from coro_lab.errors import ExplorationError

PORTIONS = 32  # the least number of portions, if there are as many orders
DRAWS = 1_000  # in one portion of a sample
_LOOK_EVERY = 0.5  # seconds, while another process works

type Portion = Callable[..., Tally]

type AnySchedule = tuple[Any, ...]
"""The tasks in the order in which they ran: by their places, or by their names where those are made in the run."""

type Counted = Callable[[int], None]
"""Gets the number of orders of a portion that have been judged."""


def ignore(orders: int) -> None:
    """Report nothing."""


@dataclass
class Tally:
    """How many orders were judged, how many of them are broken by kind, and the first broken one."""

    judged: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    first: AnySchedule | None = None
    finding: Finding | None = None
    weights: Weights = field(default_factory=Weights)  # of those that were drawn at random
    stopped: str = ""  # why it stopped early, if it did

    def add(self, schedule: AnySchedule, finding: Finding | None, ways: int = 1) -> None:
        """Count `ways` orders; `schedule` is the first of them."""
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
        for kind, number in other.kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + number
        if other.first is not None and other.finding is not None:
            self.keep(other.first, other.finding)
        self.weights.merge(other.weights)
        self.stopped = self.stopped or other.stopped

    def keep(self, schedule: AnySchedule, finding: Finding) -> None:
        """Keep this broken order, if it is the shortest so far."""
        if self.first is None or (len(schedule), schedule) < (len(self.first), self.first):
            self.first, self.finding = schedule, finding


class StoppedError(Exception):
    """The search has to stop; the argument says why."""


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


@contextmanager
def until_stopped(tally: Tally) -> Iterator[None]:
    """In this `with`, orders are tallied; it ends where the time is over or the learner interrupts.

    An interrupt is passed on only where nothing has been judged.
    """
    try:
        yield
    except StoppedError as stopped:
        tally.stopped = str(stopped)
    except KeyboardInterrupt:
        if not tally.judged:
            raise
        tally.stopped = INTERRUPTED


def added_up(
    portions: Sequence[Portion], executor: Executor | None, report: Progress, most: int | None = None
) -> Tally:
    """The tallies of all portions, added up; of fewer if there are more than `most` orders, or if it is stopped."""
    whole = Tally()
    with until_stopped(whole):
        for tally in results(portions, executor, report):
            whole.merge(tally)
            if whole.stopped or (most is not None and whole.judged > most):
                break
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
