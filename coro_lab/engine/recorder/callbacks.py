"""What the interpreter reports, as entries of the journal.

A frame belongs to one lane, and a thread runs its lanes strictly inside one another: where code of a lane runs, it is
that of the innermost. Since 3.13, `close()` runs nothing of a generator that is suspended outside any `try` (gh-111354)
and reports nothing: rewritten code does without that, and a generator made before the recording is checked
(`checks.py`).

Every event of a run passes through here, so the common case comes first and does nothing that can be done later. As
long as only the thread that records runs the learner's code, a callback looks at threads where a lane begins or is
resumed, and nowhere else; `threads.py` takes over when there are several.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import get_ident
from types import CodeType, FrameType

from coro_lab.engine.recorder.abandoning import Abandoning
from coro_lab.engine.recorder.cancelling import Cancelling
from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.code_info import begins_handling
from coro_lab.engine.recorder.control import Control
from coro_lab.engine.recorder.entering import Entering
from coro_lab.engine.recorder.families import FamilyRecords
from coro_lab.engine.recorder.family_facts import FamilyTable
from coro_lab.engine.recorder.interrupts import sheltered
from coro_lab.engine.recorder.journal import Journal, line_in
from coro_lab.engine.recorder.lane_table import LaneTable
from coro_lab.engine.recorder.lanes import ThreadState
from coro_lab.engine.recorder.leaving import Leaving
from coro_lab.engine.recorder.lock_records import LockRecords
from coro_lab.engine.recorder.lost_exceptions import LostExceptions
from coro_lab.engine.recorder.monitor import DISABLE, EVENTS, ByEvent, Monitor
from coro_lab.engine.recorder.patching import Patch
from coro_lab.engine.recorder.rewriting import Listener
from coro_lab.engine.recorder.tasks import Tasks
from coro_lab.engine.recorder.threads import RecordedThreads
from coro_lab.engine.recorder.throwing import Throwing
from coro_lab.engine.recorder.unrecorded import UnrecordedCode
from coro_lab.engine.recorder.watched_code import WatchedCode
from coro_lab.trace.events import Kind
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_getframe = sys._getframe  # found once, not at each event


class Callbacks:
    """The callbacks of one recording, and the objects that they work on."""

    def __init__(
        self,
        monitor: Monitor,
        patch: Patch,
        *,
        lines: bool,
        max_events: int,
        limit_of: str,
        outside: str,
        leave: Callable[[str], None],
        runs_on: bool,
    ) -> None:
        self._monitor = monitor
        tasks = Tasks()
        self.journal = journal = Journal()
        self.codes = codes = WatchedCode(monitor, lines=lines)
        self.lanes = lanes = LaneTable(journal, tasks, lines=lines, outside=outside)
        self.checks = checks = Checks(
            journal, codes, lanes, tasks, max_events=max_events, limit_of=limit_of, leave=leave, runs_on=runs_on
        )
        self._threads = threads = RecordedThreads(journal, lanes.is_lane, checks.postpone, checks.ends_by)
        self._control = control = Control(journal, lanes, checks, tasks, threads, lines=lines)
        self.families = families = FamilyRecords(
            FamilyTable(journal, tasks),
            LockRecords(journal, tasks),
            LostExceptions(journal, lanes, checks, tasks),
            checks,
            threads,
        )
        abandoning = Abandoning(journal, codes, lanes, checks, threads, control)
        self.unrecorded = UnrecordedCode(codes, threads, families, abandoning)
        join = self.become_multithreaded
        self._cancelling = Cancelling(journal, codes, lanes, checks, threads, control)
        self.entering = Entering(journal, codes, lanes, checks, threads, control, self.unrecorded, join, lines=lines)
        self._throwing = Throwing(journal, codes, lanes, checks, tasks, threads, control, join)
        self._leaving = Leaving(journal, lanes, checks, tasks, control, families, patch)

    def begin(self) -> None:
        """From here on this thread, and those that are started later, belong to the program."""
        self._threads.begin()
        self.checks.home = self._threads.home
        self.entering.listen()
        # not the calling frame: it ends, and a frame of the program may then get its id
        self.lanes.begin(_getframe(2))
        self.checks.schedule()

    def watch(self) -> None:
        """Ask the interpreter for the events of all code that is known."""
        self.codes.watch_all()
        self._cancelling.begin()
        for code in self.families.codes():
            self.codes.watch_ends(code)

    def end(self) -> None:
        """Stop listening to rewritten code and to the garbage collector; may be called again."""
        Listener.heard = Listener.handed_over = None
        self._threads.end()

    def end_in_thread(self) -> None:
        """Give back what the calling thread has, after the recording has ended in another."""
        self._threads.end()

    def become_multithreaded(self) -> ByEvent:
        """Another thread runs the learner's code, too: from now on each in its turn. Returns the new callbacks."""
        self._threads.alone = False
        self.entering.listen()
        by_event = self.by_event()
        self._monitor.change(by_event)
        return by_event

    def by_event(self) -> ByEvent:
        """The callback for each event of the interpreter."""
        calls: ByEvent = {
            EVENTS.PY_START: self.entering.on_start,
            EVENTS.PY_RESUME: self.entering.on_resume,
            EVENTS.PY_YIELD: self._leaving.on_yield,
            EVENTS.PY_RETURN: self._leaving.on_return,
            EVENTS.PY_THROW: self._throwing.on_throw,
            EVENTS.PY_UNWIND: self._leaving.on_unwind,
            EVENTS.LINE: self._on_line,
            EVENTS.JUMP: self._on_jump,
            EVENTS.INSTRUCTION: self._on_instruction,
        }
        if not self._threads.alone:
            in_turn, unrecorded = self._threads.in_turn, self.unrecorded
            can_be_disabled = (EVENTS.PY_START, EVENTS.PY_RESUME)
            calls = {
                event: in_turn(
                    call,
                    unrecorded.is_heeded_at_start if event == EVENTS.PY_START else unrecorded.is_heeded,
                    DISABLE if event in can_be_disabled else None,
                    unrecorded.is_hook,
                )
                for event, call in calls.items()
            }
        calls |= {
            EVENTS.CALL: self._cancelling.on_call,
            EVENTS.C_RETURN: self._cancelling.on_called,
        }  # in turn by itself
        for event in (EVENTS.PY_THROW, EVENTS.PY_UNWIND):
            calls[event] = sheltered(calls[event], self.checks.ends_by, self.checks.postpone)
        return calls

    # -- inside a lane ------------------------------------------------------------------------------------------------

    def _on_line(self, code: CodeType, line: int, frame: FrameType | None = None) -> None:
        try:
            journal = self.journal
            stack = journal.stack
            lane = stack[-1] if stack else self._control.goes_on(frame or _getframe(1))
            if lane is None or lane.code is not code:
                lane = self._control.back_in(frame or _getframe(1))
                if lane is None:
                    return
            fields = journal.fields
            if len(fields) >= journal.check_from and not begins_handling(frame or _getframe(1)):
                self.checks.raise_postponed()
                self.checks.check(lane, limited=line <= lane.line)  # an endless program jumps back at some point
            watch = lane.watch
            if watch is not None:
                before = lane.line
                if line == before and journal.is_entered_by_an_exception():
                    return  # 3.12 and 3.13 disagree on whether a line begins anew where an exception passes through it
                names = watch.after[before]
                lane.line = line
                if names and (changed := watch.changes(frame or _getframe(1), names)):
                    fields.extend(changed + (line,))
                else:
                    fields.append(line)
        except Exception as error:
            if not self.checks.ends_by(error):
                raise

    def _on_instruction(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        try:
            info = self.codes.by_id.get(id(code))
            awaited = None if info is None else info.awaits.get(offset)
            if info is None or awaited is None:
                return DISABLE
            if not self.journal.stack:
                self._control.goes_on(frame or _getframe(1))
            stack = self.journal.stack
            if stack and stack[-1].info is info:
                self.journal.inside(stack[-1].index, Kind.AWAIT, info.lines[offset], awaited)
        except Exception as error:
            if not self.checks.ends_by(error):
                raise
        return None

    def _on_jump(self, code: CodeType, offset: int, target: int, frame: FrameType | None = None) -> object:
        """A loop in a single line begins no new line when it goes round, so its turns are counted here."""
        try:
            info = self.codes.by_id.get(id(code))
            if info is None or target > offset or info.lines[offset] != info.lines[target]:
                return DISABLE
            self.checks.count_turn()
        except Exception as error:
            if not self.checks.ends_by(error):
                raise
        return None

    def on_output(self, text: str) -> None:
        """The program has written this to stdout."""
        try:
            frame = _getframe(1)
            state = self._threads.state(frame)
            if state is None or not text:
                return
            if self._threads.alone and get_ident() == self._threads.home:
                self._record_output(state, frame, text)
            else:
                self._threads.output_in_turn(state, lambda: self._record_output(state, frame, text))
        except Exception as error:
            if not self.checks.ends_by(error):
                raise

    def _record_output(self, state: ThreadState, frame: FrameType, text: str) -> None:
        if state.waiting and not state.stack:
            self._control.end_loop_unless(frame)
        if not state.stack:
            self.journal.output(self.lanes.outside(state), None, text)
            return
        top = state.stack[-1]
        if len(self.journal.fields) >= self.journal.check_from:
            self.checks.check(top, limited=True)
        if top.early is not None:
            self._control.record_early(top, frame)
        self.journal.output(top.index, line_in(top, frame), text)
