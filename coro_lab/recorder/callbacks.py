"""What the interpreter reports, as entries of the journal.

Facts about the platform that the order of things here leans on. Resuming an outer generator that delegates fires
PY_RESUME from the outside in, yielding fires PY_YIELD from the inside out. `throw()` goes straight to the innermost
generator: the outer ones between are passed without an event, so `_relay` tells what they did. Since 3.13, `close()`
runs nothing of a generator that is suspended outside any `try` (gh-111354) and nobody is told: rewritten code does
without that, and a generator made before the recording is looked at (`_notice_closed`). A frame belongs to one lane,
and a thread runs its lanes strictly inside one another: where code of a lane runs, it is that of the innermost.

Every event of a run passes through here, so the common case comes first and does nothing that can be done later. As
long as only the thread that records runs code of the learner's, a callback looks at threads where a lane begins or is
resumed, and nowhere else; `company.py` takes over when there are several.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from coro_lab.description import describe
from coro_lab.events import Kind
from coro_lab.recorder import tasks
from coro_lab.recorder.code import CodeInfo, is_at_for
from coro_lab.recorder.company import Company, frames_from
from coro_lab.recorder.journal import Journal
from coro_lab.recorder.lanes import Activation, LaneFacts, Strand
from coro_lab.recorder.locals import Changes, LocalsWatch
from coro_lab.recorder.made_before import MadeBefore, frame_of, wrapped_value
from coro_lab.recorder.monitor import DISABLE, EVENTS, ByEvent, Monitor
from coro_lab.recorder.patch import Patch
from coro_lab.recorder.territory import is_learners
from coro_lab.rewriting import Listener

MAX_EVENTS = 100_000  # a hundred times what Python Tutor allows
_TURNS = 100  # turns of a loop in a single line that count as one event
_GRACE = 10_000  # further events for what has to be closed after the limit
_CLOSES_SILENTLY = sys.version_info >= (3, 13)
_CANNOT_RECEIVE = frozenset(
    {list, tuple, range, str, bytes, dict, set, frozenset, type(iter([])), type(iter(())), zip, map}
)

# found once, not at each event
_getframe = sys._getframe
_RESUME, _SUSPEND, _DELEGATE = Kind.RESUME, Kind.SUSPEND, Kind.DELEGATE


class Cut(BaseException):
    """Ends a program that has reached the limit; not an Exception, so that programs do not catch it by mistake."""


class Callbacks(Journal):
    """What is done at each event of the interpreter, in one recording."""

    def __init__(self, monitor: Monitor, patch: Patch, *, lines: bool, max_events: int, outside: str) -> None:
        super().__init__()
        self.codes: dict[int, CodeInfo] = {}  # by the id of the code, which they hold
        self.cut: str | None = None  # why the program was stopped, if it was
        self.expected: str | None = None  # what the driver is about to send from outside
        self.next_name: str | None = None  # how the driver calls the next lane that it starts
        self._monitor = monitor
        self._patch = patch
        self._lines = lines
        self._limit = max_events
        self._outside_name = outside
        self._company = Company(self)
        self._below: set[int] = set()  # the ids of the frames that wait for the recording to end: none of the program's
        self._tasks = tasks.Tasks()
        self._made_before = MadeBefore()
        self._at: dict[int, Activation] = {}  # by the id of the frame
        self._sleepers: dict[int, tuple[Activation, Callable[[], Any]]] = {}  # may be closed silently; by frame, too
        self._careful_from = 0  # how many fields the journal can have before an event is looked at twice
        self._turns = 0  # of loops in a single line

    def begin(self) -> None:
        """From here on this thread, and those that are started later, belong to the program."""
        self._company.begin()
        self._hear()
        self._below = set(map(id, frames_from(_getframe(1))))
        self._look_out()

    def _hear(self) -> None:
        Listener.heard = self.on_received if self._company.alone else self._received_in_turn
        Listener.handed_over = self.on_handing_over

    def by_event(self) -> ByEvent:
        """What to call for which event of the interpreter."""
        calls: ByEvent = {
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
        if self._company.alone:
            return calls
        can_be_disabled = (EVENTS.PY_START, EVENTS.PY_RESUME)
        return {
            event: self._company.in_turn(call, self._is_ours, DISABLE if event in can_be_disabled else None)
            for event, call in calls.items()
        }

    def watch_all(self) -> None:
        """Listen again to the code that was met before."""
        for info in self.codes.values():
            self._watch(info)

    # -- entering a lane ----------------------------------------------------------------------------------------------

    def _on_start(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        info = self.codes.get(id(code)) or self._learn(code)
        if info is None:
            return DISABLE
        frame = frame or _getframe(1)
        if get_ident() != self._company.ident:
            return self._in_company(EVENTS.PY_START, frame, offset)
        lane = self._new(info, frame, self._given_name())
        watch = lane.watch
        changed = watch.changes(frame, names) if watch is not None and (names := watch.after[0]) else ()
        self._enter(lane, Kind.START, code.co_firstlineno, None, frame, changed)
        return None

    def on_received(self, value: object) -> None:
        """Rewritten code says what its yield gave back; this runs in the hook, and the hook in the generator."""
        frame = _getframe(2)
        if get_ident() != self._company.ident:
            self._join_company()
            self._received_in_turn(value, frame)
            return
        lane, stack, fields = self._at.get(id(frame)), self.stack, self.fields
        if (
            lane is None
            or not lane.hears
            or not stack
            or (peer := stack[-1]).delegates
            or len(fields) >= self._careful_from
        ):
            self._received(frame.f_code, value, frame)
            return
        peer_line: int | None = peer.line  # from here on it is `enter`, written out
        if not self._lines:
            back: Any = frame.f_back  # nearly always the peer's own
            peer_line = peer.lines[back.f_lasti] if back.f_code is peer.code else _line_in(peer, frame)
        lane.peer_line = peer_line
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
        alone = lane.hears and not (self.stack and self.stack[-1].delegates)  # no delegating lane has passed it on
        if lane.hears:
            self.expected = self.expected if self.stack else None
            self._enter(lane, _RESUME, lane.line, told, frame)
        if not alone:
            self.tell_value(told)

    def _on_resume(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
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
        stack = self.stack
        line = lane.lines[offset]
        if not stack and lane.info.is_native and self.expected is None:  # by an event loop, which sends nothing
            self._enter(lane, _RESUME, line, None, frame)
            self.strand.pending = ()
            return None
        through = bool(stack) and stack[-1].delegates and bool(self.strand.pending)
        value = self._known_value(lane, through, frame)
        self._enter(lane, _RESUME, line, value, frame)
        self.value_follows(also=through)
        if value is not None:
            self.tell_value(value)
        return None

    def _on_throw(self, code: CodeType, offset: int, error: BaseException, frame: FrameType | None = None) -> object:
        info = self.codes.get(id(code)) or self._learn(code)
        if info is None:
            return None
        frame = frame or _getframe(1)
        if get_ident() != self._company.ident:
            return self._in_company(EVENTS.PY_THROW, frame, offset, error)
        lane = self._at.get(id(frame))
        if lane is None or lane.info is not info:
            lane = self._met(info, frame)
        lane.delegates = False  # what it delegated to is over, and the exception is for the lane itself
        if lane in self.stack:  # it comes out of the inner one: nobody threw it in
            return None
        kind = Kind.CLOSE if type(error) is GeneratorExit else Kind.THROW
        value = describe(error) if kind is Kind.THROW else None
        closing = kind is Kind.CLOSE or tasks.is_cancellation(error)
        self._relay(frame, kind, value, closing)
        lane.closing = closing
        self._enter(lane, kind, info.lines[offset], value, frame)
        return None

    def _relay(self, frame: FrameType, kind: Kind, value: str | None, closing: bool) -> None:
        """Tell what the delegating lanes did through which an exception went on its way to an inner one."""
        passed = []
        for back in frames_from(frame.f_back):
            lane = self._at.get(id(back))
            if lane is None or lane in self.stack:
                break
            passed.append((lane, back))
        for lane, at in reversed(passed):
            lane.closing = closing
            self._enter(lane, kind, at.f_lineno, value, at)
            lane.relayed = True

    def _enter(
        self, lane: Activation, kind: Kind, line: int, value: str | None, frame: FrameType, changed: Changes = ()
    ) -> None:
        if len(self.fields) >= self._careful_from:
            self._be_careful(lane, limited=True)
        peer_line = None
        if self.stack:
            peer = self.stack[-1]
            peer_line = peer.line if self._lines else _line_in(peer, frame)
        self.enter(lane, kind, line, value, peer_line, changed)

    def _known_value(self, lane: Activation, through: bool, frame: FrameType) -> str | None:
        """What was sent, where that is certain without hearing it: the driver said so, or it can be found on the stack
        of a generator made before the recording, or nothing but None can come."""
        if not self.stack:
            expected, self.expected = self.expected, None
            if expected is not None:
                return expected
        if lane.only_none or lane.info.is_expression:  # a generator expression drops what is sent into it
            return "None"
        if lane.info.reports:
            return None
        found = self._made_before.sent_into(lane.frame, lane.code)
        if found is not None:
            return describe(found[0])
        return "None" if not through and frame.f_back is not None and is_at_for(frame.f_back) else None

    # -- leaving a lane -----------------------------------------------------------------------------------------------

    def _on_yield(self, code: CodeType, offset: int, value: object, frame: FrameType | None = None) -> None:
        stack, fields = self.stack, self.fields
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
        if peer.relayed:
            self._relay_back(told)

    def _relay_back(self, value: str) -> None:
        """Tell what the delegating lanes do by whom an exception came in: they pass on what was yielded instead."""
        while self.stack and (outer := self.stack[-1]).relayed:
            outer.relayed, outer.delegates = False, True
            self.pass_on()
            self.leave(outer, _DELEGATE, outer.line, value)

    def _yielded(self, lane: Activation, offset: int, value: object) -> tuple[Kind, str]:
        """What a lane does by a yield, and the value: it suspends, or it delegates and passes a value on."""
        if offset not in lane.info.delegations:
            lane.delegates = lane.only_none = False
            return _SUSPEND, describe(wrapped_value(value) if lane.info.yields_wrapped else value)
        lane.delegates = self.was_yielded_to(lane)
        if lane.delegates:
            told = self.pass_on() or ""
            if len(self.stack) > 1 or value is None:
                return _DELEGATE, told
            # the inner lanes are suspended now, so that it can be seen what they wait for
            return _DELEGATE, self.tell_again(told, self._tasks.describe_wait(value))
        waits = value is not None and len(self.stack) == 1
        return _DELEGATE, self._tasks.describe_wait(value) if waits else describe(value)

    def _on_return(self, code: CodeType, offset: int, value: object, frame: FrameType | None = None) -> None:
        stack = self.stack
        if stack and (lane := stack[-1]).code is code:
            self._finish(lane, Kind.RETURN, lane.lines[offset], describe(value), frame or _getframe(1))
            if lane.info.is_top:
                self._patch.apply(again=True)  # an import has made functions

    def _on_unwind(self, code: CodeType, offset: int, error: BaseException, frame: FrameType | None = None) -> None:
        frame = frame or _getframe(1)
        stack = self.stack
        if stack and (lane := stack[-1]).frame == id(frame) and lane.code is code:
            value = "the cut" if self.cut and isinstance(error, (Cut, SystemExit)) else describe(error)
            self._finish(lane, Kind.RAISE, frame.f_lineno, value, frame)

    def _finish(self, lane: Activation, kind: Kind, line: int, value: str, frame: FrameType) -> None:
        if len(self.fields) >= self._careful_from:
            self._be_careful(lane)
        watch = lane.watch
        changed = watch.changes(frame, names) if watch is not None and (names := watch.after[lane.line]) else ()
        self.leave(lane, kind, line, value, changed)
        self._at.pop(lane.frame, None)
        if self._sleepers.pop(lane.frame, None):
            self._look_out()
        if self.stack:
            self.stack[-1].relayed = self.stack[-1].delegates = False

    # -- inside a lane ------------------------------------------------------------------------------------------------

    def _on_line(self, code: CodeType, line: int, frame: FrameType | None = None) -> None:
        stack = self.stack
        if not stack or (lane := stack[-1]).code is not code:
            return
        fields = self.fields
        if len(fields) >= self._careful_from:
            self._be_careful(lane, limited=line <= lane.line)  # whatever does not end goes back at some time
        watch = lane.watch
        if watch is not None:
            names = watch.after[lane.line]
            lane.line = line
            if names:
                fields.extend(watch.changes(frame or _getframe(1), names) + (line,))
            else:
                fields.append(line)

    def _on_instruction(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        info = self.codes.get(id(code))
        awaited = None if info is None else info.awaits.get(offset)
        if info is None or awaited is None:
            return DISABLE
        stack = self.stack
        if stack and stack[-1].info is info:
            self.inside(stack[-1].index, Kind.AWAIT, info.lines[offset], awaited)
        return None

    def _on_jump(self, code: CodeType, offset: int, target: int, frame: FrameType | None = None) -> object:
        """A loop in a single line begins no new line when it goes round, so its turns are counted here."""
        info = self.codes.get(id(code))
        if info is None or target >= offset or info.lines[offset] != info.lines[target]:
            return DISABLE
        self._turns += 1
        if self._turns >= self._limit * _TURNS and self.stack:
            self._refuse(self.stack[-1])
        return None

    def on_handing_over(self, iterable: object) -> None:
        """Rewritten code says what it is about to delegate to."""
        strand = self._company.strand()
        if strand is not None and strand.stack:
            strand.stack[-1].only_none = type(iterable) in _CANNOT_RECEIVE

    def on_output(self, text: str) -> None:
        """The program has written this to stdout."""
        strand = self._company.strand()
        if strand is None or not text:
            return
        if strand.stack:
            top = strand.stack[-1]
            self.output(top.index, _line_in(top, _getframe(1)), text)
        else:
            self.output(self._outside(strand), None, text)

    def _outside(self, strand: Strand) -> int:
        """The lane of what prints without being the learner's code: one for all of it."""
        for index, facts in enumerate(self.lanes):
            if isinstance(facts.code, str):
                return index
        self.lanes.append(LaneFacts(self._outside_name, None, strand.name, None))
        return len(self.lanes) - 1

    # -- who is who ---------------------------------------------------------------------------------------------------

    def _join_company(self) -> ByEvent:
        """Another thread runs the learner's code, too: from now on each in its turn."""
        self._company.alone = False
        self._hear()
        by_event = self.by_event()
        self._monitor.change(by_event)
        return by_event

    def _in_company(self, event: int, frame: FrameType, *rest: Any) -> object:
        """The same, beginning with this event."""
        return self._join_company()[event](frame.f_code, *rest, frame=frame)

    def _received_in_turn(self, value: object, frame: FrameType | None = None) -> None:
        frame = frame or _getframe(2)
        self._company.in_turn(self._received, self._is_ours, None)(frame.f_code, value, frame=frame)

    def _is_ours(self, code: CodeType) -> bool:
        return id(code) in self.codes or self._learn(code) is not None

    def _new(self, info: CodeInfo, frame: FrameType, name: str | None) -> Activation:
        at = id(frame)
        watch = LocalsWatch(info, frame) if self._lines else None
        lane = self._at[at] = Activation(len(self.lanes), info, at, watch)
        self.lanes.append(LaneFacts(info, name, self.strand.name, self._tasks.name_of_current()))
        return lane

    def _met(self, info: CodeInfo, frame: FrameType) -> Activation:
        """A lane that has begun before the recording."""
        lane = self._new(info, frame, None)
        lane.line = frame.f_lineno
        if _CLOSES_SILENTLY and not info.reports and (made := self._made_before.find(lane.frame, lane.code)):
            self._sleepers[lane.frame] = lane, made
            self._look_out()
        return lane

    def _given_name(self) -> str | None:
        if self.stack:
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

    # -- the limit, and generators that are closed without a word -----------------------------------------------------

    def _look_out(self) -> None:
        # an event has one field at least, so that the limit cannot be reached before
        self._careful_from = 0 if self._sleepers else len(self.fields) + self._limit - self.count()

    def _be_careful(self, lane: Activation, *, limited: bool = False) -> None:
        """What has to be looked at before an event; `limited`: this is one at which a program can be stopped."""
        if limited and self.count() >= self._limit:
            self._refuse(lane)
        if self._sleepers:
            self._notice_closed()
        else:
            self._look_out()

    def _notice_closed(self) -> None:
        """Tell of generators that were closed since the last event; only the running lane can have done it."""
        for lane, made in list(self._sleepers.values()):
            if lane not in self.stack and ((it := made()) is None or frame_of(it) is None):
                self.closed_silently(lane)
                self._at.pop(lane.frame, None)
                del self._sleepers[lane.frame]
        self._look_out()

    def _refuse(self, lane: Activation) -> None:
        """End the program by an exception at each of its lines, except where something is only being closed."""
        if self.cut is None:
            self.cut = (
                f"The run was stopped after {self._limit} events; record(..., max_events=...) sets another limit."
            )
            self.watch_all()
            self._tasks.cancel_all()
        if self.count() >= self._limit + _GRACE or not any(each.closing for each in (*self.stack, lane)):
            raise Cut(self.cut) if get_ident() == self._company.home else SystemExit  # a thread ends of it silently


def _line_in(peer: Activation, frame: FrameType) -> int | None:
    """Where a lane is that has called, over any number of other frames, this frame."""
    back = frame.f_back
    while back is not None and back.f_code is not peer.code:
        back = back.f_back
    return peer.line if back is None else peer.lines[back.f_lasti]
