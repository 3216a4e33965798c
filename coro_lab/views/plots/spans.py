"""All that happens in a run, drawn or not: spans, crossings and ends.

`coro_lab.trace.lane_states` decides what a lane does and how it ends; this module finds from when to when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from coro_lab.trace.events import ENTERS, INSIDE, LEAVES, REQUESTS, SWITCHES, Kind, Lane
from coro_lab.trace.lane_states import CLOSE, CLOSED, CREATED, DROP, RUNNING, STATES, LaneStates, outside
from coro_lab.trace.trace import Trace
from coro_lab.views.plots.columns import OUTSIDE, VERBS, Crossings, Rows, Spans, where


class LaneEnd(NamedTuple):
    """How a lane came to its end: return, raise or close."""

    lane: int
    at: float
    how: str


@dataclass
class Overview:
    """Everything that a timeline of a trace can show, except what was printed."""

    order: list[int]  # lanes, in order of first appearance
    spans: Spans
    crossings: Crossings
    endings: list[LaneEnd]

    def doings(self) -> set[str]:
        """What lanes do here."""
        return {STATES[doing] for doing in set(self.spans.doing)}

    def reaches_outside(self) -> bool:
        """Whether anything crosses to or from the outside."""
        return OUTSIDE in self.crossings.origin or OUTSIDE in self.crossings.target

    def saying(self, *verbs: str) -> Crossings:
        """The crossings that have one of these verbs."""
        numbers = {VERBS.index(verb) for verb in verbs}
        return where(self.crossings, (verb in numbers for verb in self.crossings.verb))

    def count(self, *verbs: str) -> int:
        """How many crossings have one of these verbs."""
        return sum(self.crossings.verb.count(VERBS.index(verb)) for verb in verbs)

    def within(self, begin: float, end: float) -> Overview:
        """The part that lies between two positions; its lanes are those that do something in it."""
        lane, since, until, doing = self.spans
        spans = Spans(lane, [max(at, begin) for at in since], [min(at, end) for at in until], doing)
        spans = where(spans, (since < until for since, until in zip(spans.begin, spans.end, strict=True)))
        busy = set(spans.lane)
        known, (at, origin, target, *_) = busy | {OUTSIDE}, self.crossings
        crossings = where(
            self.crossings,
            (begin <= at <= end and a in known and b in known for at, a, b in zip(at, origin, target, strict=True)),
        )
        endings = [ending for ending in self.endings if begin <= ending.at <= end and ending.lane in busy]
        return Overview([lane for lane in self.order if lane in busy], spans, crossings, endings)


def overview(trace: Trace, room: float) -> Overview:
    """The overview of this trace, with this much room for an outside. Takes time in proportion to its events."""
    has_outside = outside(trace.events, trace.driver) is not None
    room = room if has_outside else 0.0
    verbs = [_VERBS.get(lane.kind, _VERB) for lane in trace.lanes]
    lanes, crossings = _Lanes(trace.lanes), Rows(5)
    plain = range(len(trace.lanes))  # a LaneIndex is slower than its number
    for number, (step, index, kind, _, value, peer_index, _, _) in enumerate(trace.events):
        lane, peer = plain[index], None if peer_index is None else plain[peer_index]
        at = step + (0.5 - room if kind in LEAVES else room - 0.5)
        if kind in INSIDE:
            lanes.go_on(lane, at)
            continue
        if kind in REQUESTS:
            if kind is not Kind.UNCANCEL and peer != lane and (peer is not None or has_outside):
                middle = step + (0.0 if lanes.runs(peer) else 0.5)
                crossings.add((middle, OUTSIDE if peer is None else peer, lane, _REQUEST_VERB[kind], number))
            continue
        ending = lanes.switch(lane, kind, value, peer, at)
        if peer is not None or has_outside:
            other = OUTSIDE if peer is None else peer
            origin, target = (other, lane) if kind in ENTERS else (lane, other)
            verb = _CLOSED_VERB if ending == CLOSE else verbs[lane][kind]
            crossings.add((at, origin, target, verb, number))
    lanes.end(trace.steps - 0.5 - room)
    order = list(dict.fromkeys([*lanes.since, *range(len(trace.lanes))]))
    return Overview(order, Spans(*lanes.spans.columns()), Crossings(*crossings.columns()), lanes.endings)


_VERB = {kind: VERBS.index("yield" if kind is Kind.SUSPEND else kind.value) for kind in SWITCHES}
_THREAD_VERB = _VERB | {Kind.SUSPEND: VERBS.index("hand over")}
_VERBS = {"thread": _THREAD_VERB, "function": _THREAD_VERB | {Kind.START: VERBS.index("call")}}
_CLOSED_VERB = VERBS.index("closed")
_REQUEST_VERB = {kind: VERBS.index(kind.value) for kind in (Kind.CANCEL, Kind.LOST, Kind.ABANDON)}


_UNSEEN = 255
"""Stands in for the state of a lane that has not appeared yet."""


class _Lanes:
    """Since when each lane does what it does, and the spans and ends before."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self.spans = Rows(4)
        self.endings: list[LaneEnd] = []
        self.since: dict[int, float] = {}  # by lane, in order of first appearance
        self._states = LaneStates(lanes)
        self._now = self._states.now
        self._before = bytearray([_UNSEEN]) * len(lanes)  # the state that began at `since`

    def go_on(self, lane: int, at: float) -> None:
        """The lane does something within itself."""
        self._states.go_on(lane)
        self._see(lane, at)

    def runs(self, lane: int | None) -> bool:
        """Whether this lane runs at the moment."""
        return lane is not None and self._now[lane] == RUNNING

    def switch(self, lane: int, kind: Kind, value: str | None, peer: int | None, at: float) -> str | None:
        """Control enters or leaves this lane. Returns how the lane has ended by that: return, raise or close."""
        ending = self._states.switch(lane, kind, value, peer)
        if peer is not None:
            self._see(peer, at)
        has_changed = self._see(lane, at)
        if ending is None:
            return None
        how = CLOSE if ending == DROP else ending
        if has_changed:
            self.endings.append(LaneEnd(lane, at, how))
        return how

    def end(self, at: float) -> None:
        """The run is over, and no lane does anything from here on."""
        for lane in self.since:
            self._now[lane] = CLOSED
            self._see(lane, at)

    def _see(self, lane: int, at: float) -> bool:
        """Whether the lane does something else from here on."""
        state, before = self._now[lane], self._before[lane]
        if state == before:
            return False
        if CREATED < before < CLOSED and at > (begin := self.since[lane]):
            self.spans.add((lane, begin, at, before))
        self.since[lane], self._before[lane] = at, state
        return before != _UNSEEN
