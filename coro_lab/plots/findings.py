"""What a timeline's title says: the one thing that this run shows."""

from __future__ import annotations

from itertools import pairwise

from coro_lab.events import ENTERS, Kind, Trace
from coro_lab.plots.runs import OUTSIDE, Run


def finding(trace: Trace, run: Run) -> str:
    """How many lanes and switches there are, and what they come to, in one line."""
    said = f"{_count(len(run.order), 'lane')}, {_count(len(run.crossings), 'switch', 'switches')}"
    what = _what(trace, run)
    return f"{said}; {what}" if what else said


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _what(trace: Trace, run: Run) -> str:
    if trace.cut:
        return "stopped before its end"
    last = next(trace.switches(), None) and [*trace.switches()][-1]
    if last and last.kind is Kind.RAISE and trace.lanes[last.lane].kind == "function":
        return f"ends by {last.value}"
    if any(crossing.verb == "delegate" for crossing in run.crossings):
        return _delegating(trace)
    if any(event.kind is Kind.SUSPEND for event in trace.events):
        return _turns(trace, run)
    if any(crossing.verb == "call" and crossing.origin != OUTSIDE for crossing in run.crossings):
        return "every call returns before its caller goes on"
    return ""


def _delegating(trace: Trace) -> str:
    inner = {event.lane for event in trace.events if event.kind is Kind.SUSPEND}
    outer = {event.lane for event in trace.events if event.kind is Kind.DELEGATE} - inner
    verb = "delegates" if len(outer) == 1 else "delegate"
    return f"{_names(trace, inner)} yields, {_names(trace, outer)} {verb}" if inner and outer else "some lanes delegate"


def _turns(trace: Trace, run: Run) -> str:
    """Who runs in turn; lanes that only wait for them, such as the main program, are not counted."""
    entered = [event.lane for event in trace.events if event.kind in ENTERS and event.kind is not Kind.CLOSE]
    sleeping = {event.lane for event in trace.events if event.kind is Kind.SUSPEND}
    pairs = {(c.origin, c.target) for c in run.crossings if c.verb in ("send", "resume", "yield")}
    partners = {lane for pair in pairs for lane in pair}
    if len(partners) == 2 and OUTSIDE not in partners:
        return f"{_names(trace, partners)} take turns"
    order = [lane for lane in entered if lane in sleeping]
    told = " ".join(trace.lanes[lane].name for lane in order[:50])
    if trace.driver and len(sleeping) > 1 and len(order) < 50 and len(told) <= 40:
        return f"they run in the order {told}"
    if len(sleeping) > 1 and len(order) > len(sleeping) and all(a != b for a, b in pairwise(order)):
        return f"{_names(trace, sleeping)} take turns"
    times = sum(event.kind is Kind.SUSPEND for event in trace.events)
    verb = "suspends" if len(sleeping) == 1 else "suspend"
    return f"{_names(trace, sleeping)} {verb} {_count(times, 'time')}"


def _names(trace: Trace, lanes: set[int]) -> str:
    names = [trace.lanes[lane].name for lane in sorted(lanes)]
    if len(names) > 3:
        return f"{len(names):,} lanes"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
