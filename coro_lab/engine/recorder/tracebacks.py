"""Exceptions as the program alone would have raised them."""

from __future__ import annotations

import contextlib
import sys
import warnings
from types import FrameType, TracebackType
from typing import Any

from coro_lab.engine.recorder.rewriting import SUSPENDABLE
from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.trace.introspection import error_before, traceback_of
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_RECORDER = ("coro_lab.engine.recorder.", "coro_lab.trace.")


def without_recorder(error: BaseException) -> BaseException:
    """The exception as the program alone would raise it: without frames of Coro Lab, and with the program's cleared."""
    without_own_frames(error)
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        _clear_frames(traceback_of(link))
        link = error_before(link)
    return error


def without_own_frames(error: BaseException) -> BaseException:
    """The exception with the traceback that the program alone would have; its frames keep their locals."""
    trace = traceback_of(error)
    while trace is not None and _module(trace).startswith("coro_lab."):
        trace = trace.tb_next
    _end_at_learners(trace)
    return BaseException.with_traceback(error, trace)


def _end_at_learners(trace: TracebackType | None) -> None:
    """Cut off the frames of a recorder that was interrupted, or that found no room on the stack for another call."""
    end, is_recorder = trace, False
    while trace is not None:
        if _module(trace).startswith(_RECORDER):
            is_recorder = True
        elif not is_recorder or is_learners(trace.tb_frame.f_code):
            end, is_recorder = trace, False
        trace = trace.tb_next
    if is_recorder and end is not None:
        end.tb_next = None


def _module(trace: TracebackType) -> str:
    return str(trace.tb_frame.f_globals.get("__name__"))


def _clear_frames(trace: TracebackType | None) -> None:
    """Clear the locals in the frames of a traceback, which would outlive the run; only its lines are shown.

    Frames of generators and coroutines stay: one that has caught the exception is suspended, and clearing closes it.
    """
    place = _learners_line(trace)
    with warnings.catch_warnings(record=True, action="always") as given:
        while trace is not None:
            if not trace.tb_frame.f_code.co_flags & SUSPENDABLE:
                with contextlib.suppress(RuntimeError):  # still running
                    trace.tb_frame.clear()
            trace = trace.tb_next
    for each in given:  # Python warns of a forgotten coroutine where it is deleted: here
        _Warning(each.message, each.category, *(place if each.filename == __file__ else (each.filename, each.lineno)))


def _learners_line(trace: TracebackType | None) -> tuple[str, int]:
    """The innermost line of the learner's code in a traceback, or else the line that started the recording."""
    place = None
    while trace is not None:
        if is_learners(trace.tb_frame.f_code):
            place = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    frame: FrameType | None = sys._getframe()
    while place is None and frame is not None:
        if not str(frame.f_globals.get("__name__")).startswith("coro_lab."):
            place = frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return place or ("<unknown>", 1)


class _Warning:
    """A warning given when this object is deleted. Where warnings are errors it cannot be caught, like Python's warning
    about a coroutine that is deleted."""

    def __init__(self, *warning: Any) -> None:
        self._warning = warning

    def __del__(self) -> None:
        warnings.warn_explicit(*self._warning)
