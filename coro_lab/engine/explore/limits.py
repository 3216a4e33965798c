"""What bounds a search, and the words for how orders were judged."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.safe_repr import describe

MAX_SCHEDULES = 100_000
"""The most orders, by default."""
DRAWN_STEPS, LEAST_DRAWN = 200_000, 100
"""Steps of a sample of an asyncio program, by default; and the least number of its orders."""

REDUCED, MERGED, EVERY = "equivalent orders judged once", "equal states merged", "every order run"
SAMPLE, PART = "a uniform random sample", "not all orders were judged"

FOUND_FIRST = "a broken order was found first; count=True judges all"
"""Why not all orders were judged."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a search."""

    orders: int  # how many are run at most
    counted: bool  # whether it goes on until all orders are counted
    reduces: bool = True  # whether orders may be judged without running each
    are_asked: bool = True  # whether the number of orders was given

    def drawn(self, steps: int) -> int:
        """How many orders of this many steps are drawn for a sample."""
        return self.orders if self.are_asked else min(self.orders, max(LEAST_DRAWN, DRAWN_STEPS // max(1, steps)))


def limits_of(
    max_schedules: int | None, count: bool, reduces: bool, executor: Executor | None, seconds: float | None
) -> Limits:
    """The limits that were asked for; ArgumentError for what cannot be one."""
    if not (max_schedules is None or (isinstance(max_schedules, int) and max_schedules > 0)):
        given = describe(max_schedules)
        said = f"max_schedules is how many orders are run at most, so at least 1; you wrote {given}."
        raise ArgumentError(said, argument="max_schedules", given=given)
    if executor is not None and not callable(getattr(executor, "submit", None)):
        given, what = describe(executor), "executor is one of concurrent.futures, which runs orders in parallel."
        said = advice(what, f"executor={given}", "executor=ProcessPoolExecutor(2), in a with block")
        raise ArgumentError(said, argument="executor", given=given)
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0):
        given = describe(seconds)
        said = f"seconds is how long to explore at most, a number from 0; you wrote {given}."
        raise ArgumentError(said, argument="seconds", given=given)
    return Limits(max_schedules or MAX_SCHEDULES, count, reduces, are_asked=max_schedules is not None)
