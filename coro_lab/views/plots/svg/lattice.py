"""The lattice of two coroutines and the tree of choices as SVG; what they show is in `grid.py` and `choices.py`."""

from __future__ import annotations

from typing import Any

from coro_lab.engine.explore.lattice_counts import Ways
from coro_lab.engine.explore.program import Schedule
from coro_lab.views.palette import GREY, INK, PAPER, styles
from coro_lab.views.plots import choices, grid
from coro_lab.views.plots.plan import WIDE
from coro_lab.views.plots.svg.drawing import Drawing
from coro_lab.views.plots.svg.picture import Picture
from coro_lab.views.plots.text_layout import NAME_SIZE, width

ABOVE, BELOW, BESIDE = 34.0, 46.0, 46.0
"""Around the points: for the title, and for the numbers and names of the axes."""
DASHES = "3 3"


def draw(counted: Ways, chosen: Schedule, title: str) -> Picture:
    """The picture that `lattice` returns without matplotlib."""
    drawing = _Grid(counted, title) if len(counted.names) == 2 else _Tree(counted, chosen)
    drawing.sheet.text(BESIDE, 18, title, INK, NAME_SIZE, bold=True, kind="title")
    drawing.draw(chosen)
    return Picture(drawing.sheet, title)


class _Grid:
    """The points between the steps of two coroutines, and every order as a path."""

    def __init__(self, counted: Ways, title: str) -> None:
        self.counted, self.unit = counted, grid.unit(counted)
        wide, high = grid.size(counted, title)
        self.sheet = Drawing(wide, high)
        self.floor = high - BELOW - grid.margin(counted) * self.unit
        self.looks = styles(counted.names)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a place is on the sheet."""
        return BESIDE + (x + grid.margin(self.counted)) * self.unit, self.floor - y * self.unit

    def draw(self, chosen: Schedule) -> None:
        """Everything, from the back to the front."""
        self._regions()
        self._axes()
        for ((x, y), task), passage in self.counted.moves.items():
            then = (x + 1, y) if task == 0 else (x, y + 1)
            dashes = DASHES if passage.doomed else ""
            self.sheet.line([self.at(x, y), self.at(*then)], GREY.colour, dashes=dashes, kind="step")
        for x, y in self.counted.points:
            self.sheet.mark(*self.at(x, y), "o", 4, PAPER, edge=GREY.colour, thick=1, kind="point")
        if chosen:
            self._path(chosen)

    def _regions(self) -> None:
        right, below = BESIDE + (self.counted.sizes[0] + 2 * grid.margin(self.counted)) * self.unit + 8, ABOVE + 8.0
        for region in grid.regions(self.counted):
            look: Any = {"edge": GREY.colour, "thick": 0.0, "hatch": region.hatch}
            for x, y in region.points:
                corner = self.at(x - 0.5, y + 0.5)
                self.sheet.box(*corner, self.unit, self.unit, grid.REGION, kind=region.name, **look)
            if region.points:
                self.sheet.box(right, below - 6, 14, 12, grid.REGION, **look)
                self.sheet.text(right + 20, below, region.word)
                below += 18

    def _axes(self) -> None:
        (right, up), (wide, high) = self.looks, self.counted.sizes
        floor, beside = self.at(0, -grid.margin(self.counted))[1] + 9, self.at(-grid.margin(self.counted), 0)[0] - 6
        for step in range(wide + 1):
            self.sheet.text(self.at(step, 0)[0], floor, str(step), anchor="middle")
        for step in range(high + 1):
            self.sheet.text(beside, self.at(0, step)[1], str(step), anchor="end")
        said = [f"{look.symbol} steps of {look.name}" for look in self.looks]
        middle = self.at(wide / 2, high / 2)
        self.sheet.text(middle[0], floor + 16, said[0], right.text, anchor="middle", bold=True, kind="name")
        self.sheet.text(16, middle[1], said[1], up.text, anchor="middle", bold=True, turned=True, kind="name")

    def _path(self, chosen: Schedule) -> None:
        place = (0, 0)
        for task in chosen:
            then = (place[0] + (task == 0), place[1] + (task == 1))
            begin, end, look = self.at(*place), self.at(*then), self.looks[task]
            self.sheet.line([begin, end], look.colour, 4, kind="chosen").set("stroke-linecap", "square")
            x, y = (begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2
            x, y, anchor = (x, y - 11, "middle") if task == 0 else (x + 6, y, "start")
            self.sheet.text(x, y, self.counted.names[task], look.text, anchor=anchor, halo=True)
            place = then
        _end(self.sheet, self.at(*place), 9, is_broken=self.counted.is_broken(chosen))


class _Tree:
    """Who takes the first step, who the second, and so on, from left to right."""

    def __init__(self, counted: Ways, chosen: Schedule) -> None:
        self.counted, self.shown = counted, choices.shown(counted, chosen)
        self.rows = choices.rows(counted, self.shown)
        self.deepest = max(map(len, self.shown))
        ends = sum(not choices.below(counted, node, self.shown) for node in self.shown)
        self.high = 72 * max(2.4, 0.16 * ends + 1)
        self.sheet = Drawing(WIDE, self.high)
        self.looks = styles(counted.names)
        self.named = max(map(len, counted.names)) > choices.LETTERS
        self.beside = 20 + max(width(name) for name in counted.names) if self.named else 0.0

    def at(self, turn: float, row: float) -> tuple[float, float]:
        """Where a place is on the sheet."""
        right = WIDE - 8 - self.beside
        x = 20 + (turn + 0.3) * (right - 20) / (self.deepest + 1.9)
        return x, ABOVE + (row + 0.8) * (self.high - ABOVE - 36) / (max(self.rows.values()) + 1.6)

    def draw(self, chosen: Schedule) -> None:
        """Everything, from the back to the front."""
        self.sheet.line([(12, self.high - 36), (WIDE - 8 - self.beside, self.high - 36)], GREY.colour, 0.8)
        for turn in range(self.deepest + 1):
            self.sheet.text(self.at(turn, 0)[0], self.high - 26, str(turn), anchor="middle")
        self.sheet.text(WIDE / 2, self.high - 12, "turn", anchor="middle")
        for node in sorted(self.shown, key=lambda node: bool(node) and node == chosen[: len(node)]):
            self._branch(node, bold=bool(node) and node == chosen[: len(node)])
        for node in self.shown:
            self._node(node)
        for place, look in enumerate(self.looks if self.named else []):
            y = ABOVE + 8 + 16 * place
            self.sheet.mark(WIDE - self.beside, y, look.marker, 8, look.colour)
            self.sheet.text(WIDE - self.beside + 8, y, look.name)

    def _branch(self, node: Schedule, *, bold: bool) -> None:
        if not node:
            return
        begin, end = self.at(len(node) - 1, self.rows[node[:-1]]), self.at(len(node), self.rows[node])
        dashes = DASHES if self.counted.beginnings[node].doomed and not bold else ""
        colour = self.looks[node[-1]].colour
        self.sheet.line([begin, end], colour, 4 if bold else 1.2, dashes=dashes, kind="chosen" if bold else "step")

    def _node(self, node: Schedule) -> None:
        place = self.at(len(node), self.rows[node])
        if node:
            look, name = self.looks[node[-1]], self.counted.names[node[-1]]
            self.sheet.mark(*place, look.marker, 10, look.colour, kind="point")
            if len(name) <= choices.LETTERS:
                self.sheet.text(*place, name, look.inside, 6.5, anchor="middle")
        if choices.below(self.counted, node, self.shown):
            return
        beside = self.at(len(node) + 0.35, self.rows[node])
        if self.counted.is_whole(node):
            _end(self.sheet, beside, 6, is_broken=bool(self.counted.beginnings[node].broken))
        else:
            self.sheet.text(*beside, choices.folded(self.counted.beginnings[node]), GREY.text, 8)


def _end(sheet: Drawing, place: tuple[float, float], size: float, *, is_broken: bool) -> None:
    shape, colour = ("X", PAPER) if is_broken else ("s", INK)
    sheet.mark(*place, shape, size, colour, edge=INK, kind="end broken" if is_broken else "end")
