"""A sheet to draw on, and what is drawn on it: lines, boxes, texts, marks. Sizes are in points, from the upper left."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, cos, floor, log10, pi, sin
from xml.etree import ElementTree

from coro_lab.views.marks import FONTS
from coro_lab.views.palette import EDGE, INK, PAPER
from coro_lab.views.plots.text_layout import LINE_HEIGHT, SIZE, width

CORNER = 6.0
PAPER_EDGE = 0.8  # of the paper behind a text, around the text
HATCHES = {"////": "M0 6 6 0M-2 2 2 -2M4 8 8 4", "xxx": "M0 6 6 0M0 0 6 6", "...": "M3 2.5v1M2.5 3h1"}
"""What each of matplotlib's hatches looks like, as a path in a square of 6 points that is repeated."""
CORNERS = {
    "^": ((0, -1), (-1, 1), (1, 1)),
    "v": ((0, 1), (-1, -1), (1, -1)),
    "D": ((0, -1.41), (1.41, 0), (0, 1.41), (-1.41, 0)),
    "s": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "p": tuple((sin(2 * pi * n / 5), -cos(2 * pi * n / 5)) for n in range(5)),
    "h": tuple((sin(2 * pi * n / 6), -cos(2 * pi * n / 6)) for n in range(6)),
    "*": tuple(((1 - 0.6 * (n % 2)) * sin(pi * n / 5), (0.6 * (n % 2) - 1) * cos(pi * n / 5)) for n in range(10)),
}
"""The corners of matplotlib's markers, for a radius of 1."""

type Point = tuple[float, float]


class Drawing:
    """A sheet: light paper with rounded corners and an edge. `colour` of None means that nothing is drawn there."""

    def __init__(self, width: float, height: float) -> None:
        self._root = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})
        self._root.set("font-family", ", ".join(FONTS))
        self._hatches: dict[tuple[str, str], str] = {}
        self._root.set("viewBox", f"0 0 {_number(width)} {_number(height)}")
        self._root.set("width", f"{_number(width)}pt")
        self.box(0.5, 0.5, width - 1, height - 1, PAPER, edge=EDGE, corner=CORNER)

    def markup(self, title: str) -> str:
        """The picture as SVG; `title` is what a screen reader says of it."""
        self._root.set("aria-label", _printable(title))
        return ElementTree.tostring(self._root, encoding="unicode")

    def box(
        self, x: float, y: float, width: float, height: float, colour: str | None, *, edge: str | None = None,
        thick: float = 1.0, hatch: str | None = None, corner: float = 0.0, kind: str = "",
    ) -> ElementTree.Element:  # fmt: skip
        """A rectangle with its upper left corner at (x, y)."""
        at = {"x": _number(x), "y": _number(y), "width": _number(width), "height": _number(height)}
        drawn = self._add("rect", kind, fill=colour, stroke=edge, stroke_width=thick, **at)
        if corner:
            drawn.set("rx", _number(corner))
        if hatch and edge:
            self._add("rect", kind and f"{kind} hatch", fill=f"url(#{self._hatch(hatch, edge)})", stroke=None, **at)
        return drawn

    def line(
        self, points: Iterable[Point], colour: str, thick: float = 1.0, *, dashes: str = "", seen: float = 1.0,
        kind: str = "",
    ) -> ElementTree.Element:  # fmt: skip
        """A line through these points; `dashes` are lengths of dash and gap, and `seen` is its opacity."""
        drawn = self._add("polyline", kind, fill=None, stroke=colour, stroke_width=thick)
        drawn.set("points", " ".join(f"{_number(x)},{_number(y)}" for x, y in points))
        if dashes:
            drawn.set("stroke-dasharray", dashes)
        if seen < 1:
            drawn.set("opacity", _number(seen))
        return drawn

    def area(self, points: Iterable[Point], colour: str, kind: str = "", *, seen: float = 1.0) -> None:
        """What lies between these points; `seen` is its opacity."""
        drawn = self._add("polygon", kind, fill=colour, stroke=None)
        drawn.set("points", " ".join(f"{_number(x)},{_number(y)}" for x, y in points))
        if seen < 1:
            drawn.set("opacity", _number(seen))

    def text(
        self, x: float, y: float, text: str, colour: str = INK, size: float = SIZE, *, anchor: str = "start",
        bold: bool = False, halo: bool = False, turned: bool = False, kind: str = "",
    ) -> None:  # fmt: skip
        """Lines of text around the height y; `anchor` is start, middle or end, and a halo is paper behind the text."""
        lines = text.split("\n")
        if halo:
            self._paper(x, y, text, size, anchor, turned=turned)
        for number, line in enumerate(lines):
            down = (number - (len(lines) - 1) / 2) * max(LINE_HEIGHT, 1.2 * size) + 0.35 * size
            drawn = self._add("text", kind, fill=colour, x=_number(x), y=_number(y + down), font_size=size)
            drawn.set("text-anchor", anchor)
            drawn.text = _printable(line)
            if "  " in line:
                drawn.set("xml:space", "preserve")
            if bold:
                drawn.set("font-weight", "bold")
            if turned:
                drawn.set("transform", f"rotate(-90 {_number(x)} {_number(y)})")

    def _paper(self, x: float, y: float, text: str, size: float, anchor: str, *, turned: bool) -> None:
        """The paper behind a text, so that no line runs through it."""
        wide, high = width(text, size) + 2 * PAPER_EDGE, (text.count("\n") + 1) * LINE_HEIGHT
        left = x - {"start": PAPER_EDGE, "middle": wide / 2, "end": wide - PAPER_EDGE}[anchor]
        if turned:
            self.box(x - high / 2, y - (left + wide - x), high, wide, PAPER)
        else:
            self.box(left, y - high / 2, wide, high, PAPER)

    def mark(
        self, x: float, y: float, shape: str, size: float, colour: str, *, edge: str | None = None, thick: float = 1.5,
        kind: str = "",
    ) -> None:  # fmt: skip
        """One of matplotlib's markers, `size` points wide."""
        radius = size / 2
        look = {"fill": colour, "stroke": edge, "stroke_width": thick}
        if shape in ("x", "X"):
            cross = f"M{_number(x - radius)} {_number(y - radius)}l{_number(size)} {_number(size)}m0 {_number(-size)}"
            cross += f"l{_number(-size)} {_number(size)}"
            stroke = edge or colour
            self._add(
                "path", kind, d=cross, fill=None, stroke=stroke, stroke_width=thick if shape == "x" else 3 * thick
            )
            if shape == "X":  # the inside of a broad cross
                self._add("path", "", d=cross, fill=None, stroke=colour, stroke_width=1.5 * thick)
        elif shape == "o":
            self._add("circle", kind, cx=_number(x), cy=_number(y), r=_number(radius), **look)
        else:
            drawn = self._add("polygon", kind, **look)
            drawn.set(
                "points", " ".join(f"{_number(x + radius * a)},{_number(y + radius * b)}" for a, b in CORNERS[shape])
            )

    def _hatch(self, hatch: str, colour: str) -> str:
        """The id of the pattern for a hatch in this colour, defined when it is first used."""
        name = f"{list(HATCHES).index(hatch)}-{colour.lstrip('#')}"
        if (hatch, colour) not in self._hatches:
            self._hatches[hatch, colour] = name
            pattern = ElementTree.SubElement(self._root, "pattern", {"id": name, "patternUnits": "userSpaceOnUse"})
            pattern.set("width", "6")
            pattern.set("height", "6")
            ElementTree.SubElement(pattern, "path", {"d": HATCHES[hatch], "stroke": colour, "stroke-width": "0.9"})
        return name

    def _add(self, tag: str, kind: str, **attributes: str | float | None) -> ElementTree.Element:
        drawn = ElementTree.SubElement(self._root, tag)
        for name, value in attributes.items():
            shown = "none" if value is None else value if isinstance(value, str) else _number(value)
            drawn.set(name.replace("_", "-"), shown)
        if kind:
            drawn.set("class", kind)
        return drawn


def _printable(line: str) -> str:
    """The line without characters that an XML file may not have."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def whole_ticks(low: float, high: float) -> list[int]:
    """The whole numbers in this range at which matplotlib puts ticks: at most eleven, at equal distances."""
    least, middle = (high - low) / 10, (high + low) / 2
    ten = 10.0 ** floor(log10(least))
    distances = (factor * ten for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15))
    distance = max(1, next(round(each) for each in distances if each >= least and (each < 1 or each % 1 == 0)))
    begin = 10 ** floor(log10(middle)) if middle >= 1_000 * least else 0  # it counts from there
    first = begin + ceil((low - begin) / distance) * distance
    return [*range(first, floor(high) + 1, distance)] or [ceil(low)]
