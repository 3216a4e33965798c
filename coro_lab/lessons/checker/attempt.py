"""From an attempt to its outcome: not attempted, not yet with a reason, or correct."""

from __future__ import annotations

import ast
import re

from coro_lab.lessons.checker.answer import Answer, message_of
from coro_lab.lessons.checker.exercise import Exercise, Parsons
from coro_lab.lessons.checker.outcome import CORRECT, NOT_ATTEMPTED, NOT_YET, NotYet, Outcome
from coro_lab.trace.events import Event, Kind
from coro_lab.trace.trace import Trace

_LONGEST = 2_000  # events of a run of a correct answer that is shown
_CALL = 4  # events of a call that does nothing worth a look: it begins, reaches a line or two, and returns
_NUMBER = re.compile(r"(?<= at line )\d+")
_LINE = re.compile(r",? at line \d+(, `[^`]*`)?")


def judge_here(exercise: Exercise, source: str) -> Outcome:
    """The outcome of this attempt, run in this process: only for code that is known to end.

    For any other code use `coro_lab.lessons.checker.judge.judge`.
    """
    if not exercise.is_attempted(source):
        return not_attempted()
    found, traces = _find_fault(exercise, source)
    if found is None:
        return Outcome(CORRECT, "Your code does what was asked for.", *_worth_a_look(traces))
    return Outcome(NOT_YET, f"{found.reason}\n{_advice(exercise, found.reason)}".rstrip(), found.trace, found.index)


def judge_safely(exercise: Exercise, source: str) -> Outcome:
    """The same, also where the code breaks the check itself."""
    try:
        return judge_here(exercise, source)
    except BaseException as error:
        cause = f"{type(error).__name__}: {message_of(error)}".removesuffix(": ")
        reason = f"Your code broke the check itself, which ended with {cause}."
        return Outcome(NOT_YET, f"{reason} Leave out what changes Python's own parts.")


def not_attempted() -> Outcome:
    """The outcome of an unchanged starter."""
    return Outcome(NOT_ATTEMPTED, "Write your answer in this cell, then run it.")


def _worth_a_look(traces: list[Trace]) -> tuple[Trace, int] | tuple[()]:
    """The run of a correct answer to show, and the event to stop at: where a value is received, or yielded."""
    calls = traces[1:] or traces  # the first run is that of the cell, which defines the functions
    short = [trace for trace in calls if 0 < len(trace) <= _LONGEST]
    for is_told in (_receives, _yields):
        for trace in short:
            at = next((at for at, event in enumerate(trace) if is_told(event)), None)
            if at is not None:
                return trace, at
    longest = max(short, key=len, default=None)
    return () if longest is None or len(longest) <= _CALL else (longest, len(longest) - 1)


def _receives(event: Event) -> bool:
    return event.kind is Kind.RESUME and event.value not in (None, "None")


def _yields(event: Event) -> bool:
    return event.kind is Kind.SUSPEND


def _find_fault(exercise: Exercise, source: str) -> tuple[NotYet | None, list[Trace]]:
    """What the check finds wrong with this answer, None if the answer is correct; and the answer's runs."""
    answer = None
    try:
        answer = exercise.answer(source)
        exercise.check(answer)
        if isinstance(exercise, Parsons):
            _check_lines(answer)
    except NotYet as found:
        for name in dict.fromkeys(answer.unawaited if answer else ()):
            found.reason += f" A coroutine of `{name}` was never awaited, so it did not run."
        return found.with_traceback(None), []
    return None, answer.traces


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
    """The sentence of the foreseen mistake whose check ends with the same reason; empty without one.

    Line numbers may differ. The text of a line must be the same, because the sentence may be about it.
    """
    for mistake in exercise.mistakes:
        found, _ = _find_fault(exercise, mistake.code)
        ignored = _LINE if mistake.anywhere else _NUMBER
        if found is not None and ignored.sub("", found.reason) == ignored.sub("", reason):
            return mistake.says
    return ""
