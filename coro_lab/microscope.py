"""The await microscope: what each `await` in the source did in one run.

`await` is not a switch. It gives way only where the innermost thing it waits for is not ready; otherwise the
coroutine goes straight on, and nobody else has run in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from coro_lab.events import ENTERS, Kind, Trace

NAMES = 4  # of those who ran meanwhile, as many are told


@dataclass(frozen=True, slots=True)
class Await:
    """One `await`, carried out once by one lane."""

    lane: int  # index into Trace.lanes
    line: int  # lines start at 1
    awaited: str  # its source, as in `asyncio.sleep(0)`
    steps: int | None  # for how many steps others ran; None: it went straight on
    ran: tuple[int, ...] = ()  # the lanes that ran meanwhile, in order

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
        names = list(dict.fromkeys(self.trace.lanes[lane].name for one in gave_way for lane in one.ran))
        others = ", ".join(names[:NAMES]) + (f" and {len(names) - NAMES} more" if len(names) > NAMES else "")
        told = f"gave way{_times(len(gave_way))} to {others or 'nobody else'}"
        return told + (f", {straight}" if len(gave_way) < len(ones) else "")


def awaits(trace: Trace) -> Awaits:
    """What each `await` of a recorded run did: gave way, to whom and for how many steps, or went straight on.

    The run must have been recorded with its lines. An `async for` and an `async with` await as well, at their head
    and at their end.

    >>> import asyncio
    >>> from coro_lab import record
    >>> async def main():
    ...     await asyncio.sleep(0)
    >>> awaits(record(main))
    line   2  await asyncio.sleep(0)  gave way to nobody else
    """
    return Awaits(trace, tuple(_found(trace)))


def _found(trace: Trace) -> Iterator[Await]:
    """Each await ends at the next event of its lane: it gave way if that one delegates, until the lane is entered."""
    begun: dict[int, int] = {}  # by lane: the event at which its present await began
    left: dict[int, int] = {}  # by lane: the event at which it gave way
    done: dict[int, Await] = {}
    for index, event in enumerate(trace.events):
        lane = event.lane
        if lane in begun and event.kind is Kind.DELEGATE and lane not in left:
            left[lane] = index
        elif lane in begun:
            start = begun.pop(lane)
            done[start] = _await(trace, start, left.pop(lane, None), index)
        if event.kind is Kind.AWAIT:
            begun[lane] = index
    for lane, start in begun.items():
        done[start] = _await(trace, start, left.get(lane), len(trace.events))
    return (done[start] for start in sorted(done))


def _await(trace: Trace, start: int, left: int | None, end: int) -> Await:
    event = trace.events[start]
    if left is None:
        return Await(event.lane, event.line or 0, event.value or "?", None)
    back = trace.events[end].step if end < len(trace.events) else trace.steps  # those who only pass control on to it
    between = [other for other in trace.events[left + 1 : end] if other.lane != event.lane and other.step < back]
    steps = len({other.step for other in between} - {trace.events[left].step})
    ran = tuple(dict.fromkeys(other.lane for other in between if other.kind in ENTERS))
    return Await(event.lane, event.line or 0, event.value or "?", steps, ran)


def _times(number: int) -> str:
    return "" if number == 1 else f" {number} times"
