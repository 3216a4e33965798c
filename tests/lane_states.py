"""A model of what every lane is doing after each event, in plain terms: tests compare what coro_lab decides with it.

The four words are those of `inspect`: created, running, suspended, closed. A lane that has called or resumed another
one is still running, as Python sees it; `waiting_for` is the lane from which control has not come back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from coro_lab.trace.events import ENTERS, REQUESTS, Event, Kind, Lane, is_drop
from coro_lab.trace.trace import Trace


@dataclass(frozen=True, slots=True)
class LaneState:
    """One lane at one moment."""

    state: str = "created"  # created, running, suspended, closed
    line: int | None = None  # where it is; lines start at 1
    locals: dict[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()  # the locals that its last event changed
    resumed_by: int | None = None  # the lane that started or resumed it, while it runs
    waiting_for: int | None = None  # the lane it has called or resumed, until control comes back
    delegating_to: int | None = None  # the inner lane it has handed its channel to, while it is suspended
    ending: str | None = None  # return, raise, close or drop: how it ended
    value: str | None = None  # with what it ended
    closing: str | None = None  # close or drop: why it is being closed


def states(trace: Trace) -> Iterator[tuple[LaneState, ...]]:
    """For each event of the trace, the state of every lane right after it."""
    now = [LaneState()] * len(trace.lanes)
    inner: int | None = None
    for event in trace.events:
        _apply(now, event, inner, trace.lanes[event.lane])
        inner = event.lane if event.kind in (Kind.SUSPEND, Kind.DELEGATE) else None
        yield tuple(now)


def states_at(trace: Trace, index: int) -> tuple[LaneState, ...]:
    """The state of every lane right after event number `index` (from 0)."""
    return next(at for number, at in enumerate(states(trace)) if number == index)


def _apply(now: list[LaneState], event: Event, inner: int | None, who: Lane) -> None:
    lane = now[event.lane]
    bound = lane.locals
    if event.changed:
        bound = {**bound, **{name: value for name, value in event.changed if value is not None}}
        for name, value in event.changed:
            if value is None:
                bound.pop(name, None)
    lane = replace(
        lane,
        line=lane.line if event.line is None else event.line,
        locals=bound,
        changed=tuple(name for name, _ in event.changed),
    )
    if event.kind in REQUESTS:
        now[event.lane] = lane
        return
    if event.kind in ENTERS:
        lane = replace(lane, state="running", resumed_by=event.peer, delegating_to=None, ending=None, value=None)
        if event.kind is Kind.CLOSE:
            lane = replace(lane, closing="drop" if is_drop(event) else "close")
        if event.peer is not None:
            now[event.peer] = replace(now[event.peer], waiting_for=event.lane)
    elif event.kind in (Kind.SUSPEND, Kind.DELEGATE):
        hands_over = event.kind is Kind.SUSPEND and event.value is None
        awaits = event.kind is Kind.DELEGATE and who.kind == "async generator"
        lane = replace(
            lane,
            state="suspended",
            resumed_by=None,
            ending=None,
            value=None,
            closing=lane.closing if hands_over or awaits else None,
            delegating_to=inner if event.kind is Kind.DELEGATE else None,
        )
    elif event.kind in (Kind.RETURN, Kind.RAISE):
        closing = lane.closing if event.value in ("GeneratorExit()", "None") else None
        lane = replace(
            lane,
            state="closed",
            resumed_by=None,
            delegating_to=None,
            ending=closing or event.kind.value,
            value=None if closing else event.value,
            closing=closing,
        )
    else:
        now[event.lane] = replace(lane, state="running")
        return
    now[event.lane] = replace(lane, waiting_for=None)
    if event.kind not in ENTERS and event.peer is not None:
        now[event.peer] = replace(now[event.peer], waiting_for=None)
