"""Line numbers as the tests write them: counted within a function, so that the functions above it may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from coro_lab.trace.events import Event
from coro_lab.trace.family import Family
from coro_lab.trace.trace import Trace


def line(function: Callable[..., object], number: int) -> int:
    """Where a function's line stands in its file; its `def` is line 1."""
    return function.__code__.co_firstlineno + number - 1


def within_functions(trace: Trace) -> Trace:
    """The trace with each line counted from the `def` of its function."""

    def within(line: int | None, lane: int | None) -> int | None:
        source = None if lane is None else trace.lanes[lane].source
        return None if line is None or source is None else line - source.first_line + 1

    def counted(event: Event) -> Event:
        return event._replace(line=within(event.line, event.lane), peer_line=within(event.peer_line, event.peer))

    def opened(family: Family) -> Family:
        if family.owner is None or family.line is None:
            return family
        return family._replace(line=family.line - trace.lanes[family.owner].source.first_line + 1)

    return replace(trace, events=tuple(map(counted, trace.events)), families=tuple(map(opened, trace.families)))
