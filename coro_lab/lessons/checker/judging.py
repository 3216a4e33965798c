"""From an attempt to its outcome: not attempted, not yet with a reason, or correct."""

from __future__ import annotations

import ast
import re

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Parsons
from coro_lab.lessons.checker.outcome import CORRECT, NOT_ATTEMPTED, NOT_YET, NotYet, Outcome

_NUMBER = re.compile(r"(?<= at line )\d+")
_LINE = re.compile(r",? at line \d+(, `[^`]*`)?")


def judge_here(exercise: Exercise, source: str) -> Outcome:
    """The outcome of this attempt, run in this process: only for code that is known to end.

    For any other code use `coro_lab.lessons.checker.sandbox.judge`.
    """
    if not exercise.is_attempted(source):
        return not_attempted()
    found = _find_fault(exercise, source)
    if found is None:
        return Outcome(CORRECT, "Your code does what was asked for.")
    return Outcome(NOT_YET, f"{found.reason}\n{_advice(exercise, found.reason)}".rstrip(), found.trace, found.index)


def not_attempted() -> Outcome:
    """The outcome of an unchanged starter."""
    return Outcome(NOT_ATTEMPTED, "Write your answer in this cell, then run it.")


def _find_fault(exercise: Exercise, source: str) -> NotYet | None:
    """What the check finds wrong with this answer; None if the answer is correct."""
    answer = None
    try:
        answer = exercise.answer(source)
        exercise.check(answer)
        if isinstance(exercise, Parsons):
            _check_lines(answer)
    except NotYet as found:
        for name in dict.fromkeys(answer.unawaited if answer else ()):
            found.reason += f" A coroutine of `{name}` was never awaited, so it did not run."
        return found.with_traceback(None)
    return None


def _check_lines(answer: Answer) -> None:
    """Require that every statement of the answer ran in some trace: a line that is not needed should be left out."""
    tree = ast.parse(answer.source)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    ran = {
        event.line
        for trace in answer.traces
        for event in trace.events
        if event.lane.name.partition(" ")[0] in own | {"cell"}
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno not in ran:
            raise NotYet(
                f"Line {node.lineno - 1} of your program, `{answer.line(node.lineno)}`, never runs. Leave it out."
            )


def _advice(exercise: Exercise, reason: str) -> str:
    """The sentence of the foreseen mistake whose check ends with the same reason; empty if there is none.

    Line numbers may differ. The text of a line must be the same, because the sentence may be about it.
    """
    for mistake in exercise.mistakes:
        found = _find_fault(exercise, mistake.code)
        ignored = _LINE if mistake.anywhere else _NUMBER
        if found is not None and ignored.sub("", found.reason) == ignored.sub("", reason):
            return mistake.says
    return ""
