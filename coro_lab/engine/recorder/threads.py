"""Whose events are whose, and one event after the other where several threads run code of the learner's.

Which threads belong to the program is settled when a recording begins: the one that records, and all that are started
later. A thread that was there before is somebody else's, and what it runs is left out.

The garbage collector is somebody else, too: in the midst of any line it may finalise what was forgotten long before the
recording. Of what it runs, only the lanes of the recording are the program's.
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
from coro_lab.engine.recorder.lanes import Strand
from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_one_at_a_time = threading.RLock()

if hasattr(os, "register_at_fork"):
    # a forked process has only the thread that forks, so no other one may be holding this then; and what runs in it
    # first is Python's own, in which a recording is still heard
    os.register_at_fork(
        before=_one_at_a_time.acquire,
        after_in_parent=_one_at_a_time.release,
        after_in_child=_one_at_a_time.release,
    )


class Company:
    """The threads of one recording, and the garbage collector in them."""

    def __init__(
        self, journal: Journal, is_lane: Callable[[FrameType], bool], postpone: Callable[[BaseException], bool]
    ) -> None:
        self.home = 0  # the thread that records
        self.ident = 0  # the thread whose events the journal takes at this moment without a question
        self.alone = True  # no other has run code of the learner's yet, nor has the collector
        self._journal = journal
        self._is_lane = is_lane  # whether a frame is that of a lane
        self._postpone = postpone  # what to do with an interrupt that arrives where it would be lost
        self._strands: dict[int, Strand] = {}  # by the thread's id, which the next thread may have after its end
        self._greenlets = Greenlets(self._switch)
        self._others: dict[int, threading.Thread | None] = {}  # by the same, those that were there before, if known
        self._interrupted: FrameType | None = None  # where the garbage collector is at work: the frame that has to wait
        self._collects = 0  # and the thread

    def begin(self) -> None:
        """From here on this thread, and those that are started later, belong to the program."""
        self.home = self.ident = get_ident()
        threads = {thread.ident: thread for thread in threading.enumerate()}
        others = sys._current_frames()
        del others[self.home]
        self._others = {ident: threads.get(ident) for ident in others}
        strand = Strand()
        self._strands = {self.home: strand}
        self._journal.follow(strand)
        self.alone = True not in [_runs_learners(top) for top in others.values()]  # leaves no generator behind
        self._greenlets.begin(strand)
        gc.callbacks.append(self._collector)

    def end(self) -> None:
        """Give the hooks back; may be called again."""
        self._greenlets.end()
        if self._collector in gc.callbacks:
            gc.callbacks.remove(self._collector)

    def strand(self, frame: FrameType) -> Strand | None:
        """The calling thread, if it is one of the program's, and this frame of it is."""
        ident = get_ident()
        if ident in self._others:
            before = self._others[ident]
            if before is None or before is threading.current_thread():
                return None
            del self._others[ident]  # that one has ended, and a thread of the program's has got its id
        if ident == self._collects and not self._is_in_lane(frame):
            return None
        if ident not in self._strands:
            self._strands[ident] = Strand()
            self._greenlets.begin(self._strands[ident])
        return self._strands[ident]

    def switched_unheard(self) -> None:
        """A greenlet begins to run, and nothing was heard of greenlets before in this thread."""
        self._greenlets.begin_within(self._strands[get_ident()])

    def _switch(self, left: Strand, asleep: FrameType | None, goes_on: Strand) -> None:
        """Control has gone from one greenlet to another; `asleep` is where the first one sleeps."""
        with _one_at_a_time:
            self._strands[get_ident()] = goes_on
            if self._journal.strand is not left:
                self._journal.preempt(left)
            self._journal.switch(asleep, goes_on)

    def in_turn(self, callback: Callable[..., Any], is_ours: Callable[[CodeType], bool], otherwise: object) -> Any:
        """The same callback for code of the learner's in threads of the program; for any other code: `otherwise`.

        One event is told after the other; and where the thread is another one than before in the midst of its lane,
        that the operating system has switched.
        """

        def call(code: CodeType, *rest: Any, frame: FrameType | None = None) -> Any:
            with _one_at_a_time:
                if not is_ours(code):
                    return otherwise
                frame = frame or sys._getframe(1)
                strand = self.strand(frame)
                if strand is None:
                    return None
                self._take_turn(strand)
                return callback(code, *rest, frame=frame)

        return call

    def output_in_turn(self, strand: Strand, tell: Callable[[], None]) -> None:
        """Have what a thread has printed told in its turn, where its lanes may run at the same time as others."""
        with _one_at_a_time:
            if strand.stack:
                self._take_turn(strand)
            tell()

    def _take_turn(self, strand: Strand) -> None:
        self.ident = get_ident()
        if strand is not self._journal.strand:
            self._journal.preempt(strand)

    @without_signals_at_entry
    def _collector(self, phase: str, info: dict[str, int]) -> None:
        """Called by the garbage collector where it begins and where it has ended, in whichever thread."""
        try:  # no Python function is called here: there may be no room on the stack
            frame, ident = sys._getframe(1), get_ident()
        except BaseException as error:  # of a signal handler's: here it would be lost
            self._postpone(error)
            frame, ident = sys._getframe(1), get_ident()
        begins = phase == "start"
        self._interrupted = frame if begins else None
        self._collects = ident if begins else 0
        if self.alone and ident == self.home:
            self.ident = 0 if begins else self.home  # has each lane that begins or is resumed meanwhile be looked at

    def _is_in_lane(self, frame: FrameType) -> bool:
        """Whether what the collector has called is a lane, and this frame belongs to that."""
        while frame.f_back is not None and frame.f_back is not self._interrupted:
            frame = frame.f_back
        return self._is_lane(frame)

    def is_collecting(self) -> bool:
        """Whether the garbage collector is at work in the calling thread."""
        return get_ident() == self._collects

    def is_collected(self, frame: FrameType) -> bool:
        """Whether it is the garbage collector that finalises the generator of this frame right now."""
        return get_ident() == self._collects and frame.f_back is self._interrupted


def _runs_learners(frame: FrameType | None) -> bool:
    """Whether this frame, or one below it in its thread, is the learner's."""
    while frame is not None and not is_learners(frame.f_code):
        frame = frame.f_back
    return frame is not None
