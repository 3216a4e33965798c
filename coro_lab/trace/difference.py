"""Where two runs first differ, as far as their events go."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from itertools import zip_longest

from coro_lab.trace.events import Event, Kind

_ALONE = (Kind.LINE, Kind.AWAIT)  # what is recorded only with `lines`


def first_difference(
    mine: Sequence[Event], theirs: Sequence[Event], *, lines: bool, among: Container[str] | None, returned: bool
) -> tuple[int, int] | None:
    """The numbers of the first events that differ, from 0; the length of a run that ends first; None for equal runs.

    `Trace.diff` says what is compared.
    """
    for at, other in zip_longest(_compared(mine, lines, among), _compared(theirs, lines, among)):
        if at is None:
            return len(mine), other
        if other is None:
            return at, len(theirs)
        if _seen(mine[at], lines, among, returned) != _seen(theirs[other], lines, among, returned):
            return at, other
    return None


def _compared(events: Sequence[Event], lines: bool, among: Container[str] | None) -> Iterator[int]:
    """The numbers of the events that are compared."""
    for number, event in enumerate(events):
        if (lines or event.kind not in _ALONE) and (among is None or event.lane.name in among):
            yield number


def _seen(event: Event, lines: bool, among: Container[str] | None, returned: bool) -> tuple[object, ...]:
    """What is compared of an event."""
    value = event.value if returned or not _carries_what_was_returned(event) else None
    peer = event.peer.name if event.peer is not None and among is None else None
    inside = (event.line, event.peer_line, event.changed) if lines else ()
    return event.lane.name, event.kind, value, peer, *inside


def _carries_what_was_returned(event: Event) -> bool:
    """Whether the event is a return, or the StopIteration that the return of a generator becomes."""
    return event.kind is Kind.RETURN or (event.kind is Kind.RAISE and (event.value or "").startswith("StopIteration("))
