"""One sentence for each event, for readers, screen readers and nbval.

The sentences are templates; `key` chooses one, and the player in the browser only fills it in.
"""

from __future__ import annotations

from collections.abc import Sequence

from coro_lab.trace.events import (
    BEFORE,
    BY_LOOP,
    COLLECTED,
    DROPPED,
    EAGER,
    IGNORED,
    INSIDE,
    LEAVES,
    MAIN_THREAD,
    PENDING,
    REQUESTS,
    SHUT_DOWN,
    Event,
    Kind,
    Lane,
    how_closed,
)
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

TEMPLATES = {
    "call": "{lane} is called",
    "call peer": "{peer} calls {lane}",
    "start": "{lane} starts",
    "start thread": "{lane} starts in {thread}",
    "start peer": "{peer} starts {lane}",
    "start eager": "{peer} starts {lane} at once, because its task is eager",
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
    "collect": "the garbage collector closes {lane} at line {line}",
    "collect peer": "the garbage collector closes {lane} at line {line}, while {peer} is at line {peer_line}",
    "loop": "the event loop closes {lane} at line {line}, because nothing refers to it any more",
    "shut down": "the event loop ends and closes {lane} at line {line}",
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
    "lost pending": "the task of {lane} is gone, and has not ended",
    "lost pending peer": "the task of {lane} is gone while {peer} is at line {peer_line}, and has not ended",
    "abandon": "nothing refers to {lane} any more: {value}",
    "abandon peer": "{peer} abandons {lane} at line {peer_line}: {value}",
}
_CLOSES = {DROPPED: "drop", COLLECTED: "collect", BY_LOOP: "loop", SHUT_DOWN: "shut down"}
TEMPLATES |= {f"{name} before": TEMPLATES[name] + BEFORE for name in (*_CLOSES.values(), "collect peer")}


def key(event: Event, lane: Lane, ending: str | None = None) -> str:
    """The name of the template for this event of this lane; `ending` is how the lane ends by it, as far as is known."""
    kind = event.kind.value
    if event.kind in INSIDE or event.kind is Kind.UNCANCEL:
        return kind
    if event.kind in REQUESTS:
        return _request(event)
    is_raised = lane.kind == "function" or ending == Kind.RAISE.value
    if event.kind is Kind.RAISE and event.value == "GeneratorExit()" and not is_raised:
        return "raise closing"
    if event.kind is Kind.CLOSE and (how := how_closed(event.value)) in _CLOSES:
        return _close(event, _CLOSES[how])
    if event.kind is Kind.START and event.value == EAGER and event.peer is not None:
        return "start eager"
    in_thread = event.kind is Kind.START and event.peer is None and lane.thread != MAIN_THREAD
    if event.kind is Kind.START and lane.kind == "function" and not in_thread:
        kind = "call"
    if event.kind is Kind.SUSPEND and (lane.kind in ("function", "thread") or event.value is None):  # it does not yield
        return "hand over nothing" if event.value in (None, "None") else "hand over"
    peer = " peer" if event.peer is not None and not _is_ignored(event) else ""
    if in_thread:
        return "start thread"
    return kind + peer + (_received(event, lane) if event.kind is Kind.RESUME else "")


def _close(event: Event, name: str) -> str:
    """The name of the template for a lane that is closed without a call of close()."""
    peer = " peer" * (name == "collect" and event.peer is not None)
    return name + peer + " before" * (how_closed(event.value) != event.value)


def _request(event: Event) -> str:
    if event.kind is Kind.LOST and event.peer is not None and event.peer == event.lane:
        return "lost future"
    if event.kind in (Kind.LOST, Kind.ABANDON):
        pending = " pending" * (event.kind is Kind.LOST and event.value == PENDING)
        return event.kind.value + pending + " peer" * (event.peer is not None)
    if event.peer is not None and event.peer == event.lane:
        return "cancel self"
    return "cancel" + " early" * (event.line is None) + " peer" * (event.peer is not None)


def _is_ignored(event: Event) -> bool:
    return event.kind in LEAVES and event.value is not None and event.value.endswith(IGNORED)


def _received(event: Event, lane: Lane) -> str:
    if lane.kind != "generator" and event.value in (None, "None"):
        return " awaiting"  # its author never sees the None by which an event loop resumes it
    return "" if event.value is None else " value"


def sentence(event: Event, lanes: Sequence[Lane], ending: str | None = None) -> str:
    """What this event did in a run with these lanes, in one sentence without a full stop.

    `ending` is how the lane ends by the event, as far as is known.
    """
    lane = lanes[event.lane]
    words = TEMPLATES[key(event, lane, ending)].format(
        lane=lane.name,
        peer=lanes[event.peer].name if event.peer is not None else "",
        line=event.line,
        peer_line=event.peer_line,
        thread=lane.thread,
        value=repr(event.value) if event.kind is Kind.OUTPUT else event.value,
    )
    if event.changed:
        words += ", " + ", ".join(_change(*change) for change in event.changed)
    return words


def _change(name: str, value: str | None) -> str:
    return f"{name} unbound" if value is None else f"{name} = {value}"
