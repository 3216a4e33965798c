"""Folding: in a picture of a long run several steps share a column.

The shares are computed from columns of numbers, without an object for each lane and event.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from itertools import accumulate, islice, pairwise
from operator import le, sub

from coro_lab.trace.lane_states import RUNNING, SUSPENDED
from coro_lab.views.plots.columns import OUTSIDE, Column, rows, where
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
    running, extents = _by_row(plan)
    shares = [_shares(begins, ends, edges) for begins, ends in running]
    arrivals: Counter[int] = Counter()
    for lane, times in Counter(plan.seen.crossings.target).items():
        arrivals[plan.row_of.get(lane, OUTSIDE)] += times
    plan.fold = Fold(edges, shares, extents, [arrivals[row] for row in range(len(plan.rows))])
    plan.print_height = 12.0  # for the words under the last row
    share = f"its height the share in which the lane runs; the tallest is {plan.fold.tallest:.0%}"
    plan.notes.append(f"each column is {_number(steps / columns)} steps, {share}")
    lines = sum(bool(line) for item in prints for line in item.lines)
    left_out = [f"{len(plan.seen.crossings.at):,} arrows"] + [f"{lines:,} printed lines"] * bool(lines)
    plan.notes.append(f"not drawn: {' and '.join(left_out)}; to see some: timeline(trace, steps=range(0, 60))")


def _number(steps: float) -> str:
    return f"{steps:,.0f}" if steps >= 100 else f"{steps:.3g}"


def _by_row(plan: Plan) -> tuple[list[tuple[Column, Column]], list[LaneSpan]]:
    """For each row, the times at which its lanes begin to run and end; and its whole extent, if they do anything."""
    spans, row_of = plan.seen.spans, plan.row_of
    running: list[tuple[Column, Column]] = [([], []) for _ in plan.rows]
    for lane, begin, end, _ in rows(where(spans, (doing == RUNNING for doing in spans.doing))):
        begins, ends = running[row_of[lane]]
        begins.append(begin)
        ends.append(end)
    # the spans of one lane come in the order of time, so its last entry in a dict is its first span, or its last one
    first = dict(zip(reversed(spans.lane), reversed(spans.begin), strict=True))
    last = dict(zip(spans.lane, spans.end, strict=True))
    lanes: defaultdict[int, list[int]] = defaultdict(list)
    for lane in first:
        lanes[row_of[lane]].append(lane)
    suspended = set(where(spans, (doing == SUSPENDED for doing in spans.doing)).lane)
    return running, [
        LaneSpan(
            row,
            min(first[lane] for lane in lanes[row]),
            max(last[lane] for lane in lanes[row]),
            "waiting" if suspended.isdisjoint(lanes[row]) else "suspended",
        )
        for row in sorted(lanes)
    ]


def _shares(begins: Column, ends: Column, edges: Column) -> Column:
    """The share of each column that lies between a begin and its end; where such times overlap, they count once."""
    begins, ends, covered = _apart(begins, ends)

    def until(edge: float) -> float:
        """How much is covered up to this place."""
        place = bisect_right(begins, edge) - 1
        return covered[place] + min(edge, ends[place]) - begins[place] if place >= 0 else 0.0

    return [(until(end) - until(begin)) / (end - begin) for begin, end in pairwise(edges)]


def _apart(begins: Column, ends: Column) -> tuple[Column, Column, Column]:
    """Begins and ends of times that do not overlap, and how much is covered before each."""
    if all(map(le, ends, islice(begins, 1, None))):  # as without threads
        return begins, ends, list(accumulate(map(sub, ends, begins), initial=0.0))
    apart: Column = []
    until: Column = []
    covered: Column = []
    for begin, end in sorted(zip(begins, ends, strict=True)):
        if until and begin <= until[-1]:
            until[-1] = max(until[-1], end)
        else:
            covered.append(covered[-1] + until[-1] - apart[-1] if until else 0.0)
            apart.append(begin)
            until.append(end)
    return apart, until, covered
