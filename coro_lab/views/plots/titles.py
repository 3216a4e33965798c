"""finding(): the title of a timeline, which says what the run shows."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from itertools import pairwise

from coro_lab.trace.events import ENTERS, SWITCHES, Kind
from coro_lab.trace.trace import Trace
from coro_lab.views.plots.columns import OUTSIDE
from coro_lab.views.plots.spans import Overview
from coro_lab.views.plots.text_layout import NAME_SIZE, plain, width, wrap


def finding(trace: Trace, seen: Overview) -> str:
    """The number of lanes and of switches, and what the run shows, in one line."""
    switches = len(seen.crossings.at) - seen.count("cancel", "lost", "abandon")  # these move no control
    counts = f"{_count(len(seen.order), 'lane')}, {_count(switches, 'switch', 'switches')}"
    what = _what(trace, seen)
    return f"{counts}; {what}" if what else counts


def title_lines(text: str, room: float, most: int) -> list[str]:
    """The lines of a title; a finding is broken before its second part, if both parts fit."""
    text, size = plain(text, 120), 1.15 * NAME_SIZE  # bold letters are wider by a seventh
    counts, _, what = text.partition("; ")
    if most > 1 and what and width(text, size) > room >= max(width(counts + ";", size), width(what, size)):
        return [counts + ";", what]
    return wrap(text, size, room, most)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _what(trace: Trace, seen: Overview) -> str:
    if trace.cut:
        return "stopped before its end"
    last = next((event for event in reversed(trace.events) if event.kind in SWITCHES), None)
    if last and last.kind is Kind.RAISE and trace.lanes[last.lane].kind == "function":
        return f"ends by {last.value}"
    if seen.count("delegate"):
        return _delegating(trace)
    if any(event.kind is Kind.SUSPEND for event in trace.events):
        return _turns(trace, seen)
    if any(origin != OUTSIDE for origin in seen.saying("call").origin):
        return "every call returns before its caller goes on"
    return ""


def _delegating(trace: Trace) -> str:
    inner = {event.lane for event in trace.events if event.kind is Kind.SUSPEND}
    outer = {event.lane for event in trace.events if event.kind is Kind.DELEGATE} - inner
    if not inner or not outer:
        return "some lanes delegate"
    yields, delegates = ("yield" + "s" * (len(inner) == 1), "delegate" + "s" * (len(outer) == 1))
    return f"{_names(trace, inner)} {yields}, {_names(trace, outer)} {delegates}"


def _turns(trace: Trace, seen: Overview) -> str:
    """Who takes turns; lanes that only wait for them, such as the main program, do not count."""
    entered = [event.lane for event in trace.events if event.kind in ENTERS and event.kind is not Kind.CLOSE]
    sleeping = {event.lane for event in trace.events if event.kind is Kind.SUSPEND}
    pairs = seen.saying("resume", "yield")
    partners = {*pairs.origin, *pairs.target}
    if len(partners) == 2 and OUTSIDE not in partners:
        return f"{_names(trace, partners)} take turns"
    order = [lane for lane in entered if lane in sleeping]
    names = " ".join(trace.lanes[lane].name for lane in order[:50])
    if trace.driver and len(sleeping) > 1 and len(order) < 50 and len(names) <= 40:
        return f"they run in the order {names}"
    if len(sleeping) > 1 and len(order) > len(sleeping) and all(a != b for a, b in pairwise(order)):
        return f"{_names(trace, sleeping)} take turns"
    times = sum(event.kind is Kind.SUSPEND for event in trace.events)
    verb = "suspends" if len(sleeping) == 1 else "suspend"
    return f"{_names(trace, sleeping)} {verb} {_count(times, 'time')}"


def _names(trace: Trace, lanes: AbstractSet[int]) -> str:
    names = [trace.lanes[lane].name for lane in sorted(lanes)]
    if len(names) > 3:
        return f"{len(names):,} lanes"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
