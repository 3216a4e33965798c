"""The colour, marker and hatch of each lane, as plain text that a browser can use as well.

A name gets the next free place when its style is first used, and keeps it for the whole session: in a timeline, in a
stepper and in text. The first six places differ in colour. From the seventh on the colours are repeated with another
marker and another hatch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

INK = "#262626"
"""The colour of text that belongs to no lane."""
PAPER = "#FFFFFF"
"""The background of timelines."""
LOOP_NAMES = frozenset({"event loop", "operating system", "scheduler", "you", "outside"})
"""The names of what resumes lanes without being a lane; they are grey and take no place."""


class Hue(NamedTuple):
    """One colour in the shades that its uses need; `tests/views/test_palette.py` measures each of them."""

    colour: str  # bars and arrows on a light page: 3:1 or more
    text: str  # words on a light page: 4.5:1 or more
    dark: str  # bars, arrows and words on a dark page: 4.5:1 or more
    inside: str  # words on a bar of `colour`: 4.5:1 or more


class Style(NamedTuple):
    """How one lane is shown in every view."""

    name: str
    colour: str
    text: str
    dark: str
    inside: str
    marker: str  # in matplotlib's language
    symbol: str  # the same marker as one character
    hatch: str  # in matplotlib's language; fills the bar of a lane that is suspended


HUES = (
    Hue("#3F90DA", "#3272AC", "#3F90DA", "#000000"),
    Hue("#E76300", "#B94F00", "#E76300", "#000000"),
    Hue("#882255", "#882255", "#FFD9EC", "#FFFFFF"),
    Hue("#832DB6", "#832DB6", "#B88AE8", "#FFFFFF"),
    Hue("#BD1F01", "#BD1F01", "#FF6A4D", "#FFFFFF"),
    Hue("#A96B59", "#986050", "#C9A093", "#000000"),
)
GREY = Hue("#717581", "#6B6F7B", "#9A9EAA", "#FFFFFF")
MARKS = (
    ("o", "●", "////"),
    ("^", "▲", "\\\\\\\\"),
    ("D", "◆", "xxxx"),
    ("v", "▼", "...."),
    ("p", "⬟", "||||"),
    ("*", "★", "----"),
)
"""Marker, the same marker as a character, and hatch, for each round through the colours."""
LOOP_MARK = ("h", "⬢", "++++")

_places: dict[str, int] = {}


def style(name: str) -> Style:
    """The style of the lane with this name. The first call for a name chooses it; later calls return the same.

    >>> reset()
    >>> style("produce").colour, style("consumer").colour, style("produce").colour
    ('#3F90DA', '#E76300', '#3F90DA')
    >>> style("scheduler").colour
    '#717581'
    """
    if name in LOOP_NAMES:
        return Style(name, *GREY, *LOOP_MARK)
    turn, place = divmod(_places.setdefault(name, len(_places)), len(HUES))
    return Style(name, *HUES[place], *MARKS[turn % len(MARKS)])


def styles(names: Iterable[str]) -> list[dict[str, str]]:
    """The styles of these names as dictionaries with the fields of `Style`, for JSON and CSS.

    >>> reset()
    >>> [(lane["name"], lane["dark"], lane["symbol"]) for lane in styles(["A", "B"])]
    [('A', '#3F90DA', '●'), ('B', '#E76300', '●')]
    """
    return [style(name)._asdict() for name in names]


def reset() -> None:
    """Forget the places of all names, as in a new session."""
    _places.clear()
