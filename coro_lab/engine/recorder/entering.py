"""A lane begins to run: it is started or resumed, and a value arrives in it.

When a generator that delegates is resumed, the interpreter reports PY_RESUME for the outer generator first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import get_ident
from types import CodeType, FrameType

from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.code_info import is_at_for, is_calling
from coro_lab.engine.recorder.control import Control
from coro_lab.engine.recorder.interrupts import without_signals_at_entry
from coro_lab.engine.recorder.journal import Journal
from coro_lab.engine.recorder.lane_table import LaneTable
from coro_lab.engine.recorder.lanes import Activation
from coro_lab.engine.recorder.monitor import DISABLE, EVENTS, ByEvent
from coro_lab.engine.recorder.rewriting import Listener
from coro_lab.engine.recorder.suspendables import cannot_receive, sent_into, will_report
from coro_lab.engine.recorder.threads import RecordedThreads
from coro_lab.engine.recorder.unrecorded import UnrecordedCode
from coro_lab.engine.recorder.watched_code import WatchedCode
from coro_lab.trace.events import EAGER, Kind
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

_getframe, _RESUME = sys._getframe, Kind.RESUME  # found once, not at each event


class Entering:
    """The callbacks for a lane that starts or is resumed, and the reports of rewritten code on what it receives."""

    def __init__(
        self,
        journal: Journal,
        codes: WatchedCode,
        lanes: LaneTable,
        checks: Checks,
        threads: RecordedThreads,
        control: Control,
        unrecorded: UnrecordedCode,
        become_multithreaded: Callable[[], ByEvent],
        *,
        lines: bool,
    ) -> None:
        self.expected: str | None = None  # what the driver is about to send from outside
        self._journal = journal
        self._codes = codes
        self._lanes = lanes
        self._checks = checks
        self._threads = threads
        self._control = control
        self._unrecorded = unrecorded
        self._become_multithreaded = become_multithreaded
        self._lines = lines
        # bound once, because each event looks them up; both dicts stay the same objects
        self._lane_of, self._info_of = lanes.by_frame, codes.by_id

    def on_start(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        try:
            frame = frame or _getframe(1)
            info = self._info_of.get(id(code))
            if info is None and id(code) not in self._unrecorded.hooks:  # a hook is called for each task of a family
                info = self._codes.learn(code)
            if info is None:
                return self._unrecorded.starts(code, frame)
            if get_ident() != self._threads.ident:
                return self._become_multithreaded()[EVENTS.PY_START](code, offset, frame=frame)
            stack, lanes = self._journal.stack, self._lanes
            name = None if stack else lanes.given_name()
            if stack and frame.f_back is None:
                self._threads.notice_greenlet()
            lane = (lanes.unbegun and lanes.begins(frame)) or lanes.add(info, frame, name)
            watch = lane.watch
            changed = watch.changes(frame, names) if watch is not None and (names := watch.after[0]) else ()
            how = EAGER if lane.is_eager else None
            self._control.enter(lane, Kind.START, code.co_firstlineno, how, frame, changed)
        except Exception as error:
            if not self._checks.ends_by(error):
                raise
        return None

    @without_signals_at_entry
    def on_resume(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        try:
            frame = frame or _getframe(1)
            lane = self._lane_of.get(id(frame))
            if lane is None or lane.code is not code or get_ident() != self._threads.ident:
                info = self._info_of.get(id(code)) or self._codes.learn(code)
                if info is None or info.hears:
                    return DISABLE
                if get_ident() != self._threads.ident:
                    return self._become_multithreaded()[EVENTS.PY_RESUME](code, offset, frame=frame)
                if id(frame) in self._lanes.below:
                    return None
                lane = self._control.met(info, frame)
            elif lane.hears:
                return DISABLE
            journal, line = self._journal, lane.lines[offset]  # two at a time: with four, Python would build a tuple
            stack, fields = journal.stack, journal.fields
            thread = journal.thread
            if stack or not lane.info.is_native or self.expected is not None:
                self._resume(lane, line, frame)
            elif len(fields) >= journal.check_from or thread.waiting:
                self._control.enter(lane, _RESUME, line, None, frame)
                thread.pending = ()
            else:  # an event loop resumes it and sends nothing; the rest is `enter`, written out
                lane.line, lane.peer_line, thread.pending = line, None, ()
                journal.step = step = journal.step + 1
                fields.extend((_RESUME, step, lane.index, line, None, None, None))
                stack.append(lane)
        except BaseException as error:
            if self._checks.ends_by(error):
                return None
            if not self._passes_on(code, offset) or not self._checks.postpone(error):
                raise
            if not self._journal.stack or self._journal.stack[-1].frame != id(frame):  # it is not recorded yet
                return self.on_resume(code, offset, frame)
        return None

    def _resume(self, lane: Activation, line: int, frame: FrameType) -> None:
        through = bool(self._journal.thread.pending) and self._is_delegate(frame)
        value = self._known_value(lane, frame)
        self._control.enter(lane, _RESUME, line, value, frame)
        if value is not None and not through:
            self._journal.thread.pending = ()
            return
        self._journal.value_follows(also=through)
        if value is not None:
            self._journal.fill_value(value)

    def _passes_on(self, code: CodeType, offset: int) -> bool:
        """Whether this frame is resumed only to resume the generator that it delegates to."""
        info = self._info_of.get(id(code))
        return info is not None and info.resumes.get(offset, 0) > 1

    def _known_value(self, lane: Activation, frame: FrameType) -> str | None:
        """What was sent, if that is certain without a report of rewritten code.

        It is certain if the driver said so, if only None can be sent, or if the value lies on the generator's stack.
        """
        if not self._journal.stack:
            expected, self.expected = self.expected, None
            if expected is not None:
                return expected
        is_silent = lane.only_none or lane.info.is_expression  # no yield of it keeps a value, so none is reported
        if lane.info.reports and not is_silent and not lane.is_unreported:
            return None
        by = None if self._codes.hands_out_send else self._resumed_by(frame)
        if is_silent and by is not None and not is_calling(by, "send"):
            return "None"
        found = sent_into(frame)
        if found is not None:
            return describe(found[0])
        return "None" if is_at_for(by) else None

    def _resumed_by(self, frame: FrameType) -> FrameType | None:
        """The frame that resumes this one; lanes that only delegate to it are skipped."""
        back = frame.f_back
        for lane in self._journal.stack[::-1]:
            if back is None or not lane.delegates or lane.frame != id(back):
                break
            back = back.f_back
        return back

    def _is_delegate(self, frame: FrameType) -> bool:
        """Whether the running lane resumes this frame by delegating to it, with no frame in between."""
        return (
            bool(self._journal.stack)
            and self._journal.stack[-1].delegates
            and id(frame.f_back) == self._journal.stack[-1].frame
        )

    # -- what rewritten code reports ----------------------------------------------------------------------------------

    def listen(self) -> None:
        """Have rewritten code report here."""
        Listener.heard = self.on_received if self._threads.alone else self._received_in_turn
        Listener.handed_over = self.on_handing_over

    def on_received(self, value: object) -> None:
        """Rewritten code reports what its yield received; called by the hook, which the generator calls."""
        try:
            frame = _getframe(2)
            journal, lane = self._journal, self._lane_of.get(id(frame))
            stack, fields = journal.stack, journal.fields
            if (
                lane is None
                or not lane.hears
                or not stack
                # if the running lane sent the value, this is the thread of that lane
                or (peer := stack[-1]).frame != id(back := frame.f_back)
                or peer.delegates
                or peer.early is not None
                or len(fields) >= journal.check_from
            ):
                if get_ident() != self._threads.ident:
                    self._become_multithreaded()
                    self._received_in_turn(value, frame)
                else:
                    self._received(frame.f_code, value, frame)
                return
            # the rest is `enter`, written out
            lane.peer_line = peer_line = peer.line if self._lines else peer.lines[back.f_lasti]  # type: ignore[union-attr]
            journal.step = step = journal.step + 1
            fields.extend((_RESUME, step, lane.index, lane.line, describe(value), peer.index, peer_line))
            stack.append(lane)
        except Exception as error:
            if not self._checks.ends_by(error):
                raise

    def _received(self, code: CodeType, value: object, frame: FrameType) -> None:
        lane, told = self._lane_of.get(id(frame)), describe(value)
        if lane is None or lane.code is not code:
            info = self._info_of.get(id(code)) or self._codes.learn(code)
            if info is None:
                return
            lane = self._control.met(info, frame)
        alone = lane.hears and not self._is_delegate(frame)  # no other lane has passed the value on
        if lane.hears:
            if self._is_unreported(frame):
                return
            self.expected = self.expected if self._journal.stack else None
            self._control.enter(lane, _RESUME, lane.line, told, frame)
        if not alone:
            self._journal.fill_value(told)

    def _is_unreported(self, frame: FrameType) -> bool:
        """Whether the learner's trace function resumes this frame.

        The interpreter reports nothing while a trace function runs: the next yield of this frame would be missed too.
        """
        back = frame.f_back
        while back is not None and self._journal.stack and id(back) != self._journal.stack[-1].frame:
            if self._codes.is_users(back.f_code):
                return True
            back = back.f_back
        return False

    def _received_in_turn(self, value: object, frame: FrameType | None = None) -> None:
        frame = frame or _getframe(2)
        self._threads.in_turn(self._received, self._codes.is_users, None)(frame.f_code, value, frame=frame)

    def on_handing_over(self, iterable: object) -> None:
        """Rewritten code reports what it is about to delegate to."""
        try:
            state = self._threads.state(_getframe(1))
            if state is not None and state.stack:
                lane = state.stack[-1]
                lane.only_none, lane.is_unreported = cannot_receive(iterable), not will_report(iterable)
        except Exception as error:
            if not self._checks.ends_by(error):
                raise
