"""Judging where no process can be started, as in a browser: in this process, with a limit of turns instead of seconds.

A loop of Python that never ends is stopped, recorded or not. Nothing can stop what never ends inside one call of a C
function, such as `sum(itertools.count())`, or takes all memory: then the page must be loaded again.
"""

from __future__ import annotations

from coro_lab.lessons import turns
from coro_lab.lessons.checker.attempt import judge_safely
from coro_lab.lessons.checker.exercise import Exercise
from coro_lab.lessons.checker.outcome import NOT_YET, Outcome


def judge(exercise: Exercise, source: str) -> Outcome:
    """The outcome of this attempt."""
    turned: list[str] = []
    with turns.counted(turned):
        found = judge_safely(exercise, source)
    return Outcome(NOT_YET, _endless(turned[0])) if turned else found


def _endless(function: str) -> str:
    return (
        f"Your code was stopped in `{function}`: its loops had gone round {turns.MOST_TURNS:,} times. "
        "Look for a loop over far too much or without an end."
    )
