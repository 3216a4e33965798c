"""What the lattice of two coroutines shows besides its paths, and how large it is. Nothing is drawn here."""

from __future__ import annotations

from typing import NamedTuple

from coro_lab.engine.explore.lattice_counts import Point, Ways
from coro_lab.views.plots.plan import WIDE
from coro_lab.views.plots.text_layout import NAME_SIZE, width

REGION = "#EDEEF0"
"""The paper of a region."""


class Region(NamedTuple):
    """Points that are shaded alike."""

    name: str
    word: str  # as the key explains it
    hatch: str
    points: list[Point]


def regions(counted: Ways) -> list[Region]:
    """Where every order is broken, and where no order comes."""
    return [
        Region("forbidden", "every order through here is broken", "xxx", counted.forbidden),
        Region("unreached", "no order comes here", "...", counted.unreached),
    ]


def margin(counted: Ways) -> float:
    """The room around the points, in steps; a region at an edge is a square around its point, and needs more."""
    wide, high = counted.sizes
    shaded = (*counted.forbidden, *counted.unreached)
    return 0.6 if any(x in (0, wide) or y in (0, high) for x, y in shaded) else 0.2


def unit(counted: Ways) -> float:
    """The length of one step in points."""
    return min(72.0, 432.0 / max(counted.sizes))


def size(counted: Ways, title: str) -> tuple[float, float]:
    """The width and the height of the figure in points; beside regions there is room for their key."""
    (wide, high), beside = counted.sizes, margin(counted)
    needed = max((wide + 2 * beside) * unit(counted), width(title, 1.15 * NAME_SIZE)) + 72
    has_key = bool(counted.forbidden or counted.unreached)
    return (WIDE if has_key else min(WIDE, needed), (high + 2 * beside) * unit(counted) + 80)
