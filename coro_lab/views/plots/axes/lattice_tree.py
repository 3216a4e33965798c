"""The tree of choices: who takes the first step, who the second, and so on; for three or more coroutines."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from coro_lab.engine.explore.lattice_counts import Ways
from coro_lab.engine.explore.program import Schedule
from coro_lab.views.palette import GREY, INK, PAPER, styles
from coro_lab.views.plots import choices
from coro_lab.views.plots.axes.card import new_figure, settings
from coro_lab.views.plots.plan import WIDE


def draw(counted: Ways, chosen: Schedule, title: str, ax: Axes | None) -> Axes:
    """Draw the tree from left to right, with the chosen order in bold."""
    with settings():
        shown = choices.shown(counted, chosen)
        rows = choices.rows(counted, shown)
        if ax is None:
            ends = sum(not choices.below(counted, node, shown) for node in shown)
            ax = new_figure(WIDE, 72 * max(2.4, 0.16 * ends + 1), layout="constrained").add_subplot()
        deepest = max(map(len, shown))
        ax.set_xlim(-0.3, deepest + 1.6)
        ax.set_ylim(max(rows.values()) + 0.8, -0.8)
        ax.set_xlabel("turn")
        ax.set_xticks(range(deepest + 1))
        ax.set_yticks([])
        ax.spines[["left", "right", "top"]].set_visible(False)
        for node in shown:
            _branch(ax, counted, node, rows, bold=bool(node) and node == chosen[: len(node)])
            _end(ax, counted, node, shown, rows)
        ax.set_title(title, loc="left", pad=10)
        _key(ax, counted)
    return ax


def _key(ax: Axes, counted: Ways) -> None:
    """Explain the shapes and colours, if a name is too long for its mark."""
    if max(map(len, counted.names)) <= choices.LETTERS:
        return
    handles = [
        Line2D([], [], ls="", marker=look.marker, color=look.colour, ms=7, label=look.name)
        for look in styles(counted.names)
    ]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _branch(ax: Axes, counted: Ways, node: Schedule, rows: dict[Schedule, float], *, bold: bool) -> None:
    if not node:
        return
    before, at = (len(node) - 1, rows[node[:-1]]), (len(node), rows[node])
    look = styles(counted.names)[node[-1]]
    dashes = (0, (3, 3)) if counted.beginnings[node].doomed and not bold else "-"
    ax.plot(
        (before[0], at[0]),
        (before[1], at[1]),
        color=look.colour,
        lw=4 if bold else 1.2,
        ls=dashes,
        zorder=3 if bold else 1,
    )
    label = counted.names[node[-1]]
    ax.plot(*at, look.marker, ms=9, mfc=look.colour, mec=look.colour, zorder=4)
    if len(label) <= choices.LETTERS:
        ax.text(*at, label, color=look.inside, ha="center", va="center", fontsize=6.5, zorder=5)


def _end(ax: Axes, counted: Ways, node: Schedule, shown: list[Schedule], rows: dict[Schedule, float]) -> None:
    if choices.below(counted, node, shown):
        return
    passage = counted.beginnings[node]
    where = (len(node) + 0.35, rows[node])
    if counted.is_whole(node):
        mark, fill = ("X", PAPER) if passage.broken else ("s", INK)
        ax.plot(*where, mark, ms=6, mfc=fill, mec=INK, zorder=4)
    else:
        ax.text(*where, choices.folded(passage), color=GREY.text, va="center", fontsize=8)
