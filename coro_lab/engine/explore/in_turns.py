"""Three searches that take turns, step by step, until one of them has judged all orders.

1. *Equivalent orders judged once* (`reduction/`): good where tasks have little to do with each other.
2. *Equal states merged* (`state_search.py`): good where many orders lead to few states.
3. *A search for a broken order* (`early_search.py`), with a smaller share of the steps. It comes first where there are
   very many orders. Once a broken order is known, the others have `AFTER_A_BUG` steps each to judge all orders; if
   they need more, that order is the result.

The first search begins with one order. If there are very many, but hardly any is equivalent to it, most steps are in
conflict, and the second search gets almost all turns, because it takes its steps many times faster. A turn counts in
steps that are taken, not in seconds, so the result is the same on each machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from coro_lab.engine.explore.determinism import FirstOrder
from coro_lab.engine.explore.early_search import EarlySearch
from coro_lab.engine.explore.exploration import Exploration, exploration
from coro_lab.engine.explore.limits import FOUND_FIRST, MERGED, PART, REDUCED, Limits
from coro_lab.engine.explore.parallel import INTERRUPTED, StoppedError, Tally
from coro_lab.engine.explore.program import Program
from coro_lab.engine.explore.reduction.noted_program import search_of
from coro_lab.engine.explore.reduction.order_search import NotReducibleError, OrderSearch
from coro_lab.engine.explore.reduction.same_orders import count_orders, first_order
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.schedules import count
from coro_lab.engine.explore.state_search import MAX_STATES, StateSearch
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import disagreement, judge
from coro_lab.engine.progress_bar import Progress
from coro_lab.errors import NotDeterministicError, UnknownStateError

FIRST_TURN, TURN, CROWDED_TURN = (5_000, 40_000, 5_000), (1_000, 2_000, 250), (1, 40_000, 3_000)
"""Steps of a turn: of the first search, the second, the third. Those of the second are the quickest."""
AFTER_A_BUG = 25_000
"""Steps of each search, beyond which a broken order is enough."""
FEW_STATES = 10_000
"""The least limit of states, even if there seem to be fewer orders: some may be longer than the first."""
CONFIRMED = 16
"""How many random orders are run to confirm that equivalent orders are judged alike."""


class NoneCanError(Exception):
    """Neither of the two searches can judge all orders: why states are not merged, and the searches."""


def reduced_search(program: Program) -> OrderSearch | None:
    """The search that judges equivalent orders once; None where it cannot be seen what steps touch."""
    try:
        return search_of(program)
    except NotReducibleError:
        return None


class SearchInTurns:
    """The three searches of one program; to be used in `quietly`."""

    def __init__(self, program: Program, first: FirstOrder, seed: int, limits: Limits) -> None:
        self._program = program
        self._limits = limits
        self._reason = ""  # why states are not merged
        self._turn = CROWDED_TURN
        self._are_many = count(first.steps) * sum(first.steps) > FIRST_TURN[0]
        most = MAX_STATES if first.spins else max(FEW_STATES, min(MAX_STATES, count(first.steps)))
        self.early = EarlySearch(program, seed)
        self.merging = StateSearch(program, first.made, most)
        self.reducing = None if first.spins else reduced_search(program)

    def judge_all(self, report: Progress) -> Exploration:
        """What was found. NoneCanError where neither search can judge all orders, and no broken order is known.

        A StoppedError that `report` raises is left to the caller, who may ask for `so_far`.
        """
        early = self.early.search()
        merging: Iterator[int] | None = self.merging.search()
        reducing = None if self.reducing is None else self.reducing.search()
        if self._are_many:
            self._go_on(early, self.early, FIRST_TURN[2], report)
        if reducing is not None:
            reducing, found = self._reduce(reducing, report)
            if found is not None:
                return found
        is_crowded = self._is_crowded()
        self._turn = CROWDED_TURN if is_crowded else FIRST_TURN
        while merging is not None or reducing is not None:
            if reducing is not None:
                reducing, found = self._reduce(reducing, report)
                if found is not None:
                    return found
            if merging is not None:
                merging, found = self._merge(merging, report)
                if found is not None:
                    return found
            if self.early.tally.first is None and (merging or reducing):
                self._go_on(early, self.early, self._turn[2], report)
            alive = [of for of, search in ((self.reducing, reducing), (self.merging, merging)) if search and of]
            if self._knows_enough(alive):
                return self.so_far(FOUND_FIRST)
            can_wait = merging is not None and (self._limits.counted or self.early.tally.first is None)
            self._turn = CROWDED_TURN if is_crowded and can_wait else TURN
        raise NoneCanError(self._reason, self)

    def _is_crowded(self) -> bool:
        """Whether the first of very many orders has hardly any equivalent ones: no more than it has steps."""
        classes = self.reducing.classes[:1] if self.reducing else []
        ways = count_orders(classes)
        return bool(self._are_many and ways and ways[0] <= len(classes[0].schedule))

    def _reduce(self, search: Iterator[int], report: Progress) -> tuple[Iterator[int] | None, Exploration | None]:
        """A turn of the first search: itself if it can go on, and what it has found if it has judged all orders."""
        assert self.reducing is not None
        try:
            if not self._go_on(search, self.reducing, self._turn[0], report):
                found = self._reduced(self.reducing)
                return None, None if self._limits.counted and found.total is None else found
        except (NotReducibleError, NotDeterministicError, RecursionError):
            self.reducing = None
            return None, None
        too_long = self._limits.counted and self.reducing.steps > AFTER_A_BUG  # then they would not be counted
        return (None if too_long or self.reducing.runs > self._limits.orders else search), None

    def _merge(self, search: Iterator[int], report: Progress) -> tuple[Iterator[int] | None, Exploration | None]:
        """A turn of the second search, in the same way."""
        try:
            if not self._go_on(search, self.merging, self._turn[1], report):
                return None, self._merged(self.merging)
        except UnknownStateError as unknown:
            self._reason = str(unknown)
            return None, None
        except RecursionError:
            self._reason = "a state is nested too deeply"
            return None, None
        return search, None

    def _go_on(
        self,
        search: Iterator[int],
        of: OrderSearch | StateSearch | EarlySearch,
        turn: int,
        report: Progress,
    ) -> bool:
        """Let one search take its turn; False if it has come to its end."""
        end = of.steps + turn
        for steps in search:
            report(min(0.99, 1 - 1 / (1 + steps / 100_000)), f"{self._steps:,} steps")
            if steps >= end:
                return True
        return False

    @property
    def _steps(self) -> int:
        return self.early.steps + self.merging.steps + (self.reducing.steps if self.reducing else 0)

    def _knows_enough(self, alive: Sequence[OrderSearch | StateSearch]) -> bool:
        """Whether a broken order is known, and those that could judge all orders have had their steps."""
        if self._limits.counted or not alive or any(each.steps <= AFTER_A_BUG for each in alive):
            return False
        return self.early.tally.first is not None or (self.reducing is not None and self.reducing.has_found)

    # -- results

    def _reduced(self, search: OrderSearch) -> Exploration:
        classes = {first_order(each): each for each in search.classes}
        ways = count_orders(list(classes.values()))
        tally = Tally()
        for (schedule, each), number in zip(classes.items(), ways or [1] * len(classes), strict=True):
            tally.add(schedule, each.finding, number)
        return exploration(self._program, tally, REDUCED, total=tally.judged if ways else None, runs=search.runs)

    def _merged(self, search: StateSearch) -> Exploration:
        endings, endless = search.endings()
        tally = Tally()
        for ending in endings:
            tally.add(ending.schedule, ending.finding, ending.ways)
        total = None if endless else tally.judged
        return exploration(self._program, tally, MERGED, total=total, runs=search.states, endless=endless)

    def _known(self) -> Tally:
        """The orders judged so far by the first or the third search: by one with a broken order, or by the busier."""
        reduced = Tally()
        for each in self.reducing.classes if self.reducing else ():
            reduced.add(first_order(each), each.finding)
        return max(reduced, self.early.tally, key=lambda tally: (tally.first is not None, tally.judged))

    def so_far(self, reason: str) -> Exploration:
        """What is known before all orders are judged."""
        return exploration(self._program, self._known(), PART, reason)


def search_in_turns(
    program: Program, first: FirstOrder, seed: int, limits: Limits, report: Progress
) -> tuple[Exploration, SearchInTurns]:
    """All orders judged, or as many as the limits allow, and what judged them. NoneCanError where neither can."""
    searches = SearchInTurns(program, first, seed, limits)
    with quietly():
        try:
            return searches.judge_all(report), searches
        except StoppedError as stopped:
            return searches.so_far(str(stopped)), searches
        except KeyboardInterrupt:
            found = searches.so_far(INTERRUPTED)
            if not found.judged:
                raise
            return found, searches


def confirm(program: Program, found: Exploration, searches: SearchInTurns, seed: int) -> None:
    """Run some random orders; DisagreementError if one is judged differently from all others."""
    if found.how == MERGED:
        searches.merging.confirm(seed)
    elif found.how == REDUCED and searches.reducing is not None:
        kinds = {each.finding.kind if each.finding else None for each in searches.reducing.classes}
        _confirm_kinds(program, kinds, seed)


def _confirm_kinds(program: Program, kinds: set[str | None], seed: int) -> None:
    chance = Random(seed)
    for _ in range(CONFIRMED):
        run = LiveRun(program)
        while ready := run.ready:
            run.follow((chance.choice(ready),))
        finding = judge(run)
        kind = finding.kind if finding else None
        if kind not in kinds:
            order, schedule = program.abbreviate(run.schedule), program.named(run.schedule)
            raise disagreement(order, schedule, kind, kinds, "Judging equivalent orders once", "Two steps in conflict")
        run.close()
