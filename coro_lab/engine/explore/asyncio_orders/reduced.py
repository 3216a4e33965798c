"""One order of each class of equivalent orders of an asyncio program, judged, and the first of the broken orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coro_lab.engine.explore.asyncio_orders.noted_futures import NOTED, seen
from coro_lab.engine.explore.asyncio_orders.noted_run import NotedAsyncRun, noted_gathering
from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.asyncio_orders.run import own_loop
from coro_lab.engine.explore.parallel import INTERRUPTED, StoppedError, Tally
from coro_lab.engine.explore.reduction.numbers import Numbers
from coro_lab.engine.explore.reduction.order_search import NotReducibleError, OrderClass, OrderSearch
from coro_lab.engine.explore.reduction.same_orders import Begun, count_orders, first_order
from coro_lab.engine.explore.reduction.swapped_code import swapped_code
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.progress_bar import Progress
from coro_lab.errors import NotDeterministicError

MOST_STEPS = 1_000_000
"""Steps after which the search gives up."""
AFTER_A_BUG = 50_000
"""Steps beyond which a broken order is enough."""
LOOKS = 4
"""Orders in which functions without notes are looked for."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """What was found: the orders judged, how many were run, and whether all were judged and counted."""

    tally: Tally
    runs: int
    is_whole: bool
    is_counted: bool


class ReducedSearch:
    """The search of the classes of one program."""

    def __init__(self, program: AsyncProgram) -> None:
        # the invariant is judged by itself, and a run begins with no more than its functions
        self._program = program
        self._roots = [*(function for _, function, _ in program.begins), program.setup, program.invariant]
        self._ids: dict[tuple[int, int], int] = {}
        self._numbers = Numbers(NOTED)
        self._search = OrderSearch(self._begin, program.max_steps)

    def _begin(self) -> NotedAsyncRun:
        return NotedAsyncRun(self._program, self._numbers, self._ids)

    def judge_all(self, most: int, is_counted: bool, report: Progress) -> Reduced | None:
        """What was found; None if it cannot be seen what steps touch, or there are too many classes."""
        stopped, seen.prints = "", self._program.judges_output
        with quietly(), own_loop(), noted_gathering(), swapped_code(seen, self._roots) as swapped:
            try:
                self._look_for_functions(swapped)
                is_whole = self._go_on(most, is_counted, report)
            except StoppedError as found:
                is_whole, stopped = False, str(found)
            except KeyboardInterrupt:
                if not self._search.classes:
                    raise
                is_whole, stopped = False, INTERRUPTED
            except (NotReducibleError, NotDeterministicError, RecursionError):
                return None
            return self._found(is_whole, stopped)

    def _look_for_functions(self, swapped: swapped_code) -> None:
        """Run the first order until all functions that ran without notes have them, as far as that is possible."""
        for _ in range(LOOKS):
            run = self._begin()
            try:
                while ready := run.ready:
                    run.take(ready[0])
            finally:
                run.close()
            if not swapped.swap_what_ran():
                return

    def _go_on(self, most: int, is_counted: bool, report: Progress) -> bool:
        """Run the classes; False where a broken order is enough."""
        search = self._search
        for steps in search.search():
            report(min(0.99, 1 - 1 / (1 + steps / 100_000)), f"{search.runs:,} orders")
            if search.runs > most or steps > MOST_STEPS:
                raise NotReducibleError("there are too many classes")
            if search.has_found and steps > AFTER_A_BUG and not is_counted:
                return False
        return True

    def _found(self, is_whole: bool, stopped: str) -> Reduced:
        classes = list({first_order(each): each for each in self._search.classes}.values())
        ways = count_orders(classes) if is_whole else None
        tally = Tally(stopped=stopped)
        for each, number in zip(classes, ways or [1] * len(classes), strict=True):
            tally.count(each.finding, number)
        broken = [each for each in classes if each.finding is not None]
        if broken:
            fewest = min(len(each.schedule) for each in broken)
            shortest = [each for each in broken if len(each.schedule) == fewest]
            tally.first = self._first_of(shortest)
        return Reduced(tally, self._search.runs, is_whole, ways is not None)

    def _first_of(self, classes: Sequence[OrderClass]) -> tuple[int, ...]:
        """The first order of all these classes, by the names of those who go on; the places of its choices."""
        run, begun = self._begin(), [Begun(each) for each in classes]
        try:
            while ready := sorted(run.ready, key=run.name_of):
                task = next(task for task in ready if any(each.can_go_on(task) for each in begun))
                begun = [each for each in begun if each.can_go_on(task)]
                for each in begun:
                    each.go_on(task)
                run.take(task)
            return tuple(run.taken)
        finally:
            run.close()
