"""What happens in a run, before it is known what of it will be drawn.

The rules by which a lane runs, is suspended, waits and ends are those of `coro_lab.views.lane_states`; a test holds the
two against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from coro_lab.trace.events import ENTERS, INSIDE, LEAVES, SWITCHES, Kind
from coro_lab.trace.trace import Trace
from coro_lab.views.plots.columns import (
    CLOSED,
    CREATED,
    DOINGS,
    OUTSIDE,
    RUNNING,
    SUSPENDED,
    VERBS,
    WAITING,
    Column,
    Crossings,
    Rows,
    Spans,
    where,
)


class LaneEnd(NamedTuple):
    """How a lane came to its end: return, raise or close."""

    lane: int
    at: float
    how: str


@dataclass
class Overview:
    """Everything that a timeline of a trace can show, but for what was printed."""

    order: list[int]  # lanes, in order of first appearance
    spans: Spans
    crossings: Crossings
    endings: list[LaneEnd]

    def doings(self) -> set[str]:
        """What lanes do here."""
        return {DOINGS[doing] for doing in np.unique(self.spans.doing)}

    def reaches_outside(self) -> bool:
        """Whether anything crosses to or from one who is no lane."""
        return bool((self.crossings.origin == OUTSIDE).any() or (self.crossings.target == OUTSIDE).any())

    def says(self, verb: str) -> Column:
        """Which crossings have this verb."""
        said: Column = self.crossings.verb == VERBS.index(verb)
        return said

    def within(self, begin: float, end: float) -> Overview:
        """The part that lies between two positions; its lanes are those that do something in it."""
        lane, since, until, doing = self.spans
        spans = Spans(lane, np.maximum(since, begin), np.minimum(until, end), doing)
        spans = where(spans, spans.end > spans.begin)
        busy = set(np.unique(spans.lane).tolist())
        known, at = np.array([OUTSIDE, *busy]), self.crossings.at
        crossings = where(self.crossings, (begin <= at) & (at <= end))
        crossings = where(crossings, np.isin(crossings.origin, known) & np.isin(crossings.target, known))
        endings = [ending for ending in self.endings if begin <= ending.at <= end and ending.lane in busy]
        return Overview([lane for lane in self.order if lane in busy], spans, crossings, endings)


def overview(trace: Trace, room: float) -> Overview:
    """The overview of this trace, with so much room for an outside. Takes time in proportion to its events."""
    has_outside = outside(trace) is not None
    room = room if has_outside else 0.0
    verbs = [_VERBS.get(lane.kind, _VERB) for lane in trace.lanes]
    lanes, crossings = _Lanes(len(trace.lanes)), Rows("dqqbq")
    for number, (step, lane, kind, _, value, peer, _, _) in enumerate(trace.events):
        at = step + (0.5 - room if kind in LEAVES else room - 0.5)
        if kind in INSIDE:
            lanes.go_on(lane, at)
            continue
        closed = lanes.switch(lane, kind, value, peer, at)
        if peer is not None or has_outside:
            other = OUTSIDE if peer is None else peer
            origin, target = (other, lane) if kind in ENTERS else (lane, other)
            crossings.add((at, origin, target, _CLOSED_VERB if closed else verbs[lane][kind], number))
    lanes.end(trace.steps - 0.5 - room)
    order = list(dict.fromkeys([*lanes.since, *range(len(trace.lanes))]))
    return Overview(order, Spans(*lanes.spans.arrays()), Crossings(*crossings.arrays()), lanes.endings)


def outside(trace: Trace) -> str | None:
    """The name of whoever resumes lanes without being one, if there is anybody.

    A generator that is forgotten is closed by Python itself; that alone makes nobody.
    """
    comes_back = {Kind.RESUME, Kind.SUSPEND, Kind.DELEGATE, Kind.THROW}
    if trace.driver is None and not any(event.peer is None and event.kind in comes_back for event in trace.events):
        return None
    return trace.driver or "outside"


_VERB = {kind: VERBS.index("yield" if kind is Kind.SUSPEND else kind.value) for kind in SWITCHES}
_THREAD_VERB = _VERB | {Kind.SUSPEND: VERBS.index("hand over")}
_VERBS = {"thread": _THREAD_VERB, "function": _THREAD_VERB | {Kind.START: VERBS.index("call")}}
_CLOSED_VERB = VERBS.index("closed")


class _Lanes:
    """What each lane does now, and the spans and ends that lie behind."""

    def __init__(self, lanes: int) -> None:
        self.spans = Rows("qddb")
        self.endings: list[LaneEnd] = []
        self.since: dict[int, float] = {}  # by lane, in order of first appearance: when it began to do what it does
        self._doing = bytearray(lanes)
        self._state = bytearray(lanes)  # as Python has it: one that waits is running
        self._waits = bytearray(lanes)
        self._closing = bytearray(lanes)

    def go_on(self, lane: int, at: float) -> None:
        """The lane does something in which nothing crosses."""
        self._state[lane] = RUNNING
        self._see(lane, at)

    def switch(self, lane: int, kind: Kind, value: str | None, peer: int | None, at: float) -> bool:
        """Control comes to this lane or leaves it; returns whether that closes it, as it was asked to."""
        closed = False
        if peer is not None:
            self._waits[peer] = kind in ENTERS
        self._waits[lane] = False
        if kind in ENTERS:
            self._state[lane] = RUNNING
            self._closing[lane] |= kind is Kind.CLOSE
        elif kind is Kind.SUSPEND or kind is Kind.DELEGATE:
            self._state[lane] = SUSPENDED
            self._closing[lane] = False
        else:
            closed = bool(self._closing[lane]) and value in ("GeneratorExit()", "None")
            self._state[lane], self._closing[lane] = CLOSED, closed
        if peer is not None:
            self._see(peer, at)
        if self._see(lane, at) and self._state[lane] == CLOSED:
            self.endings.append(LaneEnd(lane, at, "close" if closed else kind.value))
        return closed

    def end(self, at: float) -> None:
        """The run is over."""
        for lane, since in self.since.items():
            self._keep(lane, since, at)

    def _see(self, lane: int, at: float) -> bool:
        """Whether the lane does something else from here on."""
        state, before, since = self._state[lane], self._doing[lane], self.since.get(lane)
        doing = WAITING if state == RUNNING and self._waits[lane] else state
        if doing == before and since is not None:
            return False
        if since is not None:
            self._keep(lane, since, at)
        self.since[lane], self._doing[lane] = at, doing
        return since is not None

    def _keep(self, lane: int, begin: float, end: float) -> None:
        doing = self._doing[lane]
        if end > begin and CREATED < doing < CLOSED:
            self.spans.add((lane, begin, end, doing))
