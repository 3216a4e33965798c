"""Columns of numbers that describe a run of up to a million events; objects are made only for what is drawn.

Positions are in steps, as in `model.py`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
)
"""The words on arrows; a resume that brings a value is a send."""

Column = NDArray[Any]


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


def where[Columns: (Spans, Crossings)](columns: Columns, which: Column) -> Columns:
    """The rows that `which` selects, by their numbers or by a truth value for each row."""
    return type(columns)(*(column[which] for column in columns))


def rows(columns: Spans | Crossings) -> Iterator[tuple[Any, ...]]:
    """The rows one after the other, as Python's own numbers."""
    return zip(*(column.tolist() for column in columns), strict=True)


class Rows:
    """Rows of numbers, added one by one and read by column; `types` has numpy's letter of the type of each column."""

    def __init__(self, types: str) -> None:
        self._types = types
        self._numbers = array("d")
        self.add = self._numbers.extend

    def arrays(self) -> list[Column]:
        """The columns, in order."""
        table = np.array(self._numbers).reshape(-1, len(self._types))
        return [column.astype(kind) for column, kind in zip(table.T, self._types, strict=True)]
