"""Columns of numbers that describe a run of up to a million events; objects are made only for what is drawn.

Positions are in steps, as in `model.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import compress
from typing import Any, NamedTuple

OUTSIDE = -1
"""The row of what resumes lanes without being a lane: a scheduler, you, or code that was not recorded."""

VERBS = (
    "call",
    "start",
    "hand over",
    "yield",
    "resume",
    "delegate",
    "throw",
    "close",
    "return",
    "raise",
    "closed",
    "cancel",
    "lost",
    "abandon",
)
"""The words on arrows; a resume that brings a value is a send."""

type Column = list[Any]
"""Numbers of Python, not of numpy: a browser's Python may be without it, and nothing here is quicker with it."""


class Spans(NamedTuple):
    """Times in which a lane does one thing, a column for each field."""

    lane: Column
    begin: Column
    end: Column
    doing: Column  # index into STATES: running, suspended or waiting


class Crossings(NamedTuple):
    """Moves of control from one lane to another, a column for each field."""

    at: Column
    origin: Column
    target: Column
    verb: Column  # index into VERBS
    event: Column  # index into Trace.events


def where[Columns: (Spans, Crossings)](columns: Columns, which: Iterable[bool]) -> Columns:
    """The rows for which `which` is true."""
    which = list(which)
    return type(columns)(*(list(compress(column, which)) for column in columns))


def rows(columns: Spans | Crossings) -> Iterator[tuple[Any, ...]]:
    """The rows one after the other."""
    return zip(*columns, strict=True)


class Rows:
    """Rows of numbers, of this many columns, added one by one and read by column."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._numbers: list[int | float] = []  # one list: a tuple for each row would cost the garbage collector more
        self.add = self._numbers.extend

    def columns(self) -> list[Column]:
        """The columns, in order."""
        return [self._numbers[place :: self._columns] for place in range(self._columns)]
