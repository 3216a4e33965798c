"""What crosses between two lanes, in the language's own words: the label on every arrow.

Like the sentences, the labels are templates; `label_key` chooses one, and the player in the browser only fills it in.
"""

from __future__ import annotations

from coro_lab.trace.events import BY_GROUP, Event, Kind, Lane
from coro_lab.trace.lane_states import CLOSE, DROP
from coro_lab.trace.sentences import key

LABELS = {
    "call": "call",
    "start": "start",
    "resume": "send(?)",
    "resume value": "send({value})",
    "resume nothing": "resume",
    "suspend": "yield {value}",
    "suspend nothing": "yield",
    "suspend await": "await {value}",
    "suspend await nothing": "await",
    "hand over": "hand over {value}",
    "hand over nothing": "hand over",
    "delegate": "yield from: {value}",
    "delegate nothing": "yield from",
    "delegate await": "await: {value}",
    "delegate await nothing": "await",
    "throw": "throw({value})",
    "close": "close()",
    "drop": "dropped",
    "collect": "collected",
    "loop": "aclose()",
    "return": "return {value}",
    "return nothing": "return",
    "raise": "raise {value}",
    "closed": "closed",
    "cancel": "{value}",
    "cancel by group": "cancel (group)",
    "lost": "lost: {value}",
    "abandon": "abandoned",
}


def label_key(event: Event, lane: Lane, ending: str | None = None) -> str:
    """The name of the template for this switch of this lane; `ending` is how the lane ends by it, if it does."""
    name = key(event, lane, ending)
    for detail in (" thread", " peer", " before", " pending", " eager"):
        name = name.replace(detail, "")
    if name == "shut down":
        return "loop"
    if name == "raise closing" or (event.kind in (Kind.RETURN, Kind.RAISE) and ending in (CLOSE, DROP)):
        return "closed"
    if event.kind is Kind.CANCEL:
        return "cancel by group" if (event.value or "").startswith(BY_GROUP) else "cancel"
    if event.kind is Kind.LOST:
        return "lost"
    if name.startswith("hand over"):
        return name
    if event.kind in (Kind.SUSPEND, Kind.DELEGATE) and lane.kind == "coroutine":
        name += " await"
    if event.kind is Kind.RESUME and (event.value == "None" or name == "resume awaiting"):
        return "resume nothing"
    carries_nothing = event.value == "None" and event.kind in (Kind.SUSPEND, Kind.DELEGATE, Kind.RETURN)
    return f"{name} nothing" if carries_nothing else name  # a None is not written
