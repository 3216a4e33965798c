"""Which threads belong to the recording, and the lock that orders their events.

The recording thread belongs to the program, and so does each thread that is started later. Threads that existed before
the recording are left out.

The garbage collector may run in the middle of any line, and finalise objects that the program dropped long before the
recording. Of the code that it runs, only lanes of the recording are recorded.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from coro_lab.engine.recorder.greenlets import Greenlets
from coro_lab.engine.recorder.interrupts import without_signals_at_entry
from coro_lab.engine.recorder.journal import Journal
from coro_lab.engine.recorder.lanes import ThreadState
from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_one_at_a_time = threading.RLock()

if hasattr(os, "register_at_fork"):
    # a forked process has only the thread that forks, so no other thread may hold the lock at that moment; and Python's
    # own code runs first in the new process, while the recording still listens
    os.register_at_fork(
        before=_one_at_a_time.acquire,
        after_in_parent=_one_at_a_time.release,
        after_in_child=_one_at_a_time.release,
    )


class RecordedThreads:
    """The threads of one recording, and the garbage collector in them."""

    def __init__(
        self,
        journal: Journal,
        is_lane: Callable[[FrameType], bool],
        postpone: Callable[[BaseException], bool],
        ends_by: Callable[[BaseException], bool],
    ) -> None:
        self.home = 0  # the thread that records
        self.ident = 0  # the thread whose events the journal takes without a check
        self.alone = True  # no other thread has run the learner's code yet
        self._journal = journal
        self._is_lane = is_lane  # whether a frame is that of a lane
        self._ends_by = ends_by  # what to do with an exception that may be a fault of the recorder
        self._postpone = postpone  # what to do with an interrupt that arrives where it would be lost
        self._states: dict[int, ThreadState] = {}  # by the thread's id, which the next thread may have after its end
        self._greenlets = Greenlets(self._switch)
        self._others: dict[
            int, threading.Thread | None
        ] = {}  # by the same id: threads from before the recording, if known
        self._interrupted: FrameType | None = None  # the frame in which the garbage collector has begun to work
        self._collects = 0  # the id of the thread in which it works

    def begin(self) -> None:
        """From here on this thread, and those that are started later, belong to the program."""
        self.home = self.ident = get_ident()
        threads = {thread.ident: thread for thread in threading.enumerate()}
        others = sys._current_frames()
        del others[self.home]
        self._others = {ident: threads.get(ident) for ident in others}
        state = ThreadState()
        self._states = {self.home: state}
        self._journal.follow(state)
        self.alone = True not in [_runs_learners(top) for top in others.values()]  # leaves no generator behind
        self._greenlets.begin(state)
        gc.callbacks.append(self._collector)

    def end(self) -> None:
        """Give the hooks back; may be called again."""
        self._greenlets.end()
        if self._collector in gc.callbacks:
            gc.callbacks.remove(self._collector)

    def state(self, frame: FrameType) -> ThreadState | None:
        """The calling thread, if this thread and this frame belong to the program."""
        ident = get_ident()
        if ident in self._others:
            before = self._others[ident]
            if before is None or before is threading.current_thread():
                return None
            del self._others[ident]  # the old thread has ended, and a thread of the program has its id
        if ident == self._collects and not self._is_in_lane(frame):
            return None
        if ident not in self._states:
            self._states[ident] = ThreadState()
            self._greenlets.begin(self._states[ident])
        return self._states[ident]

    def notice_greenlet(self) -> None:
        """A greenlet begins to run, the first in this thread that the recording notices."""
        self._greenlets.begin_within(self._states[get_ident()])

    def _switch(self, left: ThreadState, asleep: FrameType | None, goes_on: ThreadState) -> None:
        """Control has gone from one greenlet to another; `asleep` is where the first one sleeps."""
        try:
            with _one_at_a_time:
                self._states[get_ident()] = goes_on
                if self._journal.thread is not left:
                    self._journal.preempt(left)
                self._journal.switch(asleep, goes_on)
        except Exception as error:
            if not self._ends_by(error):
                raise

    def in_turn(
        self,
        callback: Callable[..., Any],
        is_ours: Callable[[CodeType], bool],
        otherwise: object,
        also_collected: Callable[[CodeType], bool] = lambda _: False,
    ) -> Any:
        """The same callback for the learner's code in threads of the program; `otherwise` is returned for other code.

        Code for which `also_collected` is true matters where the garbage collector calls it, too.

        The lock lets one event be recorded at a time. If another thread goes on in the middle of its lane, the journal
        gets a PREEMPT event: the operating system has switched.
        """

        def call(code: CodeType, *rest: Any, frame: FrameType | None = None) -> Any:
            try:
                with _one_at_a_time:
                    if not is_ours(code):
                        return otherwise
                    frame = frame or sys._getframe(1)
                    state = self.state(frame)
                    if state is None and self.is_collecting() and also_collected(code):
                        state = self._states.get(get_ident())
                    if state is None:
                        return None
                    self._take_turn(state)
                    return callback(code, *rest, frame=frame)
            except Exception as error:
                if not self._ends_by(error):
                    raise
                return None

        return call

    def output_in_turn(self, state: ThreadState, record: Callable[[], None]) -> None:
        """Record what a thread has printed, in its turn, because lanes of other threads may run at the same time."""
        with _one_at_a_time:
            if state.stack or state.waiting:
                self._take_turn(state)
            record()

    def _take_turn(self, state: ThreadState) -> None:
        self.ident = get_ident()
        if state is not self._journal.thread:
            self._journal.preempt(state)

    @without_signals_at_entry
    def _collector(self, phase: str, info: dict[str, int]) -> None:
        """Called by the garbage collector when it begins and when it has ended, in any thread."""
        try:  # no Python function is called here: there may be no room on the stack
            frame, ident = sys._getframe(1), get_ident()
        except BaseException as error:  # from a signal handler; it would be lost here
            self._postpone(error)
            frame, ident = sys._getframe(1), get_ident()
        begins = phase == "start"
        self._interrupted = frame if begins else None
        self._collects = ident if begins else 0
        if self.alone and ident == self.home:
            self.ident = (
                0 if begins else self.home
            )  # so that each lane that begins or is resumed meanwhile is looked at

    def _is_in_lane(self, frame: FrameType) -> bool:
        """Whether this frame, or one between it and the collector, belongs to a lane."""
        back: FrameType | None = frame
        while back is not None and back is not self._interrupted:
            if self._is_lane(back):
                return True
            back = back.f_back
        return False

    def is_collecting(self) -> bool:
        """Whether the garbage collector is at work in the calling thread."""
        return get_ident() == self._collects

    def is_collected(self, frame: FrameType) -> bool:
        """Whether the garbage collector is finalising the generator of this frame."""
        return get_ident() == self._collects and frame.f_back is self._interrupted


def _runs_learners(frame: FrameType | None) -> bool:
    """Whether this frame, or one below it in its thread, is the learner's."""
    while frame is not None and not is_learners(frame.f_code):
        frame = frame.f_back
    return frame is not None
