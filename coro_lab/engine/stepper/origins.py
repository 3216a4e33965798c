"""Which stepper made a trace, so that the run can be forked where only the trace is at hand.

A trace is a plain value that can be compared, copied and stored, so this is noted beside it, for as long as it lives.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from coro_lab.trace.trace import Trace

if TYPE_CHECKING:
    from coro_lab.engine.stepper.stepper import Stepper

_MADE: dict[int, Stepper[Any, Any, Any]] = {}


def note(trace: Trace, stepper: Stepper[Any, Any, Any]) -> None:
    """Remember that this `stepper`, which must not refer to the `trace`, has made it."""
    _MADE[id(trace)] = stepper
    weakref.finalize(trace, _MADE.pop, id(trace), None).atexit = False


def stepper_of(trace: Trace) -> Stepper[Any, Any, Any] | None:
    """The stepper that made this very trace, as it was then; None for any other trace."""
    return _MADE.get(id(trace))
