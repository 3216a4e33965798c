"""The colour and the shape of each name, as plain text that a browser can use as well.

A colour and a shape belong to a name in every view: timeline, lattice, player, scheduler, stepper and text. The names
that the course uses throughout (`COURSE`) have them for good. Any other name takes the next pair that is free when it
is first shown, and keeps it for the session. `styles` is given all names of one picture: as long as six colours
suffice, no two of them have the same, so a name may have to lend its colour to another for that picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

INK = "#262626"
"""The colour of text that belongs to no lane."""
PAPER = "#FFFFFF"
"""The background of pictures."""
EDGE = "#C9CCD3"
"""The edge of a card."""
LOOP_NAMES = frozenset({"event loop", "operating system", "scheduler", "you", "outside"})
"""The names of what resumes lanes without being a lane; they are grey."""


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
    marker: str  # its shape in matplotlib's language
    symbol: str  # the same shape as one character


BLUE, ORANGE, MAROON, PURPLE, RED, BROWN = range(6)
HUES = (
    Hue("#3F90DA", "#3272AC", "#3F90DA", "#000000"),
    Hue("#E76300", "#B94F00", "#E76300", "#000000"),
    Hue("#882255", "#882255", "#FFD9EC", "#FFFFFF"),
    Hue("#832DB6", "#832DB6", "#B88AE8", "#FFFFFF"),
    Hue("#BD1F01", "#BD1F01", "#FF6A4D", "#FFFFFF"),
    Hue("#A96B59", "#986050", "#C9A093", "#000000"),
)
GREY = Hue("#717581", "#6B6F7B", "#9A9EAA", "#FFFFFF")
SHAPES = (("o", "●"), ("^", "▲"), ("D", "◆"), ("v", "▼"), ("p", "⬟"), ("*", "★"))
"""Each in matplotlib's language and as a character."""
LOOP_SHAPE = ("h", "⬢")

type Place = tuple[int, int]
"""The places of a colour in HUES and of a shape in SHAPES."""

COURSE: dict[str, Place] = {
    "A": (BLUE, 0),
    "B": (ORANGE, 1),
    "C": (MAROON, 2),
    "producer": (BLUE, 3),
    "produce": (BLUE, 3),
    "consumer": (ORANGE, 4),
    "consume": (ORANGE, 4),
    "main": (BROWN, 5),
}
"""Names that are met all through the course; those that are shown together differ in colour."""

_ORDER = (BLUE, ORANGE, MAROON, PURPLE, BROWN, RED)  # red is the last, because it looks like an error
_PLACES = [(hue, (hue + turn) % len(SHAPES)) for turn in range(len(SHAPES)) for hue in _ORDER]
_known: dict[str, Place] = {}


def style(name: str) -> Style:
    """The style of a name that is shown alone. The first call for a name chooses it; later calls return the same.

    >>> reset()
    >>> style("B").colour, style("worker").colour, style("B").colour
    ('#E76300', '#3F90DA', '#E76300')
    >>> style("scheduler").colour
    '#717581'
    """
    return styles([name])[0]


def styles(names: Iterable[str]) -> list[Style]:
    """The styles of all names in one picture, in their order; up to six names have different colours.

    >>> reset()
    >>> [(lane.name, lane.colour, lane.symbol) for lane in styles(["worker", "A", "B"])]
    [('worker', '#882255', '▼'), ('A', '#3F90DA', '●'), ('B', '#E76300', '▲')]
    """
    names = list(names)
    places = _arrange(list(dict.fromkeys(name for name in names if name not in LOOP_NAMES)))
    return [_dressed(name, places.get(name)) for name in names]


def scale(names: Sequence[str]) -> list[Style]:
    """The styles of names that are degrees of one thing, such as 1, 2 and 4 processes: one colour, darker and darker.

    >>> [degree.colour for degree in scale(["1 process", "2 processes", "4 processes"])]
    ['#3F90DA', '#265886', '#0D1F33']
    """
    last = max(len(names) - 1, 1)
    shades = [(mixed(HUES[BLUE].colour, at / last), mixed(HUES[BLUE].text, at / last)) for at in range(len(names))]
    return [
        Style(name, colour, text, HUES[BLUE].dark, "#FFFFFF", *SHAPES[at % len(SHAPES)])
        for at, (name, (colour, text)) in enumerate(zip(names, shades, strict=True))
    ]


def mixed(colour: str, share: float, other: str = "#0D1F33") -> str:
    """This colour mixed with a share of `other`."""
    pairs = ((int(one[at : at + 2], 16) for one in (colour, other)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(mine + share * (its - mine)):02X}" for mine, its in pairs)


def reset() -> None:
    """Forget which places names were given, as in a new session."""
    _known.clear()


def _dressed(name: str, place: Place | None) -> Style:
    if place is None:
        return Style(name, *GREY, *LOOP_SHAPE)
    return Style(name, *HUES[place[0]], *SHAPES[place[1]])


def _arrange(names: Sequence[str]) -> dict[str, Place]:
    """The place of each name of a picture: its own, where that is free; else one for this picture; then new ones."""
    picture = _Picture(len(names))
    for given in (COURSE, _known):
        for name in names:
            if name in given and name not in picture.places and picture.has_room(given[name]):
                picture.take(name, given[name])
    for name in names:
        if (name in COURSE or name in _known) and name not in picture.places:
            picture.take(name, picture.first_free(Counter()))
    used, new = Counter(_known.values()), [name for name in names if name not in picture.places]
    for name in new:
        _known[name] = picture.take(name, picture.first_free(used))
        used[_known[name]] += 1
    return picture.places


class _Picture:
    """Which places the names of one picture have; each colour is used about equally often."""

    def __init__(self, size: int) -> None:
        self.places: dict[str, Place] = {}
        self._most = -(-size // len(HUES))  # names of one colour
        self._hues: Counter[int] = Counter()
        self._taken: Counter[Place] = Counter()

    def has_room(self, place: Place) -> bool:
        """Whether no other name has this place, and one more may have its colour."""
        return not self._taken[place] and self._hues[place[0]] < self._most

    def first_free(self, used: Counter[Place]) -> Place:
        """The best place for one more name; `used` says how often each was given to other names before."""
        if len(self.places) >= len(_PLACES):
            return _PLACES[len(self.places) % len(_PLACES)]
        hues = Counter[int]()
        for (hue, _), times in used.items():
            hues[hue] += times

        def rank(place: Place) -> tuple[int, ...]:
            hue = place[0]
            own = place in COURSE.values()
            return self._taken[place], self._hues[hue], hues[hue], _ORDER.index(hue), own, used[place]

        return min(_PLACES, key=rank)

    def take(self, name: str, place: Place) -> Place:
        """Give the name this place, which is returned."""
        self.places[name] = place
        self._hues[place[0]] += 1
        self._taken[place] += 1
        return place
