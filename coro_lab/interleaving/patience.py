"""A step that never ends: a loop without a yield in it, found by counting how often the code jumps back."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from types import CodeType

MOST_JUMPS = 1_000_000
"""In one run of one or more steps; a million take about a tenth of a second."""
_MONITOR = sys.monitoring
_HERE = __file__.removesuffix("patience.py")


class OutOfPatience(BaseException):
    """A step jumped too often; the argument says which function. No `except Exception` in a step holds it up."""


class Budget:
    """How many jumps are left to the run of steps that is going on; without one, no end of them."""

    left: float = math.inf
    watching = False


budget = Budget()


@contextmanager
def patience() -> Iterator[None]:
    """Jumps are counted in here, and end a run with OutOfPatience; it takes a free id of sys.monitoring."""
    free = [tool for tool in (5, 4, 3, 2, 1, 0) if _MONITOR.get_tool(tool) is None]
    if not free or budget.watching:
        yield
        return
    tool, thread = free[0], get_ident()

    def jump(code: CodeType, offset: int, destination: int) -> object:
        budget.left -= 1
        if budget.left < 0 and get_ident() == thread:
            raise OutOfPatience(code.co_name)
        return _MONITOR.DISABLE if code.co_filename.startswith(_HERE) else None

    budget.watching = True
    _MONITOR.use_tool_id(tool, "coro_lab patience")
    _MONITOR.register_callback(tool, _MONITOR.events.JUMP, jump)
    _MONITOR.set_events(tool, _MONITOR.events.JUMP)
    try:
        yield
    finally:
        _MONITOR.set_events(tool, 0)
        _MONITOR.register_callback(tool, _MONITOR.events.JUMP, None)
        _MONITOR.free_tool_id(tool)
        budget.watching = False
