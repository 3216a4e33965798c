"""Figures of a job over processes and coroutines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, NullFormatter

from coro_lab.measure.cores.running import Run
from coro_lab.measure.cores.survey_results import Survey
from coro_lab.measure.cores.worker_loop import Span
from coro_lab.measure.costs.findings import times
from coro_lab.views.marks import HATCH
from coro_lab.views.palette import GREY, HUES, INK, PAPER, Style, scale, styles
from coro_lab.views.plots.arguments import check_ax, check_result
from coro_lab.views.plots.charts import (
    EDGE,
    caption,
    chart,
    end_label_room,
    label_ends,
    mark_counts,
    mark_decades,
    side_room,
)
from coro_lab.views.plots.figure import settings
from coro_lab.views.plots.plan import WIDE
from coro_lab.views.plots.text_layout import NAME_SIZE, SIZE, width

LEFT = 58.0  # points, for the numbers at the left of the laws
_ALONE = "Little's law; where cores are the limit is not known, for not all of one process was measured"
FITS = 0.25  # the share by which a law may differ from the measurement and still fit


def heat_map(survey: Survey, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Pages a second, measured and by the laws, for each number of processes (rows) and of coroutines (columns).

    `survey` is what `cores.survey` returned. Left of the thick line Little's law is the smaller one, so coroutines are
    missing; right of it Amdahl's law is, so cores are missing. Without all cells of one process there is no line; the
    small print says so and names what was left out. `title` replaces the finding. `ax` is a matplotlib Axes to draw in;
    without it a figure is made. Returns the Axes.

    >>> from coro_lab import cores
    >>> heat_map(cores.reference()).get_title(loc="left")
    'Pages a second: 4 × 100 coroutines do 68 times the work of 1 × 1'
    """
    check_result("heat_map", "survey", survey, Survey, "cores.survey(job)")
    check_ax("heat_map", "survey", ax)
    rows, columns = survey.processes, survey.coroutines
    measured = {(cell.processes, cell.coroutines): cell.throughput for cell in survey.cells}
    grid = [[measured.get((p, n), float("nan")) for n in columns] for p in rows]
    title = f"Pages a second: {_gain(survey)}" if title is None else title
    border = "left of the thick line coroutines are missing, right of it cores"
    small = f"{border if survey.knows_limit else f'law: {_ALONE}'}\n{_measured_on(survey)}"
    left = side_room(map(_name, rows), NAME_SIZE)
    laws = [f"law: {survey.law(p, n):,.0f}" for p in rows for n in columns]
    if max(map(width, laws)) > (WIDE - left) / len(columns) - 6:
        laws, small = [law.removeprefix("law: ") for law in laws], f"small: what the laws say; {small}"
    with settings():
        if ax is None:
            ax = chart(len(rows) * max(34, min(60, 178 / len(rows))), left, EDGE, title, small)
        shades = LinearSegmentedColormap.from_list("pages", [PAPER, HUES[0].colour])
        norm = LogNorm(min(measured.values()), max(measured.values()) * 1.01)
        ax.imshow(grid, cmap=shades, norm=norm, aspect="auto")
        for y, p in enumerate(rows):
            for x, n in enumerate(columns):
                _cell(ax, x, y, measured.get((p, n)), laws[y * len(columns) + x])
        if survey.knows_limit:
            _border(ax, survey)
        ax.set_xticks(range(len(columns)), [f"{n:,}" for n in columns])
        ax.set_yticks(range(len(rows)), [_name(p) for p in rows], fontsize=NAME_SIZE)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_xlabel("coroutines in each process")
        caption(ax, title, small)
    return ax


def laws(survey: Survey, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """The measured throughput (solid) and what Little's and Amdahl's laws allow (dashed), against coroutines.

    `survey` is what `cores.survey` returned. Both axes are logarithmic; a throughput is in pages a second. `title`
    replaces the finding. `ax` is a matplotlib Axes to draw in; without it a figure is made. Returns the Axes.

    >>> from coro_lab import cores
    >>> laws(cores.reference()).get_title(loc="left")
    'The laws, made from 3 cells, are within 25% in 12 of 12 others'
    """
    check_result("laws", "survey", survey, Survey, "cores.survey(job)")
    check_ax("laws", "survey", ax)
    title = _fit(survey) if title is None else title
    dashed = "dashed: the smaller of the two laws" if survey.knows_limit else f"dashed: {_ALONE}"
    small = f"solid: measured, {dashed}\n{_measured_on(survey)}"
    with settings():
        if ax is None:
            ax = chart(238, LEFT, end_label_room(map(_name, survey.processes), LEFT), title, small)
        looks = scale([_name(p) for p in survey.processes])
        for p, look in zip(survey.processes, looks, strict=True):
            points = [(cell.coroutines, cell.throughput) for cell in survey.cells if cell.processes == p]
            if not points:
                continue
            ax.plot(*zip(*points), color=look.colour, marker=look.marker, linewidth=1.8, label=look.name)
            ax.plot(survey.coroutines, [survey.law(p, n) for n in survey.coroutines], "--", color=look.colour)
        ax.set(xscale="log", yscale="log", xlabel="coroutines in each process", ylabel="pages a second")
        mark_counts(ax, survey.coroutines)
        mark_decades(ax, closer=True)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.12g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.grid(color=GREY.colour, alpha=0.25, linewidth=0.6)
        ax.spines[["top", "right"]].set_visible(False)
        _ends(ax, survey, looks)
        caption(ax, title, small)
    return ax


def lanes(run: Run, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Every process of a run with its coroutines inside, in real time: solid is computing, thin and hatched waiting.

    `run` is what `cores.run` returned; the time is in milliseconds from its begin. `title` replaces the finding. `ax`
    is a matplotlib Axes to draw in; without it a figure is made. Returns the Axes.

    >>> from coro_lab import cores
    >>> spans = (cores.Span(0, page=0, begin=0.0, computing=0.05, end=0.06),)
    >>> run = cores.Run(cores.Job("127.0.0.1:8000"), 1, 1, {0: 3}, {}, 0, 0, seconds=0.06, lanes=((1, spans),))
    >>> lanes(run).get_title(loc="left")
    '1 process: one coroutine computes at a time'
    """
    check_result("lanes", "run", run, Run, "cores.run(job)")
    check_ax("lanes", "run", ax)
    begin = min(span.begin for _, spans in run.lanes for span in spans)
    places = [(number, c) for number, (_, spans) in enumerate(run.lanes) for c in sorted({s.coroutine for s in spans})]
    heights = {place: row + 0.6 * place[0] for row, place in enumerate(places)}  # a gap between the processes
    names = [f"process {number + 1}, coroutine {c + 1}" for number, c in places]
    title = _busy(run) if title is None else title
    looks = styles(f"process {number + 1}" for number, _ in enumerate(run.lanes))
    with settings():
        if ax is None:
            ax = chart(18 * (len(places) + 0.6 * len(run.lanes)), side_room(names), 2 * EDGE, title)
        for number, (_, spans) in enumerate(run.lanes):
            for span in spans:
                _bar(ax, heights[number, span.coroutine], span, begin, looks[number])
        ax.set_yticks([heights[place] for place in places], names)
        for label, (number, _) in zip(ax.get_yticklabels(), places):
            label.set_color(looks[number].text)
        ax.invert_yaxis()
        ax.tick_params(axis="y", length=0)
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.set_xlabel("milliseconds", loc="left")
        caption(ax, title)
        keys = [
            Patch(fc=GREY.colour, label="computing"),
            Patch(fc=PAPER, ec=GREY.colour, hatch=HATCH, label="waiting for its page, then its turn"),
        ]
        ax.legend(handles=keys, loc="upper right", bbox_to_anchor=(1, 0), borderaxespad=1.6, ncols=2, frameon=False)
    return ax


def _bar(ax: Axes, y: float, span: Span, begin: float, look: Style) -> None:
    start, computing, end = ((at - begin) * 1000 for at in (span.begin, span.computing, span.end))
    ax.barh(y, computing - start, 0.3, start, fc=PAPER, ec=look.colour, hatch=HATCH, linewidth=0.6)
    ax.barh(y, end - computing, 0.8, computing, fc=look.colour, ec=look.colour)


def _cell(ax: Axes, x: int, y: int, throughput: float | None, law: str) -> None:
    text = "–" if throughput is None else f"{throughput:,.0f}"
    ax.text(x, y - 0.14, text, ha="center", va="center", fontsize=NAME_SIZE, color=INK)
    ax.text(x, y + 0.24, law, ha="center", va="center", fontsize=SIZE, color=INK)


def _border(ax: Axes, survey: Survey) -> None:
    """The line between the cells that Little's law limits and those that Amdahl's law limits."""
    edges = []
    for y, p in enumerate(survey.processes):
        waiting = sum(survey.little(p, n) <= survey.amdahl(p) for n in survey.coroutines)
        edges += [(waiting - 0.5, y - 0.5), (waiting - 0.5, y + 0.5)]
    ax.plot(*zip(*edges), color=INK, linewidth=2.5, solid_joinstyle="miter")


def _ends(ax: Axes, survey: Survey, looks: Sequence[Style]) -> None:
    ends: dict[str, tuple[float, float, str]] = {}
    for p in sorted({cell.processes for cell in survey.cells}):
        last = max((cell for cell in survey.cells if cell.processes == p), key=lambda cell: cell.coroutines)
        name = _name(p)
        ends[name] = (last.coroutines, last.throughput, name)
    label_ends(ax, ends, looks)


def _name(processes: int) -> str:
    return f"{processes} process{'es' * (processes > 1)}"


def _measured_on(survey: Survey) -> str:
    return "\n".join(filter(None, [survey.left_out_note, str(survey.machine)]))


def _gain(survey: Survey) -> str:
    best = max(survey.cells, key=lambda cell: cell.throughput)
    if (best.processes, best.coroutines) == (1, 1):
        return f"{best.throughput:,.0f} by 1 × 1 coroutine{', and nothing did more' * (len(survey.cells) > 1)}"
    gain = times(best.throughput / survey.throughput(1, 1))
    return f"{best.processes} × {best.coroutines} coroutines do {gain} the work of 1 × 1"


def _fit(survey: Survey) -> str:
    tests = survey.tests
    if not tests:
        return "Too little was measured to test the laws: all of it went into them"
    close = sum(abs(survey.law(c.processes, c.coroutines) / c.throughput - 1) <= FITS for c in tests)
    made_from = len(survey.cells) - len(tests)
    cells, others = f"{made_from} cell{'s' * (made_from > 1)}", f"{len(tests)} other{'s' * (len(tests) > 1)}"
    return f"The laws, made from {cells}, are within {FITS:.0%} in {close} of {others}"


def _busy(run: Run) -> str:
    most = max(replace(run, lanes=(lane,)).at_once for lane in run.lanes)
    computing = "one coroutine computes at a time" if most == 1 else f"up to {most} coroutines compute at once"
    return f"{len(run.lanes)} processes: in each, {computing}" if len(run.lanes) > 1 else f"1 process: {computing}"
