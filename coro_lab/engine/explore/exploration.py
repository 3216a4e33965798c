"""Exploration: what exploring found."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.asyncio_orders.search import WALKS
from coro_lab.engine.explore.limits import MERGED, PART, REDUCED, SAMPLE
from coro_lab.engine.explore.order_trace import trace_of
from coro_lab.engine.explore.parallel import AnySchedule, Tally
from coro_lab.engine.explore.program import Program
from coro_lab.engine.explore.verdict import VERBS, Finding, TaskWait
from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.noticing import notice
from coro_lab.trace.trace import Trace
from coro_lab.trace.wrapping import fitted


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
    how: str  # equivalent orders judged once, equal states merged, every order run, a random sample, not all judged
    finding: Finding | None  # what is wrong with the first broken order; None if no order is broken
    runs: int  # how many orders were run, or how many different states were found
    reason: str  # why not all orders were judged, or not without running each; empty if there is none
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
        kind = "inequivalent interleaving" if self.how == REDUCED and self.total is None else "interleaving"
        orders = f"{self.judged:,} {kind}{'' if self.judged == 1 else 's'}"
        if self.how in (SAMPLE, WALKS):
            orders = f"{orders} drawn at random" + (f" from {self.total:,}" if self.total else "")
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

    def _remarks(self) -> list[str]:
        found = [self.finding.text] if self.finding and self.finding.kind != "invariant" else []
        if self.endless:
            return [*found, "(a task can wait in a loop for as long as it likes; each ending is counted once)"]
        if self.how == REDUCED and self.total is None:
            return [*found, "(equivalent orders are judged once and not counted; count=True counts them)"]
        why = f", because {self.reason}" if self.reason else ""
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
    )
    return notice(found)


def _counted(number: int, kind: str) -> str:
    words = VERBS[kind]
    if number == 1:
        verb, _, rest = words.partition(" ")
        words = f"{verb}s {rest}"
    return f"{number:,} {words}"
