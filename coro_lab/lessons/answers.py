"""Finding the answer of a question, and the run behind it.

`compute` finds the answer. If it uses nothing of Coro Lab, it is recorded, so that its run is known. If it records,
steps or explores by itself, what it made last is the run. What uses threads is not recorded, because a recording
changes when threads are switched.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from coro_lab.engine.recorder import record
from coro_lab.errors import RecordingError
from coro_lab.lessons.reasons import Evidence
from coro_lab.trace.noticing import noticing
from coro_lab.trace.trace import Trace

_UNRECORDED = ("coro_lab", "concurrent", "multiprocessing", "threading")
"""The packages whose use keeps `compute` from being recorded."""


def find_answer(compute: Callable[[], Any]) -> Evidence:
    """What `compute()` gives, and the run behind it."""
    functions = [compute] if isinstance(compute, FunctionType) else []
    named = list(_named(functions))
    if functions and not any(map(_is_unrecorded, named)):
        trace = _recorded(compute)
        if trace is not None:
            return Evidence(trace.result, trace.error, trace, is_recorded=True)
    with noticing() as runs:
        value, error = None, None
        try:
            value = compute()
        except Exception as raised:
            error = raised
    known = runs or [each for each in named if isinstance(each, Trace)]
    return Evidence(value, error, known[-1] if known else None)


def _recorded(compute: Callable[[], Any]) -> Trace | None:
    """The whole run of `compute`; None if it is too long, or if a recording is going on around it or begins in it."""
    try:
        trace = record(compute)
    except RecordingError:
        return None
    return None if trace.cut or isinstance(trace.error, RecordingError) else trace


def _is_unrecorded(value: object) -> bool:
    """Whether this is a part of one of these packages, or an object of one of their classes."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return str(name).partition(".")[0] in _UNRECORDED


def _named(functions: list[Any]) -> Iterator[object]:
    """The values of the names from outside that these functions use, and that the functions among these use."""
    for function in functions:  # it grows on the way
        for value in _values(function):
            yield value
            is_theirs = isinstance(value, FunctionType) and value.__globals__ is function.__globals__
            if is_theirs and value not in functions:
                functions.append(value)


def _values(function: FunctionType) -> Iterator[object]:
    """The values of the names that a function takes from around it, and the modules that it may import itself."""
    for name in _names(function.__code__):
        yield function.__globals__.get(name, sys.modules.get(name))
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # it is empty as yet
            yield cell.cell_contents


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
