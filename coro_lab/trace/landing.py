"""Where each cancellation arrives in its task: in a lane, or in code of a library that the lane awaits.

A CancelledError that is thrown into a lane is an event. One that a library catches is not recorded, but it follows from
the events: a task that waits for a plain future, or only gives way, gets its CancelledError the next time it runs.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from coro_lab.trace.events import BY_GROUP, ENTERS, REQUESTS, TIME_LIMIT, Event, Kind, Lane
from coro_lab.trace.own_builtins import keep_builtins, with_builtins

keep_builtins(globals())


def is_landing(event: Event) -> bool:
    """Whether a CancelledError is thrown into a lane."""
    return event.kind is Kind.THROW and (event.value or "").startswith("CancelledError(")


@with_builtins
class NextTurn(NamedTuple):
    """How a task that was asked to end goes on. Events go by their numbers."""

    waits: int  # with this event its innermost lane begins to wait
    goes_on: int  # with this event its outermost lane goes on
    is_caught: bool  # whether code of a library has caught the CancelledError in between


def next_turn(events: Sequence[Event], its: Sequence[int], asked: int) -> NextTurn | None:
    """How a task goes on after this CANCEL event; None: it ends before, or had not begun.

    `its` are the numbers of the events of the task, in order.
    """
    waits: list[int] = []  # where the lanes of the task delegate, the innermost first
    is_dropped = False  # from Python 3.13 on, a task that takes its last request back before it suspends gets none
    first = bisect(its, asked)
    while first and (events[its[first - 1]].kind is Kind.DELEGATE or events[its[first - 1]].kind in REQUESTS):
        first -= 1
    for at in islice(its, first, None):
        event = events[at]
        if event.kind is Kind.DELEGATE:
            waits.append(at)
        elif event.kind is Kind.UNCANCEL:
            is_dropped = is_dropped or (at > asked and not waits and event.value == "0")
        elif event.kind not in REQUESTS:
            if at > asked and event.kind in ENTERS and event.lane == events[asked].lane:
                if waits:
                    is_caught = not is_dropped and _is_caught(events[asked], events[waits[0]], event)
                    return NextTurn(waits[0], at, is_caught)
                if is_landing(event):  # where an async generator yields, which the loop is to close
                    return NextTurn(at, at, is_caught=False)
            waits.clear()
    return None


def _is_caught(asked: Event, waits: Event, goes_on: Event) -> bool:
    """Whether code of a library got the CancelledError and caught it."""
    if goes_on.kind is Kind.CLOSE or is_landing(goes_on):
        return False
    if waits.value == "None" or (waits.value or "").startswith("<Future of "):
        return True
    # another task, or `gather`, was asked to end in its place, and may have returned
    return (
        asked.value == TIME_LIMIT and goes_on.kind is Kind.THROW and (goes_on.value or "").startswith("TimeoutError(")
    )


def events_by_task(events: Sequence[Event], lanes: Sequence[Lane]) -> defaultdict[str | int, list[int]]:
    """The numbers of the events of each task, by its name, and of each lane without a task, by its number."""
    found: defaultdict[str | int, list[int]] = defaultdict(list)
    for at, event in enumerate(events):
        found[task_of(event, lanes)].append(at)
    return found


def task_of(event: Event, lanes: Sequence[Lane]) -> str | int:
    """The name of the task in which an event happens; the number of its lane if that belongs to none."""
    return lanes[event.lane].task or event.lane


def is_by_own_group(event: Event) -> bool:
    """Whether the TaskGroup for which a task waits asks it to end, only to wake it: it goes on to wait for the rest."""
    return event.peer is None and (event.value or "").startswith(BY_GROUP)


def caught_landings(events: Sequence[Event], lanes: Sequence[Lane]) -> dict[int, int]:
    """The lanes whose library code has caught a CancelledError, by the number of the event with which each goes on."""
    asked = [at for at, event in enumerate(events) if event.kind is Kind.CANCEL and not is_by_own_group(event)]
    its = events_by_task(events, lanes) if asked else {}
    turns = (next_turn(events, its[task_of(events[at], lanes)], at) for at in asked)
    return {turn.goes_on: events[turn.waits].lane for turn in turns if turn is not None and turn.is_caught}
