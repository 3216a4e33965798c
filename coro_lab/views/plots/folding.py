"""Folding: in a picture of a long run several steps share a column.

The shares are computed from columns of numbers, without an object for each lane and event.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from itertools import pairwise

from coro_lab.trace.lane_states import RUNNING, SUSPENDED
from coro_lab.views.plots.columns import OUTSIDE, Column, Spans, where
from coro_lab.views.plots.model import LaneSpan, Print
from coro_lab.views.plots.plan import EDGE, ENDING, Fold, Plan

FEWEST = 20
"""Steps in a column at least; with fewer, the share depends too much on where the column begins."""


def fold(plan: Plan, prints: list[Print]) -> None:
    """Compute for each row and column the share in which the lane runs, and note what is left out."""
    steps = plan.last - plan.first + 1
    columns = max(min(round((plan.breadth - EDGE - ENDING) / 4), steps // FEWEST), 1)
    first, wide = plan.first - 0.5, steps / columns
    edges = [first + column * wide for column in range(columns + 1)]
    row = [plan.row_of[lane] for lane in plan.seen.spans.lane]
    together = [where(plan.seen.spans, (at == shown for at in row)) for shown in range(len(plan.rows))]
    shares = [_shares(where(spans, (doing == RUNNING for doing in spans.doing)), edges) for spans in together]
    extents = [_extent(row, spans) for row, spans in enumerate(together) if spans.lane]
    arrivals = Counter(plan.row_of.get(lane, OUTSIDE) for lane in plan.seen.crossings.target)
    plan.fold = Fold(edges, shares, extents, [arrivals[row] for row in range(len(plan.rows))])
    plan.print_height = 12.0  # for the words under the last row
    share = f"its height the share in which the lane runs; the tallest is {plan.fold.tallest:.0%}"
    plan.notes.append(f"each column is {_number(steps / columns)} steps, {share}")
    lines = sum(bool(line) for item in prints for line in item.lines)
    left_out = [f"{len(plan.seen.crossings.at):,} arrows"] + [f"{lines:,} printed lines"] * bool(lines)
    plan.notes.append(f"not drawn: {' and '.join(left_out)}; to see some: timeline(trace, steps=range(0, 60))")


def _number(steps: float) -> str:
    return f"{steps:,.0f}" if steps >= 100 else f"{steps:.3g}"


def _shares(running: Spans, edges: Column) -> Column:
    """The share of each column that these spans cover; where spans overlap, they count once."""
    begins, ends, covered = _apart(running)

    def until(edge: float) -> float:
        """How much is covered up to this place."""
        place = bisect_right(begins, edge) - 1
        return covered[place] + min(edge, ends[place]) - begins[place] if place >= 0 else 0.0

    return [(until(end) - until(begin)) / (end - begin) for begin, end in pairwise(edges)]


def _apart(running: Spans) -> tuple[Column, Column, Column]:
    """Begins and ends of spans of which no two overlap, and how much is covered before each."""
    begins: Column = []
    ends: Column = []
    covered: Column = []
    for begin, end in sorted(zip(running.begin, running.end, strict=True)):
        if ends and begin <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            covered.append(covered[-1] + ends[-1] - begins[-1] if ends else 0.0)
            begins.append(begin)
            ends.append(end)
    return begins, ends, covered


def _extent(row: int, spans: Spans) -> LaneSpan:
    doing = "suspended" if SUSPENDED in spans.doing else "waiting"
    return LaneSpan(row, min(spans.begin), max(spans.end), doing)
