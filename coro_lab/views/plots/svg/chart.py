"""A chart as SVG, drawn from the values that matplotlib draws as well."""

from __future__ import annotations

from coro_lab.views.palette import GREY, INK
from coro_lab.views.plots.chart import BAND, END, GRID, UNDER, Chart, ChartBar, small_lines, title_lines
from coro_lab.views.plots.plan import WIDE
from coro_lab.views.plots.svg.drawing import Drawing
from coro_lab.views.plots.svg.picture import Picture
from coro_lab.views.plots.text_layout import LINE_HEIGHT, NAME_SIZE, SIZE, width

TICK, MINOR, GAP = 3.5, 2.0, 4.0
"""The lengths of ticks, and the room between an axis, its texts and its name."""


def draw(chart: Chart) -> Picture:
    """The picture of this chart."""
    sheet = _Sheet(chart)
    sheet.draw()
    return Picture(sheet.sheet, chart.title)


class _Sheet:
    """One chart on its sheet: `left` and `floor` are where its axes meet."""

    def __init__(self, chart: Chart) -> None:
        self.chart, self.left, self.floor = chart, chart.left, chart.above + chart.high
        self.wide = WIDE - chart.left - chart.right
        self.sheet = Drawing(WIDE, self.floor + chart.below)

    def x(self, value: float) -> float:
        """Where a value of the x axis is on the sheet."""
        return self.left + self.wide * self.chart.x.share(value)

    def y(self, value: float) -> float:
        """Where a value of the y axis is on the sheet."""
        return self.floor - self.chart.high * self.chart.y.share(value)

    def draw(self) -> None:
        """Everything, from the back to the front."""
        self._captions()
        for bar in self.chart.bars:
            self._bar(bar)
        for band in self.chart.bands:
            corners = [(self.x(x), self.y(y)) for x, y in (*band.lower, *reversed(band.upper))]
            self.sheet.area(corners, band.colour, "band", seen=BAND)
        self._x_axis()
        self._y_axis()
        for line in self.chart.lines:
            points = [(self.x(x), self.y(y)) for x, y in line.points]
            self.sheet.line(points, line.colour, line.thick, dashes="6 3" * line.dashed, kind="line")
            for x, y in points if line.marker else ():
                self.sheet.mark(x, y, line.marker, line.size + 1, line.colour, kind="point")
        for label in self.chart.labels:
            x, anchor = self.x(label.x) + (label.aside or 0), "middle" if label.aside is None else "start"
            self.sheet.text(x, self.y(label.y), label.text, size=label.size, anchor=anchor, kind="label")
        self._ends()
        self._key()

    def _captions(self) -> None:
        title = title_lines(self.chart.title, self.chart.room)
        for number, line in enumerate(reversed(title)):
            y = self.chart.above - 6 - (number * 1.2 + 0.35) * NAME_SIZE
            self.sheet.text(self.left, y, line, INK, NAME_SIZE, bold=True, kind="title")
        for number, line in enumerate(small_lines(self.chart.small, self.chart.room)):
            self.sheet.text(self.left, self.floor + UNDER + (number + 0.5) * LINE_HEIGHT, line, GREY.text, kind="small")

    def _bar(self, bar: ChartBar) -> None:
        top, bottom = sorted((self.y(bar.y - bar.high / 2), self.y(bar.y + bar.high / 2)))
        x, edge = self.x(bar.left), bar.edge or bar.colour  # an edge also covers the seam between two bars
        thick = bar.thick if bar.edge else 0.5
        wide = self.x(bar.right) - x
        self.sheet.box(x, top, wide, bottom - top, bar.colour, edge=edge, thick=thick, hatch=bar.hatch, kind="bar")

    def _x_axis(self) -> None:
        axis, floor, tick = self.chart.x, self.floor, TICK * self.chart.x.line
        if axis.line:
            self.sheet.line([(self.left, floor), (self.left + self.wide, floor)], GREY.colour, 0.8)
        for at, text in axis.apart(self.wide):
            x = self.x(at)
            if axis.grid:
                self.sheet.line([(x, floor - self.chart.high), (x, floor)], GREY.colour, 0.6, seen=GRID)
            if axis.line:
                self.sheet.line([(x, floor), (x, floor + tick)], GREY.colour, 0.8)
            self.sheet.text(x, floor + tick + GAP + SIZE / 2, text, size=axis.size, anchor="middle", kind="tick")
        x, anchor = (self.left, "start") if axis.named_at_begin else (self.left + self.wide / 2, "middle")
        self.sheet.text(x, floor + tick + 2 * GAP + 1.5 * SIZE, axis.name, anchor=anchor, kind="name")

    def _y_axis(self) -> None:
        axis, tick = self.chart.y, TICK * self.chart.y.line
        if axis.line:
            self.sheet.line([(self.left, self.floor), (self.left, self.floor - self.chart.high)], GREY.colour, 0.8)
            for at in axis.minor:
                self.sheet.line([(self.left - MINOR, self.y(at)), (self.left, self.y(at))], GREY.colour, 0.6)
        for number, (at, text) in enumerate(axis.ticks):
            y, colour = self.y(at), axis.colours[number] if axis.colours else INK
            if axis.grid:
                self.sheet.line([(self.left, y), (self.left + self.wide, y)], GREY.colour, 0.6, seen=GRID)
            if axis.line:
                self.sheet.line([(self.left - tick, y), (self.left, y)], GREY.colour, 0.8)
            self.sheet.text(self.left - tick - GAP, y, text, colour, axis.size, anchor="end", kind="tick")
        if axis.name:
            x = self.left - tick - 2 * GAP - max(width(text, axis.size) for _, text in axis.ticks) - SIZE / 2
            y = self.floor - self.chart.high / 2
            self.sheet.text(x, y, axis.name, anchor="middle", turned=True, kind="name")

    def _ends(self) -> None:
        x = self.left + END * self.wide
        for end, place in self.chart.ends_at(self.chart.high):
            y = self.floor - place * self.chart.high
            self.sheet.line([(self.x(end.x) + GAP, self.y(end.y)), (x - 2, y)], GREY.colour, 0.5)
            self.sheet.text(x, y, end.text, end.colour, kind="label")

    def _key(self) -> None:
        key = self.chart.key
        wide = [18 + GAP + width(each.name) for each in key]
        x, y = self.left + self.wide + 2 * GAP, self.floor - (self.chart.high + LINE_HEIGHT * (len(key) - 1) * 1.2) / 2
        if self.chart.key_below:
            x, y = self.left + self.wide - sum(wide) - 3 * GAP * len(key), self.floor + 14.4 + 2 * GAP
        for each, room in zip(key, wide, strict=True):
            if isinstance(each, ChartBar):
                self.sheet.box(x, y - 3, 18, 6, each.colour, edge=each.edge, hatch=each.hatch)
            else:
                self.sheet.line([(x, y), (x + 14, y)], each.colour, each.thick)
                self.sheet.mark(x + 7, y, each.marker, each.size + 1, each.colour)
            self.sheet.text(x + 18 + GAP, y, each.name, kind="key")
            x, y = (x + room + 3 * GAP, y) if self.chart.key_below else (x, y + 1.2 * LINE_HEIGHT)
