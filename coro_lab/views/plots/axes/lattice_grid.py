"""The lattice of two coroutines: the points between their steps, and every order as a path."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from coro_lab.engine.explore.lattice_counts import Point, Ways
from coro_lab.engine.explore.program import Schedule
from coro_lab.views.palette import GREY, INK, PAPER, styles
from coro_lab.views.plots.axes.card import new_figure, settings
from coro_lab.views.plots.grid import REGION, margin, regions, size


def draw(counted: Ways, chosen: Schedule, title: str, ax: Axes | None) -> Axes:
    """Draw the grid, with the chosen order in bold."""
    with settings():
        ax = _axes(counted, title, ax)
        _regions(ax, counted)
        _moves(ax, counted)
        _path(ax, counted, chosen)
        ax.set_title(title, loc="left", pad=10)
        _key(ax, counted)
    return ax


def _axes(counted: Ways, title: str, ax: Axes | None) -> Axes:
    (wide, high), beside = counted.sizes, margin(counted)
    if ax is None:
        ax = new_figure(*size(counted, title), layout="constrained").add_subplot()
        ax.set_anchor("W")
    ax.set_aspect("equal")
    ax.set_xlim(-beside, wide + beside)
    ax.set_ylim(-beside, high + beside)
    right, up = styles(counted.names)
    for axis, look, last, label in (
        (ax.xaxis, right, wide, ax.set_xlabel),
        (ax.yaxis, up, high, ax.set_ylabel),
    ):
        axis.set_ticks(range(last + 1))
        label(f"{look.symbol} steps of {look.name}", color=look.text, fontweight="bold")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _regions(ax: Axes, counted: Ways) -> None:
    """Draw a unit square around each point that is forbidden, or that no order reaches."""
    for region in regions(counted):
        for x, y in region.points:
            square = Rectangle((x - 0.5, y - 0.5), 1, 1, fc=REGION, ec=GREY.colour, hatch=region.hatch, lw=0, zorder=0)
            square.set_gid(region.name)
            ax.add_patch(square)


def _moves(ax: Axes, counted: Ways) -> None:
    """Draw every step that some order takes; dashed if only broken orders take it."""
    for ((x, y), task), passage in counted.moves.items():
        end = (x + 1, y) if task == 0 else (x, y + 1)
        dashes = (0, (3, 3)) if passage.doomed else "-"
        ax.plot((x, end[0]), (y, end[1]), color=GREY.colour, lw=1, ls=dashes, zorder=1)
    for x, y in counted.points:
        ax.plot(x, y, "o", ms=4, mfc=PAPER, mec=GREY.colour, zorder=2)


def _path(ax: Axes, counted: Ways, chosen: Schedule) -> None:
    """Draw the chosen order, each step in the colour of its coroutine, and the mark at its end."""
    if not chosen:
        return
    place: Point = (0, 0)
    looks = styles(counted.names)
    for task in chosen:
        then = (place[0] + (task == 0), place[1] + (task == 1))
        look = looks[task]
        ax.plot((place[0], then[0]), (place[1], then[1]), color=look.colour, lw=4, solid_capstyle="round", zorder=4)
        middle = ((place[0] + then[0]) / 2, (place[1] + then[1]) / 2)
        shift = (0, 6) if task == 0 else (6, 0)
        ax.annotate(
            counted.names[task],
            middle,
            shift,
            textcoords="offset points",
            ha="center" if task == 0 else "left",
            va="bottom" if task == 0 else "center",
            color=look.text,
            bbox={"fc": PAPER, "ec": "none", "alpha": 0.85, "pad": 0.8},
            zorder=6,
        )
        place = then
    broken = counted.is_broken(chosen)
    mark, fill = ("X", PAPER) if broken else ("s", INK)
    ax.plot(*place, mark, ms=12 if broken else 9, mfc=fill, mec=INK, mew=1.6, zorder=5)


def _key(ax: Axes, counted: Ways) -> None:
    """Explain the shades, if there are any."""
    shown = [
        Patch(fc=REGION, ec=GREY.colour, hatch=region.hatch, lw=0, label=region.word)
        for region in regions(counted)
        if region.points
    ]
    if shown:
        ax.legend(
            handles=shown,
            loc="upper left",
            bbox_to_anchor=(1.0, 1.0),
            frameon=False,
            handlelength=1.6,
            handleheight=1.6,
        )
