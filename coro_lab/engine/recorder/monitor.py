"""What a recording borrows from the interpreter: one tool id of `sys.monitoring`, with its events and callbacks.

Start and resume are asked for everywhere, and switched off place by place where the code is not the learner's. All
other events are asked for only in the learner's code. PY_THROW and PY_UNWIND exist only for the whole interpreter.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

from coro_lab.errors import RecordingError
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_MONITORING = sys.monitoring
EVENTS = _MONITORING.events
DISABLE = _MONITORING.DISABLE

_EVERYWHERE = EVENTS.PY_START | EVENTS.PY_RESUME | EVENTS.PY_THROW | EVENTS.PY_UNWIND
_IN_LANES = EVENTS.PY_START | EVENTS.PY_RESUME | EVENTS.PY_YIELD | EVENTS.PY_RETURN

_OF_FOREIGN = (0, EVENTS.PY_RETURN, EVENTS.PY_RETURN | EVENTS.PY_YIELD)

_NAME = "coro_lab"
_USED_BEFORE: set[int] = set()  # tool ids in which code that is not the learner's stays switched off

type ByEvent = dict[int, Callable[..., Any]]


class Monitor:
    """A place among the interpreter's tools, from `take` to `give_back`."""

    def __init__(self) -> None:
        self.is_taken = False  # another tool has the place, and no event arrives any more
        self._tool: int | None = None
        self._callbacks: ByEvent = {}
        self._codes: list[CodeType] = []
        self._foreign: dict[int, int] = {}  # the events that are heard of code that is not the learner's, by its id

    def take(self, callbacks: ByEvent) -> None:
        """Begin to listen. Raises RecordingError where every place is taken."""
        tools = {place: _MONITORING.get_tool(place) for place in (4, 3, 5, 2, 1, 0)}
        free = [place for place, name in tools.items() if name is None]
        if not free:
            raise RecordingError(
                "All six places of sys.monitoring are taken; stop a profiler, debugger or coverage tool.",
                tools=tuple(name for name in tools.values() if name),
            )
        self._tool = free[0]
        _MONITORING.use_tool_id(self._tool, _NAME)
        self.change(callbacks)
        if self._tool not in _USED_BEFORE:  # the tool that had this id before may have switched places off
            _USED_BEFORE.add(self._tool)
            _MONITORING.restart_events()
        _MONITORING.set_events(self._tool, _EVERYWHERE)

    def change(self, callbacks: ByEvent) -> None:
        """Use these callbacks from now on."""
        tool = self._place()
        if tool is not None:
            self._callbacks = callbacks
            for event, callback in callbacks.items():
                _MONITORING.register_callback(tool, event, callback)

    def watch(self, code: CodeType, *, lines: bool, awaits: bool = False, calls: bool = False) -> None:
        """Hear all that happens in this code, with or without its lines, its awaits and its calls."""
        tool = self._place()
        if tool is not None:
            self._codes.append(code)
            wanted = _IN_LANES | (EVENTS.LINE | EVENTS.JUMP if lines else 0) | (EVENTS.INSTRUCTION if awaits else 0)
            wanted |= EVENTS.CALL if calls else 0
            _MONITORING.set_local_events(tool, code, wanted)

    def watch_foreign(self, code: CodeType, event: int) -> None:
        """Hear this event, too, of code that is not the learner's."""
        heard = self._foreign.get(id(code), 0)
        if heard & event or (tool := self._place()) is None:
            return
        self._codes.append(code)
        self._foreign[id(code)] = heard | event
        _MONITORING.set_local_events(tool, code, heard | event)

    def give_back(self) -> None:
        """Switch everything off and leave the place free; may be called again."""
        tool = self._place()
        if tool is not None:
            _MONITORING.set_events(tool, 0)
            for code in self._codes:
                _MONITORING.set_local_events(tool, code, 0)
            for event in self._callbacks:
                _MONITORING.register_callback(tool, event, None)
            _MONITORING.free_tool_id(tool)
        self._tool, self._callbacks, self._codes, self._foreign = None, {}, [], {}

    def _place(self) -> int | None:
        """The place, as long as it is ours. A program that has freed it loses it again; one that took it keeps it.

        Since Python 3.14, no event arrives any more once the place was freed.
        """
        tool = self._tool
        if tool is None:
            return None
        if _MONITORING.get_tool(tool) is None:
            _MONITORING.use_tool_id(tool, _NAME)
            self.is_taken = _MONITORING.get_events(tool) == 0
        if _MONITORING.get_tool(tool) is _NAME:
            return tool
        self.is_taken, self._tool = True, None
        self._leave_to_other(tool)
        return None

    def _leave_to_other(self, tool: int) -> None:
        """Take back the settings that are still ours: Python keeps them when a tool id is freed."""
        if _MONITORING.get_events(tool) == _EVERYWHERE:
            _MONITORING.set_events(tool, 0)
        for code in self._codes:
            if _MONITORING.get_local_events(tool, code) & _IN_LANES in (_IN_LANES, *_OF_FOREIGN):
                _MONITORING.set_local_events(tool, code, 0)
        for event, callback in self._callbacks.items():
            theirs = _MONITORING.register_callback(tool, event, None)
            _MONITORING.register_callback(tool, event, None if theirs is callback else theirs)
