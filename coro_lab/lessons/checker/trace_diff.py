"""Where an answer's behaviour first differs from what was asked for, in the words of the checker."""

from __future__ import annotations

import re

from coro_lab.trace.events import Event, Kind
from coro_lab.trace.trace import Difference, Trace, in_sentence

_AT_LINE = re.compile(r",? (which resumes |and suspends )?at line \d+|at \d+")


def explain(difference: Difference) -> str:
    """What the answer does there, and what was asked for, which is the other run of the difference."""
    did, wanted = difference.event, difference.other_event
    asked = "" if wanted is None else _describe(difference.other, wanted)
    if did is None:
        return f"your run ends here. Asked for next: {asked}."
    mine = _describe(difference.trace, did)
    if wanted is None:
        return f"the run should be over, but {mine}."
    return f"in your run, {mine}. Asked for here: {asked}.{_dropped(difference.trace, difference.at)}"


def _dropped(trace: Trace, index: int) -> str:
    """A sentence about the value that this lane received last, if the lane bound no name to it; else empty."""
    own = [event for event in trace[: index + 1] if event.lane == trace[index].lane]
    last = next((at for at in reversed(range(len(own))) if own[at].kind is Kind.RESUME), None)
    if last is None or own[last].value in (None, "None"):
        return ""
    kept = any(value == own[last].value for event in own[last:] for _, value in event.changed)
    return "" if kept else f" {own[last].value} arrived at line {own[last].line}, and no name was bound to it."


def _describe(trace: Trace, event: Event) -> str:
    return _AT_LINE.sub("", in_sentence(trace, event._replace(changed=())))
