"""awaits(): what each `await` in the source did in one run.

`await` is not a switch. It gives way only where the innermost thing it waits for is not ready; otherwise the
coroutine goes straight on, and no other task has run in between.

An await lasts until its lane does something itself: reaches a line, begins the next await, yields, returns or
raises. Until then the lane may be suspended and resumed many times, and what runs inside the await is not another
task: control goes to the outermost lane of each chain of calls and awaits.

While a thousand tasks wait, nearly the whole run lies between the beginning and the end of each await. So what
happened in between is counted once for all of them, and an await keeps only which part of the run it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from coro_lab.trace.events import Event, Kind
from coro_lab.trace.landing import caught_landings, is_landing
from coro_lab.trace.meanwhile import Meanwhile, RunParts, lanes_in
from coro_lab.trace.not_a_trace import no_trace
from coro_lab.trace.trace import Trace

NAMES = 4  # how many of the tasks that ran meanwhile are named
_ENDS = frozenset({Kind.LINE, Kind.AWAIT, Kind.SUSPEND, Kind.RETURN, Kind.RAISE})  # what the lane itself does next


@dataclass(frozen=True, slots=True)
class Await:
    """One `await`, carried out once by one lane."""

    lane: int  # who awaited: an index into `Trace.lanes`
    line: int  # where it stands; lines start at 1
    awaited: str  # its source, as in `asyncio.sleep(0)`
    steps: int | None  # for how many steps others ran; None: it did not give way
    ended: bool  # False: the run stopped before
    landed: bool = field(repr=False)  # whether a CancelledError came there
    closed: bool = field(repr=False)  # whether its lane was closed there
    meanwhile: Meanwhile = field(repr=False)  # who got control, for `ran`

    @property
    def ran(self) -> tuple[int, ...]:
        """The lanes that ran meanwhile, in order, as indexes into `Trace.lanes`.

        A task, with all that it calls and awaits, counts as its outermost lane.
        """
        return tuple(lanes_in([self.meanwhile])) if self.steps is not None else ()

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
            lanes = list(lanes_in(one.meanwhile for one in gave_way))
            parts.append(f"gave way{_times(len(gave_way))}{self._to(lanes, gave_way[0].lane)}")
        if straight:
            parts.append(f"went straight on{_times(straight)}")
        if landed := sum(one.landed for one in ones):
            parts.append(f"a cancellation landed here{_times(landed)}")
        if closed := sum(one.closed for one in ones):
            parts.append(f"was closed here{_times(closed)}")
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


def _found(trace: Trace) -> Iterator[Await]:
    """Each await, which gave way if its lane delegates before it ends."""
    run = RunParts(trace)
    begun: dict[int, tuple[int, Event]] = {}  # by lane: its present await
    delegated: set[int] = set()  # the lanes whose present await gave way
    landed: set[int] = set()  # the lanes to which a CancelledError came during their present await
    closed: set[int] = set()  # the lanes that were closed during their present await
    done: dict[int, Await] = {}

    def await_of(lane: int, end: int | None) -> None:
        start, by = begun.pop(lane)
        part = run.meanwhile(start, lane, end)
        steps = run.steps_of_others(part) if lane in delegated else None
        ended, thrown, shut = end is not None, lane in landed, lane in closed
        done[start] = Await(by.lane, by.line or 0, by.value or "?", steps, ended, thrown, shut, part)

    caught = caught_landings(trace.events, trace.lanes)
    for index, event in enumerate(trace.events):
        run.read(index, event)
        if index in caught:
            landed.add(caught[index])
        kind, lane = event.kind, event.lane
        if kind is Kind.DELEGATE:
            delegated.add(lane)
        elif is_landing(event):
            landed.add(lane)
        elif kind is Kind.CLOSE:
            closed.add(lane)
        elif kind in _ENDS:
            if lane in begun:
                await_of(lane, index)
            if kind is Kind.AWAIT:
                for had in (delegated, landed, closed):
                    had.discard(lane)
                begun[lane] = index, event
    for unended in list(begun):
        await_of(unended, None)
    return (done[start] for start in sorted(done))


def _listed(*groups: list[str]) -> str:
    return ", and ".join(_shortened(names, "tasks" if names is groups[0] else "others") for names in groups if names)


def _shortened(names: list[str], noun: str) -> str:
    if len(names) <= NAMES:
        return ", ".join(names)
    return f"{len(names):,} {noun}: {', '.join(names[:NAMES])} and {len(names) - NAMES:,} more"


def _times(number: int) -> str:
    return "" if number == 1 else f" {number:,} times"
