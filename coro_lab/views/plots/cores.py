"""Figures of a job over processes and coroutines."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import TYPE_CHECKING

from coro_lab.measure.cores.running import Run
from coro_lab.measure.cores.survey_results import Survey
from coro_lab.measure.cores.worker_loop import Span
from coro_lab.measure.costs.findings import times
from coro_lab.views.marks import HATCH
from coro_lab.views.palette import GREY, HUES, INK, PAPER, Style, mixed, scale, styles
from coro_lab.views.plots.arguments import check_ax, check_result
from coro_lab.views.plots.chart import (
    EDGE,
    LEFT,
    Axis,
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
from coro_lab.views.plots.plan import WIDE
from coro_lab.views.plots.text_layout import NAME_SIZE, width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ALONE = "Little's law; where cores are the limit is not known, for not all of one process was measured"
FITS = 0.25  # the share by which a law may differ from the measurement and still fit


def heat_map(survey: Survey, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Pages a second, measured and by the laws, for each number of processes (rows) and of coroutines (columns).

    `survey` is what `cores.survey` returned. Left of the thick line Little's law is the smaller one, so coroutines are
    missing; right of it Amdahl's law is, so cores are missing. Without all cells of one process the line is left out;
    the small print says so and names what was left out. `title` replaces the finding. `ax` is a matplotlib Axes to draw
    in; without it a figure is made. Returns the Axes, or a picture as SVG where matplotlib is missing.

    >>> from coro_lab import cores
    >>> heat_map(cores.reference()).get_title(loc="left")
    'Pages a second: 4 × 100 coroutines do 68 times the work of 1 × 1'
    """
    check_result("heat_map", "survey", survey, Survey, "cores.survey(job)")
    check_ax("heat_map", "survey", ax)
    processes, columns = survey.processes, survey.coroutines
    border = "left of the thick line coroutines are missing, right of it cores"
    small = f"{border if survey.knows_limit else f'law: {_ALONE}'}\n{_measured_on(survey)}"
    left = side_room(map(_name, processes), NAME_SIZE)
    laws = {(p, n): f"law: {survey.law(p, n):,.0f}" for p in processes for n in columns}
    if max(map(width, laws.values())) > (WIDE - left) / len(columns) - 6:
        laws, small = {at: law.removeprefix("law: ") for at, law in laws.items()}, f"small: what the laws say; {small}"
    chart = Chart(
        title=f"Pages a second: {_gain(survey)}" if title is None else title, small=small,
        x=Axis(-0.5, len(columns) - 0.5, [(x, f"{n:,}") for x, n in enumerate(columns)], "coroutines in each process",
               line=False),
        y=Axis(len(processes) - 0.5, -0.5, [(y, _name(p)) for y, p in enumerate(processes)], size=NAME_SIZE,
               line=False),
        high=len(processes) * max(34, min(60, 178 / len(processes))), left=left, right=EDGE,
        bars=_cells(survey), labels=_texts(survey, laws), lines=[_border(survey)] * survey.knows_limit,
    )  # fmt: skip
    return draw(chart, ax)


def laws(survey: Survey, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """The measured throughput (solid) and what Little's and Amdahl's laws allow (dashed), against coroutines.

    `survey` is what `cores.survey` returned. Both axes are logarithmic; a throughput is in pages a second. `title`
    replaces the finding. `ax` is a matplotlib Axes to draw in; without it a figure is made.
    Returns the Axes, or a picture as SVG where matplotlib is missing.

    >>> from coro_lab import cores
    >>> laws(cores.reference()).get_title(loc="left")
    'The laws, made from 3 cells, are within 25% in 12 of 12 others'
    """
    check_result("laws", "survey", survey, Survey, "cores.survey(job)")
    check_ax("laws", "survey", ax)
    dashed = "dashed: the smaller of the two laws" if survey.knows_limit else f"dashed: {_ALONE}"
    looks = scale([_name(p) for p in survey.processes])
    lines = [line for p, look in zip(survey.processes, looks, strict=True) for line in _lines(survey, p, look)]
    ink = {look.name: look.text for look in looks}
    chart = Chart(
        title=_fit(survey) if title is None else title, small=f"solid: measured, {dashed}\n{_measured_on(survey)}",
        x=counts(survey.coroutines, "coroutines in each process", grid=True),
        y=decades([y for line in lines for _, y in line.points], "{:,.12g}".format, "pages a second", closer=True),
        high=238, left=LEFT, right=end_room(map(_name, survey.processes), LEFT), lines=lines,
        ends=[LineEnd(*line.points[-1], line.name, ink[line.name]) for line in lines if line.name],
    )  # fmt: skip
    return draw(chart, ax)


def lanes(run: Run, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Every process of a run with its coroutines inside, in real time: solid is computing, thin and hatched waiting.

    `run` is what `cores.run` returned; the time is in milliseconds from its begin. `title` replaces the finding. `ax`
    is a matplotlib Axes to draw in; without it a figure is made.
    Returns the Axes, or a picture as SVG where matplotlib is missing.

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
    ticks = [(heights[number, c], f"process {number + 1}, coroutine {c + 1}") for number, c in places]
    looks = styles(f"process {number + 1}" for number, _ in enumerate(run.lanes))
    bars = [
        bar
        for (_, spans), (number, look) in zip(run.lanes, enumerate(looks), strict=True)
        for span in spans
        for bar in _bars(heights[number, span.coroutine], span, begin, look)
    ]
    chart = Chart(
        title=_busy(run) if title is None else title, bars=bars,
        x=from_zero([bar.right for bar in bars], "milliseconds")._replace(named_at_begin=True),
        y=rows(ticks, bars)._replace(line=False, colours=[looks[number].text for number, _ in places]),
        high=18 * (len(places) + 0.6 * len(run.lanes)), left=side_room(text for _, text in ticks), right=2 * EDGE,
        key=[_computing(0, 0, 0, GREY.colour, "computing"),
             _waiting(0, 0, 0, GREY.colour, "waiting for its page, then its turn")],
        key_below=True,
    )  # fmt: skip
    return draw(chart, ax)


def _bars(y: float, span: Span, begin: float, look: Style) -> tuple[ChartBar, ChartBar]:
    start, computing, end = ((at - begin) * 1000 for at in (span.begin, span.computing, span.end))
    return _waiting(start, computing, y, look.colour), _computing(computing, end, y, look.colour)


def _waiting(begin: float, end: float, y: float, colour: str, name: str = "") -> ChartBar:
    return ChartBar(begin, end, y, 0.3, PAPER, colour, HATCH, 0.6, name)


def _computing(begin: float, end: float, y: float, colour: str, name: str = "") -> ChartBar:
    return ChartBar(begin, end, y, 0.8, colour, colour, name=name)


def _cells(survey: Survey) -> list[ChartBar]:
    """A cell for each measurement, in a shade of blue: the more pages, the darker."""
    low, high = (limit(cell.throughput for cell in survey.cells) for limit in (min, max))
    cells = list[ChartBar]()
    for cell in survey.cells:
        x, y = survey.coroutines.index(cell.coroutines), survey.processes.index(cell.processes)
        share = log(cell.throughput / low) / log(1.01 * high / low)
        cells.append(ChartBar(x - 0.5, x + 0.5, y, 1, mixed(PAPER, share, HUES[0].colour)))
    return cells


def _texts(survey: Survey, laws: dict[tuple[int, int], str]) -> list[Label]:
    """The measurement in each cell, and the law under it."""
    measured = {(cell.processes, cell.coroutines): f"{cell.throughput:,.0f}" for cell in survey.cells}
    texts = list[Label]()
    for (p, n), law in laws.items():
        x, y = survey.coroutines.index(n), survey.processes.index(p)
        texts += [Label(x, y - 0.14, measured.get((p, n), "–"), NAME_SIZE), Label(x, y + 0.24, law)]
    return texts


def _border(survey: Survey) -> Line:
    """The line between the cells that Little's law limits and those that Amdahl's law limits."""
    edges = []
    for y, p in enumerate(survey.processes):
        waiting = sum(survey.little(p, n) <= survey.amdahl(p) for n in survey.coroutines)
        edges += [(waiting - 0.5, y - 0.5), (waiting - 0.5, y + 0.5)]
    return Line(edges, INK, 2.5)


def _lines(survey: Survey, p: int, look: Style) -> list[Line]:
    """The measurement and the law for this number of processes; without a measurement none."""
    points = [(cell.coroutines, cell.throughput) for cell in survey.cells if cell.processes == p]
    law = [(n, survey.law(p, n)) for n in survey.coroutines]
    measured = Line(points, look.colour, 1.8, look.marker, name=look.name)
    return [measured, Line(law, look.colour, dashed=True)] if points else []


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
