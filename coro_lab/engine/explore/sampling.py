"""Orders drawn at random, from the first step to the end, so that none has to be rejected.

1. Where all states are known (`state_search.py`), so is the number of orders that go on from each. Each step is drawn
   in proportion to these numbers; then all orders are equally likely.
2. Otherwise each step is drawn in proportion to the steps that the ready tasks have left, as far as some orders have
   shown. That is how a shuffle of all steps draws, so all orders are equally likely if no task waits and each always
   takes the same number of steps. If not, the probability of each drawn order is still known (`weights.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from random import Random

from coro_lab.engine.explore.determinism import FirstOrder
from coro_lab.engine.explore.parallel import DRAWS, Counted, StoppedError, Tally, added_up, ignore, until_stopped
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.schedules import LONG, look_for_spins
from coro_lab.engine.explore.state_graph import StateGraph
from coro_lab.engine.explore.state_search import StateSearch
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import judge
from coro_lab.engine.explore.weights import PROBES, Weights, drawn_place
from coro_lab.engine.progress_bar import Progress
from coro_lab.errors import UnknownStateError

COUNTED_STEPS = 200_000
"""Steps at most to find all states before a sample is drawn."""


class Shuffle:
    """Draws each step in proportion to the steps that the ready tasks have left, and knows the weight of each order."""

    def __init__(self, steps: Sequence[int]) -> None:
        """`steps` is how many each task takes at most, as far as is known."""
        self.steps = steps
        self.unit = math.prod(map(math.factorial, steps))

    def draw(self, program: Program, chance: Random) -> tuple[LiveRun, int]:
        """An order, run to its end, and its weight in units. SpinningError beyond the limit of steps."""
        run, left = LiveRun(program), list(self.steps)
        choices, likely = 1, 1
        while ready := run.ready:
            if len(run.schedule) >= program.max_steps:
                raise run.endless_error()
            each = [max(1, left[task]) for task in ready]
            at = drawn_place(each, chance)
            choices *= sum(each)
            likely *= each[at]
            left[ready[at]] -= 1
            run.follow((ready[at],))
        return run, choices * self.unit // likely  # `likely` divides the unit: n (n - 1) ... of n! for each task


def probed(program: Program, first: FirstOrder, seed: int) -> tuple[Shuffle, Weights]:
    """A shuffle that knows how many steps each task takes in some orders, and the weights of these orders."""
    chance, shuffle, steps = Random(f"{seed} probes"), Shuffle(first.steps), list(first.steps)
    weights = Weights(shuffle.unit)
    with quietly():
        for _ in range(PROBES):
            run, weight = shuffle.draw(program, chance)
            weights.add(weight, is_broken=False)
            steps = [max(own, run.schedule.count(task)) for task, own in enumerate(steps)]
            run.close()
    return Shuffle(steps), weights


def known_states(program: Program, first: FirstOrder, report: Progress) -> StateGraph | None:
    """All states of a program, so that orders can be counted and drawn; None if they are too many or unknown.

    SpinningError if a task that goes on alone returns to an earlier state.
    """
    search = StateSearch(program, first.made)
    with quietly():
        try:
            for steps in search.search():
                report(0.0, f"{steps:,} steps")
                if steps > COUNTED_STEPS:
                    return None
        except (UnknownStateError, RecursionError, StoppedError):
            return None
        if search.graph.total is None:
            _refuse_spin(program, search.graph.spin())
            return None
    return search.graph


def _refuse_spin(program: Program, schedule: Schedule | None) -> None:
    if schedule is not None:
        run = LiveRun(program).follow(schedule)
        for _ in run.alone(schedule[-1]):
            pass
        raise run.endless_error()


def run_uniform(
    program: Program, states: StateGraph, most: int, seed: int, executor: Executor | None, report: Progress
) -> Tally:
    """`most` equally likely orders, run and judged."""
    chances = [Random(f"{seed} {number}") for number in range(0, most, DRAWS)]
    sizes = _sizes(most)
    portions = [
        partial(judged, program, [states.draw(chance) for _ in range(size)])
        for size, chance in zip(sizes, chances, strict=True)
    ]
    return added_up(portions, executor, report)


def run_shuffles(
    program: Program, shuffle: Shuffle, most: int, seed: int, executor: Executor | None, report: Progress
) -> Tally:
    """`most` orders, drawn by this shuffle, run and judged."""
    portions = [
        partial(shuffled, program, shuffle, size, f"{seed} {number}") for number, size in enumerate(_sizes(most))
    ]
    return added_up(portions, executor, report)


def _sizes(most: int) -> list[int]:
    return [min(DRAWS, most - done) for done in range(0, most, DRAWS)]


def judged(program: Program, schedules: Sequence[Schedule], report: Counted = ignore) -> Tally:
    """Judge these orders. NotDeterministicError where one of them cannot be run, or does not end where it did."""
    tally = Tally()
    with quietly(), until_stopped(tally):
        for schedule in schedules:
            run = LiveRun(program).follow(schedule)
            if run.ready:
                raise run.not_deterministic_error()
            finding = judge(run)
            tally.add(schedule, finding)
            tally.weights.add(1, is_broken=finding is not None)
            run.close()
            report(tally.judged)
    return tally


def shuffled(program: Program, shuffle: Shuffle, size: int, seed: str, report: Counted = ignore) -> Tally:
    """Judge `size` orders, drawn by this shuffle with this seed."""
    tally, chance, long = Tally(weights=Weights(shuffle.unit)), Random(seed), LONG
    with quietly(), until_stopped(tally):
        while tally.judged < size:
            run, weight = shuffle.draw(program, chance)
            if len(run.schedule) >= long:
                long *= 2
                look_for_spins(program, run.schedule)
            finding = judge(run)
            tally.add(tuple(run.schedule), finding)
            tally.weights.add(weight, is_broken=finding is not None)
            run.close()
            report(tally.judged)
    return tally
