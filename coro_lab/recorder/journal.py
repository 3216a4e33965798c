"""The journal: what the interpreter reports, as events.

Facts about the platform that the order of things here leans on. Resuming an outer generator that delegates fires
PY_RESUME from the outside in, yielding fires PY_YIELD from the inside out. `throw()` goes straight to the innermost
generator: the outer ones between are passed without an event, so `_relay` tells what they did. Since 3.13, `close()`
runs nothing of a generator that is suspended outside any `try` (gh-111354) and nobody is told: rewritten code does
without that, and a generator made before the recording is looked at (`_notice_closed`). A frame belongs to one lane,
and a thread runs its lanes strictly inside one another.

A step is a span in which one lane runs. Lanes that only pass a value on (they delegate) do not begin one, so a chain of
`yield from` is entered, and left, in a single step. The rule reads nothing but switches: the steps are the same whether
lines are recorded or not.
"""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from itertools import repeat
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from coro_lab.description import describe
from coro_lab.events import Event, Kind
from coro_lab.recorder import tasks
from coro_lab.recorder.code import CodeInfo, is_at_for
from coro_lab.recorder.lanes import Activation, LaneFacts, Strand
from coro_lab.recorder.locals import LocalsWatch
from coro_lab.recorder.made_before import frame_of, wrapped_value
from coro_lab.recorder.monitor import DISABLE, EVENTS, Callbacks, Monitor
from coro_lab.recorder.patch import Patch
from coro_lab.recorder.territory import is_learners
from coro_lab.rewriting import table

MAX_EVENTS = 100_000  # a hundred times what Python Tutor allows
_TURNS = 100  # turns of a loop in a single line that count as one event
_GRACE = 10_000  # further events for what has to be closed after the limit
_CLOSES_SILENTLY = sys.version_info >= (3, 13)
_CANNOT_RECEIVE = frozenset(
    {list, tuple, range, str, bytes, dict, set, frozenset, type(iter([])), type(iter(())), zip, map}
)

# found once, not at each event
_getframe, _event = sys._getframe, tuple.__new__
_RESUME, _SUSPEND, _DELEGATE, _LINE = Kind.RESUME, Kind.SUSPEND, Kind.DELEGATE, Kind.LINE


class Cut(BaseException):
    """Ends a program that has reached the limit; not an Exception, so that programs do not catch it by mistake."""


type Row = Any
"""The fields of an Event: a tuple, or a list where a value is heard, or output goes on, a moment later."""


class Journal:
    """The events of one recording, and who runs at this moment."""

    def __init__(self, monitor: Monitor, patch: Patch, *, lines: bool, max_events: int, outside: str) -> None:
        self.rows: list[Row] = []
        self.lanes: list[LaneFacts] = []
        self.codes: dict[int, CodeInfo] = {}  # by the id of the code, which they hold
        self.cut: str | None = None  # why the program was stopped, if it was
        self.expected: str | None = None  # what the driver is about to send from outside
        self.next_name: str | None = None  # how the driver calls the next lane that it starts
        self._monitor = monitor
        self._patch = patch
        self._lines = lines
        self._limit = max_events
        self._outside_name = outside
        self._home = 0
        self._home_stack: list[Activation] = []
        self._below: set[int] = set()  # the ids of the frames that wait for the recording to end: none of the program's
        self._strands: dict[int, Strand | None] = {}  # by the thread's id; None for one that is not the program's
        self._strand_now: Strand | None = None
        self._one_at_a_time = threading.RLock()
        self._tasks = tasks.Tasks()
        self._at: dict[int, Activation] = {}  # by the id of the frame
        self._sleepers: dict[int, tuple[Activation, weakref.ref[Any]]] = {}  # may be closed silently; by frame, too
        self._turns = 0  # of loops in a single line
        self._step = -1
        self._back = False  # control has gone back to a lane that has not done anything yet
        self._entered: Activation | None = None  # the lane that the last event entered

    @property
    def events(self) -> tuple[Event, ...]:
        """What has happened so far."""
        collecting = gc.isenabled()
        gc.disable()  # nothing here is garbage, and looking for some costs as much as the rest
        try:
            return tuple(map(_event, repeat(Event), self.rows))
        finally:
            if collecting:
                gc.enable()

    def begin(self) -> None:
        """From here on this thread, and those that are started later, belong to the program."""
        self._home = get_ident()
        self._strands = dict.fromkeys(sys._current_frames())
        self._strand_now = self._strands[self._home] = strand = Strand()
        self._home_stack = strand.stack
        self._below = set(_frames_below(_getframe(1)))

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
            EVENTS.JUMP: self._on_jump,
            EVENTS.INSTRUCTION: self._on_instruction,
        }

    def watch_all(self) -> None:
        """Listen again to the code that was met before."""
        for info in self.codes.values():
            self._watch(info)

    # -- entering a lane ----------------------------------------------------------------------------------------------

    def _on_start(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        strand = self._strand()
        if strand is None:
            return None
        info = self.codes.get(id(code)) or self._learn(code)
        if info is None:
            return DISABLE
        frame = frame or _getframe(1)
        lane = self._new(info, frame, strand, self._given_name(strand))
        changed = lane.watch.all_changes(frame) if lane.watch is not None else ()
        self._enter(lane, strand, Kind.START, code.co_firstlineno, None, frame, changed)
        return None

    def _on_resume(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        frame = frame or _getframe(1)
        lane = self._at.get(id(frame))
        if lane is None or lane.code is not code:
            strand = self._strand()
            if strand is None:
                return None
            info = self.codes.get(id(code)) or self._learn(code)
            if info is None:
                return DISABLE
            if id(frame) in self._below:
                return None
            lane = self._new(info, frame, strand, None)
        else:
            strand = self._strands.get(get_ident()) or self._strand()
            if strand is None:
                return None
        line = lane.info.lines.get(offset) or lane.info.line(offset)
        stack = strand.stack
        if lane.reports and stack and not (lane.only_none or stack[-1].delegates):  # so it is nearly always
            self._enter(lane, strand, _RESUME, line, None, frame)
            strand.pending = [len(self.rows) - 1]
            return None
        if lane.info.is_native and not stack and self.expected is None:  # by an event loop, which sends nothing
            self._enter(lane, strand, _RESUME, line, None, frame)
            strand.pending = []
            return None
        through = bool(strand.pending) and bool(stack) and stack[-1].delegates
        value = self._known_value(lane, strand, through, frame)
        self._enter(lane, strand, _RESUME, line, value, frame)
        last = len(self.rows) - 1
        strand.pending = [*strand.pending, last] if through else [last]
        if value is not None:
            self._tell_pending(strand, value)
        return None

    def _on_throw(self, code: CodeType, offset: int, error: BaseException, frame: FrameType | None = None) -> None:
        strand = self._strand()
        info = None if strand is None else self.codes.get(id(code)) or self._learn(code)
        if strand is None or info is None:
            return
        frame = frame or _getframe(1)
        lane = self._lane_of(frame, info, strand)
        if lane in strand.stack:  # it delegated, and the inner one's exception comes out: nobody threw it in
            lane.delegates = False
            return
        kind = Kind.CLOSE if type(error) is GeneratorExit else Kind.THROW
        value = describe(error) if kind is Kind.THROW else None
        closing = kind is Kind.CLOSE or tasks.is_cancellation(error)
        self._relay(strand, frame, kind, value, closing)
        lane.closing = closing
        self._enter(lane, strand, kind, info.line(offset), value, frame)

    def _relay(self, strand: Strand, frame: FrameType, kind: Kind, value: str | None, closing: bool) -> None:
        """Tell what the delegating lanes did through which an exception went on its way to an inner one."""
        passed = []
        back = frame.f_back
        while back is not None and (lane := self._at.get(id(back))) is not None and lane not in strand.stack:
            passed.append((lane, back))
            back = back.f_back
        for lane, at in reversed(passed):
            lane.closing = closing
            self._enter(lane, strand, kind, at.f_lineno, value, at)
            lane.relayed = True

    def _enter(
        self,
        lane: Activation,
        strand: Strand,
        kind: Kind,
        line: int,
        value: str | None,
        frame: FrameType,
        changed: tuple[Any, ...] = (),
    ) -> None:
        rows, stack = self.rows, strand.stack
        if len(rows) >= self._limit:
            self._refuse(lane, strand)
        if self._sleepers:
            self._notice_closed(strand)
        if self._back:
            self._back = False
            self._step += 1
        if stack:
            peer = stack[-1]
            if not (peer is self._entered and peer.delegates):
                self._step += 1
            peer_line = peer.line if self._lines else _line_in(peer, frame)
            rows.append([self._step, lane.index, kind, line, value, peer.index, peer_line, changed])
        else:
            self._step += 1
            rows.append([self._step, lane.index, kind, line, value, None, None, changed])
        lane.line = line
        lane.strand = strand
        self._entered = lane
        stack.append(lane)

    def _known_value(self, lane: Activation, strand: Strand, through: bool, frame: FrameType) -> str | None:
        """What was sent, where that is certain without hearing it: the driver said so, or it can be found on the stack
        of a generator made before the recording, or nothing but None can come."""
        if not strand.stack:
            expected, self.expected = self.expected, None
            if expected is not None:
                return expected
        if lane.only_none or lane.info.is_expression:  # a generator expression drops what is sent into it
            return "None"
        if lane.reports:
            return None
        found = self._patch.sent_into(lane.frame, lane.code)
        if found is not None:
            return describe(found[0])
        return "None" if not through and frame.f_back is not None and is_at_for(frame.f_back) else None

    # -- leaving a lane -----------------------------------------------------------------------------------------------

    def _on_yield(self, code: CodeType, offset: int, value: object, frame: FrameType | None = None) -> None:
        frame = frame or _getframe(1)
        lane = self._at.get(id(frame))
        if lane is None or lane.code is not code:
            return
        strand = lane.strand
        last = self.rows[-1]
        changed = lane.changes(frame) if lane.watch is not None else ()
        line = lane.info.lines.get(offset) or lane.info.line(offset)
        if offset not in lane.info.delegations:
            lane.delegates = lane.only_none = False
            told = describe(wrapped_value(value) if lane.info.yields_wrapped else value)
            self._leave(lane, strand, _SUSPEND, line, told, frame, changed)
        elif last[5] == lane.index and (last[2] is _SUSPEND or last[2] is _DELEGATE):  # a lane inside has yielded
            lane.delegates = True
            self._back = False
            told = last[4] or ""
            self._leave(lane, strand, _DELEGATE, line, told, frame, changed)
        else:
            lane.delegates = False
            told = describe(value) if value is None or len(strand.stack) > 1 else self._tasks.describe_wait(value)
            self._leave(lane, strand, _DELEGATE, line, told, frame, changed)
        while strand.stack and strand.stack[-1].relayed:
            outer = strand.stack[-1]
            outer.relayed, outer.delegates, self._back = False, True, False
            self._leave(outer, strand, _DELEGATE, outer.line, told, frame)

    def _on_return(self, code: CodeType, offset: int, value: object, frame: FrameType | None = None) -> None:
        frame = frame or _getframe(1)
        lane = self._at.get(id(frame))
        if lane is None or lane.code is not code:
            return
        self._finish(lane, Kind.RETURN, lane.info.line(offset), describe(value), frame)
        if lane.info.is_top:
            self._patch.apply(again=True)  # an import has made functions

    def _on_unwind(self, code: CodeType, offset: int, error: BaseException, frame: FrameType | None = None) -> None:
        frame = frame or _getframe(1)
        lane = self._at.get(id(frame))
        if lane is None or lane.code is not code or lane not in lane.strand.stack:
            return
        value = "the cut" if self.cut and isinstance(error, (Cut, SystemExit)) else describe(error)
        self._finish(lane, Kind.RAISE, frame.f_lineno, value, frame)

    def _finish(self, lane: Activation, kind: Kind, line: int, value: str, frame: FrameType) -> None:
        changed = lane.changes(frame) if lane.watch is not None else ()
        self._leave(lane, lane.strand, kind, line, value, frame, changed)
        self._at.pop(lane.frame, None)
        self._sleepers.pop(lane.frame, None)
        if lane.strand.stack:
            lane.strand.stack[-1].relayed = lane.strand.stack[-1].delegates = False

    def _leave(
        self,
        lane: Activation,
        strand: Strand,
        kind: Kind,
        line: int,
        value: str | None,
        frame: FrameType,
        changed: tuple[Any, ...] = (),
    ) -> None:
        if self._sleepers:
            self._notice_closed(strand)
        if self._back:
            self._step += 1
        lane.line = line
        self._entered = None
        stack = strand.stack
        stack.pop()
        if stack:
            peer = stack[-1]
            peer_line = peer.line if self._lines else _line_in(peer, frame)
            self.rows.append((self._step, lane.index, kind, line, value, peer.index, peer_line, changed))
            self._back = True
        else:
            self.rows.append((self._step, lane.index, kind, line, value, None, None, changed))
            self._back = False

    def _notice_closed(self, strand: Strand) -> None:
        """Tell of generators that were closed since the last event; only the running lane can have done it."""
        for lane, made in list(self._sleepers.values()):
            if lane not in strand.stack and ((it := made()) is None or frame_of(it) is None):
                at = (strand.stack[-1].index, strand.stack[-1].line) if strand.stack else (None, None)
                self._step += 1 + self._back
                self.rows.append((self._step, lane.index, Kind.CLOSE, lane.line, None, *at, ()))
                self.rows.append((self._step, lane.index, Kind.RAISE, lane.line, "GeneratorExit()", *at, ()))
                self._back, self._entered = bool(strand.stack), None
                self._at.pop(lane.frame, None)
                del self._sleepers[lane.frame]

    # -- inside a lane ------------------------------------------------------------------------------------------------

    def _on_line(self, code: CodeType, line: int, frame: FrameType | None = None) -> None:
        # by far the most frequent event: the running lane of the home thread is found without looking at the frame
        stack = self._home_stack if get_ident() == self._home else None
        if stack and stack[-1].code is code:
            lane: Activation | None = stack[-1]
        else:
            lane = self._at.get(id(frame or _getframe(1)))
        if lane is None or lane.code is not code:
            return
        if self._back:
            self._back = False
            self._step += 1
        if line <= lane.line and len(self.rows) >= self._limit:  # whatever does not end goes back at some time
            self._refuse(lane, lane.strand)
        if self._sleepers:
            self._notice_closed(lane.strand)
        if (watch := lane.watch) is not None:
            self._entered = None
            names = lane.bound[lane.line]
            changed = watch.changes(frame or _getframe(1), names) if names or watch.open else ()
            lane.line = line
            self.rows.append((self._step, lane.index, _LINE, line, None, None, None, changed))

    def _on_instruction(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        info = self.codes.get(id(code))
        awaited = None if info is None else info.awaits.get(offset)
        if info is None or awaited is None:
            return DISABLE
        lane = self._at.get(id(frame or _getframe(1)))
        if lane is not None and lane.info is info:
            self._inside(lane.index, Kind.AWAIT, info.line(offset), awaited)
        return None

    def _on_jump(self, code: CodeType, offset: int, target: int, frame: FrameType | None = None) -> object:
        """A loop in a single line begins no new line when it goes round, so its turns are counted here."""
        info = self.codes.get(id(code))
        if info is None or target >= offset or info.line(offset) != info.line(target):
            return DISABLE
        self._turns += 1
        lane = self._at.get(id(frame or _getframe(1)))
        if self._turns >= self._limit * _TURNS and lane is not None:
            self._refuse(lane, lane.strand)
        return None

    def _inside(self, lane: int, kind: Kind, line: int | None, value: str) -> None:
        self._step += self._back if self._step >= 0 else 1
        self._back, self._entered = False, None
        self.rows.append([self._step, lane, kind, line, value, None, None, ()])

    def on_received(self, value: object) -> None:
        """Rewritten code says what its yield gave back: the value of the resumes just told."""
        strand = self._strands.get(get_ident())
        if strand is not None and strand.pending:
            self._tell_pending(strand, describe(value))

    def _tell_pending(self, strand: Strand, value: str) -> None:
        for number in strand.pending:
            self.rows[number][4] = value
        strand.pending = []

    def on_handing_over(self, iterable: object) -> None:
        """Rewritten code says what it is about to delegate to."""
        strand = self._strand()
        if strand is not None and strand.stack:
            strand.stack[-1].only_none = type(iterable) in _CANNOT_RECEIVE

    def on_output(self, text: str) -> None:
        """The program has written this to stdout."""
        strand = self._strand()
        if strand is None or not text:
            return
        top = strand.stack[-1] if strand.stack else None
        lane = self._outside(strand) if top is None else top.index
        last = self.rows[-1] if self.rows else None
        if last is not None and last[1] == lane and last[2] is Kind.OUTPUT and not last[4].endswith("\n"):
            last[4] += text
        else:
            self._inside(lane, Kind.OUTPUT, None if top is None else _line_in(top, _getframe(1)), text)

    def _outside(self, strand: Strand) -> int:
        """The lane of what prints without being the learner's code: one for all of it."""
        for index, facts in enumerate(self.lanes):
            if isinstance(facts.code, str):
                return index
        self.lanes.append(LaneFacts(self._outside_name, None, strand.name, None))
        return len(self.lanes) - 1

    # -- who is who ---------------------------------------------------------------------------------------------------

    def _strand(self) -> Strand | None:
        """The calling thread, if it is one of the program's."""
        ident = get_ident()
        try:
            return self._strands[ident]
        except KeyError:
            if not any(other is not None and at != self._home for at, other in self._strands.items()):
                self._monitor.change({event: self._in_turn(call) for event, call in self.callbacks().items()})
            strand = self._strands[ident] = Strand()
            return strand

    def _in_turn(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """With several threads, one event is told after the other; and where the thread is another one than before in
        the
        midst of its lane, that the operating system has switched."""

        def call(code: CodeType, *rest: Any) -> Any:
            with self._one_at_a_time:
                strand = self._strands.get(get_ident()) if id(code) in self.codes else None
                if strand is not None and strand is not self._strand_now:
                    self._tell_preemption(strand)
                return callback(code, *rest, frame=_getframe(1))

        return call

    def _tell_preemption(self, strand: Strand) -> None:
        before, self._strand_now = self._strand_now, strand
        if strand.stack:
            lost = before.stack[-1] if before is not None and before.stack else None
            at = (None, None) if lost is None else (lost.index, lost.line)
            lane = strand.stack[-1]
            self._step += 1
            self._back, self._entered = False, None
            self.rows.append((self._step, lane.index, Kind.PREEMPT, lane.line, None, *at, ()))

    def _lane_of(self, frame: FrameType, info: CodeInfo, strand: Strand) -> Activation:
        lane = self._at.get(id(frame))
        return lane if lane is not None and lane.info is info else self._new(info, frame, strand, None)

    def _new(self, info: CodeInfo, frame: FrameType, strand: Strand, name: str | None) -> Activation:
        watch = LocalsWatch(info, frame) if self._lines else None
        reports = not info.is_expression and table.original(info.code) is not None
        lane = Activation(len(self.lanes), info, id(frame), strand, watch, reports)
        self._at[id(frame)] = lane
        made = self._patch.made_before(id(frame)) if _CLOSES_SILENTLY else None
        if made is not None:
            self._sleepers[id(frame)] = lane, made
        self.lanes.append(LaneFacts(info, name, strand.name, self._tasks.name_of_current()))
        return lane

    def _given_name(self, strand: Strand) -> str | None:
        if strand.stack:
            return None
        name, self.next_name = self.next_name, None
        return name

    def _learn(self, code: CodeType) -> CodeInfo | None:
        if not is_learners(code):
            return None
        info = self.codes[id(code)] = CodeInfo(code)  # holds the code, so that its id stays its own
        self._watch(info)
        return info

    def _watch(self, info: CodeInfo) -> None:
        self._monitor.watch(
            info.code, lines=self._lines or self.cut is not None, awaits=self._lines and bool(info.awaits)
        )

    # -- the limit ----------------------------------------------------------------------------------------------------

    def _refuse(self, lane: Activation, strand: Strand) -> None:
        """End the program by an exception at each of its lines, except where something is only being closed."""
        if self.cut is None:
            self.cut = (
                f"The run was stopped after {self._limit} events; record(..., max_events=...) sets another limit."
            )
            self.watch_all()
            self._tasks.cancel_all()
        if len(self.rows) >= self._limit + _GRACE or not any(each.closing for each in (*strand.stack, lane)):
            raise Cut(self.cut) if get_ident() == self._home else SystemExit  # which a thread ends of without a word


def _frames_below(frame: FrameType | None) -> Iterator[int]:
    while frame is not None:
        yield id(frame)
        frame = frame.f_back


def _line_in(peer: Activation, frame: FrameType) -> int | None:
    """Where a lane is that has called, over any number of other frames, this frame."""
    back = frame.f_back
    while back is not None and back.f_code is not peer.code:
        back = back.f_back
    return peer.line if back is None else peer.info.lines.get(back.f_lasti) or peer.info.line(back.f_lasti)
