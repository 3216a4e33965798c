"""Who is who in a recording: whose code it is, which lanes there are, in which threads, and when it is enough."""

from __future__ import annotations

import sys
from abc import abstractmethod
from inspect import CO_COROUTINE
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from coro_lab.engine.recorder import tasks
from coro_lab.engine.recorder.code_info import CodeInfo, name_of
from coro_lab.engine.recorder.forgotten import WARNS, ForgottenAwaits
from coro_lab.engine.recorder.journal import Journal, line_in
from coro_lab.engine.recorder.lanes import Activation, LaneFacts, Strand
from coro_lab.engine.recorder.limits import GRACE, ending
from coro_lab.engine.recorder.locals import Changes, LocalsWatch
from coro_lab.engine.recorder.monitor import DISABLE, ByEvent, Monitor
from coro_lab.engine.recorder.patching import Patch
from coro_lab.engine.recorder.rewriting import Listener
from coro_lab.engine.recorder.suspendables import frame_of, reference_to
from coro_lab.engine.recorder.threads import Company
from coro_lab.engine.recorder.user_code import is_learners, is_made_by_library, is_without_source
from coro_lab.trace.events import DROPPED, Kind
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


class Roster(Journal):
    """A journal that knows whose events it takes."""

    def __init__(self, monitor: Monitor, patch: Patch, *, lines: bool, max_events: int, outside: str) -> None:
        super().__init__()
        self.codes: dict[int, CodeInfo] = {}  # by the id of the code, which they hold
        self.cut: str | None = None  # why the program was stopped, if it was
        self.expected: str | None = None  # what the driver is about to send from outside
        self.next_name: str | None = None  # how the driver calls the next lane that it starts
        self.limit_of = "record"  # what the reader has written that can take another limit
        self.postponed: BaseException | None = None  # an interrupt that arrived where it would have been lost
        self._raised: BaseException | None = None  # the last exception that a callback has raised on purpose
        self.forgotten = ForgottenAwaits()
        self.unseen: dict[str, None] = {}  # what of the program has run without a lane, for it has no source; in order
        self._monitor = monitor
        self._patch = patch
        self._lines = lines
        self._limit = max_events
        self._outside_name = outside
        self._company = Company(self, self._is_lane, self._postpone)
        self._send_is_out = False  # code has run after which anybody may call a generator's `send`
        self._below: frozenset[int] = frozenset()  # the ids of the frames that wait for the recording to end
        self._tasks = tasks.Tasks()
        self._at: dict[int, Activation] = {}  # by the id of the frame
        self._activations: list[Activation | None] = []  # by the number of the lane; None: nothing runs there
        self._sleepers: dict[int, Activation] = {}  # may be closed silently; by frame, too
        self._closes: Activation | None = None  # the innermost lane into which GeneratorExit is being thrown
        self._careful_from = 0  # how many fields the journal can have before an event is looked at twice

    def begin(self) -> None:
        """From here on this thread, and those that are started later, belong to the program."""
        self._company.begin()
        self._hear()
        # not the frame that calls this: it ends, and a frame of the program's may then have its id
        frame: FrameType | None = sys._getframe(2)
        below = set()
        while frame is not None:
            below.add(id(frame))
            frame = frame.f_back
        self._below = frozenset(below)
        self._look_out()

    def end(self) -> None:
        """Hear no more of rewritten code and of the garbage collector; may be called again."""
        Listener.heard = Listener.handed_over = None
        self._company.end()

    # -- code ---------------------------------------------------------------------------------------------------------

    def watch_all(self) -> None:
        """Listen again to the code that was met before."""
        for info in self.codes.values():
            self._watch(info)

    def _learn(self, code: CodeType) -> CodeInfo | None:
        if not is_learners(code):
            return None
        info = self.codes[id(code)] = CodeInfo.of(code)
        self._send_is_out = self._send_is_out or info.hands_out_send
        self._watch(info)
        return info

    def _watch(self, info: CodeInfo) -> None:
        self._monitor.watch(
            info.code,
            lines=self._lines or self.cut is not None or self.postponed is not None,
            awaits=self._lines and bool(info.awaits),
        )

    def _is_ours(self, code: CodeType) -> bool:
        return id(code) in self.codes or self._learn(code) is not None

    def _is_heeded(self, code: CodeType) -> bool:
        return self._is_ours(code) or code is WARNS or is_without_source(code)

    def _others_start(self, code: CodeType, frame: FrameType) -> object:
        """Code starts that has no lane: of no interest, but where it warns of a forgotten `await`, or has no source."""
        is_unseen = code is not WARNS and is_without_source(code) and not is_made_by_library(frame)
        if code is not WARNS and not is_unseen:
            return DISABLE
        if not self._company.is_collecting() and self._company.strand(frame) is not None:
            if is_unseen:
                self._notice_unseen(code, frame.f_back)
            else:
                self.forgotten.dropped(frame)
        return None

    def _notice_unseen(self, code: CodeType, caller: FrameType | None) -> None:
        """Code without a source starts; it is the program's if the learner's code calls it, or an event loop."""
        if code.co_flags & CO_COROUTINE or (caller is not None and self._is_ours(caller.f_code)):
            self.unseen.setdefault(name_of(code))

    # -- lanes --------------------------------------------------------------------------------------------------------

    def _enter(
        self, lane: Activation, kind: Kind, line: int, value: str | None, frame: FrameType, changed: Changes = ()
    ) -> None:
        if len(self.fields) >= self._careful_from:
            self._be_careful(lane, limited=kind is not Kind.CLOSE and not lane.delegates)
        if self.strand.waiting or (self.stack and self._may_be_by_loop(lane, frame)):
            self._heed_loops(lane, frame)
        peer_line = None
        if self.stack:
            peer = self.stack[-1]
            if peer.early is not None:
                self._tell_early(peer, frame.f_back)
            peer_line = peer.line if self._lines else line_in(peer, frame.f_back)
        self.enter(lane, kind, line, value, peer_line, changed)

    def _tell_early(self, peer: Activation, frame: FrameType | None) -> None:
        """Tell what the running lane has bound on the line from which it calls; `frame` is its own or called by it."""
        names = peer.early.get(peer.line) if peer.early and peer.watch and not peer.delegates else None
        while names and frame is not None and id(frame) != peer.frame:
            frame = frame.f_back
        if names and frame is not None and (changed := peer.watch.changes(frame, names)):  # type: ignore[union-attr]
            self.fields.extend((*changed, peer.line))

    def _new(self, info: CodeInfo, frame: FrameType, name: str | None, *, is_finalised: bool = False) -> Activation:
        stack = self.stack
        if stack and frame.f_back is None:
            self._company.switched_unheard()
        at = id(frame)
        watch = LocalsWatch(info, frame) if self._lines else None
        made = reference_to(frame) if info.is_suspendable and not is_finalised else None
        lane = self._at[at] = Activation(len(self.lanes), info, at, watch, made)
        self._activations.append(lane)
        task, lane.is_eager = self._tasks.met(frame, stack[-1].frame if stack else None)
        # not by a call: where the collector runs inside it, a finaliser of the program's would meet other builtins
        self.lanes.append(tuple.__new__(LaneFacts, (info, name, self.strand.name, task)))
        return lane

    def _met(self, info: CodeInfo, frame: FrameType, *, is_finalised: bool = False) -> Activation:
        """A lane that has begun before the recording."""
        lane = self._new(info, frame, None, is_finalised=is_finalised)
        lane.line = frame.f_lineno
        return lane

    def _is_lane(self, frame: FrameType) -> bool:
        lane = self._at.get(id(frame))
        return lane is not None and lane.code is frame.f_code

    def _given_name(self) -> str | None:
        """How the driver calls the lane that it starts now, from outside."""
        name, self.next_name = self.next_name, None
        return name

    def _outside(self, strand: Strand) -> int:
        """The lane of what prints without being the learner's code: one for all of it."""
        for index, facts in enumerate(self.lanes):
            if isinstance(facts.code, str):
                return index
        self.lanes.append(LaneFacts(self._outside_name, None, strand.name, None))
        self._activations.append(None)
        return len(self.lanes) - 1

    # -- event loops ---------------------------------------------------------------------------------------------------

    def _may_be_by_loop(self, lane: Activation, frame: FrameType) -> bool:
        """Whether there is more than a call between the running lane and this one; a loop in C has no frame."""
        peer = self.stack[-1]
        return id(frame.f_back) != peer.frame or (lane.info.is_native and not peer.info.is_suspendable)

    def _heed_loops(self, lane: Activation, frame: FrameType) -> None:
        """A lane is entered: by an event loop that the running lane has begun to run, or after one has ended?"""
        if self.stack:
            is_called_by_loop = not (lane.is_eager or self.stack[-1].relayed)
            if is_called_by_loop and self._tasks.is_loop_between(frame, self.stack[-1].frame):
                self.begin_loop()
        else:
            self._end_loop_unless(frame)

    def _end_loop_unless(self, frame: FrameType) -> None:
        """The lane that has run an event loop goes on, unless the loop still runs and has called this frame."""
        if not self._tasks.is_loop_between(frame, self.strand.waiting[-1][-1].frame):
            self.end_loop()

    def _goes_on(self, code: CodeType, frame: FrameType) -> Activation | None:
        """The lane that goes on after an event loop which it has run, if this is its frame."""
        waiting = self.strand.waiting
        if self.stack or not waiting or waiting[-1][-1].code is not code or waiting[-1][-1].frame != id(frame):
            return None
        self.end_loop()
        return self.stack[-1]

    def _back_in(self, frame: FrameType) -> Activation | None:
        """The lane of this frame, where others that it has called have ended unheard: no room was left on the stack."""
        lane = self._at.get(id(frame))
        if lane is None or lane.code is not frame.f_code or lane not in self.stack:
            return None
        while self.stack[-1] is not lane:
            ended = self.stack[-1]
            self.leave(ended, Kind.RAISE, ended.line, "RecursionError()")
            self._at.pop(ended.frame, None)
            self._sleepers.pop(ended.frame, None)
            ended.delegates, ended.watch = False, None
        lane.relayed, lane.delegates = None, False
        return lane

    # -- threads ------------------------------------------------------------------------------------------------------

    @abstractmethod
    def by_event(self) -> ByEvent:
        """What to call for which event of the interpreter."""

    @abstractmethod
    def _hear(self) -> None:
        """Have the rewritten code report here."""

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

    # -- the limit, and generators that are closed without a word -----------------------------------------------------

    def _look_out(self) -> None:
        # an event has one field at least, so that the limit cannot be reached before
        must_look = self._sleepers or self.postponed is not None
        self._careful_from = 0 if must_look else len(self.fields) + self._limit - self.count()

    def _be_careful(self, lane: Activation, *, limited: bool = False) -> None:
        """What has to be looked at before an event; `limited`: this is one at which a program can be stopped."""
        if limited:
            self._raise_postponed()
            if self.count() >= self._limit:
                self._refuse(lane)
        if self._sleepers:
            self._notice_closed()
        else:
            self._look_out()

    def _postpone(self, error: BaseException) -> bool:
        """Have this raised at the next event at which it will not be lost, lines included; False for our own."""
        if error is self._raised:
            return False
        self.postponed = error
        self._look_out()
        self.watch_all()
        return True

    def _raise_postponed(self) -> None:
        error = self.postponed
        if error is not None and not self._is_closing():
            self.postponed, self._raised = None, error
            self._look_out()
            raise error

    def _is_closing(self) -> bool:
        """Whether something is being closed in this thread, or cancelled."""
        return True in [lane.closing for lane in self.stack]

    def _falls_asleep(self, lane: Activation, offset: int) -> None:
        """The lane suspends at this yield; from some, close() ends it without an event."""
        if lane.made is not None and offset in lane.info.silent:
            self._sleepers[lane.frame] = lane
        else:
            self._sleepers.pop(lane.frame, None)
        self._look_out()

    def _notice_closed(self) -> None:
        """Tell of generators that were closed since the last event; only the running lane can have done it, or the one
        that delegated to them and is about to be closed itself: by then it is the running one."""
        for lane in list(self._sleepers.values()):
            if self._closes is not None and lane.outer is self._closes:
                continue
            made = lane.made and lane.made()
            if lane not in self.stack and (made is None or frame_of(made) is None):
                self.closed_silently(lane, DROPPED if made is None else None)
                lane.delegates = False
                self._at.pop(lane.frame, None)
                del self._sleepers[lane.frame]
        self._look_out()

    def _refuse(self, lane: Activation, *, insist: bool = False) -> None:
        """End the program by an exception at each of its lines; where something is being closed, only if that does not
        end either: then one has to `insist`, or it is noticed by the events."""
        if self.cut is None:
            longer = f"{self.limit_of}(..., max_events=...) sets another limit"
            self.cut = f"The run was stopped after {self._limit} events; {longer}."
            self.watch_all()
            self._tasks.cancel_all()
        if insist or self.count() >= self._limit + GRACE or not (lane.closing or self._is_closing()):
            self._raised = ending(self.cut, at_home=get_ident() == self._company.home)
            raise self._raised
