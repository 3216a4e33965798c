"""Async generators to which nothing refers any more: their event loop hears of each, and closes it later.

The interpreter cannot close such a generator itself, since its `finally` may await. It calls the function that the loop
has given to `sys.set_asyncgen_hooks`. That of asyncio is written in Python, so its start is reported; it makes a task
of `aclose()`, which runs in a later turn of the loop. Other loops are not noticed here, and what they close is told
without the moment at which it was abandoned.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import AsyncGeneratorType, CodeType, FrameType
from typing import Any

from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.engine.recorder.control import Control
from coro_lab.engine.recorder.journal import Journal
from coro_lab.engine.recorder.lane_table import LaneTable
from coro_lab.engine.recorder.lanes import Activation
from coro_lab.engine.recorder.locals import variable
from coro_lab.engine.recorder.suspendables import gone, is_begun
from coro_lab.engine.recorder.tasks import Tasks, coroutine_of
from coro_lab.engine.recorder.threads import RecordedThreads
from coro_lab.engine.recorder.watched_code import WatchedCode
from coro_lab.trace.events import BEFORE, BY_LOOP, LOOP_CLOSES, NOBODY_CLOSES, SHUT_DOWN, Kind
from coro_lab.trace.introspection import class_name
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_HOOK, _MODULE = "BaseEventLoop._asyncgen_finalizer_hook", "asyncio.base_events"


@dataclass(slots=True)
class Abandoning:
    """The callback for the hook of an event loop."""

    _journal: Journal
    _codes: WatchedCode
    _lanes: LaneTable
    _checks: Checks
    _threads: RecordedThreads
    _control: Control

    @staticmethod
    def may_be_hook(code: CodeType) -> bool:
        """Whether this code can be that of a loop's hook, going by its name."""
        return code.co_qualname == _HOOK

    def meets(self, code: CodeType, frame: FrameType) -> bool:
        """Whether this code, which is not the learner's, is that of a loop's hook."""
        return code.co_qualname == _HOOK and frame.f_globals.get("__name__") == _MODULE

    def on_start(self, frame: FrameType) -> None:
        """The hook starts: nothing refers to its argument any more."""
        made, loop = variable(frame, "agen"), variable(frame, "self")
        if type(made) is not AsyncGeneratorType or not is_begun(made) or self._checks.cut:
            return
        collecting = self._threads.is_collecting()
        state = self._threads.state(frame)
        if state is not None and state.waiting and not state.stack:
            self._control.end_loop_unless(frame)
        lane = self._lanes.by_frame.get(id(made.ag_frame))
        value = NOBODY_CLOSES if getattr(loop, "_closed", False) else LOOP_CLOSES
        if lane is None or lane.code is not made.ag_code:
            if state is None or not self._codes.is_users(made.ag_code):
                return
            lane, value = self._met(made), value + BEFORE
        elif state is None and not collecting:
            return
        self._checks.check(lane)
        peer = self._journal.stack[-1] if self._journal.stack and not collecting else None
        self._journal.happens_to(lane, Kind.ABANDON, value, peer, frame)

    def _met(self, made: Any) -> Activation:
        """The lane of an async generator that was begun before the recording."""
        lane = self._lanes.add(CodeInfo.of(made.ag_code), made.ag_frame, None, is_finalised=True)
        lane.line, lane.made = made.ag_frame.f_lineno, gone
        return lane


def how_loop_closes(lane: Activation, tasks: Tasks, *, is_dropped: bool) -> str | None:
    """How an event loop closes this async generator, as the value of a CLOSE event; None: it does not.

    The loop makes a task of `aclose()`, and so does the program where it gives that to `create_task`.
    """
    task = tasks.current()
    if not lane.info.yields_wrapped or task is None or class_name(type(coroutine_of(task))) != "async_generator_athrow":
        return None
    if is_dropped:
        return BY_LOOP
    loop = sys.modules["asyncio"].get_running_loop()
    return SHUT_DOWN if getattr(loop, "_asyncgens_shutdown_called", False) else None
