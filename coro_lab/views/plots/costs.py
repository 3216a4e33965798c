"""Figures of what switches and connections cost.

Lines are labelled at their ends, the spread is a band around its line, and the small print names the machine.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from coro_lab.errors import ArgumentError, advice
from coro_lab.measure.costs.findings import finding, in_time, waiting_finding
from coro_lab.measure.costs.results import Costs, in_bytes
from coro_lab.measure.costs.waiting import Waiting
from coro_lab.trace.safe_repr import describe
from coro_lab.views.marks import HATCH
from coro_lab.views.palette import GREY, INK, Style, styles
from coro_lab.views.plots.arguments import check_ax, check_result
from coro_lab.views.plots.charts import caption, chart, end_label_room, label_ends, mark_counts, mark_decades, side_room
from coro_lab.views.plots.figure import settings
from coro_lab.views.plots.text_layout import NAME_SIZE

LEFT = 58.0  # points, for the times at the left of the curves


def cost_curves(result: Costs, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Nanoseconds a switch against the number of tasks alive, both on log axes: a line and its spread per mechanism.

    `result` is what `costs.measure` returned. The band reaches from quartile to quartile. The small print says how many
    costs were not measured. `title` replaces the finding. `ax` is a matplotlib Axes to draw in; without it a figure is
    made. Returns the Axes. Raises ArgumentError for an empty result, and for anything but a Costs.

    >>> from coro_lab import costs
    >>> cost_curves(costs.reference()).get_title(loc="left")
    'With 10,000 tasks alive, a thread hand-over costs 963 times a send'
    """
    check_result("cost_curves", "result", result, Costs, "costs.measure()")
    check_ax("cost_curves", "result", ax)
    if not result.costs:
        said = "There is nothing to draw: this result has no costs. Give costs.measure a larger budget."
        raise ArgumentError(said, argument="result", given=repr(result))
    title = finding(result) if title is None else title
    small = f"line: median, band: half of the samples\n{result.machine}"
    if result.gaps:
        small += f"\nnot measured: {len(result.gaps)} of {len(result.gaps) + len(result.costs)}; the table says which"
    ends, looks = _ends(result), styles(result.mechanisms)
    with settings():
        if ax is None:
            ax = chart(266, LEFT, end_label_room([text for *_, text in ends.values()], LEFT), title, small)
        for look in looks:
            _curve(ax, result, look)
        ax.set(xscale="log", yscale="log", xlabel="tasks alive", ylabel="time for one task switch")
        mark_counts(ax, sorted({cost.tasks for cost in result.costs}))
        mark_decades(ax)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda ns, _: in_time(ns)))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.grid(axis="y", color=GREY.colour, alpha=0.25, linewidth=0.6)
        ax.spines[["top", "right"]].set_visible(False)
        label_ends(ax, ends, looks)
        caption(ax, title, small)
    return ax


def waiting_bars(waits: Sequence[Waiting], ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Replies a second and memory a connection, as bars relative to the last way, whose bars have the length 1.

    `waits` is what `costs.wait` returned. Each bar shows its value. Where the value of the last way is 0, no bars are
    drawn. `title` replaces the finding. `ax` is a matplotlib Axes to draw in; without it a figure is made. Returns the
    Axes. Raises ArgumentError for anything else than such a result.

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
    title = waiting_finding(waits) if title is None else title
    values = {way.way: (f"{way.throughput:,.0f} a second", in_bytes(way.memory)) for way in waits}
    names = ["replies", "memory for\na connection"]
    with settings():
        if ax is None:
            right = side_room(f"{way}: {text}" for way, texts in values.items() for text in texts)
            ax = chart(133, side_room(names, NAME_SIZE), right, title)
        for place, (way, look) in enumerate(zip(waits, styles(way.way for way in waits), strict=True)):
            shares = (_share(way.throughput, base.throughput), _share(way.memory, base.memory))
            heights = [row + (place - (len(waits) - 1) / 2) * 0.36 for row in (0, 1)]
            ax.barh(heights, shares, 0.3, color=look.colour, label=way.way, hatch=HATCH if place else None, ec=INK)
            for y, share, text in zip(heights, shares, values[way.way]):
                ax.annotate(f"{way.way}: {text}", (share, y), (4, 0), textcoords="offset points", va="center")
        ax.set_yticks([0, 1], names, fontsize=NAME_SIZE)
        ax.invert_yaxis()
        ax.set_xlim(left=0)
        ax.set_xlabel(f"times as much as {base.way}")
        ax.spines[["top", "right"]].set_visible(False)
        caption(ax, title)
    return ax


def _share(value: float, base: float) -> float:
    return max(value / base, 0.0) if base > 0 else 0.0


def _curve(ax: Axes, result: Costs, look: Style) -> None:
    costs, name = result.of(look.name), look.name
    if not costs:
        return
    tasks = [cost.tasks for cost in costs]
    low, high = zip(*(cost.spread for cost in costs))
    ax.fill_between(tasks, low, high, color=look.colour, alpha=0.2, linewidth=0)
    ax.plot(tasks, [cost.ns for cost in costs], color=look.colour, marker=look.marker, label=name, linewidth=1.8)


def _ends(result: Costs) -> dict[str, tuple[float, float, str]]:
    """Name -> (x, y, label) of the end of each line."""
    lasts = [result.of(name)[-1] for name in result.mechanisms if result.of(name)]
    right = max(cost.tasks for cost in lasts)
    ends: dict[str, tuple[float, float, str]] = {}
    for cost in lasts:
        short = f" at {cost.tasks:,}" if cost.tasks < right else ""
        ends[cost.mechanism] = (cost.tasks, cost.ns, f"{cost.mechanism}  {in_time(cost.ns)}{short}")
    return ends
