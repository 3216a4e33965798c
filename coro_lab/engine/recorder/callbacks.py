"""What the interpreter reports, as entries of the journal.

A frame belongs to one lane, and a thread runs its lanes strictly inside one another: where code of a lane runs, it is
that of the innermost. Since 3.13, `close()` runs nothing of a generator that is suspended outside any `try` (gh-111354)
and nobody is told: rewritten code does without that, and a generator made before the recording is looked at
(`Roster._notice_closed`).

Every event of a run passes through here, so the common case comes first and does nothing that can be done later. As
long as only the thread that records runs code of the learner's, a callback looks at threads where a lane begins or is
resumed, and nowhere else; `threads.py` takes over when there are several.
"""

from __future__ import annotations

import sys
from threading import get_ident
from types import CodeType, FrameType

from coro_lab.engine.recorder.code_info import begins_handling
from coro_lab.engine.recorder.entering import Entering
from coro_lab.engine.recorder.interrupts import sheltered
from coro_lab.engine.recorder.journal import line_in
from coro_lab.engine.recorder.lanes import Strand
from coro_lab.engine.recorder.leaving import Leaving
from coro_lab.engine.recorder.limits import GRACE
from coro_lab.engine.recorder.monitor import DISABLE, EVENTS, ByEvent
from coro_lab.trace.events import Kind
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_TURNS = 100  # turns of a loop in a single line that count as one event
_getframe = sys._getframe  # found once, not at each event


class Callbacks(Entering, Leaving):
    """What is done at each event of the interpreter, in one recording."""

    _turns = 0  # of loops in a single line

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
        if not self._company.alone:
            can_be_disabled = (EVENTS.PY_START, EVENTS.PY_RESUME)
            calls = {
                event: self._company.in_turn(call, self._is_heeded, DISABLE if event in can_be_disabled else None)
                for event, call in calls.items()
            }
        for event in (EVENTS.PY_THROW, EVENTS.PY_UNWIND):
            calls[event] = sheltered(calls[event], self._postpone)
        return calls

    # -- inside a lane ------------------------------------------------------------------------------------------------

    def _on_line(self, code: CodeType, line: int, frame: FrameType | None = None) -> None:
        stack = self.stack
        lane = stack[-1] if stack else self._goes_on(code, frame or _getframe(1))
        if lane is None or lane.code is not code:
            lane = self._back_in(frame or _getframe(1))
            if lane is None:
                return
        fields = self.fields
        if len(fields) >= self._careful_from and not begins_handling(frame or _getframe(1)):
            self._raise_postponed()
            self._be_careful(lane, limited=line <= lane.line)  # whatever does not end goes back at some time
        watch = lane.watch
        if watch is not None:
            names = watch.after[lane.line]
            lane.line = line
            if names and (changed := watch.changes(frame or _getframe(1), names)):
                fields.extend(changed + (line,))
            else:
                fields.append(line)

    def _on_instruction(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        info = self.codes.get(id(code))
        awaited = None if info is None else info.awaits.get(offset)
        if info is None or awaited is None:
            return DISABLE
        if not self.stack:
            self._goes_on(code, frame or _getframe(1))
        stack = self.stack
        if stack and stack[-1].info is info:
            self.inside(stack[-1].index, Kind.AWAIT, info.lines[offset], awaited)
        return None

    def _on_jump(self, code: CodeType, offset: int, target: int, frame: FrameType | None = None) -> object:
        """A loop in a single line begins no new line when it goes round, so its turns are counted here."""
        info = self.codes.get(id(code))
        if info is None or target > offset or info.lines[offset] != info.lines[target]:
            return DISABLE
        self._raise_postponed()
        self._turns += 1
        if self._turns >= self._limit * _TURNS and self.stack:
            self._refuse(self.stack[-1], insist=self._turns >= (self._limit + GRACE) * _TURNS)
        return None

    def on_output(self, text: str) -> None:
        """The program has written this to stdout."""
        frame = _getframe(1)
        strand = self._company.strand(frame)
        if strand is None or not text:
            return
        if self._company.alone and get_ident() == self._company.home:
            self._tell_output(strand, frame, text)
        else:
            self._company.output_in_turn(strand, lambda: self._tell_output(strand, frame, text))

    def _tell_output(self, strand: Strand, frame: FrameType, text: str) -> None:
        if strand.waiting and not strand.stack:
            self._end_loop_unless(frame)
        if not strand.stack:
            self.output(self._outside(strand), None, text)
            return
        top = strand.stack[-1]
        if len(self.fields) >= self._careful_from:
            self._be_careful(top, limited=True)
        if top.early is not None:
            self._tell_early(top, frame)
        self.output(top.index, line_in(top, frame), text)
