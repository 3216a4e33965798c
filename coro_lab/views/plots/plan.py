"""The plan of a picture of a timeline, ready to be drawn. Sizes are in points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from coro_lab.views.palette import Style
from coro_lab.views.plots.columns import Column
from coro_lab.views.plots.model import Crossing, LaneSpan, Print, RunPicture
from coro_lab.views.plots.spans import Overview
from coro_lab.views.plots.text_layout import Arrow, Placed

EDGE = 8.0
ENDING = 18.0
"""Free space at the left, and at the right, where the marks of endings are."""
HEAD = 7.0


class Fold(NamedTuple):
    """What a folded picture shows of each row."""

    edges: Column  # of the columns, in steps
    shares: Column  # for each row and column, the share in which the lane runs
    extents: list[LaneSpan]  # for each row, the time in which it has a lane that runs, is suspended or waits
    arrivals: list[int]  # for each row, how often control arrives


class Printed(NamedTuple):
    """A printed line and its place."""

    item: Print
    x: float
    side: str  # which side of the text is at x; "left" means that the text begins there
    tier: int  # counts from the top
    text: str


@dataclass
class Plan:
    """One picture, ready to be drawn."""

    seen: Overview
    rows: list[Style]
    row_of: dict[int, int]
    first: int  # step
    last: int
    breadth: float  # of the axes
    height: float = 0.0
    pitch: float = 60.0
    labels: list[Placed] = field(default_factory=list)
    turned: bool = False
    run: RunPicture = field(default_factory=RunPicture)  # empty in a folded picture
    fold: Fold | None = None  # None if every step has its own place
    prints: list[Printed] = field(default_factory=list)
    print_height: float = 0.0
    notes: list[str] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    drawn: list[Crossing] = field(default_factory=list)  # one for each arrow

    @property
    def step(self) -> float:
        """The width of one step."""
        return (self.breadth - EDGE - ENDING) / max(self.last - self.first + 1, 1)

    @property
    def bar(self) -> float:
        """The height of the bar of a running lane."""
        return min(16.0, 0.6 * self.pitch)

    def x(self, at: float) -> float:
        """The x of a position in steps."""
        return EDGE + (at - self.first + 0.5) * self.step
