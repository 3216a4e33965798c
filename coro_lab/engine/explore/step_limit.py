"""What runs borrow from the interpreter, and how a step that never ends is found.

A loop without a yield in it is found by counting how often code jumps back; that takes a tool id of `sys.monitoring`.
What a run prints goes elsewhere than to the page, and the garbage collector comes less often. All of it is given
back whatever happens: `Borrowed.give_back` may be called again, and where an interrupt comes before it could be called
at all, the callback that slows every loop down finds that out by itself.
"""

from __future__ import annotations

import gc
import math
import sys
from collections.abc import Callable
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

MOST_JUMPS = 1_000_000
"""In one run of one or more steps; a million take about a tenth of a second."""
NAME = "coro_lab patience"
_MONITOR = sys.monitoring
_HERE = __file__.removesuffix("step_limit.py")
_LOOK_EVERY = 1_000  # jumps outside any step, after which it is asked whether anybody is still exploring


class OutOfPatience(BaseException):
    """A step jumped too often; the argument says which function. No `except Exception` in a step holds it up."""


class Budget:
    """How many jumps are left to the run of steps that is going on; without one, no end of them."""

    left: float = math.inf

    @property
    def watching(self) -> bool:
        """Whether jumps are counted now."""
        return any(_MONITOR.get_tool(tool) == NAME for tool in range(6))


budget = Budget()


class Borrowed:
    """What is borrowed for as long as `owner`, a frame, runs: from `take` to `give_back`."""

    def __init__(self, owner: FrameType, end: Callable[[], None]) -> None:
        """`end` is called where the owner has come to its end without giving back."""
        self._owner: FrameType | None = owner
        self._end = end
        self._thread = get_ident()
        self._page: Any = sys.stdout
        self._often = gc.get_threshold()
        self._tool: int | None = None
        self._idle = 0

    def take(self) -> None:
        """Borrow all. Without a free tool id, or where jumps are counted already, they are not counted here."""
        gc.set_threshold(max(self._often[0], 50_000) if self._often[0] else 0)
        free = [tool for tool in (5, 4, 3, 2, 1, 0) if _MONITOR.get_tool(tool) is None]
        if free and not budget.watching:
            self._tool = free[0]
            _MONITOR.use_tool_id(self._tool, NAME)
            _MONITOR.register_callback(self._tool, _MONITOR.events.JUMP, self._jump)
            _MONITOR.set_events(self._tool, _MONITOR.events.JUMP)

    def give_back(self) -> None:
        """Give all back; may be called again, also where it was interrupted."""
        if self._owner is None:
            return
        if self._tool is not None and _MONITOR.get_tool(self._tool) == NAME:
            _MONITOR.set_events(self._tool, 0)
            _MONITOR.register_callback(self._tool, _MONITOR.events.JUMP, None)
            _MONITOR.free_tool_id(self._tool)
        budget.left = math.inf
        sys.stdout = self._page
        gc.set_threshold(*self._often)
        self._owner = None

    def is_abandoned(self) -> bool:
        """Whether the owner has come to its end without giving back, or everything was given back."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame is not self._owner:
            frame = frame.f_back
        return frame is None and get_ident() == self._thread

    def _jump(self, code: CodeType, offset: int, destination: int) -> object:
        if budget.left != math.inf:
            budget.left -= 1
            if budget.left < 0 and get_ident() == self._thread:
                raise OutOfPatience(code.co_name)
        else:
            self._idle += 1
            if self._idle % _LOOK_EVERY == 0 and self.is_abandoned():
                self._end()
        return _MONITOR.DISABLE if code.co_filename.startswith(_HERE) else None
