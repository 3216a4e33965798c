"""The journal: what the interpreter reports, as rows.

Facts about the platform that the order of things here leans on. Resuming an outer generator that delegates fires
PY_RESUME from the outside in, yielding fires PY_YIELD from the inside out. `throw()` goes straight to the innermost
generator: the outer ones between are passed without an event, so `_relay` tells what they did. Since 3.13, `close()`
runs nothing of a generator that is suspended outside any `try` (gh-111354) and nobody is told: rewritten code does
without that, and a generator made before the recording is looked at (`_notice_closed`).
"""

from __future__ import annotations

import sys
import weakref
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from coro_lab.description import describe
from coro_lab.events import Kind
from coro_lab.recorder.assembly import Row
from coro_lab.recorder.code import CodeInfo, is_at_for
from coro_lab.recorder.locals import LocalsWatch
from coro_lab.recorder.made_before import frame_of
from coro_lab.recorder.monitor import DISABLE, EVENTS, Callbacks, Monitor
from coro_lab.recorder.patch import Patch
from coro_lab.recorder.territory import is_learners

MAX_EVENTS = 100_000  # a hundred times what Python Tutor allows
_GRACE = 10_000  # further events for what has to be closed after the limit
_CLOSES_SILENTLY = sys.version_info >= (3, 13)
_CANNOT_RECEIVE = frozenset(
    {list, tuple, range, str, bytes, dict, set, frozenset, type(iter([])), type(iter(())), zip, map}
)


class Cut(BaseException):
    """Ends a program that has reached the limit; not an Exception, so that programs do not catch it by mistake."""


class Activation:
    """What the recorder knows of one lane while it runs."""

    __slots__ = ("closing", "code", "delegates", "frame", "index", "line", "relayed", "only_none", "watch")

    def __init__(self, index: int, code: CodeInfo, frame: int) -> None:
        self.index = index
        self.code = code
        self.frame = frame  # the id of its frame, compared and never followed
        self.line: int | None = None
        self.watch: LocalsWatch | None = None
        self.delegates = False  # suspended in a `yield from` or `await`
        self.only_none = False  # delegates to an iterator that cannot receive, so only None can arrive
        self.relayed = False  # running only because an exception passes through it to the one inside
        self.closing = False


class Journal:
    """The rows of one recording, and who runs at this moment."""

    def __init__(self, monitor: Monitor, patch: Patch, *, lines: bool, max_events: int, outside: str) -> None:
        self.rows: list[Row] = []
        self.lanes: list[tuple[CodeInfo | str, str | None]] = []  # each with the name that a driver gave it
        self.codes: dict[int, CodeInfo] = {}  # by the id of the code, which they hold
        self.cut: str | None = None  # why the program was stopped, if it was
        self.expected: str | None = None  # what the driver is about to send from outside
        self.next_name: str | None = None  # how the driver calls the next lane that it starts
        self.thread = 0
        self._monitor = monitor
        self._patch = patch
        self._lines = lines
        self._limit = max_events
        self._outside_name = outside
        self._at: dict[int, Activation] = {}  # by the id of the frame
        self._stack: list[Activation] = []  # who runs; each has called or resumed the next
        self._sleepers: dict[
            int, tuple[Activation, weakref.ref[Any]]
        ] = {}  # may be closed silently; by the id of the frame
        self._pending: list[Row] = []  # resumes whose value the next `received` tells

    def callbacks(self) -> Callbacks:
        """What to call for which event of the interpreter."""
        return {
            EVENTS.PY_START: self._on_start,
            EVENTS.PY_RESUME: self._on_resume,
            EVENTS.PY_YIELD: self._on_yield,
            EVENTS.PY_RETURN: self._on_return,
            EVENTS.PY_THROW: self._on_throw,
            EVENTS.PY_UNWIND: self._on_unwind,
            EVENTS.LINE: self._on_line,
        }

    def watch_all(self) -> None:
        """Listen again to the code that was met before."""
        for info in self.codes.values():
            self._monitor.watch(info.code, lines=self._lines or self.cut is not None)

    # -- entering a lane ----------------------------------------------------------------------------------------------

    def _on_start(self, code: CodeType, offset: int) -> object:
        if get_ident() != self.thread:
            return None
        info = self.codes.get(id(code)) or self._learn(code)
        if info is None:
            return DISABLE
        frame = sys._getframe(1)
        lane = self._new(info, frame, None if self._stack else self._given_name())
        self._enter(lane, Kind.START, code.co_firstlineno, None, frame)
        return None

    def _on_resume(self, code: CodeType, offset: int) -> object:
        if get_ident() != self.thread:
            return None
        info = self.codes.get(id(code)) or self._learn(code)
        if info is None:
            return DISABLE
        frame = sys._getframe(1)
        lane = self._lane_of(frame, info)
        through = bool(self._pending) and bool(self._stack) and self._stack[-1].delegates
        row = self._enter(lane, Kind.RESUME, info.line(offset), self._known_value(lane, frame), frame)
        self._pending = [*self._pending, row] if through else [row]
        if row[3] is not None:
            self._tell_pending(row[3])
        return None

    def _on_throw(self, code: CodeType, offset: int, error: BaseException) -> None:
        info = self.codes.get(id(code))
        if get_ident() != self.thread or (info is None and not (info := self._learn(code))):
            return
        frame = sys._getframe(1)
        lane = self._lane_of(frame, info)
        if lane in self._stack:  # it delegated, and the inner one's exception comes out: nobody threw it in
            lane.delegates = False
            return
        kind = Kind.CLOSE if type(error) is GeneratorExit else Kind.THROW
        self._relay(frame, kind, describe(error))
        lane.closing = kind is Kind.CLOSE
        self._enter(lane, kind, info.line(offset), describe(error) if kind is Kind.THROW else None, frame)

    def _relay(self, frame: FrameType, kind: Kind, value: str) -> None:
        """Tell what the delegating lanes did through which an exception went on its way to an inner one."""
        passed = []
        back = frame.f_back
        while back is not None and (lane := self._at.get(id(back))) is not None and lane not in self._stack:
            passed.append((lane, back))
            back = back.f_back
        for lane, at in reversed(passed):
            lane.closing = kind is Kind.CLOSE
            self._enter(lane, kind, at.f_lineno, value if kind is Kind.THROW else None, at)
            lane.relayed = True

    def _enter(self, lane: Activation, kind: Kind, line: int, value: str | None, frame: FrameType) -> Row:
        if len(self.rows) >= self._limit:
            self._refuse(lane)
        if self._sleepers:
            self._notice_closed()
        peer = self._stack[-1] if self._stack else None
        lane.line = line
        self._stack.append(lane)
        changed = lane.watch.changes(frame) if lane.watch is not None and kind is Kind.START else ()
        peer_line = None if peer is None else peer.line if self._lines else self._line_in(peer, frame)
        row: Row = [lane.index, kind, line, value, None if peer is None else peer.index, peer_line, changed]
        self.rows.append(row)
        return row

    @staticmethod
    def _line_in(peer: Activation, frame: FrameType) -> int | None:
        """Where a lane is that has called, over any number of other frames, this frame."""
        back = frame.f_back
        while back is not None and back.f_code is not peer.code.code:
            back = back.f_back
        return peer.line if back is None else back.f_lineno

    def _known_value(self, lane: Activation, frame: FrameType) -> str | None:
        """What was sent, where that is certain without hearing it: the driver said so, or it can be found on the
        stack of a
        generator made before the recording, or nothing but None can come."""
        expected, self.expected = self.expected, None
        if expected is not None and not self._stack:
            return expected
        found = self._patch.sent_into(lane.frame, lane.code.code)
        if found is not None:
            return describe(found[0])
        if lane.only_none or lane.code.name == "<genexpr>":  # a generator expression drops what is sent into it
            return "None"
        through = bool(self._pending) and bool(self._stack) and self._stack[-1].delegates
        return "None" if not through and frame.f_back is not None and is_at_for(frame.f_back) else None

    # -- leaving a lane -----------------------------------------------------------------------------------------------

    def _on_yield(self, code: CodeType, offset: int, value: object) -> None:
        lane = self._running(code)
        if lane is None:
            return
        lane.delegates = offset in lane.code.delegations
        kind = Kind.DELEGATE if lane.delegates else Kind.SUSPEND
        passes = kind is Kind.DELEGATE and self.rows[-1][1] in (Kind.SUSPEND, Kind.DELEGATE)
        text = self.rows[-1][3] if passes else describe(value)
        self._leave(lane, kind, lane.code.line(offset), text, sys._getframe(1))
        while self._stack and self._stack[-1].relayed:
            outer = self._stack[-1]
            outer.relayed = False
            self._leave(outer, Kind.DELEGATE, outer.line, text, sys._getframe(1), looks=False)

    def _on_return(self, code: CodeType, offset: int, value: object) -> None:
        lane = self._running(code)
        if lane is not None:
            self._finish(lane, Kind.RETURN, lane.code.line(offset), describe(value), sys._getframe(1))
            if lane.code.is_top:
                self._patch.apply(again=True)  # an import has made functions

    def _on_unwind(self, code: CodeType, offset: int, error: BaseException) -> None:
        lane = self._running(code)
        if lane is not None:
            frame = sys._getframe(1)
            self._finish(lane, Kind.RAISE, frame.f_lineno, "the cut" if type(error) is Cut else describe(error), frame)

    def _finish(self, lane: Activation, kind: Kind, line: int, value: str, frame: FrameType) -> None:
        self._leave(lane, kind, line, value, frame)
        self._at.pop(lane.frame, None)
        self._sleepers.pop(lane.frame, None)
        if self._stack:
            self._stack[-1].relayed = self._stack[-1].delegates = False

    def _leave(
        self, lane: Activation, kind: Kind, line: int | None, value: str | None, frame: FrameType, looks: bool = True
    ) -> None:
        if self._sleepers:
            self._notice_closed()
        self._stack.pop()
        lane.line = line
        peer = self._stack[-1] if self._stack else None
        changed = lane.watch.changes(frame) if lane.watch is not None and looks else ()
        peer_line = None if peer is None else peer.line if self._lines else self._line_in(peer, frame)
        self.rows.append([lane.index, kind, line, value, None if peer is None else peer.index, peer_line, changed])

    def _notice_closed(self) -> None:
        """Tell of generators that were closed since the last event; only the running lane can have done it."""
        for lane, made in list(self._sleepers.values()):
            if lane not in self._stack and ((it := made()) is None or frame_of(it) is None):
                closer = self._stack[-1] if self._stack else None
                at = (None, None) if closer is None else (closer.index, closer.line)
                self.rows.append([lane.index, Kind.CLOSE, lane.line, None, *at, ()])
                self.rows.append([lane.index, Kind.RAISE, lane.line, "GeneratorExit()", *at, ()])
                self._at.pop(lane.frame, None)
                del self._sleepers[lane.frame]

    # -- inside a lane ------------------------------------------------------------------------------------------------

    def _on_line(self, code: CodeType, line: int) -> None:
        lane = self._running(code)
        if lane is None:
            return
        if len(self.rows) >= self._limit:
            self._refuse(lane)
        if self._sleepers:
            self._notice_closed()
        if lane.watch is not None:
            lane.line = line
            self.rows.append([lane.index, Kind.LINE, line, None, None, None, lane.watch.changes(sys._getframe(1))])

    def on_received(self, value: object) -> None:
        """Rewritten code says what its yield gave back: the value of the resumes just told."""
        if self._pending and get_ident() == self.thread:
            self._tell_pending(describe(value))

    def _tell_pending(self, value: str) -> None:
        for row in self._pending:
            row[3] = value
        self._pending = []

    def on_handing_over(self, iterable: object) -> None:
        """Rewritten code says what it is about to delegate to."""
        if self._stack and get_ident() == self.thread:
            self._stack[-1].only_none = type(iterable) in _CANNOT_RECEIVE

    def on_output(self, text: str) -> None:
        """The program has written this to stdout."""
        if get_ident() != self.thread or not text:
            return
        top = self._stack[-1] if self._stack else None
        lane = self._outside() if top is None else top.index
        last = self.rows[-1] if self.rows else None
        if last is not None and last[0] == lane and last[1] is Kind.OUTPUT and not str(last[3]).endswith("\n"):
            last[3] = str(last[3]) + text
        else:
            line = None if top is None else self._line_in(top, sys._getframe(1))
            self.rows.append([lane, Kind.OUTPUT, line, text, None, None, ()])

    def _outside(self) -> int:
        """The lane of what prints without being the learner's code: one for all of it."""
        for index, (code, _) in enumerate(self.lanes):
            if isinstance(code, str):
                return index
        self.lanes.append((self._outside_name, None))
        return len(self.lanes) - 1

    # -- who is who ---------------------------------------------------------------------------------------------------

    def _running(self, code: CodeType) -> Activation | None:
        """The lane on top of the stack, if this event (raised two frames up) is really its own."""
        if not self._stack or get_ident() != self.thread:
            return None
        lane = self._stack[-1]
        return lane if lane.code.code is code and lane.frame == id(sys._getframe(2)) else None

    def _lane_of(self, frame: FrameType, info: CodeInfo) -> Activation:
        lane = self._at.get(id(frame))
        return lane if lane is not None and lane.code is info else self._new(info, frame, None)

    def _new(self, info: CodeInfo, frame: FrameType, name: str | None) -> Activation:
        lane = Activation(len(self.lanes), info, id(frame))
        lane.watch = LocalsWatch(info, frame) if self._lines else None
        self._at[id(frame)] = lane
        made = self._patch.made_before(id(frame)) if _CLOSES_SILENTLY else None
        if made is not None:
            self._sleepers[id(frame)] = lane, made
        self.lanes.append((info, name))
        return lane

    def _given_name(self) -> str | None:
        name, self.next_name = self.next_name, None
        return name

    def _learn(self, code: CodeType) -> CodeInfo | None:
        if not is_learners(code):
            return None
        info = self.codes[id(code)] = CodeInfo(code)  # holds the code, so that its id stays its own
        self._monitor.watch(code, lines=self._lines or self.cut is not None)
        return info

    # -- the limit ----------------------------------------------------------------------------------------------------

    def _refuse(self, lane: Activation) -> None:
        """End the program by an exception at each of its lines, except where something is only being closed."""
        if self.cut is None:
            self.cut = (
                f"The run was stopped after {self._limit} events; record(..., max_events=...) sets another limit."
            )
            self.watch_all()
        if len(self.rows) >= self._limit + _GRACE or not any(each.closing for each in (*self._stack, lane)):
            raise Cut(self.cut)
