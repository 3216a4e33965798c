"""What has to be checked before some events: the limit, a postponed interrupt, and generators closed silently.

A check takes long and is seldom needed. So the journal has a length, `check_from`, from which on events are checked.
Each callback compares it with the present length, and `Checks` sets it as far ahead as it can.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident

from coro_lab.engine.recorder.faults import is_fault, told
from coro_lab.engine.recorder.journal import Journal
from coro_lab.engine.recorder.lane_table import LaneTable
from coro_lab.engine.recorder.lanes import Activation
from coro_lab.engine.recorder.limits import GRACE, ending
from coro_lab.engine.recorder.suspendables import frame_of
from coro_lab.engine.recorder.tasks import Tasks
from coro_lab.engine.recorder.watched_code import WatchedCode
from coro_lab.trace.events import DROPPED
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_TURNS = 100  # turns of a loop in a single line that count as one event


class Checks:
    """The checks of one recording; `max_events` is its limit, `limit_of` the call in which the reader can change it.

    At the limit the program is stopped, or it `runs_on` and only its recording ends. `leave` ends a recording, and is
    given the reason.
    """

    def __init__(
        self,
        journal: Journal,
        codes: WatchedCode,
        lanes: LaneTable,
        tasks: Tasks,
        *,
        max_events: int,
        limit_of: str,
        leave: Callable[[str], None],
        runs_on: bool,
    ) -> None:
        self.cut: str | None = None  # why the program was stopped, or its recording ended, if so
        self.has_stopped = False  # the program
        self.postponed: BaseException | None = (
            None  # an interrupt that would have been lost at the event where it arrived
        )
        self.closes: Activation | None = None  # the innermost lane into which GeneratorExit is being thrown
        self.home = 0  # the thread that records
        self._journal = journal
        self._codes = codes
        self._lanes = lanes
        self._tasks = tasks
        self._limit = max_events
        self._limit_of = limit_of
        self._leave = leave
        self._runs_on = runs_on
        self._turns = 0  # of loops in a single line
        self._raised: BaseException | None = None  # the last exception that a callback has raised on purpose
        self._sleepers: dict[int, Activation] = {}  # lanes that may be closed silently, by the id of their frame

    def schedule(self) -> None:
        """Set the length of the journal from which on events must be checked."""
        journal = self._journal
        if self._sleepers or self.postponed is not None:
            journal.check_always()
        else:  # each event has at least one field, so the limit cannot be reached earlier
            journal.check_from = len(journal.fields) + self._limit - journal.count()

    def check(self, lane: Activation, *, limited: bool = False) -> None:
        """Do what has to be done before an event; `limited`: at this one, a program can be stopped."""
        if limited:
            self.raise_postponed()
            if self._journal.count() >= self._limit:
                self._stop(lane)
        if self._sleepers:
            self._notice_closed()
        else:
            self.schedule()

    # -- faults of the recorder ---------------------------------------------------------------------------------------

    def ends_by(self, error: BaseException) -> bool:
        """End the recording, if this, which a callback has raised, is a fault of the recorder; the program runs on."""
        if error is self._raised or not is_fault(error):
            return False
        self._leave(told(error))
        return True

    # -- interrupts ---------------------------------------------------------------------------------------------------

    def postpone(self, error: BaseException) -> bool:
        """Raise this error at the next event or line at which it is not lost; False for an error of the recorder."""
        if error is self._raised:
            return False
        self.postponed, self._codes.every_line = error, True
        self.schedule()
        self._codes.watch_all()
        return True

    def take_postponed(self) -> BaseException | None:
        """The interrupt that is still to be raised; the caller raises it."""
        error, self.postponed = self.postponed, None
        self._codes.every_line = self.cut is not None
        return error

    def raise_postponed(self) -> None:
        """Raise the interrupt that was postponed, unless it would be lost here as well."""
        if self.postponed is not None and not self._is_closing():
            self._raised = error = self.take_postponed()
            self.schedule()
            assert error is not None
            raise error

    def _is_closing(self) -> bool:
        """Whether a lane of this thread is being closed or cancelled."""
        return True in [lane.closing for lane in self._journal.stack]

    # -- generators that are closed silently --------------------------------------------------------------------------

    def suspends(self, lane: Activation, offset: int) -> None:
        """The lane suspends at this yield; at some yields, close() ends it without an event."""
        if lane.made is not None and offset in lane.info.silent:
            self._sleepers[lane.frame] = lane
        else:
            self._sleepers.pop(lane.frame, None)
        self.schedule()

    def ends(self, lane: Activation) -> None:
        """The lane has ended, and an event said so."""
        if self._sleepers.pop(lane.frame, None):
            self.schedule()

    def _notice_closed(self) -> None:
        """Record generators that were closed since the last event.

        The running lane has closed them, or a lane that delegated to them: that lane is about to be closed, and records
        it when it runs.
        """
        for lane in list(self._sleepers.values()):
            if self.closes is not None and lane.outer is self.closes:
                continue
            made = lane.made and lane.made()
            if lane not in self._journal.stack and (made is None or frame_of(made) is None):
                self._journal.closed_silently(lane, DROPPED if made is None else None)
                lane.delegates = False
                self._lanes.by_frame.pop(lane.frame, None)
                del self._sleepers[lane.frame]
        self.schedule()

    # -- the limit ----------------------------------------------------------------------------------------------------

    def count_turn(self) -> None:
        """A loop in a single line goes round. No line event comes, so the turns count for the limit."""
        self.raise_postponed()
        self._turns += 1
        if self._turns >= self._limit * _TURNS and self._journal.stack:
            self._stop(self._journal.stack[-1], insist=self._turns >= (self._limit + GRACE) * _TURNS)

    def _stop(self, lane: Activation, *, insist: bool = False) -> None:
        """Stop the program by an exception at each of its lines, or leave it to run on.

        A lane that is being closed may end first, for up to GRACE further events; `insist` stops it at once.
        """
        if self._runs_on:
            limit = f"The recording ended after {self._limit} events"
            self._leave(f"{limit}, and the program ran on; max_events sets another limit.")
            return
        if not self.has_stopped:
            self.has_stopped = True
            longer = f"{self._limit_of}(..., max_events=...) sets another limit"
            self.cut = f"The run was stopped after {self._limit} event{'s' * (self._limit > 1)}; {longer}."
            self._codes.every_line = True
            self._codes.watch_all()
            self._tasks.cancel_all()
        if insist or self._journal.count() >= self._limit + GRACE or not (lane.closing or self._is_closing()):
            self._raised = ending(self.cut or "", at_home=get_ident() == self.home)
            raise self._raised
