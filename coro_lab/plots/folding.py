"""A run too long to draw each of its steps: several of them share a column."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from coro_lab.plots.marks import EDGE, ENDING, bar
from coro_lab.plots.runs import Span, merged

if TYPE_CHECKING:
    from coro_lab.plots.plan import Plan

FEWEST = 20
"""Columns of fewer steps would show where they begin rather than how much a lane runs."""


def fold(plan: Plan) -> None:
    """Count for each row and column how much of it the lane runs, and say what is left out."""
    steps = plan.last - plan.first + 1
    plan.columns = max(min(round((plan.breadth - EDGE - ENDING) / 4), steps // FEWEST), 1)
    plan.shares = [[0.0] * plan.columns for _ in plan.rows]
    wide = steps / plan.columns
    running: dict[int, list[Span]] = defaultdict(list)
    for span in plan.run.spans:
        if span.doing == "running":
            running[plan.row_of[span.lane]].append(span)
    for row, spans in running.items():
        for span in merged(spans):
            _share(plan.shares[row], (span.begin - plan.first + 0.5) / wide, (span.end - plan.first + 0.5) / wide)
    plan.print_height = 12.0  # for the words under the last row
    tallest = max(max(shares) for shares in plan.shares)
    share = f"its height the share in which the lane runs; the tallest is {tallest:.0%}"
    plan.notes.append(f"each column is {wide:.3g} steps, {share}")
    lines = sum(bool(line) for item in plan.run.prints for line in item.lines)
    left_out = [f"{len(plan.run.crossings):,} arrows"] + [f"{lines:,} printed lines"] * bool(lines)
    plan.notes.append(f"not drawn: {' and '.join(left_out)}; to see some: timeline(trace, steps=range(0, 60))")


def _share(shares: list[float], begin: float, end: float) -> None:
    column = int(begin)
    while column < end and column < len(shares):
        shares[column] += min(end, column + 1) - max(begin, column)
        column += 1


def draw(ax: Axes, plan: Plan) -> None:
    """For each lane how much of each column it runs, upon the span in which it is suspended or waits."""
    edges = np.linspace(plan.first - 0.5, plan.last + 0.5, plan.columns + 1)
    together: dict[int, list[Span]] = defaultdict(list)
    for span in plan.run.spans:
        together[plan.row_of[span.lane]].append(span)
    scale = 0.3 * plan.pitch / (max(map(max, plan.shares)) or 1)
    for row, spans in together.items():
        lane, middle, half = plan.rows[row], row * plan.pitch, scale * np.array(plan.shares[row])
        doing = "suspended" if any(span.doing == "suspended" for span in spans) else "waiting"
        bar(ax, plan, row, doing, [Span(row, min(s.begin for s in spans), max(s.end for s in spans), doing)])
        columns = ax.stairs(middle - half, edges, baseline=middle + half, fill=True, color=lane.colour, zorder=3)
        columns.set_gid(f"running {lane.name}")
    arrivals = Counter(plan.row_of[crossing.target] for crossing in plan.run.crossings)
    for row, lane in enumerate(plan.rows if plan.pitch >= 40 else []):
        text = f"control arrives {arrivals[row]:,} times"
        ax.text(plan.first - 0.5, (row + 0.46) * plan.pitch, text, color=lane.text, va="center", gid="arrivals")
