"""What made a trace, so that its run can be forked where only the trace is at hand.

A trace is a plain value that can be compared, copied and stored, so this is noted beside it, for as long as it lives.
"""

from __future__ import annotations

import weakref

from coro_lab.trace.trace import Trace

_MAKERS: dict[int, object] = {}


def note(trace: Trace, maker: object) -> None:
    """Remember that `maker`, which must not refer to the `trace`, has made it."""
    _MAKERS[id(trace)] = maker
    weakref.finalize(trace, _MAKERS.pop, id(trace), None).atexit = False


def maker_of(trace: Trace) -> object | None:
    """What made this very trace; None if nothing was noted."""
    return _MAKERS.get(id(trace))
