"""What a timeline shows, before anything is drawn: who does what from when to when, and what crosses.

Positions are in steps. Step 3 reaches from 2.5 to 3.5, and a crossing lies on the boundary between two steps. What
resumes lanes without being a lane, the outside, takes no step. Where there is an outside, it has a little room around
every boundary, so that a lane which it resumes at once is still seen to have been suspended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from coro_lab.trace.events import ENTERS, REQUESTS, Event, Kind
from coro_lab.trace.labels import LABELS, label_key
from coro_lab.trace.lane_states import CLOSE, STATES
from coro_lab.trace.trace import Trace
from coro_lab.views.plots.columns import VERBS, rows
from coro_lab.views.plots.spans import LaneEnd, Overview

ROOM = 0.22
"""How much of a step, on either side of a boundary, is left to the outside."""


class LaneSpan(NamedTuple):
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
    label: str  # a template of `trace/labels.py`, as on the arrow in the player
    value: str | None
    origin_line: int | None
    target_line: int | None

    @property
    def bare(self) -> bool:
        """Whether nothing crosses but control (and None)."""
        return "{value}" not in self.label and self.label not in (LABELS["close"], LABELS["cancel by group"])


class Print(NamedTuple):
    """The lines that one lane printed in one step."""

    step: int
    lane: int
    lines: list[str]


@dataclass
class RunPicture:
    """What the pictures that draw each step show."""

    order: list[int] = field(default_factory=list)  # lanes, in order of first appearance
    spans: list[LaneSpan] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    endings: list[LaneEnd] = field(default_factory=list)
    prints: list[Print] = field(default_factory=list)


def run_picture(trace: Trace, seen: Overview, prints: list[Print]) -> RunPicture:
    """What this overview of a trace shows, as objects to draw one by one."""
    spans = [LaneSpan(lane, begin, end, STATES[doing]) for lane, begin, end, doing in rows(seen.spans)]
    crossings = [
        _crossing(trace, trace.events[number], at, origin, target, CLOSE if VERBS[verb] == "closed" else None)
        for at, origin, target, verb, number in rows(seen.crossings)
    ]
    return RunPicture(seen.order, spans, crossings, seen.endings, prints)


def _crossing(trace: Trace, event: Event, at: float, origin: int, target: int, ending: str | None) -> Crossing:
    label = LABELS[label_key(event, trace.lanes[event.lane], ending)]
    lines = (event.peer_line, event.line) if event.kind in ENTERS | REQUESTS else (event.line, event.peer_line)
    return Crossing(at, origin, target, label, event.value, *lines)


def printed(trace: Trace, first: float = 0, last: float = inf) -> list[Print]:
    """What was printed between two steps, those included."""
    prints: list[Print] = []
    for event in trace.events:
        if event.kind is Kind.OUTPUT and first <= event.step <= last:
            _print(prints, event)
    return prints


def _print(prints: list[Print], event: Event) -> None:
    last = prints[-1] if prints else None
    if last is None or (last.step, last.lane) != (event.step, event.lane):
        last = Print(event.step, event.lane, [""])
        prints.append(last)
    first, *others = (event.value or "").split("\n")
    last.lines[-1] += first
    last.lines.extend(others)


def merged(spans: Iterable[LaneSpan]) -> list[LaneSpan]:
    """The same spans of one lane and one doing, with those that overlap or touch made one."""
    result: list[LaneSpan] = []
    for span in sorted(spans, key=lambda span: span.begin):
        if result and span.begin <= result[-1].end:
            result[-1] = result[-1]._replace(end=max(span.end, result[-1].end))
        else:
            result.append(span)
    return result
