"""How every figure looks: a card of light paper with rounded corners and an edge, on a light and on a dark page.

A picture in a notebook is drawn once, and its page can change its theme at any time. So pictures keep their light
paper, and outside of the card they are transparent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from coro_lab.views.palette import EDGE, GREY, INK, PAPER
from coro_lab.views.plots.font import FONT
from coro_lab.views.plots.text_layout import NAME_SIZE, SIZE

CORNER = 6.0
"""The radius of a corner in points."""
MARGIN = 10.0
"""Around what a constrained layout arranges, in points."""
SETTINGS: Any = {
    "font.family": [FONT], "font.size": SIZE, "text.parse_math": False, "text.usetex": False, "text.color": INK,
    "figure.facecolor": PAPER, "savefig.facecolor": PAPER, "axes.facecolor": PAPER, "axes.edgecolor": GREY.colour,
    "axes.labelcolor": INK, "axes.grid": False, "axes.titlesize": NAME_SIZE, "axes.titleweight": "bold",
    "axes.titlecolor": INK, "axes.labelsize": SIZE, "xtick.color": INK, "ytick.color": INK, "xtick.labelsize": SIZE,
    "hatch.linewidth": 0.9, "path.effects": [], "figure.autolayout": False, "figure.constrained_layout.use": False,
}  # fmt: skip


@contextmanager
def settings() -> Iterator[None]:
    """Draw with this project's settings, and restore the reader's afterwards.

    The interactive mode is not restored: the first figure loads a notebook's backend, which turns the mode on, and
    without it no later figure would be shown.
    """
    with mpl.rc_context(SETTINGS):
        yield
        shown = mpl.is_interactive()
    mpl.interactive(shown)


def new_figure(width: float, height: float, **options: Any) -> Figure:
    """A figure of this size in points, on a card; `options` are those of matplotlib's `figure`."""
    figure = plt.figure(figsize=(width / 72, height / 72), **options)
    if layout := figure.get_layout_engine():
        layout.set(w_pad=MARGIN / 72, h_pad=MARGIN / 72)  # type: ignore[call-arg]  # the constrained layout has them
    figure.patch = _card(figure, width, height)  # type: ignore[assignment]  # the type allows only rectangles
    return figure


def _card(figure: Figure, width: float, height: float) -> FancyBboxPatch:
    """The background of a figure. Its sizes are shares of the figure, as matplotlib asks for when it saves a part."""
    shape = f"round, pad={-0.5 / width}, rounding_size={CORNER / width}"
    card = FancyBboxPatch((0, 0), 1, 1, boxstyle=shape, mutation_aspect=width / height)
    card.set(facecolor=PAPER, edgecolor=EDGE, linewidth=1, figure=figure, transform=figure.transSubfigure)
    return card
