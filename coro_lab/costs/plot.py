"""Figures of what switches and connections cost; matplotlib only.

Lines are labelled where they end, the spread is a band around its line, and every figure says where it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from coro_lab.costs.results import Costs, in_bytes
from coro_lab.costs.waiting import Waiting
from coro_lab.palette import GREY, INK, style
from coro_lab.plots.drawing import settings

NAME_SIZE, SIZE = 11, 9
APART = 0.055  # of the axes' height: two labels closer than that are moved apart
CHEAP, DEAR = "send", "thread, lock"


def cost_curves(result: Costs, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Nanoseconds a switch against the number of tasks alive, both on log axes: a line and its spread per mechanism.

    The band reaches from quartile to quartile. `title` replaces the finding. Raises ValueError for an empty result.
    """
    if not result.costs:
        raise ValueError("There is nothing to draw: this result holds no cost. Give costs.measure a larger budget.")
    with settings():
        if ax is None:
            ax = plt.figure(figsize=(8, 5)).add_axes((0.1, 0.16, 0.64, 0.74))
        for name in result.mechanisms:
            _curve(ax, result, name)
        ax.set(xscale="log", yscale="log", xlabel="tasks alive", ylabel="time for one switch")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}"))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda ns, _: in_time(ns)))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.grid(axis="y", color=GREY.colour, alpha=0.25, linewidth=0.6)
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_title(finding(result) if title is None else title, loc="left")
        _labels(ax, result)
        note(ax, f"line: median, band: half of the samples. {result.machine}")
    return ax


def waiting_bars(waits: Sequence[Waiting], ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Replies a second and memory a connection, each way beside the last one, whose bars are 1 long.

    The values themselves stand at the bars. `title` replaces the finding.
    """
    base = waits[-1]
    with settings():
        if ax is None:
            ax = plt.figure(figsize=(8, 2.8)).add_axes((0.15, 0.2, 0.64, 0.66))
        for place, way in enumerate(waits):
            look = style(way.way)
            shares = (way.throughput / base.throughput, way.memory / base.memory)
            texts = (f"{way.throughput:,.0f} a second", f"{in_bytes(way.memory)}")
            heights = [row + (place - (len(waits) - 1) / 2) * 0.36 for row in (0, 1)]
            ax.barh(heights, shares, 0.3, color=look.colour, label=way.way, hatch=look.hatch if place else None, ec=INK)
            for y, share, text in zip(heights, shares, texts):
                ax.annotate(f"{way.way}: {text}", (share, y), (4, 0), textcoords="offset points", va="center")
        ax.set_yticks([0, 1], ["replies", "memory for\na connection"], fontsize=NAME_SIZE)
        ax.invert_yaxis()
        ax.set_xlabel(f"times as much as {base.way}")
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_title(_waiting_finding(waits) if title is None else title, loc="left")
    return ax


def finding(result: Costs) -> str:
    """What the figure shows, in one sentence."""
    both = {cost.tasks for cost in result.of(CHEAP)} & {cost.tasks for cost in result.of(DEAR)}
    if not both:
        return "What one switch costs"
    tasks = max(both)
    times = result.ratio(DEAR, CHEAP, tasks)
    return f"With {tasks:,} tasks alive, a thread hand-over costs {times:,.0f} times a send"


def in_time(ns: float) -> str:
    """A number of nanoseconds in the unit in which it is read most easily.

    >>> in_time(36.2), in_time(2900), in_time(1_000_000)
    ('36 ns', '2.9 µs', '1 ms')
    """
    unit, size = next((u, s) for u, s in (("ms", 1e6), ("µs", 1e3), ("ns", 1)) if ns >= s or u == "ns")
    return f"{ns / size:.2g} {unit}" if ns / size < 10 else f"{ns / size:.0f} {unit}"


def note(ax: Axes, text: str) -> None:
    """Small print under the figure."""
    ax.annotate(text, (0, 0), (0, -44), "axes fraction", "offset points", color=GREY.text, fontsize=7.5, va="top")


def _curve(ax: Axes, result: Costs, name: str) -> None:
    costs, look = result.of(name), style(name)
    if not costs:
        return
    tasks = [cost.tasks for cost in costs]
    low, high = zip(*(cost.spread for cost in costs))
    ax.fill_between(tasks, low, high, color=look.colour, alpha=0.2, linewidth=0)
    ax.plot(tasks, [cost.ns for cost in costs], color=look.colour, marker=look.marker, label=name, linewidth=1.8)


def _labels(ax: Axes, result: Costs) -> None:
    """Each line's name, and what its last point says."""
    lasts = [result.of(name)[-1] for name in result.mechanisms if result.of(name)]
    right = max(cost.tasks for cost in lasts)
    ends: dict[str, tuple[float, float, str]] = {}
    for cost in lasts:
        short = f" at {cost.tasks:,}" if cost.tasks < right else ""
        ends[cost.mechanism] = (cost.tasks, cost.ns, f"{cost.mechanism}  {in_time(cost.ns)}{short}")
    label_ends(ax, ends)


def label_ends(ax: Axes, ends: Mapping[str, tuple[float, float, str]]) -> None:
    """At the right of log axes, a text for each line (by name: where it ends, and the text), none over another."""
    low, high = (log10(limit) for limit in ax.get_ylim())
    line: dict[str, Any] = {"arrowstyle": "-", "color": GREY.colour, "lw": 0.5, "shrinkA": 0, "shrinkB": 4}
    taken = -1.0
    for name, (x, y, text) in sorted(ends.items(), key=lambda end: end[1][1]):
        taken = max((log10(y) - low) / (high - low), taken + APART)
        end = ax.annotate(text, (x, y), (1.03, taken), "data", "axes fraction", va="center", arrowprops=line)
        end.set_color(style(name).text)


def _waiting_finding(waits: Sequence[Waiting]) -> str:
    first, last = waits[0], waits[-1]
    replies, memory = first.throughput / last.throughput, first.memory / last.memory
    return f"{first.way}: {replies:.1f} times the replies of {last.way}, {memory:.0f} times the memory".capitalize()
