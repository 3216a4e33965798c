"""A lane stops running: it suspends, delegates, returns or raises. The interpreter reports
PY_YIELD for the innermost generator first.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType

from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.control import Control
from coro_lab.engine.recorder.families import FamilyRecords
from coro_lab.engine.recorder.journal import KIND, Journal
from coro_lab.engine.recorder.lane_table import LaneTable
from coro_lab.engine.recorder.lanes import Activation
from coro_lab.engine.recorder.limits import LimitReached
from coro_lab.engine.recorder.locals import Changes
from coro_lab.engine.recorder.patching import Patch
from coro_lab.engine.recorder.suspendables import wrapped_value
from coro_lab.engine.recorder.tasks import Tasks
from coro_lab.trace.events import IGNORED, Kind
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

_getframe = sys._getframe  # found once, not at each event
_SUSPEND, _DELEGATE, _THROW = Kind.SUSPEND, Kind.DELEGATE, Kind.THROW

_BEHIND_SEND = (2, 4)
"""Bytes from the instruction by which a lane delegates, or from its cache, to the yield behind it."""


class Leaving:
    """The callbacks where a lane stops running."""

    def __init__(
        self,
        journal: Journal,
        lanes: LaneTable,
        checks: Checks,
        tasks: Tasks,
        control: Control,
        families: FamilyRecords,
        patch: Patch,
    ) -> None:
        self._journal = journal
        self._lanes = lanes
        self._checks = checks
        self._tasks = tasks
        self._control = control
        self._families = families
        self._patch = patch

    def on_yield(self, code: CodeType, offset: int, value: object, frame: FrameType | None = None) -> None:
        try:
            journal = self._journal
            stack, fields = journal.stack, journal.fields
            lane = stack[-1] if stack else self._control.goes_on(frame or _getframe(1))
            if lane is None or lane.code is not code:
                lane = self._control.back_in(frame or _getframe(1))
                if lane is None:
                    if self._families.is_hooked(code):
                        self._families.on_end(code, frame or _getframe(1), value, None)
                    return
            stack = journal.stack  # a different list if an event loop has ended
            is_careful = len(fields) >= journal.check_from
            if is_careful:
                self._checks.check(lane)
            if lane.hears:
                kind, told = _SUSPEND, describe(value)
            elif (
                value is None
                and not is_careful
                and lane.info.only_awaits
                and not lane.is_eager
                # the last event is not a value that an inner lane has passed on
                and (last := fields[KIND]) is not _SUSPEND
                and last is not _DELEGATE
            ):  # it suspends for its event loop, as in `asyncio.sleep(0)`; this is `_yielded`, written out
                lane.delegates, kind, told = False, _DELEGATE, "None"
            else:
                kind, told = self._yielded(lane, offset, value)
                if lane.closing and lane.is_dropped and not lane.info.yields_wrapped:
                    told += IGNORED  # an async generator is closed by a task of asyncio
            line, watch = lane.lines[offset], lane.watch
            changed: Changes = ()
            if watch is not None:
                names = watch.before[offset] if line == lane.line else watch.after[lane.line]
                if names:
                    changed = watch.changes(frame or _getframe(1), names)
            stack.pop()  # the rest is `leave`, written out
            lane.line = line
            if not stack:
                fields.extend(changed + (kind, journal.step, lane.index, line, told, None, None))
                return
            peer = stack[-1]
            fields.extend(changed + (kind, journal.step, lane.index, line, told, peer.index, lane.peer_line))
            journal.step += 1
            if peer.info.delegations:
                peer.at = _instruction(peer, frame or _getframe(1))
            if peer.relayed is _THROW:
                self._relay_back(told)
        except Exception as error:
            if not self._checks.ends_by(error):
                raise

    def _relay_back(self, value: str) -> None:
        """An exception was thrown in, and the inner lane yields: record that the outer lanes pass this value on."""
        journal = self._journal
        while journal.stack and (outer := journal.stack[-1]).relayed is _THROW:
            outer.relayed, outer.delegates = None, True
            journal.pass_on()
            journal.leave(outer, _DELEGATE, outer.line, value)

    def _yielded(self, lane: Activation, offset: int, value: object) -> tuple[Kind, str]:
        """The kind of the event at this yield, and its value: the lane suspends, or delegates and passes a value on."""
        if lane.info.may_close_silently:
            self._checks.suspends(lane, offset)
        if offset not in lane.info.delegations:
            lane.delegates = lane.only_none = lane.is_unreported = False
            return _SUSPEND, describe(wrapped_value(value) if lane.info.yields_wrapped else value)
        is_outermost = lane.is_eager or len(self._journal.stack) == 1
        waits = value is not None and is_outermost
        told = describe(value)
        inside = self._journal.inside_yields(lane) if offset - lane.at in _BEHIND_SEND else None
        if inside is not None and (inner := self._lanes.activations[inside[0]]):
            inner.outer = lane
        # code in between, such as `enumerate`, may have changed the value
        lane.delegates = inside is not None and inside[1] == told
        if not lane.delegates:
            told = self._tasks.describe_wait(value, lane.made) if waits else told
        else:
            self._journal.pass_on()
            if waits:  # the inner lanes are suspended by now, so what they wait for can be read
                told = self._journal.replace_yielded(told, self._tasks.describe_wait(value, lane.made))
        if waits:
            self._families.awaited(value)
        return _DELEGATE, lane.gives(told) if lane.is_eager else told

    def on_return(self, code: CodeType, offset: int, value: object, frame: FrameType | None = None) -> None:
        try:
            frame = frame or _getframe(1)
            stack = self._journal.stack
            lane = stack[-1] if stack else None
            if lane is None or lane.code is not code:
                if self._families.is_hooked(code):
                    self._families.on_end(code, frame, value, None)
                    return
                lane = (None if stack else self._control.goes_on(frame)) or self._control.back_in(frame)
            if lane is not None:
                self._finish(lane, Kind.RETURN, lane.lines[offset], describe(value), frame)
                if lane.info.is_top:
                    self._patch.apply(again=True)  # an import has made functions
        except Exception as error:
            if not self._checks.ends_by(error):
                raise

    def on_unwind(self, code: CodeType, offset: int, error: BaseException, *, frame: FrameType) -> None:
        stack = self._journal.stack
        lane = stack[-1] if stack else self._control.goes_on(frame)
        if lane is None or lane.frame != id(frame) or lane.code is not code:
            lane = self._control.back_in(frame)
        if lane is not None:
            value = (
                "LimitReached"
                if self._checks.cut and issubclass(type(error), (LimitReached, SystemExit))
                else describe(error)
            )
            ignored = IGNORED if _reaches_nobody(lane, error, frame) else ""
            self._finish(lane, Kind.RAISE, frame.f_lineno, value + ignored, frame)
        elif self._families.is_hooked(code):
            self._families.on_end(code, frame, None, error)

    def _finish(self, lane: Activation, kind: Kind, line: int, value: str, frame: FrameType) -> None:
        journal = self._journal
        if len(journal.fields) >= journal.check_from:
            self._checks.check(lane)
        watch = lane.watch
        changed = watch.changes(frame, names) if watch is not None and (names := watch.after[lane.line]) else ()
        journal.leave(lane, kind, line, lane.gives(value) if lane.is_eager else value, changed)
        # `LaneTable.remove`, written out
        self._lanes.by_frame.pop(lane.frame, None)
        lane.delegates, lane.watch = False, None
        if lane.info.may_close_silently:
            self._checks.ends(lane)
        if journal.stack:
            peer = journal.stack[-1]
            peer.relayed, peer.delegates = None, False


def _reaches_nobody(lane: Activation, error: BaseException, frame: FrameType) -> bool:
    """Whether the lane that raises has no caller, so that Python prints "Exception ignored in"."""
    if lane.code.co_name == "__del__":
        return frame.f_back is None or "__del__" not in frame.f_back.f_code.co_names
    return lane.is_dropped and type(error) is not GeneratorExit and type(error) is not StopIteration


def _instruction(lane: Activation, inside: FrameType | None) -> int:
    """The offset of the instruction that this lane runs; `inside` is a frame that it has called, however deep."""
    while inside is not None and id(inside) != lane.frame:
        inside = inside.f_back
    return 0 if inside is None else inside.f_lasti
