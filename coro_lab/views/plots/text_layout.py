"""Texts in a picture: escaped, cut to a length, measured, and placed where they cover nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from coro_lab.views.plots import font

SIZE = 9.0
NAME_SIZE = 11
LINE_HEIGHT = 11.0
PAD = 1.5
LONGEST = 24
SHORT = 4  # a value in brackets, which stays in one line with the word before it
"""Sizes are in points, LONGEST and SHORT in characters."""


@lru_cache(maxsize=4096)
def plain(text: str, most: int = 40) -> str:
    """This text on one line of at most `most` characters; characters that the font does not have are escaped."""
    text = text[: most + 1]
    safe = (char if char.isprintable() and font.has(char) else ascii(char)[1:-1] for char in text)
    return _cut("".join(safe), most)


@lru_cache(maxsize=4096)
def width(text: str, size: float = SIZE) -> float:
    """The width of the longest line of this text."""
    return max(font.width(line, size) for line in text.split("\n"))


def fit(text: str, size: float, room: float) -> str:
    """This text, cut at its end until it fits into `room`."""
    while width(text, size) > room and len(text) > 1:
        text = text[:-2] + "…"
    return text


def wrap(text: str, size: float, room: float, most: int | None = None) -> list[str]:
    """This text in lines that fit into `room`; with `most`, in at most that many lines; the last one is cut."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if not lines[-1] or len(lines) == most or width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return [fit(line, size, room) for line in lines]


class Manner(NamedTuple):
    """One way to write the labels of a whole picture."""

    broken: bool  # the value is under the words before it
    turned: bool  # the text runs along the arrow
    pitch: float  # the distance from lane to lane
    parts: tuple[float, ...] = (0.5,)  # the heights in a gap where a label may be, from 0 (top) to 1


class Arrow(NamedTuple):
    """One crossing as drawn: at x, from row `top` to row `bottom`."""

    x: float
    top: int
    bottom: int
    label: str  # the template, into which the value is put
    value: str
    bare: bool


class Placed(NamedTuple):
    """A label with its middle at (x, y); `number` is that of its arrow."""

    number: int
    x: float
    y: float
    text: str


class Box(NamedTuple):
    left: float
    right: float
    top: float
    bottom: float

    def touches(self, other: Box) -> bool:
        """Whether the two boxes overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def place(
    arrows: Sequence[Arrow], manner: Manner, free: tuple[float, float], x_range: tuple[float, float]
) -> list[Placed]:
    """Place labels on their arrows, in the gaps between rows, so that no label covers another or another arrow.

    `free` is the part of a gap that is free, measured from the row above. Arrows that carry values come first; an arrow
    whose label fits nowhere gets no label.
    """
    through = [[arrow.x for arrow in arrows if arrow.top <= gap < arrow.bottom] for gap in range(_gaps(arrows))]
    taken: list[list[Box]] = [[] for _ in through]
    traffic = Counter({gap: len(xs) for gap, xs in enumerate(through)})
    placed = []
    for number in sorted(range(len(arrows)), key=lambda number: arrows[number].bare):
        arrow = arrows[number]
        gaps = sorted(range(arrow.top, arrow.bottom), key=lambda gap: traffic[gap])
        spots = (
            (gap, text, box)
            for text in _texts(arrow, manner, free[1] - free[0])
            for gap in gaps
            for box in _boxes(arrow, text, manner, gap, free, through[gap], taken[gap], x_range)
        )
        if spot := next(spots, None):
            gap, text, box = spot
            taken[gap].append(box)
            placed.append(Placed(number, arrow.x, (box.top + box.bottom) / 2, text))
    return placed


def _gaps(arrows: Sequence[Arrow]) -> int:
    return max((arrow.bottom for arrow in arrows), default=0)


def _texts(arrow: Arrow, manner: Manner, room: float) -> Iterator[str]:
    """The label of an arrow, then shorter and shorter forms of it."""
    is_broken = manner.broken and ("(" not in arrow.label or len(arrow.value) > SHORT)
    label = _broken(arrow.label) if is_broken else arrow.label
    for value in dict.fromkeys(_cut(arrow.value, most) for most in (LONGEST, 14, 9)):
        text = label.replace("{value}", value)
        yield fit(text, SIZE, room / len(manner.parts)) if manner.turned else text


def _broken(label: str) -> str:
    """The label in two lines, broken before its value, or without a value at its first space."""
    if "{value}" not in label:
        return label.replace(" ", "\n", 1)
    return label.replace(" {value}", "\n{value}").replace("({value}", "\n({value}")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _boxes(
    arrow: Arrow, text: str, manner: Manner, gap: int, free: tuple[float, float],
    others: list[float], taken: list[Box], x_range: tuple[float, float],
) -> Iterator[Box]:  # fmt: skip
    across, down = width(text), LINE_HEIGHT * (text.count("\n") + 1)
    if manner.turned:
        across, down = down - 2 * PAD, across
    left, right = arrow.x - across / 2 - PAD, arrow.x + across / 2 + PAD
    room = free[1] - free[0] - down
    if room < 0 or left < x_range[0] or right > x_range[1]:
        return
    if any(left < x < right and x != arrow.x for x in others):
        return
    for part in manner.parts:
        top = gap * manner.pitch + free[0] + room * part
        box = Box(left, right, top, top + down)
        if not any(box.touches(other) for other in taken):
            yield box
