"""Threads: whose events are whose, and one event after the other where several threads run code of the learner's.

Which threads belong to the program is settled when a recording begins: the one that records, and all that are started
later. A thread that was there before is somebody else's, and what it runs is left out.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from coro_lab.recorder.journal import Journal
from coro_lab.recorder.lanes import Strand
from coro_lab.recorder.territory import is_learners


class Company:
    """The threads of one recording."""

    def __init__(self, journal: Journal) -> None:
        self.home = 0  # the thread that records
        self.ident = 0  # the thread whose events the journal takes at this moment
        self.alone = True  # no other has run code of the learner's yet
        self._journal = journal
        self._strands: dict[int, Strand] = {}  # by the thread's id, which the next thread may have after its end
        self._others: dict[int, threading.Thread | None] = {}  # by the same, those that were there before, if known
        self._one_at_a_time = threading.RLock()

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
        self.alone = not any(is_learners(frame.f_code) for top in others.values() for frame in frames_from(top))

    def strand(self) -> Strand | None:
        """The calling thread, if it is one of the program's."""
        ident = get_ident()
        if ident in self._others:
            before = self._others[ident]
            if before is None or before is threading.current_thread():
                return None
            del self._others[ident]  # that one has ended, and a thread of the program's has got its id
        if ident not in self._strands:
            self._strands[ident] = Strand()
        return self._strands[ident]

    def in_turn(self, callback: Callable[..., Any], is_ours: Callable[[CodeType], bool], otherwise: object) -> Any:
        """The same callback for code of the learner's in threads of the program; for any other code: `otherwise`.

        One event is told after the other; and where the thread is another one than before in the midst of its lane,
        that the operating system has switched.
        """

        def call(code: CodeType, *rest: Any, frame: FrameType | None = None) -> Any:
            with self._one_at_a_time:
                if not is_ours(code):
                    return otherwise
                strand = self.strand()
                if strand is None:
                    return None
                if strand is not self._journal.strand:
                    self.ident = get_ident()
                    self._journal.preempt(strand)
                return callback(code, *rest, frame=frame or sys._getframe(1))

        return call


def frames_from(frame: FrameType | None) -> Iterator[FrameType]:
    """This frame and those below it, down to where its thread began."""
    while frame is not None:
        yield frame
        frame = frame.f_back
