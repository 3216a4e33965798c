"""Judging where no process can be started, as in a browser: in this process, with a limit of steps instead of seconds.

A loop of Python that never ends is stopped, recorded or not. Nothing can stop what never ends inside one call of a C
function, such as `sum(itertools.count())`, or takes all memory: then the page must be loaded again.
"""

from __future__ import annotations

import math

from coro_lab.engine.explore.step_limit import StepLimitReached, budget, quietly
from coro_lab.lessons.checker.exercise import Exercise
from coro_lab.lessons.checker.judging import judge_whatever_happens
from coro_lab.lessons.checker.outcome import NOT_YET, Outcome

MOST_JUMPS = 5_000_000
"""How often a check may jump back in loops, its own and those of the answer; an exercise takes a hundredth of that."""


def judge(exercise: Exercise, source: str) -> Outcome:
    """The outcome of this attempt."""
    with quietly():
        budget.left = MOST_JUMPS
        try:
            return judge_whatever_happens(exercise, source, StepLimitReached)
        except StepLimitReached as found:
            return Outcome(NOT_YET, _endless(found))
        finally:
            budget.left = math.inf


def _endless(found: StepLimitReached) -> str:
    return (
        f"Your code was stopped in `{found}`: its loops had gone round {MOST_JUMPS:,} times. "
        "Look for a loop over far too much or without an end."
    )
