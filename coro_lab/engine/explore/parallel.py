"""Running orders here, or spread over the workers of an executor of concurrent.futures, with the same result.

The orders are cut into the same portions either way: all that begin alike, or so many draws from one seed. What comes
back from a portion is a Tally, and tallies add up.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from coro_lab.engine.explore.findings import Finding, judge
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.schedules import LONG, TooFewStepsError, count, draw, every
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.progress_bar import Progress
from coro_lab.errors import ExplorationError

PORTIONS = 32  # how many portions of orders there are at least, if there are so many orders
DRAWS = 1_000  # in one portion of a sample
TRIES = 2_000  # draws that are none, for one that is, before a sample is given up
_LOOK_EVERY = 0.5  # seconds, while another process works

type Counted = Callable[[int], None]
"""Is told how many orders of a portion have been judged."""


def _nobody(orders: int) -> None:
    """Nobody is told."""


@dataclass
class Tally:
    """How many orders were judged, how many were broken in which way, and the first broken one."""

    judged: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    first: Schedule | None = None
    finding: Finding | None = None
    refused: int = 0  # draws that were none

    def add(self, schedule: Schedule, finding: Finding | None, ways: int = 1) -> None:
        """Count `ways` orders, the first of which is `schedule`."""
        self.judged += ways
        if finding is not None:
            self.kinds[finding.kind] = self.kinds.get(finding.kind, 0) + ways
            self._keep(schedule, finding)

    def merge(self, other: Tally) -> None:
        """Count what the other one counted."""
        self.judged += other.judged
        self.refused += other.refused
        for kind, number in other.kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + number
        if other.first is not None and other.finding is not None:
            self._keep(other.first, other.finding)

    def known_total(self, steps: list[int]) -> int | None:
        """How many orders there are, if every draw was one."""
        return None if self.refused else count(steps)

    def _keep(self, schedule: Schedule, finding: Finding) -> None:
        if self.first is None or (len(schedule), schedule) < (len(self.first), self.first):
            self.first, self.finding = schedule, finding


def run_every(program: Program, most: int, executor: Executor | None, tell: Progress) -> Tally | None:
    """All orders, run and judged; None if there are more than `most`."""
    with quietly():
        beginnings = list(_beginnings(program))
    portions = [partial(every_below, program, beginning, most) for beginning in beginnings]
    whole = Tally()
    for tally in _results(portions, executor, tell):
        whole.merge(tally)
        if whole.judged > most:
            return None
    return whole


def run_sample(
    program: Program, steps: list[int], most: int, seed: int, executor: Executor | None, tell: Progress
) -> Tally:
    """`most` orders, drawn so that all are equally likely, run and judged."""
    while True:
        sizes = [min(DRAWS, most - done) for done in range(0, most, DRAWS)]
        portions = [partial(draws, program, steps, size, f"{seed} {number}") for number, size in enumerate(sizes)]
        whole = Tally()
        try:
            for tally in _results(portions, executor, tell):
                whole.merge(tally)
            return whole
        except TooFewStepsError as found:
            steps = [own + (task == found.args[0]) for task, own in enumerate(steps)]


def every_below(program: Program, beginning: Schedule, most: int, tell: Counted = _nobody) -> Tally:
    """The orders that begin like this; counted no further than one past `most`."""
    tally = Tally()
    with quietly():
        for world in every(program, beginning):
            tally.add(tuple(world.schedule), judge(world))
            world.close()
            tell(tally.judged)
            if tally.judged > most:
                break
    return tally


def draws(program: Program, steps: list[int], size: int, seed: str, tell: Counted = _nobody) -> Tally:
    """So many orders, drawn from this seed."""
    tally, chance = Tally(), Random(seed)
    with quietly():
        while tally.judged < size:
            world = draw(program, steps, chance)
            tell(tally.judged)
            if world is None:
                tally.refused += 1
                if tally.refused > TRIES * (tally.judged + 20):
                    raise ExplorationError(
                        "Too few shuffles of the steps are orders that can happen, because the tasks wait so much.\n"
                        "  Explore fewer steps, or raise max_schedules until every order can be run."
                    )
                continue
            tally.add(tuple(world.schedule), judge(world))
            world.close()
    return tally


def _beginnings(program: Program) -> Iterator[Schedule]:
    """The different beginnings of orders, just long enough that there are several; together they begin every order."""
    level: list[Schedule] = [()]
    while 0 < len(level) < PORTIONS and len(level[0]) < LONG:
        longer: list[Schedule] = []
        for beginning in level:
            world = LiveRun(program).follow(beginning)
            ready = world.ready
            if not ready:
                yield beginning
            longer += [(*beginning, task) for task in ready]
            world.close()
        level = longer
    yield from level


def _results(portions: Sequence[Callable[..., Tally]], executor: Executor | None, tell: Progress) -> Iterator[Tally]:
    judged = 0

    def told(portions_done: int, orders: int = 0) -> None:
        tell(portions_done / len(portions), f"{judged + orders:,} orders")

    for tally in _one_by_one(portions, told) if executor is None else _spread(portions, executor, told):
        judged += tally.judged
        yield tally


def _one_by_one(portions: Sequence[Callable[..., Tally]], told: Callable[..., None]) -> Iterator[Tally]:
    for at, portion in enumerate(portions):
        yield portion(tell=partial(told, at))


def _spread(portions: Sequence[Callable[..., Tally]], executor: Executor, told: Callable[..., None]) -> Iterator[Tally]:
    jobs = [executor.submit(_work, _packed(portion, executor)) for portion in portions]
    try:
        for at, job in enumerate(jobs):
            while not job.done():
                with suppress(TimeoutError):
                    job.exception(timeout=_LOOK_EVERY)
                told(at)
            yield job.result()
    finally:
        for job in jobs:
            job.cancel()


def _packed(portion: Callable[[], Tally], executor: Executor) -> bytes | Callable[[], Tally]:
    """A portion as bytes for another process; functions of a notebook travel by value."""
    if isinstance(executor, ThreadPoolExecutor):
        return portion
    try:
        import cloudpickle  # type: ignore[import-untyped]

        packed: bytes = cloudpickle.dumps(portion)
        return packed
    except (TypeError, pickle.PicklingError, AttributeError) as error:
        raise ExplorationError(
            f"The program cannot be sent to another process: {error}.\n"
            "  What its functions use from outside has to be data or functions; make everything else in `setup`."
        ) from None


def _work(portion: Any) -> Tally:
    tally: Tally = (pickle.loads(portion) if isinstance(portion, bytes) else portion)()
    return tally
