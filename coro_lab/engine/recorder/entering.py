"""Entering a lane: it is started, resumed, or has an exception thrown in.

Facts about the platform that the order of things here leans on. Resuming an outer generator that delegates fires
PY_RESUME from the outside in. `throw()` goes straight to the innermost generator: the outer ones between are passed
without an event, so `_relay` tells what they did.
"""

from __future__ import annotations

import sys
from threading import get_ident
from types import CodeType, FrameType

from coro_lab.engine.recorder import tasks
from coro_lab.engine.recorder.code_info import is_at_for, is_calling
from coro_lab.engine.recorder.interrupts import without_signals_at_entry
from coro_lab.engine.recorder.lane_table import Roster
from coro_lab.engine.recorder.lanes import Activation
from coro_lab.engine.recorder.monitor import DISABLE, EVENTS
from coro_lab.engine.recorder.rewriting import Listener
from coro_lab.engine.recorder.suspendables import (
    cannot_receive,
    gone,
    is_only_finalised,
    is_running,
    sent_into,
    will_report,
)
from coro_lab.trace.events import DROPPED, Kind
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

_getframe, _RESUME = sys._getframe, Kind.RESUME  # found once, not at each event


def _thrown(error: BaseException) -> tuple[Kind, str]:
    return Kind.THROW, describe(error)


class Entering(Roster):
    """What is done where a lane begins to run."""

    def _on_start(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        info = self.codes.get(id(code)) or self._learn(code)
        if info is None:
            return self._others_start(code, frame or _getframe(1))
        frame = frame or _getframe(1)
        if get_ident() != self._company.ident:
            return self._in_company(EVENTS.PY_START, frame, offset)
        lane = self._new(info, frame, None if self.stack else self._given_name())
        watch = lane.watch
        changed = watch.changes(frame, names) if watch is not None and (names := watch.after[0]) else ()
        self._enter(lane, Kind.START, code.co_firstlineno, None, frame, changed)
        return None

    @without_signals_at_entry
    def _on_resume(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        try:
            frame = frame or _getframe(1)
            lane = self._at.get(id(frame))
            if lane is None or lane.code is not code or get_ident() != self._company.ident:
                info = self.codes.get(id(code)) or self._learn(code)
                if info is None or info.hears:
                    return DISABLE
                if get_ident() != self._company.ident:
                    return self._in_company(EVENTS.PY_RESUME, frame, offset)
                if id(frame) in self._below:
                    return None
                lane = self._met(info, frame)
            elif lane.hears:
                return DISABLE
            line, stack = lane.lines[offset], self.stack  # two and two: of four Python would make a tuple
            fields, strand = self.fields, self.strand
            if stack or not lane.info.is_native or self.expected is not None:
                self._resume(lane, line, frame)
            elif len(fields) >= self._careful_from or strand.waiting:
                self._enter(lane, _RESUME, line, None, frame)
                strand.pending = ()
            else:  # by an event loop, which sends nothing; from here on it is `enter`, written out
                lane.line, lane.peer_line, strand.pending = line, None, ()
                self.step = step = self.step + 1
                fields.extend((_RESUME, step, lane.index, line, None, None, None))
                stack.append(lane)
        except BaseException as error:
            if not self._passes_on(code, offset) or not self._postpone(error):
                raise
            if not self.stack or self.stack[-1].frame != id(frame):  # it is not told yet
                return self._on_resume(code, offset, frame)
        return None

    def _resume(self, lane: Activation, line: int, frame: FrameType) -> None:
        through = bool(self.strand.pending) and self._is_delegate(frame)
        value = self._known_value(lane, frame)
        self._enter(lane, _RESUME, line, value, frame)
        self.value_follows(also=through)
        if value is not None:
            self.tell_value(value)

    def _passes_on(self, code: CodeType, offset: int) -> bool:
        """Whether a frame is resumed here only to resume the one to which it delegates."""
        info = self.codes.get(id(code))
        return info is not None and info.resumes.get(offset, 0) > 1

    def _on_throw(self, code: CodeType, offset: int, error: BaseException, frame: FrameType | None = None) -> object:
        info = self.codes.get(id(code)) or self._learn(code)
        if info is None:
            return None
        frame = frame or _getframe(1)
        if get_ident() != self._company.ident:
            return self._in_company(EVENTS.PY_THROW, frame, offset, error)
        self._goes_on(code, frame)
        lane = self._at.get(id(frame))
        if lane is None or lane.info is not info:
            lane = self._met(info, frame, is_finalised=type(error) is GeneratorExit)
        lane.delegates = False  # what it delegated to is over, and the exception is for the lane itself
        if lane not in self.stack:  # else it comes out of the inner one: nobody threw it in
            self._throw(lane, info.lines[offset], error, frame)
        return None

    def _throw(self, lane: Activation, line: int, error: BaseException, frame: FrameType) -> None:
        """Tell that this is thrown into a lane, and before that into the delegating lanes through which it comes."""
        through = self._delegating_to(lane)
        is_exit = type(error) is GeneratorExit
        kind, value = self._how_closed(through[0] if through else lane, error, frame) if is_exit else _thrown(error)
        closing = is_exit or tasks.is_cancellation(error)
        self._closes = lane if is_exit else None
        for outer in through:
            outer.closing = closing
            self._enter(outer, kind, outer.line, value, frame)
            outer.relayed = Kind.CLOSE if is_exit else Kind.THROW
            if is_exit:  # a generator that is closed, in whichever way, closes the one it delegates to
                kind, value = Kind.CLOSE, None
        lane.closing = closing
        if is_exit and value == DROPPED:  # what it yields now reaches nobody, so that is looked at
            lane.hears = False
        self._enter(lane, kind, line, value, frame)
        self._closes = None

    def _delegating_to(self, lane: Activation) -> list[Activation]:
        """The suspended lanes through which something is thrown into this one right now, the outermost first."""
        through: list[Activation] = []
        outer = lane.outer
        while outer is not None and outer.delegates and outer.made and outer not in self.stack:
            made = outer.made()
            if made is not None and not is_running(made):
                break
            through.insert(0, outer)
            outer = outer.outer
        return through

    def _how_closed(self, lane: Activation, error: BaseException, frame: FrameType) -> tuple[Kind, str | None]:
        """How GeneratorExit comes into this lane, the outermost that it reaches; `frame` is that of the innermost."""
        if self._is_dropped(lane, frame):
            return Kind.CLOSE, DROPPED
        return _thrown(error) if is_calling(frame.f_back, "throw") else (Kind.CLOSE, None)

    def _is_dropped(self, lane: Activation, frame: FrameType) -> bool:
        """Whether a lane is closed because nothing refers to it any more, and not by a call of close()."""
        if lane.made is not None:
            return lane.made() is None
        # it is first met here, so that nothing was asked of it before
        is_held = not is_only_finalised(frame) or is_calling(frame.f_back, "close")
        if is_held and not self._company.is_collected(frame):
            return False
        lane.made = gone
        return True

    def _known_value(self, lane: Activation, frame: FrameType) -> str | None:
        """What was sent, where that is certain without hearing it: the driver said so, or nobody sends anything but
        None, or it can be found on the generator's own stack."""
        if not self.stack:
            expected, self.expected = self.expected, None
            if expected is not None:
                return expected
        is_silent = lane.only_none or lane.info.is_expression  # nothing in it receives a value, which could be heard
        if lane.info.reports and not is_silent and not lane.is_unheard:
            return None
        by = None if self._send_is_out else self._resumed_by(frame)
        if is_silent and by is not None and not is_calling(by, "send"):
            return "None"
        found = sent_into(frame)
        if found is not None:
            return describe(found[0])
        return "None" if is_at_for(by) else None

    def _resumed_by(self, frame: FrameType) -> FrameType | None:
        """The frame that resumes this one, over the lanes that only delegate to it."""
        back = frame.f_back
        for lane in self.stack[::-1]:
            if back is None or not lane.delegates or lane.frame != id(back):
                break
            back = back.f_back
        return back

    def _is_delegate(self, frame: FrameType) -> bool:
        """Whether it is the running lane that resumes this frame by delegating to it, with nothing in between."""
        return bool(self.stack) and self.stack[-1].delegates and id(frame.f_back) == self.stack[-1].frame

    # -- what rewritten code reports ----------------------------------------------------------------------------------

    def _hear(self) -> None:
        Listener.heard = self.on_received if self._company.alone else self._received_in_turn
        Listener.handed_over = self.on_handing_over

    def on_received(self, value: object) -> None:
        """Rewritten code says what its yield gave back; this runs in the hook, and the hook in the generator."""
        frame = _getframe(2)
        lane, stack, fields = self._at.get(id(frame)), self.stack, self.fields
        if (
            lane is None
            or not lane.hears
            or not stack
            # sent by the frame of the lane that runs, the value has arrived in that lane's thread
            or (peer := stack[-1]).frame != id(back := frame.f_back)
            or peer.delegates
            or peer.early is not None
            or len(fields) >= self._careful_from
        ):
            if get_ident() != self._company.ident:
                self._join_company()
                self._received_in_turn(value, frame)
            else:
                self._received(frame.f_code, value, frame)
            return
        # from here on it is `enter`, written out
        lane.peer_line = peer_line = peer.line if self._lines else peer.lines[back.f_lasti]  # type: ignore[union-attr]
        self.step = step = self.step + 1
        fields.extend((_RESUME, step, lane.index, lane.line, describe(value), peer.index, peer_line))
        stack.append(lane)

    def _received(self, code: CodeType, value: object, frame: FrameType) -> None:
        lane, told = self._at.get(id(frame)), describe(value)
        if lane is None or lane.code is not code:
            info = self.codes.get(id(code)) or self._learn(code)
            if info is None:
                return
            lane = self._met(info, frame)
        alone = lane.hears and not self._is_delegate(frame)  # no delegating lane has passed it on
        if lane.hears:
            if self._is_unreported(frame):
                return
            self.expected = self.expected if self.stack else None
            self._enter(lane, _RESUME, lane.line, told, frame)
        if not alone:
            self.tell_value(told)

    def _is_unreported(self, frame: FrameType) -> bool:
        """Whether code of the learner's that is no lane resumes this frame: a trace function, during which the
        interpreter reports nothing, so that it would not be heard either that this one yields again."""
        back = frame.f_back
        while back is not None and self.stack and id(back) != self.stack[-1].frame:
            if self._is_ours(back.f_code):
                return True
            back = back.f_back
        return False

    def _received_in_turn(self, value: object, frame: FrameType | None = None) -> None:
        frame = frame or _getframe(2)
        self._company.in_turn(self._received, self._is_ours, None)(frame.f_code, value, frame=frame)

    def on_handing_over(self, iterable: object) -> None:
        """Rewritten code says what it is about to delegate to."""
        strand = self._company.strand(_getframe(1))
        if strand is not None and strand.stack:
            lane = strand.stack[-1]
            lane.only_none, lane.is_unheard = cannot_receive(iterable), not will_report(iterable)
