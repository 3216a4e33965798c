"""Which lane runs: a lane is entered, an event loop begins or has ended, a lane has ended without an event."""

from __future__ import annotations

from types import FrameType
from typing import Any

from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.engine.recorder.journal import Journal, line_in
from coro_lab.engine.recorder.lane_table import LaneTable
from coro_lab.engine.recorder.lanes import Activation
from coro_lab.engine.recorder.locals import Changes
from coro_lab.engine.recorder.suspendables import frame_of, is_begun
from coro_lab.engine.recorder.tasks import Tasks
from coro_lab.engine.recorder.threads import RecordedThreads
from coro_lab.trace.events import Kind
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


class Control:
    """Keeps the stack of running lanes right when control goes from one lane to another."""

    def __init__(
        self, journal: Journal, lanes: LaneTable, checks: Checks, tasks: Tasks, threads: RecordedThreads, *, lines: bool
    ) -> None:
        self._journal = journal
        self._lanes = lanes
        self._checks = checks
        self._tasks = tasks
        self._threads = threads
        self._lines = lines

    def enter(
        self, lane: Activation, kind: Kind, line: int, value: str | None, frame: FrameType, changed: Changes = ()
    ) -> None:
        """A lane begins to run in this frame; the lane that has run until now, if any, has called or resumed it."""
        journal = self._journal
        if len(journal.fields) >= journal.check_from:
            self._checks.check(lane, limited=kind is not Kind.CLOSE and not lane.delegates)
        if journal.thread.waiting or (journal.stack and self._may_be_by_loop(lane, frame)):
            self._follow_loops(lane, frame)
        peer_line, stack = None, journal.stack
        if stack:
            peer = stack[-1]
            if peer.early is not None:
                self.record_early(peer, frame.f_back)
            peer_line = peer.line if self._lines else line_in(peer, frame.f_back)
        journal.enter(lane, kind, line, value, peer_line, changed)

    def met(self, info: CodeInfo, frame: FrameType, *, is_finalised: bool = False) -> Activation:
        """The lane of a frame that has begun to run before the recording."""
        if self._journal.stack and frame.f_back is None:
            self._threads.notice_greenlet()
        lane = self._lanes.add(info, frame, None, is_finalised=is_finalised)
        lane.line = frame.f_lineno
        return lane

    def met_in_task(self, made: Any, task: Any) -> Activation:
        """The lane of a coroutine of this task, which is suspended, or has not begun."""
        frame = frame_of(made)
        assert frame is not None
        info = CodeInfo.of(frame.f_code)
        if not is_begun(made):
            return self._lanes.add_unbegun(info, frame, task)
        lane = self._lanes.add(info, frame, None, task=task)
        lane.line = frame.f_lineno
        return lane

    def record_early(self, peer: Activation, frame: FrameType | None) -> None:
        """Record what the calling lane has bound on its line so far; `frame` is its frame, or one that it calls."""
        watch = peer.watch
        names = peer.early.get(peer.line) if peer.early and watch and not peer.delegates else None
        while names and frame is not None and id(frame) != peer.frame:
            frame = frame.f_back
        if names and frame is not None and watch and (changed := watch.changes(frame, names)):
            self._journal.fields.extend((*changed, peer.line))

    # -- event loops --------------------------------------------------------------------------------------------------

    def _may_be_by_loop(self, lane: Activation, frame: FrameType) -> bool:
        """Whether an event loop may stand between the running lane and this one; a loop in C has no frame."""
        peer = self._journal.stack[-1]
        return id(frame.f_back) != peer.frame or (lane.info.is_native and not peer.info.is_suspendable)

    def _follow_loops(self, lane: Activation, frame: FrameType) -> None:
        """Before a lane is entered: record that the running lane has begun, or has ended, to run an event loop."""
        stack = self._journal.stack
        if stack:
            is_called_by_loop = not (lane.is_eager or stack[-1].relayed)
            if is_called_by_loop and self._tasks.is_loop_between(frame, stack[-1].frame):
                self._journal.begin_loop()
        else:
            self.end_loop_unless(frame)

    def end_loop_unless(self, frame: FrameType) -> None:
        """The lane that has run an event loop goes on, unless the loop still runs and has called this frame."""
        if not self._tasks.is_loop_between(frame, self._journal.thread.waiting[-1][-1].frame):
            self._journal.end_loop()

    def goes_on(self, frame: FrameType) -> Activation | None:
        """The lane that goes on after an event loop which it has run, if this is its frame."""
        journal = self._journal
        waiting = journal.thread.waiting
        if journal.stack or not waiting or waiting[-1][-1].frame != id(frame):
            return None
        journal.end_loop()
        return journal.stack[-1]

    def back_in(self, frame: FrameType) -> Activation | None:
        """The lane of this frame, after lanes that it called ended without an event, as the stack was full."""
        lane, stack = self._lanes.by_frame.get(id(frame)), self._journal.stack
        if lane is None or lane.code is not frame.f_code or lane not in stack:
            return None
        while stack[-1] is not lane:
            ended = stack[-1]
            self._journal.leave(ended, Kind.RAISE, ended.line, "RecursionError()")
            self._lanes.remove(ended)
            self._checks.ends(ended)
        lane.relayed, lane.delegates = None, False
        return lane
