"""What a timeline shows, before anything is drawn: who does what from when to when, and what crosses.

Positions are in steps. Step 3 reaches from 2.5 to 3.5, and a crossing lies on the boundary between two steps. Whoever
resumes lanes without being one takes no step of its own; where there is such an outside, it is given a little room
around every boundary, so that a lane which it resumes at once is still seen to have been suspended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from coro_lab.events import ENTERS, LEAVES, SWITCHES, Event, Kind, Trace
from coro_lab.states import LaneState, states

OUTSIDE = -1
"""The row of whoever resumes lanes without being one: a scheduler, you, or code that was not recorded."""


ROOM = 0.22
"""How much of a step, on either side of a boundary, is left to the outside."""


class Span(NamedTuple):
    """One lane doing one thing for a while."""

    lane: int
    begin: float
    end: float
    doing: str  # running, suspended or waiting (for the lane that it has called or resumed)


class Crossing(NamedTuple):
    """Control, and mostly a value, going from one lane to another."""

    at: float
    origin: int
    target: int
    verb: str
    value: str | None
    origin_line: int | None
    target_line: int | None

    @property
    def bare(self) -> bool:
        """Whether nothing crosses but control (and None)."""
        return self.verb not in ("throw", "close") and self.value in (None, "None")

    @property
    def label(self) -> tuple[str, str]:
        """The verb and the value to write beside an arrow; None is not written."""
        if self.verb == "closed":
            return "", ""  # the mark of its end says it
        if self.value in (None, "None"):
            return "resume" if self.verb == "send" else self.verb, ""
        return self.verb, self.value or ""


class Ending(NamedTuple):
    """How a lane came to its end: return, raise or close."""

    lane: int
    at: float
    how: str


class Print(NamedTuple):
    """The lines that one lane printed in one step."""

    step: int
    lane: int
    lines: list[str]


@dataclass
class Run:
    """Everything that a timeline of a trace can show."""

    order: list[int] = field(default_factory=list)  # lanes, in order of first appearance
    spans: list[Span] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    prints: list[Print] = field(default_factory=list)


def read(trace: Trace, room: float = ROOM) -> Run:
    """The run that this trace keeps, with so much room for an outside. Takes time in proportion to its events."""
    run = Run()
    doing: dict[int, tuple[str, float]] = {}
    has_outside = outside(trace) is not None
    room = room if has_outside else 0.0
    for event, now in zip(trace.events, states(trace), strict=True):
        at = event.step + (0.5 - room if event.kind in LEAVES else room - 0.5)
        for lane in _ends(event):
            _follow(run, doing, lane, now[lane], at)
        if event.kind in SWITCHES and (event.peer is not None or has_outside):
            run.crossings.append(_crossing(event, trace.lanes[event.lane].kind, now[event.lane], at))
        if event.kind is Kind.OUTPUT:
            _print(run, event)
    for lane, (what, since) in doing.items():
        _add(run, Span(lane, since, trace.steps - 0.5 - room, what))
    run.order = list(dict.fromkeys([*doing, *range(len(trace.lanes))]))
    return run


def outside(trace: Trace) -> str | None:
    """The name of whoever resumes lanes without being one, if there is anybody.

    A generator that is forgotten is closed by Python itself; that alone makes nobody.
    """
    comes_back = {Kind.RESUME, Kind.SUSPEND, Kind.DELEGATE, Kind.THROW}
    if trace.driver is None and not any(event.peer is None and event.kind in comes_back for event in trace.events):
        return None
    return trace.driver or "outside"


def _ends(event: Event) -> Iterator[int]:
    if event.peer is not None and event.kind in SWITCHES:
        yield event.peer
    yield event.lane


def _follow(run: Run, doing: dict[int, tuple[str, float]], lane: int, state: LaneState, at: float) -> None:
    what = "waiting" if state.state == "running" and state.waiting_for is not None else state.state
    before, since = doing.setdefault(lane, (what, at))
    if what == before:
        return
    _add(run, Span(lane, since, at, before))
    doing[lane] = (what, at)
    if what == "closed":
        run.endings.append(Ending(lane, at, state.ending or "return"))


def _add(run: Run, span: Span) -> None:
    if span.end > span.begin and span.doing in ("running", "suspended", "waiting"):
        run.spans.append(span)


def _crossing(event: Event, kind: str, state: LaneState, at: float) -> Crossing:
    peer = OUTSIDE if event.peer is None else event.peer
    verb, value = _said(event, kind, state)
    if event.kind in ENTERS:
        return Crossing(at, peer, event.lane, verb, value, event.peer_line, event.line)
    return Crossing(at, event.lane, peer, verb, value, event.line, event.peer_line)


def _said(event: Event, kind: str, state: LaneState) -> tuple[str, str | None]:
    """The verb and the value that stand beside an arrow."""
    if event.kind in (Kind.RETURN, Kind.RAISE) and state.ending == "close":
        return "closed", None
    if event.kind is Kind.RESUME:
        return ("send", event.value) if event.value is not None else ("resume", None)
    started, suspended = ("call", "hand over") if kind == "function" else ("start", "yield")
    verbs = {Kind.START: started, Kind.SUSPEND: suspended}
    return verbs.get(event.kind, event.kind.value), event.value


def _print(run: Run, event: Event) -> None:
    last = run.prints[-1] if run.prints else None
    if last is None or (last.step, last.lane) != (event.step, event.lane):
        last = Print(event.step, event.lane, [""])
        run.prints.append(last)
    first, *others = (event.value or "").split("\n")
    last.lines[-1] += first
    last.lines.extend(others)


def within(run: Run, begin: float, end: float) -> Run:
    """The part of a run that lies between two positions; its lanes are those that do something in it."""
    spans = [s._replace(begin=max(s.begin, begin), end=min(s.end, end)) for s in run.spans]
    spans = [s for s in spans if s.end > s.begin]
    busy = {span.lane for span in spans}
    return Run(
        [lane for lane in run.order if lane in busy],
        spans,
        [c for c in run.crossings if begin <= c.at <= end and busy >= {c.origin, c.target} - {OUTSIDE}],
        [e for e in run.endings if begin <= e.at <= end and e.lane in busy],
        [p for p in run.prints if begin <= p.step <= end],
    )


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same spans of one lane and one doing, with those that overlap or touch made one."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: span.begin):
        if result and span.begin <= result[-1].end:
            result[-1] = result[-1]._replace(end=max(span.end, result[-1].end))
        else:
            result.append(span)
    return result
