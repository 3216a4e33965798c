"""Two runs side by side: where an answer's behaviour first differs from what was asked for."""

from __future__ import annotations

import re
from typing import NamedTuple

from coro_lab.trace.events import Event, Kind
from coro_lab.trace.sentences import sentence
from coro_lab.trace.trace import Trace

_AT_LINE = re.compile(r",? (which resumes |and suspends )?at line \d+|at \d+")


class Difference(NamedTuple):
    """The first difference between two runs."""

    at: int  # the event of the answer's trace (from 0)
    reason: str  # what the answer does there, and what was asked for


def first_difference(trace: Trace, wanted: Trace, *, returned: bool = True) -> Difference | None:
    """Where `trace` first does something else than `wanted`; None if both do the same.

    The comparison covers what can be seen from outside: who starts, resumes, yields, returns, raises and prints, with
    which value. Lines, locals and functions that only one run has are ignored. With `returned=False` so are returned
    values.
    """
    known = {lane.name for lane in wanted.lanes}
    mine = [index for index, event in enumerate(trace.events) if _counts(trace, event, known)]
    theirs = [event for event in wanted.events if _counts(wanted, event, known)]
    for place, event in enumerate(theirs):
        if place == len(mine):
            return Difference(
                max(len(trace.events) - 1, 0), f"your run ends here. Asked for next: {_describe(wanted, event)}."
            )
        if _seen(trace, trace.events[mine[place]], returned) != _seen(wanted, event, returned):
            did = _describe(trace, trace.events[mine[place]])
            dropped = _dropped(trace, mine[place])
            return Difference(mine[place], f"in your run, {did}. Asked for here: {_describe(wanted, event)}.{dropped}")
    if len(mine) > len(theirs):
        did = _describe(trace, trace.events[mine[len(theirs)]])
        return Difference(mine[len(theirs)], f"the run should be over, but {did}.")
    return None


def _counts(trace: Trace, event: Event, known: set[str]) -> bool:
    return event.kind is not Kind.LINE and trace.lanes[event.lane].name in known


def _seen(trace: Trace, event: Event, returned: bool) -> tuple[str, str, str | None]:
    value = event.value if returned or not _carries_what_was_returned(event) else None
    return trace.lanes[event.lane].name, event.kind.value, value


def _carries_what_was_returned(event: Event) -> bool:
    """Whether the event is a return, or the StopIteration that the return of a generator becomes."""
    return event.kind is Kind.RETURN or (event.kind is Kind.RAISE and (event.value or "").startswith("StopIteration("))


def _dropped(trace: Trace, index: int) -> str:
    """A sentence about the value that this lane received last, if the lane bound no name to it; else empty."""
    lane = trace.events[index].lane
    own = [event for event in trace.events[: index + 1] if event.lane == lane]
    last = next((at for at in reversed(range(len(own))) if own[at].kind is Kind.RESUME), None)
    if last is None or own[last].value in (None, "None"):
        return ""
    kept = any(value == own[last].value for event in own[last:] for _, value in event.changed)
    return "" if kept else f" {own[last].value} arrived at line {own[last].line}, and no name was bound to it."


def _describe(trace: Trace, event: Event) -> str:
    return _AT_LINE.sub("", sentence(event._replace(changed=()), trace.lanes))
