"""How a timeline draws a run: the one table for matplotlib's pictures and for the player in the browser.

`widgets/marks.js` is the same table in JavaScript; tests/views/test_marks.py compares the two. The words on arrows are
those of `trace/labels.py` in both.
"""

from __future__ import annotations

from typing import NamedTuple

from coro_lab.trace.labels import LABELS


class Bar(NamedTuple):
    """The bar of a lane in one state."""

    word: str  # as the key of a picture explains it
    height: float  # compared with the bar of a lane that runs
    filled: bool
    hatched: bool


class End(NamedTuple):
    """The mark behind the last bar of a lane."""

    word: str
    shape: str  # a key of SHAPES
    filled: bool


BARS = {
    "running": Bar("running", 1.0, True, False),
    "suspended": Bar("suspended", 0.5, False, True),
    "waiting": Bar("waiting for another lane", 0.5, False, False),
}
ENDS = {
    "return": End("returned", "square", True),
    "raise": End("raised", "cross", True),
    "close": End("closed", "circle", False),
    "drop": End("closed", "circle", False),
}
SHAPES = {"square": "s", "cross": "x", "circle": "o"}
"""In matplotlib's language."""
HATCH = "////"
DASHED = tuple(
    LABELS[name]
    for name in (
        *("throw", "close", "drop", "collect", "loop", "raise", "closed"),
        *("cancel", "cancel by group", "lost", "abandon"),
    )
)
"""The labels of dashed arrows, which end something. An arrow has the colour of the lane that it leaves."""
FONTS = ("DejaVu Sans", "Verdana", "sans-serif")
"""matplotlib brings the first, and the second has the same widths; each where the one before is missing."""
