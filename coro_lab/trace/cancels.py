"""What became of each cancellation in one run.

`task.cancel()` only asks. The loop throws a CancelledError into the task at the await where the task waits; the task
may clean up, may swallow the exception and go on, and the task that asked may take the request back.

A cancellation has *landed* when a CancelledError is thrown into a lane of the task, or into code of a library that the
lane awaits. What the task did with it is read from what the outermost lane of the task does after that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from coro_lab.trace.events import Event, Kind
from coro_lab.trace.landing import events_by_task, is_by_own_group, is_landing, next_turn, task_of
from coro_lab.trace.not_a_trace import no_trace
from coro_lab.trace.own_builtins import with_builtins
from coro_lab.trace.trace import Trace

RAISED, SWALLOWED, TAKEN_BACK = "raised it", "swallowed it", "took it back"
NEVER_RAN, UNNOTICED, OPEN = "never ran", "got no CancelledError", "had not ended yet"
WITH_NEXT = "got one CancelledError for this and the next"
AT_ITS_END = "returned before it could land, and counts as cancelled"
NEXT, CAUGHT = "went on until the next one", "waited for its TaskGroup, which caught it"


@dataclass(frozen=True, slots=True)
class Cancel:
    """One cancellation of one task."""

    task: str  # who is cancelled: the outermost lane of the task
    by: str | None  # who asked: the name of a lane; None: an event loop
    how: str  # such as "cancel('enough')", "time limit", "TaskGroup, as bad raised ValueError"
    step: int  # the number of the step in which it was asked for, from 0
    line: int | None  # the number of the line at which the lane asked, from 1; None: no lane asked
    landed: tuple[str, int] | None  # to which lane the error came, and the number of its line; None: nowhere
    outcome: str  # what the task did with it: one of the words above, or "raised ..." for another exception
    reached: tuple[str, ...] = ()  # the lanes that awaited the task and got its CancelledError

    def __str__(self) -> str:
        by = "" if self.by is None else f" by {self.by}" + (f" at line {self.line}" if self.line else "")
        where = "" if self.landed is None else f" lands in {self.landed[0]} at line {self.landed[1]};"
        to = f"; {' and '.join(self.reached)} got it, too" if self.reached else ""
        return f"step {self.step}: {self.how}{by};{where} {self.task} {self.outcome}{to}"


@dataclass(frozen=True, repr=False)
class Cancels:
    """All cancellations of a run, in order; printed with one line for each."""

    trace: Trace  # the run
    found: tuple[Cancel, ...]  # one for each time that a task was asked to end

    def __repr__(self) -> str:
        return "\n".join(map(str, self.found)) or "\n".join([_NOBODY, *_unasked(self.trace)])


_NOBODY = "No call was recorded that asks a task to end."


def _unasked(trace: Trace) -> Iterator[str]:
    """The tasks that end with a CancelledError in a run in which no task was seen to be asked to."""
    outermost: dict[str, int] = {}  # by the name of the task
    for event in trace.events:
        task = trace.lanes[event.lane].task
        if task is not None and outermost.setdefault(task, event.lane) == event.lane and _ends_cancelled(event):
            yield f"step {event.step}: {event.lane.name} raised {event.value} all the same"


def _ends_cancelled(event: Event) -> bool:
    return event.kind is Kind.RAISE and (event.value or "").startswith("CancelledError(")


def cancels(trace: Trace) -> Cancels:
    """What became of each cancellation in a recorded run: who asked, where it landed, what the task did with it.

    `trace` is the run. A time limit, a TaskGroup and the end of `asyncio.run` cancel as well. Raises ArgumentError for
    anything but a Trace.

    >>> import asyncio
    >>> from coro_lab import record
    >>> async def worker():
    ...     await asyncio.sleep(10)
    >>> async def main():
    ...     task = asyncio.create_task(worker())
    ...     await asyncio.sleep(0)
    ...     task.cancel("enough")
    >>> cancels(record(main))
    step 2: cancel('enough') by main at line 4; lands in worker at line 2; worker raised it
    """
    if not isinstance(trace, Trace):
        raise no_trace("cancels", trace)
    run = _TaskEvents(trace)
    return Cancels(trace, tuple(run.cancel(at) for at, event in enumerate(trace.events) if event.kind is Kind.CANCEL))


@with_builtins
class _Ended(NamedTuple):
    """What the outermost lane of a task did after a cancellation."""

    outcome: str
    at: int  # the event by which this is known


class _TaskEvents:
    """One run, with its events by task."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._of = events_by_task(trace.events, trace.lanes)

    def cancel(self, at: int) -> Cancel:
        """The cancellation that is asked for by this event."""
        trace, event = self._trace, self._trace.events[at]
        its = self._of[task_of(event, trace.lanes)]
        mine = [each for each in its if each > at]
        turn, thrown = next_turn(trace.events, its, at), self._landing(mine)
        if turn is not None and not is_landing(trace.events[turn.goes_on]):
            thrown = []  # what is thrown in later belongs to another request
        where = came = thrown[-1] if thrown else None
        if turn is not None and turn.is_caught:
            where, came = turn.waits, turn.goes_on
        ended = self._ended(event, mine, came, is_thrown=bool(thrown), gives_way=turn is not None)
        landed = None if where is None or ended.outcome in (NEVER_RAN, CAUGHT, WITH_NEXT) else trace.events[where]
        place = None if landed is None else (landed.lane.name, landed.line or 0)
        by = None if event.peer is None else event.peer.name
        reached = tuple(self._reached(event.lane, ended.at)) if ended.outcome in (RAISED, NEVER_RAN, AT_ITS_END) else ()
        return Cancel(
            event.lane.name, by, event.value or "cancel()", event.step, event.peer_line, place, ended.outcome, reached
        )

    def _landing(self, mine: list[int]) -> list[int]:
        """The events by which the next CancelledError is thrown into the lanes of a task, the outermost first."""
        events = self._trace.events
        found: list[int] = []
        for at in mine:
            if found and (events[at].kind is not Kind.THROW or events[at].step != events[found[0]].step):
                break
            if is_landing(events[at]):
                found.append(at)
        return found

    def _ended(self, asked: Event, mine: list[int], came: int | None, *, is_thrown: bool, gives_way: bool) -> _Ended:
        """What the task did; `came` is the event with which it goes on after its CancelledError, if it got one.

        `is_thrown`: it was thrown into a lane with this event, else code of a library has caught it before.
        `gives_way`: the task was suspended when it was asked, or suspends after that. A task that is asked while it
        runs, and returns before it suspends, is made a cancelled one by the loop.
        """
        events, lane = self._trace.events, asked.lane
        is_caught_by_group = is_by_own_group(asked) and not is_thrown
        for at in mine:
            event = events[at]
            if not is_caught_by_group:
                if event.kind is Kind.UNCANCEL and (came is None or not is_thrown or at > came):
                    return _Ended(TAKEN_BACK, at)
                if event.kind is Kind.CANCEL and event.lane == lane:
                    return _Ended(UNNOTICED if came is None else NEXT if at > came else WITH_NEXT, at)
            if event.lane == lane and event.kind in (Kind.RETURN, Kind.RAISE):
                if is_caught_by_group:
                    return _Ended(CAUGHT, at)
                if came is None:
                    returns = event.kind is Kind.RETURN and not gives_way
                    return _Ended(AT_ITS_END if returns else UNNOTICED, at)
                if event.kind is Kind.RETURN:
                    return _Ended(SWALLOWED, at)
                if not _ends_cancelled(event):
                    return _Ended(f"raised {event.value} instead", at)
                return _Ended(NEVER_RAN if asked.line is None else RAISED, at)
        return _Ended(OPEN, len(events))

    def _reached(self, lane: int, at: int) -> Iterator[str]:
        """The lanes that awaited this task when it ended with this event, and into which its exception is thrown."""
        events, awaited = self._trace.events, f"<Task {self._trace.lanes[lane].task}>"
        waiting = {event.lane: event for event in events[:at] if event.kind is Kind.DELEGATE}
        for other, delegates in waiting.items():
            if delegates.value == awaited:
                after = (each for each in events[at:] if each.lane == other and each.kind is not Kind.CANCEL)
                if (follows := next(after, None)) is not None and is_landing(follows):
                    yield other.name
