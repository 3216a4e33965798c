"""Who ran in one part of a run; one look at the events is enough for many parts.

Control goes to the outermost lane of each chain of calls and awaits. What runs inside such a chain counts as that lane.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from coro_lab.trace.events import ENTERS, LEAVES, REQUESTS, Event, Kind, is_drop
from coro_lab.trace.own_builtins import with_builtins
from coro_lab.trace.trace import Trace


@with_builtins
class Arrivals(NamedTuple):
    """Who got control in a run, in order, each as the outermost lane of its chain."""

    at: list[int]  # the events by which control came, by their indices
    lanes: list[int]
    of: defaultdict[int, list[int]]  # the same events by lane


@with_builtins
class Meanwhile(NamedTuple):
    """The arrivals between two events of a run, without a copy of them; those in the chain of `own` are left out."""

    arrivals: Arrivals
    own: int
    first: int
    end: int

    def has(self, lane: int) -> bool:
        """Whether control comes to this lane in this part."""
        at = self.arrivals.of[lane]
        return lane != self.own and bisect_right(at, self.first) < bisect_left(at, self.end)


def lanes_in(parts: Iterable[Meanwhile]) -> dict[int, None]:
    """The lanes to which control comes in any of these parts of one run, in order."""
    ordered = sorted(parts, key=lambda part: part.first)
    lanes: dict[int, None] = {}
    seen = 0  # the parts cover one another nearly everywhere
    for arrivals, _, first, end in ordered:
        begin, stop = bisect_right(arrivals.at, first), bisect_left(arrivals.at, end)
        lanes |= dict.fromkeys(arrivals.lanes[max(begin, seen) : stop])
        seen = max(seen, stop)
    return {lane: None for lane in lanes if any(part.has(lane) for part in ordered)}


class RunParts:
    """What is counted once in a run, so that any part of it is described without another look at its events."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._outermost: dict[int, int] = {}  # by lane: the outermost of the chain in which it runs
        self._arrivals = Arrivals([], [], defaultdict(list))
        self._step = -1
        self._steps: list[int] = []  # the events with which steps begin
        self._own_steps: defaultdict[int, list[int]] = defaultdict(list)  # the same by outermost lane

    def read(self, index: int, event: Event) -> None:
        """The next event; a request is one of the lane that asks, not of the lane that is asked."""
        if event.kind in REQUESTS:
            return
        if event.kind in ENTERS:
            before = None if event.peer is None else self._outermost.get(event.peer)
            self._outermost[event.lane] = self._chain(event)
            if self._outermost[event.lane] != before:
                self._arrive(index, event.lane)
        elif event.kind is Kind.PREEMPT:
            self._arrive(index, event.lane)
        elif event.kind in LEAVES and event.peer is not None and self._begins_eagerly(event.lane, event.peer):
            self._arrive(index, event.peer)
        if event.step != self._step:
            self._step = event.step
            self._steps.append(index)
            self._own_steps[self._outermost.get(event.lane, event.lane)].append(index)

    def _arrive(self, index: int, lane: int) -> None:
        lane = self._outermost.setdefault(lane, lane)
        self._arrivals.at.append(index)
        self._arrivals.lanes.append(lane)
        self._arrivals.of[lane].append(index)

    def _chain(self, event: Event) -> int:
        """The outermost lane of the chain in which this lane runs from here on.

        A lane that begins a task is not in it, nor is a plain function that resumes a coroutine as an event loop does.
        A lane to which nothing refers any more stays in its chain.
        """
        if event.peer is None or is_drop(event):
            return event.lane if event.kind is Kind.START else self._outermost.get(event.lane, event.lane)
        lane, peer = self._trace.lanes[event.lane], self._trace.lanes[event.peer]
        begins_task = event.kind is Kind.START and lane.task != peer.task
        is_loop = peer.task is None and peer.kind == "function" != lane.kind
        return event.lane if begins_task or is_loop else self._outermost.setdefault(event.peer, event.peer)

    def _begins_eagerly(self, lane: int, peer: int) -> bool:
        """Whether a lane begins its task inside the peer, which goes on when the lane gives way or ends."""
        its = self._trace.lanes[lane].task
        return its is not None and its != self._trace.lanes[peer].task

    def meanwhile(self, start: int, lane: int, end: int | None) -> Meanwhile:
        """The part from the event at `start`, of this lane, up to the one at `end`, or to the last step of the run."""
        own = self._outermost.get(lane, lane)
        return Meanwhile(self._arrivals, own, start, self._steps[-1] + 1 if end is None else end)

    def steps_of_others(self, part: Meanwhile) -> int:
        """How many steps of this part belong to other chains."""
        return _between(self._steps, part) - _between(self._own_steps[part.own], part)


def _between(at: list[int], part: Meanwhile) -> int:
    """How many of these events lie in this part of the run."""
    return bisect_left(at, part.end) - bisect_right(at, part.first)
