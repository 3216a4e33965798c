"""Folding: in a picture of a long run several steps share a column.

The shares are computed from columns of numbers, without an object for each lane and event.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch

from coro_lab.trace.lane_states import RUNNING, SUSPENDED
from coro_lab.views.plots.bars_and_arrows import bar
from coro_lab.views.plots.columns import Column, Spans, where
from coro_lab.views.plots.model import LaneSpan, Print
from coro_lab.views.plots.plan import EDGE, ENDING, Fold, Plan

FEWEST = 20
"""Steps in a column at least; with fewer, the share depends too much on where the column begins."""


def fold(plan: Plan, prints: list[Print]) -> None:
    """Compute for each row and column the share in which the lane runs, and note what is left out."""
    steps = plan.last - plan.first + 1
    columns = max(min(round((plan.breadth - EDGE - ENDING) / 4), steps // FEWEST), 1)
    edges = np.linspace(plan.first - 0.5, plan.last + 0.5, columns + 1)
    row_of = np.zeros(max(plan.row_of, default=0) + 2, int)  # the last place is for OUTSIDE, which is -1
    row_of[list(plan.row_of)] = list(plan.row_of.values())
    row = row_of[plan.seen.spans.lane]
    together = [where(plan.seen.spans, row == shown) for shown in range(len(plan.rows))]
    shares = np.array([_shares(where(spans, spans.doing == RUNNING), edges) for spans in together])
    extents = [_extent(row, spans) for row, spans in enumerate(together) if spans.lane.size]
    arrivals = np.bincount(row_of[plan.seen.crossings.target], minlength=len(plan.rows)).tolist()
    plan.fold = Fold(edges, shares, extents, arrivals)
    plan.print_height = 12.0  # for the words under the last row
    share = f"its height the share in which the lane runs; the tallest is {shares.max():.0%}"
    plan.notes.append(f"each column is {_number(steps / columns)} steps, {share}")
    lines = sum(bool(line) for item in prints for line in item.lines)
    left_out = [f"{len(plan.seen.crossings.at):,} arrows"] + [f"{lines:,} printed lines"] * bool(lines)
    plan.notes.append(f"not drawn: {' and '.join(left_out)}; to see some: timeline(trace, steps=range(0, 60))")


def _number(steps: float) -> str:
    return f"{steps:,.0f}" if steps >= 100 else f"{steps:.3g}"


def _shares(running: Spans, edges: Column) -> Column:
    """The share of each column that these spans cover; where spans overlap, they count once."""
    if not running.lane.size:
        return np.zeros(len(edges) - 1)
    order = np.argsort(running.begin, kind="stable")
    begin, reach = running.begin[order], np.maximum.accumulate(running.end[order])
    apart = np.flatnonzero(begin[1:] > reach[:-1])  # a gap follows each of these
    bounds = np.stack([begin[[0, *(apart + 1)]], reach[[*apart, -1]]], axis=1)
    covered = np.cumsum(bounds[:, 1] - bounds[:, 0])
    so_far = np.stack([covered - (bounds[:, 1] - bounds[:, 0]), covered], axis=1)
    until = np.interp(edges, bounds.ravel(), so_far.ravel(), left=0.0)
    shares: Column = np.diff(until) / np.diff(edges)
    return shares


def _extent(row: int, spans: Spans) -> LaneSpan:
    doing = "suspended" if (spans.doing == SUSPENDED).any() else "waiting"
    return LaneSpan(row, float(spans.begin.min()), float(spans.end.max()), doing)


def draw(ax: Axes, plan: Plan, fold: Fold) -> None:
    """Draw for each row the share of each column in which it runs, over the span in which it is suspended or waits."""
    scale = 0.3 * plan.pitch / (fold.shares.max() or 1)
    for extent in fold.extents:
        row = extent.lane
        lane, middle, half = plan.rows[row], row * plan.pitch, scale * fold.shares[row]
        bar(ax, plan, row, extent.doing, [extent])
        steps = StepPatch(
            middle - half, fold.edges, baseline=middle + half, facecolor=lane.colour, linewidth=0, zorder=3,
            gid=f"running {lane.name}",
        )  # fmt: skip
        ax.add_artist(steps)  # ax.stairs would compute the limits again, which is slow
    for row, lane in enumerate(plan.rows if plan.pitch >= 40 else []):
        text = f"control arrives {fold.arrivals[row]:,} times"
        ax.text(plan.first - 0.5, (row + 0.46) * plan.pitch, text, color=lane.text, va="center", gid="arrivals")
