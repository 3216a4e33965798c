"""Columns of numbers: what happens in a run of a million events, none of which becomes an object before it is drawn.

Positions are in steps, as in `runs`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

OUTSIDE = -1
"""The row of whoever resumes lanes without being one: a scheduler, you, or code that was not recorded."""

VERBS = ("call", "start", "hand over", "yield", "resume", "delegate", "throw", "close", "return", "raise", "closed")
"""What stands on an arrow; a resume that brings a value is a send."""

Column = NDArray[Any]


class Spans(NamedTuple):
    """Lanes that do one thing for a while, a column for each fact."""

    lane: Column
    begin: Column
    end: Column
    doing: Column  # index into STATES: running, suspended or waiting


class Crossings(NamedTuple):
    """Control going from one lane to another, a column for each fact."""

    at: Column
    origin: Column
    target: Column
    verb: Column  # index into VERBS
    event: Column  # index into Trace.events


def where[Columns: (Spans, Crossings)](columns: Columns, which: Column) -> Columns:
    """Some of them: `which` has their numbers, or a truth value for each."""
    return type(columns)(*(column[which] for column in columns))


def rows(columns: Spans | Crossings) -> Iterator[tuple[Any, ...]]:
    """One after the other, in Python's own numbers."""
    return zip(*(column.tolist() for column in columns), strict=True)


class Rows:
    """Rows of numbers, added one by one and read by column; `types` has a letter for each column, as numpy has them."""

    def __init__(self, types: str) -> None:
        self._types = types
        self._numbers = array("d")
        self.add = self._numbers.extend

    def arrays(self) -> list[Column]:
        """The columns, in order."""
        table = np.array(self._numbers).reshape(-1, len(self._types))
        return [column.astype(kind) for column, kind in zip(table.T, self._types, strict=True)]
