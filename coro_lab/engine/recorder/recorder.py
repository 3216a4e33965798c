"""Recorder: opening and closing a recording, as often as its driver likes."""

from __future__ import annotations

import contextlib
import functools
import os
from typing import Any, Self

from coro_lab.engine.recorder.advice import unseen_note
from coro_lab.engine.recorder.callbacks import Callbacks
from coro_lab.engine.recorder.interrupts import without_signals_at_entry
from coro_lab.engine.recorder.journal import events
from coro_lab.engine.recorder.lanes import named
from coro_lab.engine.recorder.limits import MAX_EVENTS
from coro_lab.engine.recorder.monitor import Monitor
from coro_lab.engine.recorder.patching import Patch
from coro_lab.engine.recorder.stdout import StdoutWatch
from coro_lab.engine.recorder.user_code import is_learners_file
from coro_lab.errors import ArgumentError, RecordingError
from coro_lab.trace.collecting import uncollected
from coro_lab.trace.events import lane_indexes
from coro_lab.trace.noticing import notice
from coro_lab.trace.own_builtins import keep_builtins, undisturbed
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace

keep_builtins(globals())

_LOOKS_ITSELF = "The program records or explores by itself; what it did from there on is not in this recording."
_TAKEN = "The program took the place of the recording in sys.monitoring; what it did after that is not told."


class Recorder:
    """Keeps what the learner's code does in the calling thread while a `with` block of it is open.

    The block may be opened again and again: a stepper opens it for each step. An interrupt that could not be raised
    before its end is raised there. `driver` names who resumes lanes from
    outside, `limit_of` what the reader has written that takes `max_events`. With `runs_on`, the recording ends at its
    limit and the program goes on, where it would be stopped otherwise. Entering raises RecordingError while another
    recorder is open; one that has `runs_on` leaves its place instead.
    """

    _open: Recorder | None = None

    def __init__(
        self,
        *,
        lines: bool = True,
        max_events: int = MAX_EVENTS,
        driver: str | None = None,
        limit_of: str = "record",
        runs_on: bool = False,
    ) -> None:
        if type(max_events) is not int or max_events < 1:
            kept = "max_events is after how many events a run is stopped, so a whole number of at least 1"
            given = describe(max_events)
            raise ArgumentError(f"{kept}; you wrote {given}.", argument="max_events", given=given)
        self._driver = driver
        self._runs_on = runs_on
        self._limit_of = limit_of
        self._monitor = Monitor()
        self._patch = Patch(is_learners_file)
        self._callbacks = Callbacks(
            self._monitor,
            self._patch,
            lines=lines,
            max_events=max_events,
            limit_of=limit_of,
            outside=driver or "outside",
            leave=self._leave,
            runs_on=runs_on,
        )
        self._stdout = StdoutWatch(self._callbacks.on_output)

    def __enter__(self) -> Self:
        Recorder.make_way()
        if Recorder._open is not None:
            raise RecordingError(
                "A recording is going on already, and it sees everything; a second one inside it would see the first.\n"
                f"  Write: {Recorder._open._instead()}",
                running=Recorder._open._limit_of,
            )
        Recorder._open = self
        try:
            self._callbacks.begin()
            self._patch.apply()
            self._stdout.begin()
            self._monitor.take(self._callbacks.by_event())
            self._callbacks.watch()
        except BaseException:
            self.__exit__()
            raise
        return self

    @without_signals_at_entry
    def __exit__(self, *_: object) -> None:
        try:
            self._end()
        except KeyboardInterrupt:
            self._end()  # what has been given back is not given back again
            raise
        postponed = self._callbacks.checks.take_postponed()
        if postponed is not None:
            raise postponed

    def _end(self) -> None:
        """Give everything back, even if one thing cannot be; interrupted, it can be called again."""
        if Recorder._open is not self:  # it has left, maybe in another thread, and another one may be open
            self._callbacks.end_in_thread()
            return
        raised: Exception | None = None
        for give_back in (self._monitor.give_back, self._stdout.end, self._callbacks.end, self._unpatch):
            try:
                give_back()
            except Exception as error:  # of a stdout that is the learner's own, for instance
                raised = error
        Recorder._open = None
        if raised is not None:
            raise raised

    @classmethod
    def make_way(cls) -> None:
        """End the recording that is open, if it lets its program run on: the program looks at its own code now."""
        if cls._open is not None and cls._open._runs_on:
            cls._open._leave(_LOOKS_ITSELF)

    def _leave(self, why: str) -> None:
        """End the recording while the program runs on."""
        self._callbacks.checks.cut = why
        with contextlib.suppress(Exception):  # of a stdout that is the learner's own, for instance
            self._end()

    def _unpatch(self) -> None:
        self._patch.undo([info.code for info in self._callbacks.codes.by_id.values()])

    def _instead(self) -> str:
        """What to write instead of a second recording: one that waits in the loop does not end this one."""
        stack = self._callbacks.journal.stack
        if self._driver == "event loop" and (not stack or stack[0].info.is_top):
            return "await the recording that waits in the event loop, and then go on."
        return "call the function itself, and record only the outermost call."

    def expect(self, value: object, name: str | None = None) -> None:
        """The driver is about to send this value from outside; if that starts a lane, it is called `name`."""
        self._callbacks.entering.expected = describe(value)
        self._callbacks.lanes.next_name = name

    @property
    def has_seen(self) -> bool:
        """Whether any of the learner's code has run."""
        return bool(self._callbacks.codes.by_id)

    def note(self, error: BaseException | None) -> str | None:
        """What to write where an `await` was forgotten, or a source was not kept; `error` has ended the program."""
        forgotten = None if self.cut else self._callbacks.unrecorded.forgotten.note(error)
        return forgotten or unseen_note(list(self._callbacks.unrecorded.unseen))

    @property
    def has_stopped_it(self) -> bool:
        """Whether the program itself was stopped at the limit."""
        return self._callbacks.checks.has_stopped

    @property
    def cut(self) -> str | None:
        """Why the program was stopped, or its recording ended before it, in one sentence; None if neither."""
        return self._callbacks.checks.cut or (_TAKEN if self._monitor.is_taken else None)

    @undisturbed
    @uncollected
    def trace(self, *, result: Any = None, error: BaseException | None = None) -> Trace:
        """What was kept so far, as a Trace."""
        lanes = named(self._callbacks.lanes.facts)
        indexes = lane_indexes(lanes)
        read = functools.partial(events, tuple(self._callbacks.journal.fields), indexes)
        beside = self._callbacks.families.found(indexes)
        further = {"driver": self._driver, "cut": self.cut, "result": result, "error": error, **beside}
        return notice(Trace.later(read, lanes, **further))


def _end_in_child() -> None:
    """A forked process is not recorded: nobody could read its journal."""
    if Recorder._open is not None:
        Recorder._open._end()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_end_in_child)
