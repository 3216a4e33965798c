"""counted(): a limit of turns, for a browser, where a limit of time cannot interrupt a loop."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from types import CodeType

from coro_lab.engine.recorder.user_code import is_learners_file

MOST_TURNS = 2_000_000
"""Of all loops together; an exercise takes a hundredth of that."""
_MONITOR = sys.monitoring


class TooManyTurnsError(BaseException):
    """The argument names the function whose loop goes on; a BaseException, so that `except Exception` misses it."""


@contextmanager
def counted(turned: list[str]) -> Iterator[None]:
    """Count how often the learner's code jumps back; at the limit, put its name into `turned` and stop it.

    The threads that run already, such as those of a kernel, are neither counted nor stopped. Nothing is counted where
    no tool id of `sys.monitoring` is free.
    """
    left, others = MOST_TURNS, sys._current_frames().keys() - {get_ident()}
    learners: set[str] = set()

    def jump(code: CodeType, offset: int, destination: int) -> object:
        nonlocal left
        if code.co_filename not in learners:
            if _is_foreign(code.co_filename):
                return _MONITOR.DISABLE
            learners.add(code.co_filename)
        if get_ident() in others:
            return None
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


def _is_foreign(filename: str) -> bool:
    """Whether this is code of Python, of an installed package or of Coro Lab; code of `exec` is the learner's."""
    return filename.startswith("<frozen ") or not (filename.startswith("<") or is_learners_file(filename))
