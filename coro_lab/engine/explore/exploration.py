"""Exploration: what exploring found."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.asyncio_orders.search import WALKS
from coro_lab.engine.explore.limits import MERGED, PART, REDUCED, SAMPLE
from coro_lab.engine.explore.order_trace import trace_of
from coro_lab.engine.explore.parallel import AnySchedule, Tally
from coro_lab.engine.explore.program import Program
from coro_lab.engine.explore.verdict import VERBS, Finding, TaskWait
from coro_lab.engine.explore.weights import Weights
from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.noticing import notice
from coro_lab.trace.trace import Trace
from coro_lab.trace.wrapping import fitted

SPELLED = 10**15
"""From here on, the number of orders is given as 1.2e+15."""


@dataclass(frozen=True)
class Exploration:
    """What exploring found. As text: the figures, and what is wrong with the first broken order.

    `schedule`, `counterexample`, `waits` and `finding` are about that order.
    """

    total: int | None  # the number of orders; None if it is infinite, or not known
    judged: int  # how many were judged; of equivalent orders that are not counted, and of endings, each counts once
    broken: int  # how many of these are broken
    kinds: dict[str, int]  # how many are broken, by kind: invariant, error, deadlock, lost wake-up, left behind,
    # unseen error
    how: str  # equivalent orders judged once, equal states merged, every order run, a uniform random sample, random
    # walks, not all judged
    finding: Finding | None  # what is wrong with the first broken order; None if no order is broken
    runs: int  # how many orders were run, or how many different states were found
    reason: str  # why not all orders were judged, or why each was run; empty without such a reason
    endless: bool  # there are infinitely many orders, because a task can wait in a loop
    program: Any = field(repr=False, kw_only=True)  # what was explored, for `lattice`
    first: AnySchedule | None = field(repr=False, kw_only=True)  # the first broken order, as the numbers of its tasks
    weights: Weights = field(repr=False, kw_only=True)  # of the orders that were drawn at random

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

    @property
    def broken_share(self) -> tuple[float, float] | None:
        """The share of broken orders among all, from 0 to 1: at least and at most; None if it is not known.

        They are equal if all orders are counted. A random sample gives an interval with a confidence of 95 %, in which
        orders that were less likely to be drawn count more.
        """
        if self.how in (SAMPLE, WALKS):
            return self.weights.share
        return (self.broken / self.total,) * 2 if self.total else None

    def __bool__(self) -> bool:
        """Raises ArgumentError: `assert explore(...)` would always pass."""
        raise ArgumentError(
            advice("An exploration is not true or false.", "assert explore(...)", "assert explore(...).broken == 0")
        )

    def __repr__(self) -> str:
        return fitted("\n".join([self._figures(), *self._remarks()]))

    def _figures(self) -> str:
        kind = "inequivalent interleaving" if self.how == REDUCED and self.total is None else "interleaving"
        orders = f"{self.judged:,} {kind}{'' if self.judged == 1 else 's'}"
        if self.how in (SAMPLE, WALKS):
            orders = f"{orders} drawn at random{self._from_how_many()}"
        elif self.how == PART:
            orders = f"{orders} judged"
        if self.endless:
            endings = f"{self.judged:,} ending{'' if self.judged == 1 else 's'}"
            orders = f"Infinitely many interleavings of {self.runs:,} different states, with {endings}"
        if not self.broken:
            return f"{orders}, none of them broken"
        parts = [_counted(number, kind) for kind, number in self.kinds.items()]
        first = self.program.abbreviate(self.first or ())
        return f"{orders}, {', '.join(parts)}; first {first}"

    def _from_how_many(self) -> str:
        if self.total:
            return f" from {self.total:,}"
        about = self.weights.total
        if about is None:
            return ""
        return f" from about {about:,}" if about < SPELLED else f" from about {Decimal(about):.1e}"

    def _remarks(self) -> list[str]:
        found = [self.finding.text] if self.finding and self.finding.kind != "invariant" else []
        if self.endless:
            return [*found, "(a task can wait in a loop for as long as it likes; each ending is counted once)"]
        if self.how == REDUCED and self.total is None:
            return [*found, "(equivalent orders are judged once and not counted; count=True counts them)"]
        why = f", because {self.reason}" if self.reason else ""
        if self.how == WALKS:
            return [*found, f"({self.how}{why}; {_among_all(self.broken_share)})"]
        return found if self.how in (MERGED, REDUCED) else [*found, f"({self.how}{why})"]


def exploration(
    program: Program | AsyncProgram,
    tally: Tally,
    how: str,
    reason: str = "",
    total: int | None = None,
    *,
    runs: int | None = None,
    endless: bool = False,
) -> Exploration:
    """The result for these orders. `runs` is how many were run, or how many states were found, if not all that many."""
    broken = sum(tally.kinds.values())
    runs = tally.judged if runs is None else runs
    found = Exploration(
        total,
        tally.judged,
        broken,
        tally.kinds,
        how,
        tally.finding,
        runs,
        reason,
        endless,
        program=program,
        first=tally.first,
        weights=tally.weights,
    )
    return notice(found)


def _among_all(share: tuple[float, float] | None) -> str:
    """How many of all orders are broken, where some are more likely to be drawn than others."""
    if share is None:
        return "what share of all orders is broken cannot be told from them"
    low, high = (f"{each:.2g}" if each < 1 else f"{each:.0f}" for each in (100 * one for one in share))
    return f"of all orders, {low} to {high} % are broken, most likely"


def _counted(number: int, kind: str) -> str:
    words = VERBS[kind]
    if number == 1:
        verb, _, rest = words.partition(" ")
        words = f"{verb}s {rest}"
    return f"{number:,} {words}"
