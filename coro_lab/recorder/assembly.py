"""From a recorder's bare rows to a Trace: names for the lanes, and the number of the step for each event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from coro_lab.events import ENTERS, LEAVES, Event, Kind, Lane, Trace
from coro_lab.recorder.code import CodeInfo

type Row = list[Any]
"""lane, kind, line, value, peer, peer_line, changed: an Event without its step, and still open to a late value."""


def assemble(rows: list[Row], lanes: list[tuple[CodeInfo | str, str | None]], **rest: Any) -> Trace:
    """The Trace of these rows and lanes."""
    return Trace(tuple(map(Event._make, _numbered(rows))), tuple(_named(lanes)), **rest)


def _numbered(rows: list[Row]) -> Iterator[list[Any]]:
    """Each row behind its step.

    A step is a span in which one lane runs. Lanes that only pass a value on (they delegate) do not begin one, so a
    chain of `yield from` is entered, and left, in a single step. The rule reads nothing but switches: the steps are
    the same whether lines were recorded or not.
    """
    step = -1
    back_in: int | None = None  # control went back to this lane, which has not done anything yet
    delegating: set[int] = set()
    entered: int | None = None  # the lane that the row before entered
    for row in rows:
        lane, kind, _, _, peer = row[:5]
        if back_in is not None and kind is not Kind.DELEGATE:
            step += 1
        if kind in ENTERS:
            passing = entered is not None and entered == peer and entered in delegating
            step += not passing
        yield [max(step, 0), *row]
        if kind in LEAVES:
            back_in = peer
            (delegating.add if kind is Kind.DELEGATE else delegating.discard)(lane)
        else:
            back_in = None
            if kind not in ENTERS:
                delegating.discard(lane)
        entered = lane if kind in ENTERS else None


def _named(lanes: Iterable[tuple[CodeInfo | str, str | None]]) -> Iterator[Lane]:
    seen: Counter[str] = Counter()
    for code, given in lanes:
        name = given or (code if isinstance(code, str) else code.name)
        seen[name] += 1
        unique = name if seen[name] == 1 else f"{name} {seen[name]}"
        if isinstance(code, str):
            yield Lane(unique, "function")
        else:
            yield Lane(unique, code.kind, code.source())
