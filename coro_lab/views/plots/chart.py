"""What a chart shows: axes, bars, lines and texts as values. `chart_axes.py` and `svg/chart.py` draw it.

Places are in the units of the axes, sizes in points. A chart is laid out around its texts, so that none is cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from math import ceil, floor, log10
from typing import NamedTuple

from coro_lab.views.plots.plan import WIDE
from coro_lab.views.plots.text_layout import NAME_SIZE, SIZE, fit, width, wrap

TITLE_SIZE = 1.15 * NAME_SIZE  # bold letters are wider by a seventh
LINE = 13.5  # from one line of small print to the next, and from one label to the next
UNDER = 42.0  # from the axes to the small print; the numbers and the name of the x axis are between
LEFT = 58.0  # for the numbers of a y axis and its name
EDGE = 8.0  # between a text and the edge of the figure
NARROW = 30.0  # a log axis whose ends have a smaller ratio has ticks at 1, 2 and 5
LONGEST = 230.0  # a longer label is cut
END = 1.03  # where the labels of lines begin, in widths of the axes
BAND, GRID = 0.2, 0.25  # how much of their colour is seen

type Point = tuple[float, float]


class Axis(NamedTuple):
    """From `low` (left, or below) to `high`; a y axis that counts from above has the smaller number in `high`."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    name: str = ""
    log: bool = False
    minor: Sequence[float] = ()  # ticks without a text
    size: float = SIZE  # of the texts
    colours: Sequence[str] = ()  # of the texts, where they are not INK
    line: bool = True  # also for the ticks
    grid: bool = False
    named_at_begin: bool = False

    def share(self, value: float) -> float:
        """Where this value is, from 0 (at `low`) to 1 (at `high`)."""
        low, high, at = (log10(each) for each in (self.low, self.high, value)) if self.log else (*self[:2], value)
        return (at - low) / (high - low)

    def apart(self, length: float) -> list[tuple[float, str]]:
        """The ticks of an x axis of this length whose texts touch no other text."""
        kept, free = list[tuple[float, str]](), float("-inf")
        for at, text in self.ticks:
            x, half = length * self.share(at), width(text, self.size) / 2 + 2
            if x - half >= free:
                kept.append((at, text))
                free = x + half
        return kept


class ChartBar(NamedTuple):
    """A bar, or another box, with its middle at the height y."""

    left: float
    right: float
    y: float
    high: float
    colour: str
    edge: str | None = None
    hatch: str | None = None
    thick: float = 1.0
    name: str = ""  # in the key


class Line(NamedTuple):
    """A line, with a mark at each point where there is a marker."""

    points: Sequence[Point]
    colour: str
    thick: float = 1.5
    marker: str = ""
    size: float = 6.0  # of the marker
    dashed: bool = False
    name: str = ""


class Band(NamedTuple):
    """The spread around a line."""

    lower: Sequence[Point]
    upper: Sequence[Point]
    colour: str


class Label(NamedTuple):
    """A text at a place, or `aside` points at the right of it."""

    x: float
    y: float
    text: str
    size: float = SIZE
    aside: float | None = None  # None: around the place


class LineEnd(NamedTuple):
    """The text for a line, at the right of the axes; (x, y) is the end of the line."""

    x: float
    y: float
    text: str
    colour: str


class Chart(NamedTuple):
    """A chart whose axes are `high` points high, with `left` and `right` points for texts at their sides."""

    title: str
    x: Axis
    y: Axis
    high: float
    left: float
    right: float
    small: str = ""  # the text below
    bars: Sequence[ChartBar] = ()
    bands: Sequence[Band] = ()
    lines: Sequence[Line] = ()
    labels: Sequence[Label] = ()
    ends: Sequence[LineEnd] = ()
    key: Sequence[ChartBar | Line] = ()
    key_below: bool = False  # otherwise at the right

    @property
    def room(self) -> float:
        """For the title and the text below, which may be wider than the axes."""
        return WIDE - self.left - EDGE

    @property
    def above(self) -> float:
        """The room above the axes."""
        return 12 + LINE * len(title_lines(self.title, self.room))

    @property
    def below(self) -> float:
        """The room below the axes."""
        return UNDER + LINE * len(small_lines(self.small, self.room)) + EDGE

    def ends_at(self, high: float) -> list[tuple[LineEnd, float]]:
        """The ends of the lines, each with the height of its text as a share; no text is over another."""
        by_height = sorted(self.ends, key=lambda end: end.y)
        places = _apart([self.y.share(end.y) for end in by_height], LINE / high)
        return [(end._replace(text=fit(end.text, SIZE, LONGEST)), at) for end, at in zip(by_height, places)]


def title_lines(title: str, room: float) -> list[str]:
    """The title, wrapped."""
    return _wrapped(title, TITLE_SIZE, room)


def small_lines(small: str, room: float) -> list[str]:
    """The text below, wrapped."""
    return _wrapped(small, SIZE, room)


def _wrapped(text: str, size: float, room: float) -> list[str]:
    """3 % is kept free, because letters are a little wider on a screen."""
    return [part for line in text.splitlines() for part in wrap(line, size, 0.97 * room, 3)]


def side_room(texts: Iterable[str], size: float = SIZE) -> float:
    """The width in points that these texts need at a side of the axes."""
    return max((min(width(text, size), LONGEST) for text in texts), default=0.0) + EDGE + 8


def end_room(texts: Iterable[str], left: float) -> float:
    """The width in points for the labels of lines, in a chart with `left` points at the left."""
    return side_room(texts) + (END - 1) * (WIDE - left)


def counts(numbers: Sequence[int], name: str, *, grid: bool = False) -> Axis:
    """A log x axis with ticks at the numbers that were measured."""
    ticks = [(number, f"{number:,}") for number in numbers]
    return Axis(*_padded(numbers, log=True), ticks, name, log=True, grid=grid)


def decades(values: Iterable[float], text: Callable[[float], str], name: str, *, closer: bool = False) -> Axis:
    """A log y axis with ticks at 1, 10, 100; with `closer`, or if the axis is short, at 2 and 5 as well."""
    low, high = _padded(values, log=True)
    if near := high / low < NARROW:
        low, high = low / 2.5, high * 2.5
    ticks = [(at, text(at)) for at in _powers(low, high, (1, 2, 5) if near or closer else (1,))]
    return Axis(low, high, ticks, name, log=True, minor=_powers(low, high, range(2, 10)), grid=True)


def from_zero(values: Iterable[float], name: str) -> Axis:
    """An x axis from 0, with at most ten ticks at a distance of 1, 2, 2.5 or 5 times a power of ten."""
    high = 1.05 * max(values, default=0) or 1.0
    ten = 10.0 ** floor(log10(high / 9))
    step = next(each for each in (ten, 2 * ten, 2.5 * ten, 5 * ten, 10 * ten) if each >= high / 9)
    places = 0 if step % 1 == 0 else max(0, -floor(log10(ten))) + (step == 2.5 * ten)
    return Axis(0, high, [(step * at, f"{step * at:.{places}f}") for at in range(int(high / step) + 1)], name)


def rows(ticks: Sequence[tuple[float, str]], bars: Sequence[ChartBar], size: float = SIZE) -> Axis:
    """A y axis for these bars that counts from above."""
    high, low = _padded([edge for bar in bars for edge in (bar.y - bar.high / 2, bar.y + bar.high / 2)])
    return Axis(low, high, ticks, size=size)


def _padded(values: Iterable[float], *, log: bool = False) -> Point:
    """From the smallest to the largest, and a twentieth more at both ends."""
    known = list(values)
    low, high = min(known), max(known)
    if log and low == high:
        low, high = 10.0 ** (ceil(log10(low)) - 1), 10.0 ** (floor(log10(high)) + 1)
    if log:
        return low * (low / high) ** 0.05, high * (high / low) ** 0.05
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _powers(low: float, high: float, factors: Iterable[int]) -> list[float]:
    """These factors times the powers of ten, as far as they are between the two."""
    tens = [10.0**exponent for exponent in range(floor(log10(low)), ceil(log10(high)) + 1)]
    return sorted(at for ten in tens for factor in factors if low <= (at := factor * ten) <= high)


def _apart(wanted: Sequence[float], gap: float) -> list[float]:
    """These ascending places, moved apart until they keep the gap, and then down until none is above 1."""
    places = list[float]()
    for place in wanted:
        places.append(max(place, places[-1] + gap) if places else place)
    for number, limit in zip(reversed(range(len(places))), count()):
        places[number] = min(places[number], 1 - gap * limit)
    return places
