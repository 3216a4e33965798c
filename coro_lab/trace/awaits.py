"""The await microscope: what each `await` in the source did in one run.

`await` is not a switch. It gives way only where the innermost thing it waits for is not ready; otherwise the
coroutine goes straight on, and no other task has run in between.

An await lasts until its lane does something itself: reaches a line, begins the next await, yields, returns or
raises. Until then the lane may be suspended and resumed many times, and what runs inside the await is not another
task: control goes to the outermost lane of each chain of calls and awaits.

While a thousand tasks wait, nearly the whole run lies between the beginning and the end of each await. So what
happened in between is counted once for all of them, and an await keeps only which part of the run it is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from coro_lab.trace.events import ENTERS, REQUESTS, Event, Kind
from coro_lab.trace.not_a_trace import no_trace
from coro_lab.trace.own_builtins import with_builtins
from coro_lab.trace.trace import Trace

NAMES = 4  # how many of the tasks that ran meanwhile are named
_ENDS = frozenset({Kind.LINE, Kind.AWAIT, Kind.SUSPEND, Kind.RETURN, Kind.RAISE})  # what the lane itself does next


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


@dataclass(frozen=True, slots=True)
class Await:
    """One `await`, carried out once by one lane."""

    lane: int  # who awaited: an index into `Trace.lanes`
    line: int  # where it stands; lines start at 1
    awaited: str  # its source, as in `asyncio.sleep(0)`
    steps: int | None  # for how many steps others ran; None: it did not give way
    ended: bool  # False: the run stopped before
    landed: bool = field(repr=False)  # whether a CancelledError was thrown in there
    meanwhile: Meanwhile = field(repr=False)  # who got control, for `ran`

    @property
    def ran(self) -> tuple[int, ...]:
        """The lanes that ran meanwhile, in order, as indexes into `Trace.lanes`.

        A task, with all that it calls and awaits, counts as its outermost lane.
        """
        return tuple(_lanes([self.meanwhile])) if self.steps is not None else ()

    @property
    def written(self) -> str:
        """The await as its author wrote it."""
        return self.awaited if self.awaited.startswith(("async ", "the end of ")) else f"await {self.awaited}"


@dataclass(frozen=True, repr=False)
class Awaits:
    """All awaits of a run, in the order in which they began; printed with one line for each place in the source."""

    trace: Trace  # the run
    found: tuple[Await, ...]  # one for each time that an `await` was carried out

    def __repr__(self) -> str:
        places: defaultdict[tuple[int, str], list[Await]] = defaultdict(list)
        for one in self.found:
            places[one.line, one.written].append(one)
        width = max((len(awaited) for _, awaited in places), default=0)
        rows = [
            f"line {line:>3}  {what:{width}}  {self._describe(ones)}" for (line, what), ones in sorted(places.items())
        ]
        return "\n".join(rows) or "Nothing was awaited, or the run was recorded without its lines."

    def _describe(self, ones: list[Await]) -> str:
        gave_way = [one for one in ones if one.steps is not None]
        open_ends = sum(not one.ended for one in ones)
        straight = sum(one.ended for one in ones) - sum(one.ended for one in gave_way)
        parts = []
        if gave_way:
            lanes = list(_lanes(one.meanwhile for one in gave_way))
            parts.append(f"gave way{_times(len(gave_way))}{self._to(lanes, gave_way[0].lane)}")
        if straight:
            parts.append(f"went straight on{_times(straight)}")
        if landed := sum(one.landed for one in ones):
            parts.append(f"a cancellation landed here{_times(landed)}")
        if open_ends:
            parts.append("did not end" if len(ones) == 1 else f"{open_ends:,} did not end")
        return "; ".join(parts)

    def _to(self, lanes: list[int], own: int) -> str:
        """To whom an await of the lane `own` gave way: tasks first, then what belongs to no task."""
        named = [self.trace.lanes[lane] for lane in lanes]
        tasks = [lane.name for lane in named if lane.task is not None]
        thread = self.trace.lanes[own].thread
        others = [
            lane.name if lane.thread == thread else f"{lane.name} in another thread"
            for lane in named
            if lane.task is None
        ]
        return f" to {_listed(tasks, others)}" if lanes else ", and no other task was ready"


def awaits(trace: Trace) -> Awaits:
    """What each `await` of a recorded run did: gave way, to whom and for how many steps, or went straight on.

    `trace` is the run, which must have been recorded with its lines. An `async for` and an `async with` await as well,
    at their head and at their end. Raises ArgumentError for anything but a Trace.

    >>> import asyncio
    >>> from coro_lab import record
    >>> async def main():
    ...     await asyncio.sleep(0)
    >>> awaits(record(main))
    line   2  await asyncio.sleep(0)  gave way, and no other task was ready
    """
    if not isinstance(trace, Trace):
        raise no_trace("awaits", trace)
    return Awaits(trace, tuple(_found(trace)))


def _lanes(parts: Iterable[Meanwhile]) -> dict[int, None]:
    """The lanes to which control comes in any of these parts of one run, in order."""
    ordered = sorted(parts, key=lambda part: part.first)
    lanes: dict[int, None] = {}
    seen = 0  # the parts cover one another nearly everywhere
    for arrivals, _, first, end in ordered:
        begin, stop = bisect_right(arrivals.at, first), bisect_left(arrivals.at, end)
        lanes |= dict.fromkeys(arrivals.lanes[max(begin, seen) : stop])
        seen = max(seen, stop)
    return {lane: None for lane in lanes if any(part.has(lane) for part in ordered)}


def _found(trace: Trace) -> Iterator[Await]:
    """Each await, which gave way if its lane delegates before it ends."""
    run = _Run(trace)
    begun: dict[int, tuple[int, Event]] = {}  # by lane: its present await
    delegated: set[int] = set()  # the lanes whose present await gave way
    landed: set[int] = set()  # the lanes into which a CancelledError was thrown during their present await
    done: dict[int, Await] = {}
    for index, event in enumerate(trace.events):
        run.read(index, event)
        kind, lane = event.kind, event.lane
        if kind is Kind.DELEGATE:
            delegated.add(lane)
        elif kind is Kind.THROW and (event.value or "").startswith("CancelledError("):
            landed.add(lane)
        elif kind in _ENDS:
            if lane in begun:
                start, await_ = begun.pop(lane)
                done[start] = run.await_of(start, await_, index, gave_way=lane in delegated, landed=lane in landed)
            if kind is Kind.AWAIT:
                delegated.discard(lane)
                landed.discard(lane)
                begun[lane] = index, event
    for unended, (start, await_) in begun.items():
        done[start] = run.await_of(start, await_, None, gave_way=unended in delegated, landed=unended in landed)
    return (done[start] for start in sorted(done))


class _Run:
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
        """
        if event.peer is None:
            return event.lane if event.kind is Kind.START else self._outermost.get(event.lane, event.lane)
        lane, peer = self._trace.lanes[event.lane], self._trace.lanes[event.peer]
        begins_task = event.kind is Kind.START and lane.task != peer.task
        is_loop = peer.task is None and peer.kind == "function" != lane.kind
        return event.lane if begins_task or is_loop else self._outermost.setdefault(event.peer, event.peer)

    def await_of(self, start: int, begun: Event, end: int | None, *, gave_way: bool, landed: bool) -> Await:
        """The await that began with the event at `start`; `end`: where its lane went on, if it did."""
        own = self._outermost.get(begun.lane, begun.lane)
        part = Meanwhile(self._arrivals, own, start, self._steps[-1] + 1 if end is None else end)
        steps = _between(self._steps, part) - _between(self._own_steps[own], part) if gave_way else None
        return Await(begun.lane, begun.line or 0, begun.value or "?", steps, end is not None, landed, part)


def _between(at: list[int], part: Meanwhile) -> int:
    """How many of these events lie in this part of the run."""
    return bisect_left(at, part.end) - bisect_right(at, part.first)


def _listed(*groups: list[str]) -> str:
    return ", and ".join(_shortened(names, "tasks" if names is groups[0] else "others") for names in groups if names)


def _shortened(names: list[str], noun: str) -> str:
    if len(names) <= NAMES:
        return ", ".join(names)
    return f"{len(names):,} {noun}: {', '.join(names[:NAMES])} and {len(names) - NAMES:,} more"


def _times(number: int) -> str:
    return "" if number == 1 else f" {number:,} times"
