"""The await microscope: what each `await` in the source did in one run.

`await` is not a switch. It gives way only where the innermost thing it waits for is not ready; otherwise the
coroutine goes straight on, and nobody else has run in between.

While a thousand tasks wait, nearly the whole run lies between the beginning and the end of each await. So what
happened in between is counted once for all of them, and an await keeps only which part of the run it is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import NamedTuple

from coro_lab.errors import no_trace
from coro_lab.events import ENTERS, Event, Kind, Trace

NAMES = 4  # of those who ran meanwhile, as many are told


class Part(NamedTuple):
    """Some of the arrivals of control in a run, without a copy of them."""

    arrivals: tuple[int, ...]  # of the whole run: to which lane
    first: int = 0
    end: int = 0


NOBODY = Part(())


@dataclass(frozen=True, slots=True)
class Await:
    """One `await`, carried out once by one lane."""

    lane: int  # index into Trace.lanes
    line: int  # lines start at 1
    awaited: str  # its source, as in `asyncio.sleep(0)`
    steps: int | None  # for how many steps others ran; None: it went straight on
    meanwhile: Part = field(default=NOBODY, repr=False)  # who got control

    @property
    def ran(self) -> tuple[int, ...]:
        """The lanes that ran meanwhile, in order."""
        return tuple(_lanes([self.meanwhile]))

    @property
    def written(self) -> str:
        """As its author wrote it."""
        return self.awaited if self.awaited.startswith(("async ", "the end of ")) else f"await {self.awaited}"


@dataclass(frozen=True, repr=False)
class Awaits:
    """All awaits of a run, in the order in which they began; printed with one line for each place in the source."""

    trace: Trace
    found: tuple[Await, ...]

    def __repr__(self) -> str:
        places: defaultdict[tuple[int, str], list[Await]] = defaultdict(list)
        for one in self.found:
            places[one.line, one.written].append(one)
        width = max((len(awaited) for _, awaited in places), default=0)
        rows = [f"line {line:>3}  {what:{width}}  {self._told(ones)}" for (line, what), ones in sorted(places.items())]
        return "\n".join(rows) or "Nothing was awaited, or the run was recorded without its lines."

    def _told(self, ones: list[Await]) -> str:
        gave_way = [one for one in ones if one.steps is not None]
        straight = f"went straight on{_times(len(ones) - len(gave_way))}"
        if not gave_way:
            return straight
        names = [self.trace.lanes[lane].name for lane in _lanes(one.meanwhile for one in gave_way)]
        others = ", ".join(names[:NAMES]) + (f" and {len(names) - NAMES} more" if len(names) > NAMES else "")
        told = f"gave way{_times(len(gave_way))} to {others or 'nobody else'}"
        return told + (f", {straight}" if len(gave_way) < len(ones) else "")


def awaits(trace: Trace) -> Awaits:
    """What each `await` of a recorded run did: gave way, to whom and for how many steps, or went straight on.

    The run must have been recorded with its lines. An `async for` and an `async with` await as well, at their head
    and at their end. Raises TypeError for what is no Trace.

    >>> import asyncio
    >>> from coro_lab import record
    >>> async def main():
    ...     await asyncio.sleep(0)
    >>> awaits(record(main))
    line   2  await asyncio.sleep(0)  gave way to nobody else
    """
    if not isinstance(trace, Trace):
        raise no_trace("awaits", trace)
    return Awaits(trace, tuple(_found(trace)))


def _lanes(parts: Iterable[Part]) -> dict[int, None]:
    """The lanes to which control comes in any of these parts of one run, in order."""
    lanes: dict[int, None] = {}
    seen = 0  # the parts cover one another nearly everywhere
    for arrivals, first, end in sorted(parts, key=lambda part: part.first):
        lanes |= dict.fromkeys(arrivals[max(first, seen) : end])
        seen = max(seen, end)
    return lanes


def _found(trace: Trace) -> Iterator[Await]:
    """Each await ends at the next event of its lane: it gave way if that one delegates, until the lane is entered."""
    run = _Run(trace)
    begun: dict[int, int] = {}  # by lane: the event at which its present await began
    left: dict[int, int] = {}  # by lane: the event at which it gave way
    done: dict[int, Await] = {}
    for index, event in enumerate(trace.events):
        lane = event.lane
        if lane in begun and event.kind is Kind.DELEGATE and lane not in left:
            left[lane] = index
        elif lane in begun:
            start = begun.pop(lane)
            done[start] = run.told(trace.events[start], left.pop(lane, None), index)
        if event.kind is Kind.AWAIT:
            begun[lane] = index
    for lane, start in begun.items():
        done[start] = run.told(trace.events[start], left.get(lane), len(trace.events))
    return (done[start] for start in sorted(done))


class _Run:
    """What is counted once in a run, so that any part of it can be told without a look at its events."""

    def __init__(self, trace: Trace) -> None:
        self._steps = [event.step for event in trace.events] + [trace.steps]
        self._switched = list(accumulate((one != other for one, other in pairwise(self._steps)), initial=0))
        enters = [event.kind in ENTERS for event in trace.events]
        self._arrived = list(accumulate(enters, initial=0))
        self._arrivals = tuple(event.lane for event in trace.events if event.kind in ENTERS)

    def told(self, begun: Event, left: int | None, end: int) -> Await:
        """The await that began with this event; `left` is when it gave way, `end` when its lane went on."""
        found = Await(begun.lane, begun.line or 0, begun.value or "?", None)
        if left is None:
            return found
        back = bisect_left(self._steps, self._steps[end], left + 1, end)  # from here others only pass control on to it
        meanwhile = Part(self._arrivals, self._arrived[left + 1], self._arrived[back])
        return replace(found, steps=self._switched[back - 1] - self._switched[left], meanwhile=meanwhile)


def _times(number: int) -> str:
    return "" if number == 1 else f" {number} times"
