"""What crosses in an event, with its template filled in; in the package the player does that."""

from coro_lab.trace.events import SWITCHES, Event, Kind, Lane
from coro_lab.trace.labels import LABELS, label_key

CROSSES = SWITCHES | {Kind.CANCEL, Kind.LOST, Kind.ABANDON}


def label(event: Event, lane: Lane, ending: str | None = None) -> str | None:
    """The label on the arrow, as in `send(3)`; None for a line and an output, where nothing crosses."""
    return LABELS[label_key(event, lane, ending)].format(value=event.value) if event.kind in CROSSES else None
