"""One sentence for each event, for readers, screen readers and nbval.

The sentences are templates; `key` chooses one, and the player in the browser only fills it in.
"""

from __future__ import annotations

from collections.abc import Sequence

from coro_lab.trace.events import DROPPED, IGNORED, INSIDE, LEAVES, MAIN_THREAD, REQUESTS, Event, Kind, Lane
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

TEMPLATES = {
    "call": "{lane} is called",
    "call peer": "{peer} calls {lane}",
    "start": "{lane} starts",
    "start thread": "{lane} starts in {thread}",
    "start peer": "{peer} starts {lane}",
    "resume": "{lane} resumes at line {line}; what was sent is not known",
    "resume value": "{lane} resumes at line {line} and receives {value}",
    "resume peer": "{peer} resumes {lane} at line {line}; what it sent is not known",
    "resume peer value": "{peer} sends {value} to {lane}, which resumes at line {line}",
    "suspend": "{lane} yields {value} and suspends at line {line}",
    "suspend peer": "{lane} yields {value} to {peer} and suspends at line {line}",
    "hand over": "{lane} hands over {value} and suspends at line {line}",
    "hand over nothing": "{lane} hands over and suspends at line {line}",
    "delegate": "{lane} delegates at line {line} and passes {value} out",
    "delegate peer": "{lane} delegates at line {line} and passes {value} on to {peer}",
    "throw": "{value} is thrown into {lane} at line {line}",
    "throw peer": "{peer} throws {value} into {lane} at line {line}",
    "close": "{lane} is closed at line {line}",
    "close peer": "{peer} closes {lane} at line {line}",
    "drop": "nothing refers to {lane} any more, so it is closed at line {line}",
    "return": "{lane} returns {value}",
    "return peer": "{lane} returns {value} to {peer}",
    "raise": "{lane} raises {value}",
    "raise peer": "{lane} raises {value} to {peer}",
    "raise closing": "{lane} is closed for good",
    "resume awaiting": "{lane} resumes at line {line}",
    "resume peer awaiting": "{peer} resumes {lane} at line {line}",
    "line": "{lane} is at line {line}",
    "await": "{lane} awaits {value} at line {line}",
    "preempt": "the operating system switches to {lane}",
    "output": "{lane} prints {value}",
    "cancel": "{lane} is cancelled at line {line}: {value}",
    "cancel peer": "{peer} cancels {lane} at line {line}: {value}",
    "cancel self": "{lane} cancels itself at line {line}: {value}",
    "cancel early": "{lane} is cancelled before it begins: {value}",
    "cancel early peer": "{peer} cancels {lane} before it begins: {value}",
    "uncancel": "{lane} takes a cancellation back, {value} left",
    "lost": "the task of {lane} is gone, and nobody has fetched its {value}",
    "lost future": "{lane} drops a future, and nobody has fetched {value}",
    "lost peer": "{peer} drops the task of {lane}, and nobody has fetched its {value}",
}


def key(event: Event, lane: Lane) -> str:
    """The name of the template for this event of this lane."""
    kind = event.kind.value
    if event.kind in INSIDE or event.kind is Kind.UNCANCEL:
        return kind
    if event.kind in REQUESTS:
        return _request(event)
    if event.kind is Kind.RAISE and event.value == "GeneratorExit()" and lane.kind != "function":
        return "raise closing"
    if event.kind is Kind.CLOSE and event.value == DROPPED:
        return "drop"
    in_thread = event.kind is Kind.START and event.peer is None and lane.thread != MAIN_THREAD
    if event.kind is Kind.START and lane.kind == "function" and not in_thread:
        kind = "call"
    if event.kind is Kind.SUSPEND and (lane.kind in ("function", "thread") or event.value is None):  # it does not yield
        return "hand over nothing" if event.value in (None, "None") else "hand over"
    peer = " peer" if event.peer is not None and not _is_ignored(event) else ""
    if in_thread:
        return "start thread"
    return kind + peer + (_received(event, lane) if event.kind is Kind.RESUME else "")


def _request(event: Event) -> str:
    if event.kind is Kind.LOST:
        return "lost future" if event.peer == event.lane else "lost" + " peer" * (event.peer is not None)
    if event.peer is not None and event.peer == event.lane:
        return "cancel self"
    return "cancel" + " early" * (event.line is None) + " peer" * (event.peer is not None)


def _is_ignored(event: Event) -> bool:
    return event.kind in LEAVES and event.value is not None and event.value.endswith(IGNORED)


def _received(event: Event, lane: Lane) -> str:
    if lane.kind != "generator" and event.value in (None, "None"):
        return " awaiting"  # its author never sees the None by which an event loop resumes it
    return "" if event.value is None else " value"


def sentence(event: Event, lanes: Sequence[Lane]) -> str:
    """What this event did in a run with these lanes, in one sentence without a full stop."""
    lane = lanes[event.lane]
    words = TEMPLATES[key(event, lane)].format(
        lane=lane.name,
        peer=lanes[event.peer].name if event.peer is not None else "",
        line=event.line,
        thread=lane.thread,
        value=repr(event.value) if event.kind is Kind.OUTPUT else event.value,
    )
    if event.changed:
        words += ", " + ", ".join(_change(*change) for change in event.changed)
    return words


def _change(name: str, value: str | None) -> str:
    return f"{name} unbound" if value is None else f"{name} = {value}"
