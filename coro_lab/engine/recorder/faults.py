"""Faults of the recorder itself: the program must not notice them, and the reader of its trace must.

An exception that leaves a callback goes on into the program. Some do so on purpose, and some come from the program: its
signal handlers run in callbacks as well. Every other one is a fault.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.trace.introspection import traceback_of
from coro_lab.trace.own_builtins import keep_builtins, undisturbed
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

_NO_ROOM = (RecursionError, MemoryError)  # the program would have met them a little later


@undisturbed
def is_fault(error: BaseException) -> bool:
    """Whether this exception, raised in a callback, is a fault: not the program's, nor a lack of stack or memory."""
    if not issubclass(type(error), Exception) or issubclass(type(error), _NO_ROOM):
        return False
    theirs = _handlers()
    return not any(is_learners(code) or code in theirs for code, _ in _places(traceback_of(error)))


@undisturbed
def told(error: BaseException) -> str:
    """What to say of a recording that ended by this fault, in words that help to mend it."""
    code, line = list(_places(traceback_of(error)))[-1]
    return (
        f"The recording is incomplete: Coro Lab itself failed, by {describe(error)} in {code.co_name}, "
        f"{Path(code.co_filename).name}:{line}. The program ran on. Please report this sentence with the program."
    )


def _places(trace: TracebackType | None) -> Iterator[tuple[CodeType, int | None]]:
    while trace is not None:
        yield trace.tb_frame.f_code, trace.tb_lineno
        trace = trace.tb_next


def _handlers() -> list[CodeType]:
    """The code of the functions that are called for a signal."""
    found: list[CodeType] = []
    for number in signal.valid_signals():
        handler: Any = None
        with contextlib.suppress(ValueError):
            handler = signal.getsignal(number)
        code = getattr(getattr(handler, "__func__", handler), "__code__", None)
        found += [code] if type(code) is CodeType else []
    return found
