"""Leaving a lane: it suspends, delegates, returns or raises. Yielding fires PY_YIELD from the inside out."""

from __future__ import annotations

import sys
from types import CodeType, FrameType

from coro_lab.description import describe
from coro_lab.events import Kind
from coro_lab.own_builtins import keep_builtins
from coro_lab.recorder.lanes import Activation
from coro_lab.recorder.limit import Cut
from coro_lab.recorder.locals import Changes
from coro_lab.recorder.roster import Roster
from coro_lab.recorder.suspendables import closes_without_running, wrapped_value

keep_builtins(globals())

_getframe, _SUSPEND, _DELEGATE = sys._getframe, Kind.SUSPEND, Kind.DELEGATE  # found once, not at each event


class Leaving(Roster):
    """What is done where a lane stops running."""

    def _on_yield(self, code: CodeType, offset: int, value: object, frame: FrameType | None = None) -> None:
        stack, fields = self.stack, self.fields
        if not stack:
            self._goes_on(code, frame or _getframe(1))
            stack = self.stack
        if not stack or (lane := stack[-1]).code is not code:
            return
        if len(fields) >= self._careful_from:
            self._be_careful(lane)
        if lane.hears:
            kind, told = _SUSPEND, describe(value)
        else:
            kind, told = self._yielded(lane, offset, value)
        line, watch = lane.lines[offset], lane.watch
        changed: Changes = ()
        if watch is not None:
            names = watch.before[offset] if line == lane.line else watch.after[lane.line]
            if names:
                changed = watch.changes(frame or _getframe(1), names)
        stack.pop()  # from here on it is `leave`, written out
        lane.line = line
        if not stack:
            fields.extend(changed + (kind, self.step, lane.index, line, told, None, None))
            return
        peer = stack[-1]
        fields.extend(changed + (kind, self.step, lane.index, line, told, peer.index, lane.peer_line))
        self.step += 1
        if peer.relayed is Kind.THROW:
            self._relay_back(told)

    def _relay_back(self, value: str) -> None:
        """Tell what the delegating lanes do by whom an exception came in: they pass on what was yielded instead."""
        while self.stack and (outer := self.stack[-1]).relayed is Kind.THROW:
            outer.relayed, outer.delegates = None, True
            self.pass_on()
            self.leave(outer, _DELEGATE, outer.line, value)

    def _yielded(self, lane: Activation, offset: int, value: object) -> tuple[Kind, str]:
        """What a lane does by a yield, and the value: it suspends, or it delegates and passes a value on."""
        if offset not in lane.info.delegations:
            lane.delegates = lane.only_none = lane.is_unheard = False
            return _SUSPEND, describe(wrapped_value(value) if lane.info.yields_wrapped else value)
        is_outermost = lane.is_eager or len(self.stack) == 1
        waits = value is not None and is_outermost
        told = describe(value)
        inside = self.inside_yields(lane)
        if inside is not None and (inner := self._activations[inside[0]]):
            inner.outer = lane
        if lane.info.closes_silently and lane.made:
            lane.ends_silently = closes_without_running(lane.made())
        # something else may have made another value of it in between, as `enumerate` does
        lane.delegates = inside is not None and inside[1] == told
        if not lane.delegates:
            told = self._tasks.describe_wait(value, lane.made) if waits else told
        else:
            self.pass_on()
            if waits:  # the inner lanes are suspended now, so that it can be seen what they wait for
                told = self.tell_again(told, self._tasks.describe_wait(value, lane.made))
        return _DELEGATE, lane.gives(told) if lane.is_eager else told

    def _on_return(self, code: CodeType, offset: int, value: object, frame: FrameType | None = None) -> None:
        frame = frame or _getframe(1)
        stack = self.stack
        if not stack:
            self._goes_on(code, frame)
            stack = self.stack
        if stack and (lane := stack[-1]).code is code:
            self._finish(lane, Kind.RETURN, lane.lines[offset], describe(value), frame)
            if lane.info.is_top:
                self._patch.apply(again=True)  # an import has made functions

    def _on_unwind(self, code: CodeType, offset: int, error: BaseException, frame: FrameType | None = None) -> None:
        frame = frame or _getframe(1)
        stack = self.stack
        if not stack:
            self._goes_on(code, frame)
            stack = self.stack
        if stack and (lane := stack[-1]).frame == id(frame) and lane.code is code:
            value = "the cut" if self.cut and isinstance(error, (Cut, SystemExit)) else describe(error)
            self._finish(lane, Kind.RAISE, frame.f_lineno, value, frame)

    def _finish(self, lane: Activation, kind: Kind, line: int, value: str, frame: FrameType) -> None:
        if len(self.fields) >= self._careful_from:
            self._be_careful(lane)
        watch = lane.watch
        changed = watch.changes(frame, names) if watch is not None and (names := watch.after[lane.line]) else ()
        self.leave(lane, kind, line, lane.gives(value) if lane.is_eager else value, changed)
        self._at.pop(lane.frame, None)
        lane.delegates, lane.watch = False, None
        if self._sleepers.pop(lane.frame, None):
            self._look_out()
        if self.stack:
            self._has_finished_inside(self.stack[-1])

    def _has_finished_inside(self, lane: Activation) -> None:
        """What a lane has called or resumed has ended."""
        relayed, lane.relayed, lane.delegates = lane.relayed, None, False
        if relayed is Kind.CLOSE and lane.ends_silently:
            self.leave(lane, Kind.RAISE, lane.line, "GeneratorExit()")
            self._at.pop(lane.frame, None)
            self._sleepers.pop(lane.frame, None)
            if self.stack:
                self._has_finished_inside(self.stack[-1])
