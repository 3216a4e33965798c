"""Figures of a job over processes and coroutines; matplotlib only."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from coro_lab.cores.loops import Span
from coro_lab.cores.running import Run
from coro_lab.cores.surveys import Survey
from coro_lab.costs.plot import NAME_SIZE, label_ends, note
from coro_lab.palette import GREY, HUES, INK, PAPER, style
from coro_lab.plots.drawing import settings

FITS = 0.25  # a law is said to fit where it is off by no more than this share


def heat_map(survey: Survey, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Pages a second for each number of processes (rows) and of coroutines (columns), and under it what the laws say.

    The thick line divides where Little's law is the smaller one (coroutines are missing) from where Amdahl's is (cores
    are).
    """
    rows, columns = survey.processes, survey.coroutines
    measured = {(cell.processes, cell.coroutines): cell.throughput for cell in survey.cells}
    grid = [[measured.get((p, n), float("nan")) for n in columns] for p in rows]
    with settings():
        if ax is None:
            ax = plt.figure(figsize=(8, 3.8)).add_axes((0.13, 0.25, 0.85, 0.65))
        shades = LinearSegmentedColormap.from_list("pages", [PAPER, HUES[0].colour])
        norm = LogNorm(min(measured.values()), max(measured.values()) * 1.01)
        ax.imshow(grid, cmap=shades, norm=norm, aspect="auto")
        for y, p in enumerate(rows):
            for x, n in enumerate(columns):
                _tell(ax, x, y, measured.get((p, n)), survey.law(p, n))
        _border(ax, survey)
        ax.set_xticks(range(len(columns)), [f"{n:,}" for n in columns])
        ax.set_yticks(range(len(rows)), [_name(p) for p in rows], fontsize=NAME_SIZE)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_xlabel("coroutines in each process")
        ax.set_title(f"Pages a second: {_gain(survey)}" if title is None else title, loc="left")
        note(ax, f"left of the thick line coroutines are missing, right of it cores. {survey.machine}")
    return ax


def laws(survey: Survey, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Measured throughput (points) and what Little's and Amdahl's laws together allow (dashed), against coroutines."""
    with settings():
        if ax is None:
            ax = plt.figure(figsize=(8, 4.6)).add_axes((0.09, 0.17, 0.74, 0.72))
        for p in survey.processes:
            look = style(_name(p))
            points = [(cell.coroutines, cell.throughput) for cell in survey.cells if cell.processes == p]
            ax.plot(*zip(*points), color=look.colour, marker=look.marker, linewidth=1.8, label=look.name)
            ax.plot(survey.coroutines, [survey.law(p, n) for n in survey.coroutines], "--", color=look.colour)
        ax.set(xscale="log", yscale="log", xlabel="coroutines in each process", ylabel="pages a second")
        ax.set_xticks(survey.coroutines)
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}"))
            axis.set_minor_formatter(NullFormatter())
        ax.grid(color=GREY.colour, alpha=0.25, linewidth=0.6)
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_title(_fit(survey) if title is None else title, loc="left")
        _ends(ax, survey)
        note(ax, f"solid: measured, dashed: the smaller of the two laws. {survey.machine}")
    return ax


def lanes(run: Run, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Every process of a run with its coroutines inside, in real time: solid is computing, thin and hatched waiting."""
    begin = min(span.begin for _, spans in run.lanes for span in spans)
    places = [(number, c) for number, (_, spans) in enumerate(run.lanes) for c in sorted({s.coroutine for s in spans})]
    heights = {place: row + 0.6 * place[0] for row, place in enumerate(places)}  # a gap between the processes
    with settings():
        if ax is None:
            ax = plt.figure(figsize=(8, 1.4 + 0.24 * len(places))).add_axes((0.24, 0.2, 0.73, 0.68))
        for number, (_, spans) in enumerate(run.lanes):
            for span in spans:
                _bar(ax, heights[number, span.coroutine], span, begin, f"process {number + 1}")
        names = [f"process {number + 1}, coroutine {c + 1}" for number, c in places]
        ax.set_yticks([heights[place] for place in places], names)
        for label, (number, _) in zip(ax.get_yticklabels(), places):
            label.set_color(style(f"process {number + 1}").text)
        ax.invert_yaxis()
        ax.tick_params(axis="y", length=0)
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.set_xlabel("milliseconds", loc="left")
        ax.set_title(_busy(run) if title is None else title, loc="left")
        keys = [
            Patch(fc=GREY.colour, label="computing"),
            Patch(fc=PAPER, ec=GREY.colour, hatch="////", label="waiting for its page, then its turn"),
        ]
        ax.legend(handles=keys, loc="upper right", bbox_to_anchor=(1, 0), borderaxespad=1.6, ncols=2, frameon=False)
    return ax


def _bar(ax: Axes, y: float, span: Span, begin: float, name: str) -> None:
    look = style(name)
    start, computing, end = ((at - begin) * 1000 for at in (span.begin, span.computing, span.end))
    ax.barh(y, computing - start, 0.3, start, fc=PAPER, ec=look.colour, hatch=look.hatch, linewidth=0.6)
    ax.barh(y, end - computing, 0.8, computing, fc=look.colour, ec=look.colour)


def _tell(ax: Axes, x: int, y: int, throughput: float | None, law: float) -> None:
    text = "–" if throughput is None else f"{throughput:,.0f}"
    ax.text(x, y - 0.14, text, ha="center", va="center", fontsize=NAME_SIZE, color=INK)
    ax.text(x, y + 0.24, f"law: {law:,.0f}", ha="center", va="center", fontsize=7.5, color=INK)


def _border(ax: Axes, survey: Survey) -> None:
    """The line between the cells that Little's law limits and those that Amdahl's law limits."""
    edges = []
    for y, p in enumerate(survey.processes):
        waiting = sum(survey.little(p, n) <= survey.amdahl(p) for n in survey.coroutines)
        edges += [(waiting - 0.5, y - 0.5), (waiting - 0.5, y + 0.5)]
    ax.plot(*zip(*edges), color=INK, linewidth=2.5, solid_joinstyle="miter")


def _ends(ax: Axes, survey: Survey) -> None:
    ends: dict[str, tuple[float, float, str]] = {}
    for p in survey.processes:
        last = max((cell for cell in survey.cells if cell.processes == p), key=lambda cell: cell.coroutines)
        name = _name(p)
        ends[name] = (last.coroutines, last.throughput, name)
    label_ends(ax, ends)


def _name(processes: int) -> str:
    return f"{processes} process{'es' * (processes > 1)}"


def _gain(survey: Survey) -> str:
    best = max(survey.cells, key=lambda cell: cell.throughput)
    times = best.throughput / survey.throughput(1, 1)
    return f"{best.processes} × {best.coroutines} coroutines do {times:,.0f} times the work of 1 × 1"


def _fit(survey: Survey) -> str:
    close = sum(abs(survey.law(c.processes, c.coroutines) / c.throughput - 1) <= FITS for c in survey.cells)
    return f"The laws are within {FITS:.0%} of the measurement in {close} of {len(survey.cells)} cells"


def _busy(run: Run) -> str:
    processes = f"{len(run.lanes)} process{'es' * (len(run.lanes) > 1)}"
    return f"{processes}: in each, one coroutine computes at a time"
