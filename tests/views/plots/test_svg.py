"""The pictures without matplotlib: they show what matplotlib's pictures show, from the same plan."""

import asyncio
import contextlib
import sys
from dataclasses import replace
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from matplotlib.ticker import LogLocator, MaxNLocator

from coro_lab import (
    cores,
    cost_curves,
    costs,
    explore,
    heat_map,
    interleavings,
    lanes,
    lattice,
    laws,
    record,
    timeline,
    waiting_bars,
)
from coro_lab.lessons.event_loop import Loop, sleep
from coro_lab.lessons.loop_picture import boxes
from coro_lab.lessons.queue_picture import items_that_wait
from coro_lab.views.plots import chart, font, text_layout
from coro_lab.views.plots.layout import lay_out
from coro_lab.views.plots.svg.drawing import whole_ticks
from tests import async_programs, programs, racy
from tests.programs import A, B

mpl.use("agg")
GOLDEN = {**programs.GOLDEN, **async_programs.GOLDEN}
NAMES = {"A": A, "B": B}
ORDERS = {
    "every order": lambda: lattice(interleavings(NAMES)),
    "one order": lambda: lattice(interleavings(NAMES), "ABABAB"),
    "a broken order": lambda: lattice(broken()),
    "three coroutines": lambda: lattice(interleavings({**NAMES, "third": A}), ["A", "A", "B"]),
}
WAITS = [costs.Waiting("threads", 10, 90, 1.0, 18_000.0), costs.Waiting("coroutines", 10, 100, 1.0, 2_000.0)]
SURVEY = cores.reference()
FEW = replace(SURVEY, cells=(*SURVEY.cells[:3], *SURVEY.cells[5:7]), left_out=10)


def nap_twice():
    async def nap(name, seconds):
        await sleep(seconds)

    loop = Loop()
    loop.spawn(nap("slow", 0.02))
    loop.spawn(nap("<b>quick</b>", 0.01))
    return boxes(loop)


def busy():
    spans = [
        cores.Span(number % 2, number, 0.1 * number, 0.1 * number + 0.05, 0.1 * number + 0.06) for number in (0, 1)
    ]
    return lanes(cores.Run(cores.Job(""), 2, 2, {}, {}, 0, 0, 1.0, ((1, tuple(spans)), (2, tuple(spans)))))


CHARTS = {
    "costs": lambda: cost_curves(costs.reference()),
    "costs of one mechanism": lambda: cost_curves(replace(costs.reference(), costs=costs.reference().of("send")[:1])),
    "waiting": lambda: waiting_bars(WAITS),
    "a heat map": lambda: heat_map(SURVEY, title="Pages  a second"),
    "a heat map with gaps": lambda: heat_map(FEW),
    "laws": lambda: laws(SURVEY),
    "laws with gaps": lambda: laws(FEW),
    "lanes": busy,
    "an event loop": nap_twice,
    "queues": lambda: items_that_wait({"one": [1, 2, 3], "other": [1, 1, 1]}),
}


def broken():
    return explore(setup=racy.Tally, coroutines=dict.fromkeys("AB", racy.increment), invariant=racy.is_two)


@pytest.fixture
def as_svg(monkeypatch):
    """Calls a function that draws, so that it draws SVG; texts are measured as for matplotlib."""

    def call(function, *arguments):
        with monkeypatch.context() as now:
            for module in ("timeline", "lattice", "pictures"):
                now.setattr(f"coro_lab.views.plots.{module}.is_installed", lambda package: False)
            return function(*arguments)

    return call


def forget_the_font():
    for remembered in (font._of_matplotlib, text_layout.width, text_layout.plain):
        remembered.cache_clear()


@pytest.fixture
def without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    forget_the_font()
    yield
    monkeypatch.undo()
    forget_the_font()


def read(picture):
    return ElementTree.fromstring(picture.svg)


def kinds(picture, kind):
    """What is drawn of a kind."""
    return [drawn for drawn in read(picture).iter() if kind in drawn.get("class", "").split()]


def texts(picture):
    return sorted(drawn.text for drawn in read(picture).iter() if drawn.text)


def texts_of_matplotlib(ax):
    """The same of a figure, line by line."""
    ax.figure.canvas.draw()
    every = ax.figure.findobj(lambda thing: isinstance(thing, mpl.text.Text) and thing.get_visible())
    unseen = [tick.label1 for tick in ax.xaxis.get_major_ticks() if not within(tick.get_loc(), ax.get_xlim())]
    return sorted(line for text in every if text not in unseen for line in text.get_text().split("\n") if line)


def within(place, limits):
    return limits[0] <= place <= limits[1]


def of_class(picture, name):
    """What is drawn of a kind, without hatches."""
    return [drawn for drawn in read(picture).iter() if drawn.get("class") == name]


def bars(picture, doing):
    return of_class(picture, f"bar {doing}")


@pytest.mark.parametrize("name", GOLDEN)
def test_a_timeline_says_and_draws_the_same(name, as_svg):
    trace = record(GOLDEN[name])
    drawn, picture = timeline(trace), as_svg(timeline, trace)
    assert texts(picture) == texts_of_matplotlib(drawn)
    assert picture.get_title() == drawn.get_title()
    [lines] = [lines for lines in drawn.collections if lines.get_gid() == "crossings"] or [None]
    assert len(kinds(picture, "crossing")) == (len(lines.get_segments()) if lines else 0)
    for doing in ("running", "suspended", "waiting"):
        rows = [row for row in drawn.collections if (row.get_gid() or "").startswith(f"{doing} ")]
        assert len(bars(picture, doing)) == sum(len(row.get_paths()) for row in rows)


def test_a_bar_is_where_its_steps_are(as_svg):
    picture = as_svg(timeline, record(lambda: list(A())))
    first, second, *_ = (float(tick.get("x")) for tick in kinds(picture, "tick"))
    assert float(bars(picture, "running")[0].get("x")) == pytest.approx((3 * first - second) / 2, abs=0.05)


def test_a_long_run_is_folded_in_the_same_way(as_svg):
    trace = record(lambda: sum(number for number in range(3_000)))
    drawn, picture = timeline(trace), as_svg(timeline, trace)
    assert texts(picture) == texts_of_matplotlib(drawn)
    assert len(bars(picture, "running")) == len(drawn.patches)


@pytest.mark.parametrize("orders", ORDERS)
def test_a_lattice_says_the_same(orders, as_svg):
    drawn, picture = ORDERS[orders](), as_svg(ORDERS[orders])
    assert texts(picture) == texts_of_matplotlib(drawn)
    assert len(kinds(picture, "chosen")) == len([line for line in drawn.lines if line.get_linewidth() == 4])


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_says_and_draws_the_same(name, as_svg):
    drawn, picture = CHARTS[name](), as_svg(CHARTS[name])
    assert texts(picture) == texts_of_matplotlib(drawn)
    assert picture.get_title() == drawn.get_title(loc="left").replace("\n", " ")
    found = {"bar": drawn.patches, "band": drawn.collections, "line": drawn.lines}
    assert {kind: len(of_class(picture, kind)) for kind in found} == {kind: len(found[kind]) for kind in found}


@given(st.floats(1e-3, 1e9), st.floats(1.01, 1e7), st.booleans())
def test_the_ticks_of_a_log_axis_are_those_that_matplotlib_chooses(low, ratio, closer):
    axis = chart.decades([low, low * ratio], str, "time", closer=closer)
    near = ratio**1.1 < chart.NARROW
    assume(abs(ratio**1.1 / chart.NARROW - 1) > 0.01)
    chosen = LogLocator(subs=(1, 2, 5) if near or closer else (1,)).tick_values(axis.low, axis.high)
    expected = [at for at in chosen if axis.low <= at <= axis.high]
    assert [at for at, _ in axis.ticks] == pytest.approx(expected)


@given(st.floats(1e-3, 1e6))
def test_the_ticks_from_zero_are_those_that_matplotlib_chooses(most):
    axis = chart.from_zero([most], "times")
    expected = MaxNLocator(nbins=9, steps=[1, 2, 2.5, 5, 10]).tick_values(0, axis.high)
    assert [at for at, _ in axis.ticks] == pytest.approx([at for at in expected if at <= axis.high])
    assert len({text for _, text in axis.ticks}) == len(axis.ticks)
    assert [float(text) for _, text in axis.ticks] == pytest.approx([at for at, _ in axis.ticks])


def test_what_a_program_says_is_text(as_svg):
    def hostile():
        yield "<script>\x1b&amp;"

    picture = as_svg(timeline, record(lambda: list(hostile())))
    assert "<script" not in picture.svg
    assert any("<script>" in text for text in texts(picture))
    assert "\x1b" not in picture.svg


def test_without_matplotlib_a_picture_is_drawn_and_saved(without_matplotlib, tmp_path):
    makers = (lambda: timeline(record(lambda: list(A()))), lambda: lattice(interleavings(NAMES)), *CHARTS.values())
    for picture in (make() for make in makers):
        picture.figure.savefig(tmp_path / "run.svg")
        assert (tmp_path / "run.svg").read_text(encoding="utf-8") == picture.svg
        assert repr(picture) == f"Picture({picture.get_title()!r})"
        assert read(picture).get("aria-label") == picture.get_title()


@pytest.mark.parametrize("text", ["yield '200 OK'", "send(1)", "The quick brown fox", "MMM Wide", "[1, 2]", "…→é"])
def test_the_table_of_widths_is_close_to_the_font(text):
    assert font.estimated(text, 9.0) == pytest.approx(font.width(text, 9.0), rel=0.05)


@given(st.integers(-900, 10**9).map(lambda low: low / 1000), st.floats(1, 1e6))
def test_whole_ticks_are_those_that_matplotlib_chooses(low, length):
    chosen = MaxNLocator(integer=True, min_n_ticks=1).tick_values(low, low + length)
    assert whole_ticks(low, low + length) == [tick for tick in chosen if low <= tick <= low + length]


async def stays():
    await asyncio.sleep(1000)


async def fails():
    await asyncio.sleep(0)
    raise OSError


async def nested():
    async with asyncio.TaskGroup() as group:
        group.create_task(stays())


async def trip():
    with contextlib.suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(nested())
            group.create_task(fails())
            await asyncio.gather(asyncio.create_task(stays()))


def test_the_boxes_of_families_lie_around_their_members_and_in_one_another():
    trace = record(trip)
    plan = lay_out(trace, None, (600, None))
    outer, gathered, inner = plan.boxes
    names = {plan.row_of[number]: lane.name for number, lane in enumerate(trace.lanes)}
    assert [(box.label, [names[row] for row in box.members]) for box in plan.boxes] == [
        ("TaskGroup", ["nested", "fails"]),
        ("gather", ["stays"]),
        ("TaskGroup 2", ["stays 2"]),
    ]
    assert [names[box.rows[0]] for box in plan.boxes] == ["trip", "trip", "nested"]
    assert outer.begin == gathered.begin < inner.begin < inner.end <= outer.end
    assert outer.top(plan) < gathered.top(plan)
    assert outer.aside == 0 < gathered.aside  # so that one name does not hide the other


def test_no_arrow_runs_through_the_name_of_a_family(as_svg):
    order = [each.get("class") for each in read(as_svg(timeline, record(trip))).iter()]
    assert order.count("family") == order.count("family name") == 3
    assert order.count("member") == 4
    last_arrow = max(at for at, kind in enumerate(order) if kind in ("crossing", "head"))
    assert order.index("family") < order.index("crossing") < last_arrow < order.index("family name")


def test_of_more_families_than_can_be_told_apart_no_box_is_drawn(as_svg):
    async def many():
        for _ in range(13):
            await asyncio.gather(fails(), return_exceptions=True)

    picture = as_svg(timeline, record(many))
    assert kinds(picture, "family") == []
    assert "not drawn: the boxes of 13 families; families(trace) tells them" in texts(picture)
