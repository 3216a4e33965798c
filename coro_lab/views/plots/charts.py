"""The parts that the figures of measurements share: room for all texts, small print, labels at the ends of lines.

A figure is laid out in points around its texts, so that none of them is cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from math import log10
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from coro_lab.views.palette import GREY, Style
from coro_lab.views.plots.card import new_figure
from coro_lab.views.plots.plan import WIDE
from coro_lab.views.plots.text_layout import NAME_SIZE, SIZE, fit, width, wrap

TITLE_SIZE = 1.15 * NAME_SIZE  # bold letters are wider by a seventh
LINE = 13.5  # from one line of small print to the next, and from one label to the next
UNDER = 42.0  # from the axes to the small print; the numbers and the name of the x axis are between
EDGE = 8.0  # between a text and the edge of the figure
NARROW = 30.0  # a log axis whose ends have a smaller ratio has ticks at 1, 2 and 5
LONGEST = 230.0
"""Sizes are in points; a label longer than LONGEST is cut."""


def chart(high: float, left: float, right: float, title: str, small: str = "") -> Axes:
    """Axes `high` points high in a figure 8 inches wide, with room on all sides for the texts of `caption`."""
    above = 12 + LINE * len(_lines(title, TITLE_SIZE, WIDE - left - EDGE))
    below = UNDER + LINE * len(_lines(small, SIZE, WIDE - left - EDGE)) + EDGE
    whole = above + high + below
    box = (left / WIDE, below / whole, (WIDE - left - right) / WIDE, high / whole)
    return new_figure(WIDE, whole).add_axes(box)


def caption(ax: Axes, title: str, small: str = "") -> None:
    """Write the title above these axes and the small print under them, in as many lines as they need."""
    room = _room(ax)
    ax.set_title("\n".join(_lines(title, TITLE_SIZE, room)), loc="left")
    if small:
        text = "\n".join(_lines(small, SIZE, room))
        ax.annotate(text, (0, 0), (0, -UNDER), "axes fraction", "offset points", color=GREY.text, va="top")


def side_room(texts: Iterable[str], size: float = SIZE) -> float:
    """The width in points that these texts need at a side of axes."""
    return max((min(width(text, size), LONGEST) for text in texts), default=0.0) + EDGE + 8


def end_label_room(texts: Iterable[str], left: float) -> float:
    """The width in points that `label_ends` needs for these texts, in a figure with `left` points at the left."""
    return side_room(texts) + 0.03 * (WIDE - left)


def label_ends(ax: Axes, ends: Mapping[str, tuple[float, float, str]], looks: Iterable[Style]) -> None:
    """Write a text for each line at the right of log axes, none over another; `ends`: name -> (x, y, text)."""
    inks = {look.name: look.text for look in looks}
    low, high = (log10(limit) for limit in ax.get_ylim())
    line: dict[str, Any] = {"arrowstyle": "-", "color": GREY.colour, "lw": 0.5, "shrinkA": 0, "shrinkB": 4}
    line["relpos"] = (0, 0.5)  # the line begins beside its own text, so it crosses no other text
    by_height = sorted(ends.items(), key=lambda end: end[1][1])
    wanted = [(log10(y) - low) / (high - low) for _, (_, y, _) in by_height]
    for (name, (x, y, text)), place in zip(by_height, _apart(wanted, LINE / _size(ax)[1]), strict=True):
        text = fit(text, SIZE, LONGEST)
        end = ax.annotate(text, (x, y), (1.03, place), "data", "axes fraction", va="center", arrowprops=line)
        end.set_color(inks[name])


def mark_counts(ax: Axes, counts: Sequence[int]) -> None:
    """Put ticks of a log x axis at the measured counts; a tick is left out if its number would touch another."""
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
    """Put ticks of a log y axis at 1, 10, 100; with `closer`, or if the axis is short, at 2 and 5 as well."""
    low, high = ax.get_ylim()
    if near := high / low < NARROW:
        ax.set_ylim(low / 2.5, high * 2.5)
    if near or closer:
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))


def _lines(text: str, size: float, room: float) -> list[str]:
    """The lines of this text, wrapped to `room`; 3 % is kept free, because letters are a little wider on a screen."""
    return [part for line in text.splitlines() for part in wrap(line, size, 0.97 * room, 3)]


def _size(ax: Axes) -> tuple[float, float]:
    """Width and height in points."""
    box, figure = ax.get_window_extent(), ax.get_figure(root=True)
    assert figure is not None, "axes that were removed from their figure cannot be drawn on"
    return box.width * 72 / figure.dpi, box.height * 72 / figure.dpi


def _room(ax: Axes) -> float:
    """From the left of the axes to the edge of the figure; if the figure has other axes, the width of these axes."""
    figure, (wide, _) = ax.get_figure(root=True), _size(ax)
    assert figure is not None
    return wide if len(figure.axes) > 1 else (1 - ax.get_position().x0) * wide / ax.get_position().width - EDGE


def _apart(wanted: Sequence[float], gap: float) -> list[float]:
    """These ascending places, moved apart until they keep the gap, and then down until none is above 1."""
    places = list[float]()
    for place in wanted:
        places.append(max(place, places[-1] + gap) if places else place)
    for number, limit in zip(reversed(range(len(places))), count()):
        places[number] = min(places[number], 1 - gap * limit)
    return places
