"""What the figures of measurements have in common: room for every text, small print, labels where lines end.

A figure is laid out in points around its texts, so that none of them is cut off, and the smallest has the size of every
other value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from math import log10
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from coro_lab.views.palette import GREY, style
from coro_lab.views.plots.drawing import NAME_SIZE, WIDE
from coro_lab.views.plots.text_layout import SIZE, fit, width, wrap

TITLE_SIZE = 1.15 * NAME_SIZE  # bold letters are wider by a seventh
LINE = 13.5  # from one line of small print to the next, and from one label to the next
UNDER = 42.0  # from the axes to the small print: the numbers and the name of the x axis stand between
EDGE = 8.0  # between a text and the edge of the figure
NARROW = 30.0  # a log axis with less between its ends is given ticks at 1, 2 and 5
LONGEST = 230.0
"""Sizes are in points; a label longer than LONGEST is cut."""


def chart(high: float, left: float, right: float, title: str, small: str = "") -> Axes:
    """Axes `high` points high in a figure 8 inches wide, with room on all sides for what `tell` writes there."""
    above = 12 + LINE * len(_lines(title, TITLE_SIZE, WIDE - left - EDGE))
    below = UNDER + LINE * len(_lines(small, SIZE, WIDE - left - EDGE)) + EDGE
    whole = above + high + below
    box = (left / WIDE, below / whole, (WIDE - left - right) / WIDE, high / whole)
    return plt.figure(figsize=(WIDE / 72, whole / 72)).add_axes(box)


def tell(ax: Axes, title: str, small: str = "") -> None:
    """The title above these axes and the small print under them, in as many lines as they take."""
    room = _room(ax)
    ax.set_title("\n".join(_lines(title, TITLE_SIZE, room)), loc="left")
    if small:
        text = "\n".join(_lines(small, SIZE, room))
        ax.annotate(text, (0, 0), (0, -UNDER), "axes fraction", "offset points", color=GREY.text, va="top")


def beside(texts: Iterable[str], size: float = SIZE) -> float:
    """How much room these texts take at the side of axes, in points."""
    return max((min(width(text, size), LONGEST) for text in texts), default=0.0) + EDGE + 8


def beyond(texts: Iterable[str], left: float) -> float:
    """How much room at the right `label_ends` takes for these texts, in a figure with `left` points at the left."""
    return beside(texts) + 0.03 * (WIDE - left)


def label_ends(ax: Axes, ends: Mapping[str, tuple[float, float, str]]) -> None:
    """At the right of log axes, a text for each line (by name: where it ends, and the text), none over another."""
    low, high = (log10(limit) for limit in ax.get_ylim())
    line: dict[str, Any] = {"arrowstyle": "-", "color": GREY.colour, "lw": 0.5, "shrinkA": 0, "shrinkB": 4}
    line["relpos"] = (0, 0.5)  # it begins beside its text, and crosses no other
    by_height = sorted(ends.items(), key=lambda end: end[1][1])
    wanted = [(log10(y) - low) / (high - low) for _, (_, y, _) in by_height]
    for (name, (x, y, text)), place in zip(by_height, _apart(wanted, LINE / _size(ax)[1]), strict=True):
        text = fit(text, SIZE, LONGEST)
        end = ax.annotate(text, (x, y), (1.03, place), "data", "axes fraction", va="center", arrowprops=line)
        end.set_color(style(name).text)


def mark_counts(ax: Axes, counts: Sequence[int]) -> None:
    """Ticks of a log x axis at the counts that were measured; one whose number would touch another's is left out."""
    first, last = log10(counts[0]), log10(counts[-1])
    scale = 0.9 * _size(ax)[0] / (last - first) if last > first else 0.0
    marked, free = list[int](), float("-inf")
    for number in counts:
        x, half = scale * (log10(number) - first), width(f"{number:,}") / 2 + 2
        if x - half >= free:
            marked.append(number)
            free = x + half
    ax.set_xticks(marked, [f"{number:,}" for number in marked])
    ax.xaxis.set_minor_locator(NullLocator())


def mark_decades(ax: Axes, *, closer: bool = False) -> None:
    """Ticks of a log y axis at 1, 10, 100; if you ask for it, or its ends are near each other, at 2 and 5 as well."""
    low, high = ax.get_ylim()
    if near := high / low < NARROW:
        ax.set_ylim(low / 2.5, high * 2.5)
    if near or closer:
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))


def _lines(text: str, size: float, room: float) -> list[str]:
    """Those of this text, each broken where it has to be; on a screen letters take a little more than their width."""
    return [part for line in text.splitlines() for part in wrap(line, size, 0.97 * room, 3)]


def _size(ax: Axes) -> tuple[float, float]:
    """Width and height in points."""
    box, figure = ax.get_window_extent(), ax.get_figure(root=True)
    assert figure is not None, "axes that were removed from their figure cannot be drawn on"
    return box.width * 72 / figure.dpi, box.height * 72 / figure.dpi


def _room(ax: Axes) -> float:
    """From the left of the axes to the edge of their figure, or to their own end where others may stand beside them."""
    figure, (wide, _) = ax.get_figure(root=True), _size(ax)
    assert figure is not None
    return wide if len(figure.axes) > 1 else (1 - ax.get_position().x0) * wide / ax.get_position().width - EDGE


def _apart(wanted: Sequence[float], gap: float) -> list[float]:
    """These places, from the lowest on, moved until they are a gap apart and, where they can, none is above 1."""
    places = list[float]()
    for place in wanted:
        places.append(max(place, places[-1] + gap) if places else place)
    for number, limit in zip(reversed(range(len(places))), count()):
        places[number] = min(places[number], 1 - gap * limit)
    return places
