"""What each lane does after every event, and how it ends: the one place that decides.

`inspect` has four words: created, running, suspended, closed. A lane that has entered another one, by a call or a
resume, is still running for Python; here it is *waiting* until control comes back. The timeline draws these states,
and `Trace.to_json` writes them down for the player.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coro_lab.trace.events import BY_LOOP, COLLECTED, DROPPED, ENTERS, LEAVES, Event, Kind, Lane, how_closed
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

STATES = ("created", "running", "suspended", "waiting", "closed")
CREATED, RUNNING, SUSPENDED, WAITING, CLOSED = range(len(STATES))

CLOSE, DROP = "close", "drop"
ENDINGS = (Kind.RETURN.value, Kind.RAISE.value, CLOSE, DROP)
"""How a lane ends; by close(), or because nothing referred to it any more (drop)."""

_BY = {0: "", 1: CLOSE, 2: DROP}
_DROPS = (DROPPED, COLLECTED, BY_LOOP)


class LaneStates:
    """The state of each lane, from event to event."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self.now = bytearray(len(lanes))
        self._has_entered = bytearray(len(lanes))  # another lane, from which control has not come back
        self._closing = bytearray(len(lanes))  # why the lane is being closed: a key of _BY
        self._awaits = bytearray(lane.kind == "async generator" for lane in lanes)  # also while it is being closed

    def go_on(self, lane: int) -> None:
        """The lane does something within itself."""
        self.now[lane] = WAITING if self._has_entered[lane] else RUNNING

    def switch(self, lane: int, kind: Kind, value: str | None, peer: int | None) -> str | None:
        """Control enters or leaves this lane. Returns how the lane has ended by that: return, raise, close or drop."""
        now, enters = self.now, kind in ENTERS
        if peer is not None:
            self._has_entered[peer] = enters
            if now[peer] == (RUNNING if enters else WAITING):
                now[peer] = WAITING if enters else RUNNING
        self._has_entered[lane] = False
        if enters:
            now[lane] = RUNNING
            if kind is Kind.CLOSE:
                self._closing[lane] = 2 if how_closed(value) in _DROPS else 1
        elif kind is Kind.SUSPEND or kind is Kind.DELEGATE:
            now[lane] = SUSPENDED
            yields = value is not None if kind is Kind.SUSPEND else not self._awaits[lane]
            if yields:  # it has ignored GeneratorExit
                self._closing[lane] = 0
        else:
            now[lane] = CLOSED
            if value not in ("GeneratorExit()", "None"):
                self._closing[lane] = 0
            return _BY[self._closing[lane]] or kind.value
        return None


def raised_exits(events: Iterable[Event], lanes: Sequence[Lane]) -> frozenset[int]:
    """The lanes that end by a GeneratorExit although they are not being closed then, so that somebody gets it."""
    ends = {event.lane for event in events if event.kind is Kind.RAISE and event.value == "GeneratorExit()"}
    states, found = LaneStates(lanes), set[int]()
    for event in events if ends else ():
        if event.lane in ends and event.kind in ENTERS | LEAVES:
            ending = states.switch(event.lane, event.kind, event.value, None)
            if ending == Kind.RAISE.value:
                found.add(event.lane)
    return frozenset(found)


def outside(events: Iterable[Event], driver: str | None) -> str | None:
    """The name of what resumes lanes without being a lane: the driver or "outside"; None where nothing does.

    Python itself closes a generator that nothing refers to; that alone does not count.
    """
    comes_back = {Kind.RESUME, Kind.SUSPEND, Kind.DELEGATE, Kind.THROW}
    if driver is None and not any(event.peer is None and event.kind in comes_back for event in events):
        return None
    return driver or "outside"
