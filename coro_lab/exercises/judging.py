"""From an attempt to its outcome: not attempted, not yet with a reason, or correct."""

from __future__ import annotations

import re

from coro_lab.exercises.answer import Answer
from coro_lab.exercises.exercise import CORRECT, NOT_ATTEMPTED, NOT_YET, Exercise, NotYet, Outcome

_LINE = re.compile(r"(at|as) line \d+(, `[^`]*`)?")


def judge_here(exercise: Exercise, source: str) -> Outcome:
    """The outcome of this attempt, found by running it in this very process: for code that is known to end.

    `coro_lab.exercises.sandbox.judge` does the same for code that nobody has read.
    """
    if not exercise.is_attempted(source):
        return not_attempted()
    try:
        exercise.check(Answer(exercise, source))
    except NotYet as found:
        says = _foreseen(exercise, found.reason)
        return Outcome(NOT_YET, f"{found.reason}\n{says}".rstrip(), found.trace, found.index)
    return Outcome(CORRECT, "Your code does what was asked for.")


def not_attempted() -> Outcome:
    """The outcome before anybody wrote anything."""
    return Outcome(NOT_ATTEMPTED, "Write your answer in this cell, then run it.")


def _foreseen(exercise: Exercise, reason: str) -> str:
    """What the exercise says to a mistake that its check ends in the same way for; nothing, if there is none such."""
    for mistake in exercise.mistakes:
        try:
            exercise.check(Answer(exercise, mistake.code))
        except NotYet as found:
            if _LINE.sub("", found.reason) == _LINE.sub("", reason):
                return mistake.says
    return ""
