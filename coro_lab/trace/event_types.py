"""The type of an event: everything about it that many events share, chosen once in Python for every view.

A run of a million events has a few dozen types. `Trace.to_json` writes each type once and its number in every event,
so the player fills in words and draws states, and chooses neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from coro_lab.trace.events import INSIDE, REQUESTS, Event, Kind, Lane
from coro_lab.trace.labels import LABELS, label_key
from coro_lab.trace.lane_states import STATES, LaneStates
from coro_lab.trace.own_builtins import keep_builtins, with_builtins
from coro_lab.trace.sentences import TEMPLATES, key

keep_builtins(globals())


@with_builtins
class EventType(NamedTuple):
    """What many events share."""

    kind: Kind
    sentence: str  # a template, as in `trace/sentences.py`
    state: str  # of its lane, right after the event: one of STATES
    label: str | None = None  # a template for what crosses; None: nothing crosses
    peer_state: str | None = None  # of its peer, right after the event; None: no peer, or none that changes
    ending: str | None = None  # how its lane ended by the event: return, raise, close or drop


def event_types(events: Sequence[Event], lanes: Sequence[Lane]) -> Iterator[EventType]:
    """The type of each event, in order. Takes time in proportion to the number of events."""
    states = LaneStates(lanes)
    for event in events:
        if event.kind in INSIDE:
            states.go_on(event.lane)
            yield _inside(event.kind, states.now[event.lane])
        elif event.kind in REQUESTS:
            yield _request(event, lanes[event.lane], states.now[event.lane])
        else:
            yield _switch(event, lanes[event.lane], states)


@cache
def _inside(kind: Kind, state: int) -> EventType:
    return EventType(kind, TEMPLATES[kind.value], STATES[state])


def _request(event: Event, lane: Lane, state: int) -> EventType:
    label = LABELS[label_key(event, lane)] if event.kind is not Kind.UNCANCEL else None
    return EventType(event.kind, TEMPLATES[key(event, lane)], STATES[state], label)


def _switch(event: Event, lane: Lane, states: LaneStates) -> EventType:
    ending = states.switch(event.lane, event.kind, event.value, event.peer)
    sentence, label = TEMPLATES[key(event, lane, ending)], LABELS[label_key(event, lane, ending)]
    peer_state = None if event.peer is None else STATES[states.now[event.peer]]
    return EventType(event.kind, sentence, STATES[states.now[event.lane]], label, peer_state, ending)
