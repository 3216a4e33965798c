"""Figures of what switches and connections cost.

Lines are labelled at their ends, the spread is a band around its line, and the small print names the machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coro_lab.errors import ArgumentError, advice
from coro_lab.measure.costs.findings import finding, in_time, waiting_finding
from coro_lab.measure.costs.results import Costs, in_bytes
from coro_lab.measure.costs.waiting import Waiting
from coro_lab.trace.safe_repr import describe
from coro_lab.views.marks import HATCH
from coro_lab.views.palette import INK, Style, styles
from coro_lab.views.plots.arguments import check_ax, check_result
from coro_lab.views.plots.chart import (
    LEFT,
    Band,
    Chart,
    ChartBar,
    Label,
    Line,
    LineEnd,
    counts,
    decades,
    end_room,
    from_zero,
    rows,
    side_room,
)
from coro_lab.views.plots.pictures import draw
from coro_lab.views.plots.text_layout import NAME_SIZE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def cost_curves(result: Costs, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Nanoseconds a switch against the number of tasks alive, both on log axes: a line and its spread per mechanism.

    `result` is what `costs.measure` returned. The band reaches from quartile to quartile. The small print says how many
    costs were not measured. `title` replaces the finding. `ax` is a matplotlib Axes to draw in; without it a figure is
    made. Returns the Axes, or a picture as SVG where matplotlib is missing. Raises ArgumentError for an empty result,
    and for anything but a Costs.

    >>> from coro_lab import costs
    >>> cost_curves(costs.reference()).get_title(loc="left")
    'With 10,000 tasks alive, a thread hand-over costs 963 times a send'
    """
    check_result("cost_curves", "result", result, Costs, "costs.measure()")
    check_ax("cost_curves", "result", ax)
    if not result.costs:
        said = "There is nothing to draw: this result has no costs. Give costs.measure a larger budget."
        raise ArgumentError(said, argument="result", given=repr(result))
    small = f"line: median, band: half of the samples\n{result.machine}"
    if result.gaps:
        small += f"\nnot measured: {len(result.gaps)} of {len(result.gaps) + len(result.costs)}; the table says which"
    looks = styles(result.mechanisms)
    ends = _ends(result, looks)
    spread = [ns for cost in result.costs for ns in (*cost.spread, cost.ns)]
    chart = Chart(
        title=finding(result) if title is None else title, small=small,
        x=counts(sorted({cost.tasks for cost in result.costs}), "tasks alive"),
        y=decades(spread, in_time, "time for one task switch"),
        high=266, left=LEFT, right=end_room([end.text for end in ends], LEFT), ends=ends,
        bands=[_band(result, look) for look in looks if result.of(look.name)],
        lines=[_line(result, look) for look in looks if result.of(look.name)],
    )  # fmt: skip
    return draw(chart, ax)


def waiting_bars(waits: Sequence[Waiting], ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Replies a second and memory a connection, as bars relative to the last way, whose bars have the length 1.

    `waits` is what `costs.wait` returned. Each bar shows its value. Where the value of the last way is 0, no bars are
    drawn. `title` replaces the finding. `ax` is a matplotlib Axes to draw in; without it a figure is made. Returns the
    Axes, or a picture as SVG where matplotlib is missing. Raises ArgumentError for anything else than such a result.

    >>> from coro_lab import costs
    >>> threads = costs.Waiting("threads", connections=100, replies=400, seconds=4.0, memory=20_000.0)
    >>> coroutines = costs.Waiting("coroutines", connections=100, replies=400, seconds=4.0, memory=5_000.0)
    >>> waiting_bars([threads, coroutines]).get_title(loc="left")
    'Threads: 1.0 times the replies of coroutines, 4.0 times the memory'
    """
    if not isinstance(waits, Sequence) or not waits or not all(isinstance(way, Waiting) for way in waits):
        wrote = describe(waits)
        said = advice(
            "waiting_bars shows what costs.wait returned.", f"waiting_bars({wrote})", "waiting_bars(costs.wait())"
        )
        raise ArgumentError(said, argument="waits", given=wrote)
    check_ax("waiting_bars", "waits", ax)
    base = waits[-1]
    bars, labels = list[ChartBar](), list[Label]()
    for place, (way, look) in enumerate(zip(waits, styles(way.way for way in waits), strict=True)):
        shares = (_share(way.throughput, base.throughput), _share(way.memory, base.memory))
        for row, (share, text) in enumerate(zip(shares, (f"{way.throughput:,.0f} a second", in_bytes(way.memory)))):
            y = row + (place - (len(waits) - 1) / 2) * 0.36
            bars.append(ChartBar(0, share, y, 0.3, look.colour, INK, HATCH if place else None))
            labels.append(Label(share, y, f"{way.way}: {text}", aside=4))
    ticks = [(0, "replies"), (1, "memory for\na connection")]
    chart = Chart(
        title=waiting_finding(waits) if title is None else title, bars=bars, labels=labels,
        x=from_zero([bar.right for bar in bars], f"times as much as {base.way}"),
        y=rows(ticks, bars, NAME_SIZE),
        high=133, left=side_room([text for _, text in ticks], NAME_SIZE),
        right=side_room(label.text for label in labels),
    )  # fmt: skip
    return draw(chart, ax)


def _share(value: float, base: float) -> float:
    return max(value / base, 0.0) if base > 0 else 0.0


def _band(result: Costs, look: Style) -> Band:
    lower, upper = zip(*([(cost.tasks, ns) for ns in cost.spread] for cost in result.of(look.name)), strict=True)
    return Band(lower, upper, look.colour)


def _line(result: Costs, look: Style) -> Line:
    return Line([(cost.tasks, cost.ns) for cost in result.of(look.name)], look.colour, 1.8, look.marker)


def _ends(result: Costs, looks: Sequence[Style]) -> list[LineEnd]:
    """The label at the end of each line."""
    lasts = [(costs[-1], look) for look in looks if (costs := result.of(look.name))]
    right = max(cost.tasks for cost, _ in lasts)
    ends = list[LineEnd]()
    for cost, look in lasts:
        short = f" at {cost.tasks:,}" if cost.tasks < right else ""
        ends.append(LineEnd(cost.tasks, cost.ns, f"{cost.mechanism}  {in_time(cost.ns)}{short}", look.text))
    return ends
