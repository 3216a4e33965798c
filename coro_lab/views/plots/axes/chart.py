"""A chart, drawn by matplotlib."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullFormatter, NullLocator

from coro_lab.views.palette import GREY, INK
from coro_lab.views.plots import chart as parts
from coro_lab.views.plots.axes.card import new_figure, settings
from coro_lab.views.plots.chart import BAND, EDGE, END, GRID, UNDER, Axis, Chart, ChartBar, Line
from coro_lab.views.plots.plan import WIDE


def draw(chart: Chart, ax: Axes | None) -> Axes:
    """Draw the chart in these axes; without them in a figure 8 inches wide. Returns the Axes."""
    with settings():
        ax = _new_axes(chart) if ax is None else ax
        wide, high = _size(ax)
        _axes(ax, chart.x, chart.y, wide)
        for bar in chart.bars:
            ax.barh(bar.y, bar.right - bar.left, bar.high, bar.left, **_look(bar))
        for band in chart.bands:
            (xs, low), (_, up) = (zip(*side, strict=True) for side in (band.lower, band.upper))
            ax.fill_between(xs, low, up, color=band.colour, alpha=BAND, linewidth=0)
        for line in chart.lines:
            ax.plot(*zip(*line.points, strict=True), **_style(line), solid_joinstyle="miter")
        for label in chart.labels:
            beside: Any = {"ha": "center"} if label.aside is None else {"xytext": (label.aside, 0), "ha": "left"}
            ax.annotate(
                label.text, (label.x, label.y), textcoords="offset points" if label.aside is not None else None,
                va="center", fontsize=label.size, color=INK, **beside,
            )  # fmt: skip
        _ends(ax, chart, high)
        _limits(ax, chart)
        _captions(ax, chart, _room(ax))
        _key(ax, chart)
    return ax


def _new_axes(chart: Chart) -> Axes:
    whole = chart.above + chart.high + chart.below
    across = (chart.left / WIDE, (WIDE - chart.left - chart.right) / WIDE)
    return new_figure(WIDE, whole).add_axes((across[0], chart.below / whole, across[1], chart.high / whole))


def _axes(ax: Axes, x: Axis, y: Axis, wide: float) -> None:
    ax.set(xscale="log" if x.log else "linear", yscale="log" if y.log else "linear")
    ax.set_ylabel(y.name)
    ax.set_xlabel(x.name, loc="left" if x.named_at_begin else "center")
    for axis, given, ticks in ((ax.xaxis, x, x.apart(wide)), (ax.yaxis, y, y.ticks)):
        axis.set_ticks([at for at, _ in ticks], [text for _, text in ticks], fontsize=given.size)
        axis.set_minor_locator(NullLocator())
        axis.set_ticks(list(given.minor), minor=True)
        axis.set_minor_formatter(NullFormatter())
        if not given.line:
            axis.set_tick_params(length=0)
        if given.grid:
            axis.grid(color=GREY.colour, alpha=GRID, linewidth=0.6)
        for label, colour in zip(axis.get_ticklabels(), given.colours):
            label.set_color(colour)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines["bottom"].set_visible(x.line)
    ax.spines["left"].set_visible(y.line)


def _limits(ax: Axes, chart: Chart) -> None:
    """At the end, because each thing that is drawn moves them."""
    ax.set(xlim=chart.x[:2], ylim=chart.y[:2])


def _look(bar: ChartBar) -> dict[str, Any]:
    return {"fc": bar.colour, "ec": bar.edge, "hatch": bar.hatch, "linewidth": bar.thick if bar.edge else 0}


def _style(line: Line) -> dict[str, Any]:
    look = {"color": line.colour, "linewidth": line.thick, "ls": "--" if line.dashed else "-"}
    return {**look, "marker": line.marker or None, "ms": line.size, "label": line.name or None}


def _ends(ax: Axes, chart: Chart, high: float) -> None:
    line: dict[str, Any] = {"arrowstyle": "-", "color": GREY.colour, "lw": 0.5, "shrinkA": 0, "shrinkB": 4}
    line["relpos"] = (0, 0.5)  # the line begins beside its text, so it crosses no other text
    for end, place in chart.ends_at(high):
        at = (end.x, end.y)
        text = ax.annotate(end.text, at, (END, place), "data", "axes fraction", va="center", arrowprops=line)
        text.set_color(end.colour)


def _captions(ax: Axes, chart: Chart, room: float) -> None:
    ax.set_title("\n".join(parts.title_lines(chart.title, room)), loc="left")
    if small := "\n".join(parts.small_lines(chart.small, room)):
        ax.annotate(small, (0, 0), (0, -UNDER), "axes fraction", "offset points", color=GREY.text, va="top")


def _key(ax: Axes, chart: Chart) -> None:
    if not chart.key:
        return
    handles: list[Any] = [
        Patch(label=each.name, **_look(each)) if isinstance(each, ChartBar) else Line2D([], [], **_style(each))
        for each in chart.key
    ]
    below: Any = {"loc": "upper right", "bbox_to_anchor": (1, 0), "borderaxespad": 1.6, "ncols": len(handles)}
    beside: Any = {"loc": "center left", "bbox_to_anchor": (1, 0.5), "handlelength": 1.5}
    ax.legend(handles=handles, frameon=False, **(below if chart.key_below else beside))


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
