"""Judging where no process can be started, as in a browser: in this process, with a limit of turns instead of seconds.

A loop of Python that never ends is stopped, recorded or not. Nothing can stop what never ends inside one call of a C
function, such as `sum(itertools.count())`, or takes all memory: then the page must be loaded again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType

from coro_lab.lessons.checker.exercise import Exercise
from coro_lab.lessons.checker.judging import judge_safely
from coro_lab.lessons.checker.outcome import NOT_YET, Outcome

MOST_TURNS = 2_000_000
"""Of the loops of an answer in one check; an exercise takes a hundredth of that."""
_MONITOR = sys.monitoring
_OURS = str(Path(__file__).parents[2])


class TooManyTurnsError(BaseException):
    """The argument names the function whose loop goes on; a BaseException, so that `except Exception` misses it."""


def judge(exercise: Exercise, source: str) -> Outcome:
    """The outcome of this attempt."""
    turned: list[str] = []
    with _counted(turned):
        found = judge_safely(exercise, source)
    return Outcome(NOT_YET, _endless(turned[0])) if turned else found


@contextmanager
def _counted(turned: list[str]) -> Iterator[None]:
    """Count how often code that is not of Coro Lab jumps back; at the limit, put its name into `turned` and stop it.

    Nothing is counted where no tool id of `sys.monitoring` is free.
    """
    left = MOST_TURNS

    def jump(code: CodeType, offset: int, destination: int) -> object:
        nonlocal left
        if code.co_filename.startswith(_OURS):
            return _MONITOR.DISABLE
        left -= 1
        if left < 0:
            turned.append(code.co_name)
            raise TooManyTurnsError(code.co_name)
        return None

    free = [tool for tool in (5, 4, 3, 2, 1, 0) if _MONITOR.get_tool(tool) is None]
    if not free:
        yield
        return
    _MONITOR.use_tool_id(tool := free[0], "coro_lab turns")
    try:
        _MONITOR.register_callback(tool, _MONITOR.events.JUMP, jump)
        _MONITOR.set_events(tool, _MONITOR.events.JUMP)
        yield
    finally:
        _MONITOR.set_events(tool, 0)
        _MONITOR.register_callback(tool, _MONITOR.events.JUMP, None)
        _MONITOR.free_tool_id(tool)


def _endless(function: str) -> str:
    return (
        f"Your code was stopped in `{function}`: its loops had gone round {MOST_TURNS:,} times. "
        "Look for a loop over far too much or without an end."
    )
