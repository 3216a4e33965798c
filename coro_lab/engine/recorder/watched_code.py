"""The learner's code that has run in a recording, and whose events the interpreter reports."""

from __future__ import annotations

import sys
from inspect import CO_GENERATOR
from types import CodeType

from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.engine.recorder.monitor import EVENTS, Monitor
from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


def calls_back_code() -> CodeType | None:
    """By what asyncio's loop calls back; None where asyncio was not imported."""
    events = sys.modules.get("asyncio.events")
    return None if events is None else events.Handle._run.__code__


class WatchedCode:
    """The facts about each learner's code object that has run in one recording."""

    def __init__(self, monitor: Monitor, *, lines: bool) -> None:
        self.by_id: dict[int, CodeInfo] = {}  # the facts keep the code alive, so no other object gets its id
        self.hands_out_send = False  # from now on any code may call a generator's `send`: it was handed out as a value
        self.every_line = False  # lines are needed to stop the program, also where none are recorded
        self._monitor = monitor
        self._lines = lines

    def watch_all(self) -> None:
        """Ask for the events of all code that is known."""
        for info in self.by_id.values():
            self._watch(info)

    def learn(self, code: CodeType) -> CodeInfo | None:
        """The facts about code that runs for the first time; None if it is not the learner's."""
        if not is_learners(code):
            return None
        info = self.by_id[id(code)] = CodeInfo.of(code)
        self.hands_out_send = self.hands_out_send or info.hands_out_send
        self._watch(info)
        return info

    def is_users(self, code: CodeType) -> bool:
        """Whether this code is the learner's; if so, the interpreter reports its events from now on."""
        return id(code) in self.by_id or self.learn(code) is not None

    def watch_calls(self, code: CodeType) -> None:
        """Ask for the calls in this code, which is not the learner's."""
        self._monitor.watch_foreign(code, EVENTS.CALL)

    def watch_ends(self, code: CodeType) -> None:
        """Ask for the ends of this code, which is not the learner's, and where a generator yields."""
        yields = EVENTS.PY_YIELD if code.co_flags & CO_GENERATOR else 0
        self._monitor.watch_foreign(code, EVENTS.PY_RETURN | yields)

    def _watch(self, info: CodeInfo) -> None:
        awaits = self._lines and bool(info.awaits)
        lines = self._lines or self.every_line
        self._monitor.watch(info.code, lines=lines, awaits=awaits, calls=info.may_cancel)
        if info.hands_out_cancel and (calls_back := calls_back_code()) is not None:
            self._monitor.watch_foreign(calls_back, EVENTS.CALL)
