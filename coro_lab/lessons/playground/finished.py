"""Finished: what is left of a run that has ended."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coro_lab.lessons.playground.child import MAX_EVENTS
from coro_lab.trace.trace import Trace


@dataclass(frozen=True)
class Finished:
    """A run that has ended."""

    trace: Trace | None  # None if the program ended its whole process
    errors: str  # what was written to stderr
    remark: str  # a sentence for the reader, if the program did not end by itself


def cut(trace: Trace) -> Trace:
    """The run, which says after how many events it was stopped if it was."""
    return replace(trace, cut=f"The run was stopped after {MAX_EVENTS:,} events.") if trace.cut else trace
