"""The lattice of two coroutines: the points between their steps, and every order as a path."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from coro_lab.engine.explore.lattice_counts import Point, Ways
from coro_lab.engine.explore.program import Schedule
from coro_lab.views.palette import GREY, INK, PAPER, styles
from coro_lab.views.plots.card import new_figure
from coro_lab.views.plots.figure import NAME_SIZE, WIDE, settings
from coro_lab.views.plots.text_layout import width

FORBIDDEN, UNREACHED = "xxx", "..."
"""Hatches for points where every order is broken, and for points that no order reaches."""


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
    wide, high = counted.sizes
    (left, beyond), (below, above) = (_margins(counted, axis) for axis in (0, 1))
    if ax is None:
        unit = min(72.0, 432.0 / max(wide, high))
        needed = max((left + wide + beyond) * unit, width(title, 1.15 * NAME_SIZE)) + 72
        has_key = bool(counted.forbidden or counted.unreached)
        points = (WIDE if has_key else min(WIDE, needed), (below + high + above) * unit + 80)
        ax = new_figure(*points, layout="constrained").add_subplot()
        ax.set_anchor("W")
    ax.set_aspect("equal")
    ax.set_xlim(-left, wide + beyond)
    ax.set_ylim(-below, high + above)
    right, up = styles(counted.names)
    for axis, look, size, label in (
        (ax.xaxis, right, wide, ax.set_xlabel),
        (ax.yaxis, up, high, ax.set_ylabel),
    ):
        axis.set_ticks(range(size + 1))
        label(f"{look.symbol} steps of {look.name}", color=look.text, fontweight="bold")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _margins(counted: Ways, axis: int) -> list[float]:
    """How far the picture goes beyond the first and the last points: around a region there, or little."""
    shaded = {point[axis] for point in (*counted.forbidden, *counted.unreached)}
    return [0.6 if edge in shaded else 0.2 for edge in (0, counted.sizes[axis])]


def _regions(ax: Axes, counted: Ways) -> None:
    """Draw a unit square around each point that is forbidden, or that no order reaches."""
    for points, hatch, colour in (
        (counted.forbidden, FORBIDDEN, GREY.colour),
        (counted.unreached, UNREACHED, GREY.colour),
    ):
        for x, y in points:
            square = Rectangle((x - 0.5, y - 0.5), 1, 1, fc="#EDEEF0", ec=colour, hatch=hatch, lw=0, zorder=0)
            square.set_gid("forbidden" if hatch == FORBIDDEN else "unreached")
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
    broken = (
        counted.beginnings.get(chosen) is not None and counted.beginnings[chosen].doomed and counted.is_whole(chosen)
    )
    mark, fill = ("X", PAPER) if broken else ("s", INK)
    ax.plot(*place, mark, ms=12 if broken else 9, mfc=fill, mec=INK, mew=1.6, zorder=5)


def _key(ax: Axes, counted: Ways) -> None:
    """Explain the shades, if there are any."""
    entries = [
        (bool(counted.forbidden), FORBIDDEN, "every order through here is broken"),
        (bool(counted.unreached), UNREACHED, "no order comes here"),
    ]
    shown = [
        Patch(fc="#EDEEF0", ec=GREY.colour, hatch=hatch, lw=0, label=text)
        for is_there, hatch, text in entries
        if is_there
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
