"""The plan of a picture of a timeline, ready to be drawn. Sizes are in points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from coro_lab.views.marks import BARS
from coro_lab.views.palette import Style
from coro_lab.views.plots.columns import OUTSIDE, Column
from coro_lab.views.plots.model import Crossing, LaneSpan, Print, RunPicture
from coro_lab.views.plots.spans import Overview
from coro_lab.views.plots.text_layout import LINE_HEIGHT, NAME_SIZE, Arrow, Placed, width

WIDE = 576.0  # 8 inches
BELOW = 58.0
"""Under the axes: the steps and the key."""
EDGE = 8.0
ENDING = 18.0
"""Free space at the left, and at the right, where the marks of endings are."""
HEAD = 7.0
NUMBERS = "numbers in bars: source lines"


class Fold(NamedTuple):
    """What a folded picture shows of each row."""

    edges: Column  # of the columns, in steps
    shares: list[Column]  # for each row, the share of each column in which the lane runs
    extents: list[LaneSpan]  # for each row, the time in which it has a lane that runs, is suspended or waits
    arrivals: list[int]  # for each row, how often control arrives

    @property
    def tallest(self) -> float:
        """The largest share."""
        return float(max(map(max, self.shares)))


class Numbered(NamedTuple):
    """A bar and the source lines at its begin and its end."""

    span: LaneSpan
    begin: str
    end: str


class FamilyBox(NamedTuple):
    """The box around the span of a family: its rows, from that of its owner to those of its members."""

    label: str
    begin: float  # in steps
    end: float
    rows: tuple[int, ...]  # the highest first; between them may be rows of lanes that do not belong to it
    members: tuple[int, ...]  # the rows that get a mark at the left edge
    inset: float  # how much smaller it is than the box around which it is drawn
    aside: float  # how far right its label begins

    def top(self, plan: Plan) -> float:
        """The upper edge."""
        return self.rows[0] * plan.pitch - plan.bar / 2 - 7 + self.inset

    def bottom(self, plan: Plan) -> float:
        """The lower edge."""
        return self.rows[-1] * plan.pitch + plan.bar / 2 + 7 - self.inset


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
    boxes: list[FamilyBox] = field(default_factory=list)
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

    def above(self, title_lines: int) -> float:
        """The room over the axes, for the title and the notes."""
        return 30.0 + LINE_HEIGHT * len(self.notes) + 1.2 * NAME_SIZE * (title_lines - 1)

    def doings(self) -> list[str]:
        """What lanes do here, in the order of the key."""
        used = self.seen.doings()
        return [doing for doing in BARS if doing in used]

    def endings(self) -> list[str]:
        """How lanes end here, in the order of the key."""
        return sorted({ending.how for ending in self.seen.endings})

    @property
    def top_of_prints(self) -> float:
        """Where the row of printed lines begins, under the lanes."""
        return (len(self.rows) - 1) * self.pitch + 22

    def at(self, x: float) -> float:
        """The position in steps of an x."""
        return self.first - 0.5 + (x - EDGE) / self.step

    def y(self, lane: int) -> float:
        """The middle of the row of a lane."""
        return self.row_of[lane] * self.pitch

    def stem(self, crossing: Crossing) -> tuple[float, float]:
        """Where the arrow of a crossing begins, and the middle of its head."""
        begin, end = self.y(crossing.origin), self.y(crossing.target)
        way = 1 if end > begin else -1
        return begin + way * self._edge(crossing.origin), end - way * (self._edge(crossing.target) + HEAD / 2)

    def _edge(self, lane: int) -> float:
        """The distance from the middle of a row to the edge of its bar."""
        return 0.0 if lane == OUTSIDE else self.bar / 2

    def thickness(self, arrow: Arrow) -> float:
        """Of the line of an arrow."""
        return 1.6 if self.step > (14 if arrow.bare else 6) else 0.9

    def numbered(self) -> list[Numbered]:
        """The source lines to write into the bars; none where they have no room."""
        begins = {(c.target, c.at): c.target_line for c in self.run.crossings}
        ends = {(c.origin, c.at): c.origin_line for c in self.run.crossings}
        spans = [span for span in self.run.spans if span.doing == "running"]
        found = [
            Numbered(span, str(begins.get((span.lane, span.begin)) or ""), str(ends.get((span.lane, span.end)) or ""))
            for span in spans
        ]
        widest = max((width(each.begin) + width(each.end) for each in found), default=0.0)
        shortest = min((span.end - span.begin for span in spans), default=0.0)
        return found if widest + 7.5 <= self.step * shortest and self.bar >= 12 else []

    @property
    def inset(self) -> float:
        """The distance of a number from the end of its bar."""
        return 2.0 if self.step < 40 else 4.0
