"""The pictures without matplotlib: they show what matplotlib's pictures show, from the same plan."""

import sys
from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from coro_lab import explore, interleavings, lattice, record, timeline
from coro_lab.views.plots import font, text_layout
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


def broken():
    return explore(setup=racy.Tally, coroutines=dict.fromkeys("AB", racy.increment), invariant=racy.is_two)


@pytest.fixture
def as_svg(monkeypatch):
    """Calls a function that draws, so that it draws SVG; texts are measured as for matplotlib."""

    def call(function, *arguments):
        with monkeypatch.context() as now:
            for module in ("coro_lab.views.plots", "coro_lab.views.plots.lattice"):
                now.setattr(sys.modules[module], "is_installed", lambda package: False)
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
    """The same of a figure, line by line, but for the numbers of the steps."""
    ax.figure.canvas.draw()
    every = ax.figure.findobj(lambda thing: isinstance(thing, mpl.text.Text) and thing.get_visible())
    return sorted(line for text in every for line in text.get_text().split("\n") if line)


def words(found):
    return [text for text in found if not text.replace("−", "").isdigit()]


def bars(picture, doing):
    return [bar for bar in kinds(picture, "bar") if bar.get("class") == f"bar {doing}"]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_timeline_says_and_draws_the_same(name, as_svg):
    trace = record(GOLDEN[name])
    drawn, picture = timeline(trace), as_svg(timeline, trace)
    assert words(texts(picture)) == words(texts_of_matplotlib(drawn))
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
    assert words(texts(picture)) == words(texts_of_matplotlib(drawn))
    assert len(bars(picture, "running")) == len(drawn.patches)


@pytest.mark.parametrize("orders", ORDERS)
def test_a_lattice_says_the_same(orders, as_svg):
    drawn, picture = ORDERS[orders](), as_svg(ORDERS[orders])
    assert texts(picture) == texts_of_matplotlib(drawn)
    assert len(kinds(picture, "chosen")) == len([line for line in drawn.lines if line.get_linewidth() == 4])


def test_what_a_program_says_is_text(as_svg):
    def hostile():
        yield "<script>\x1b&amp;"

    picture = as_svg(timeline, record(lambda: list(hostile())))
    assert "<script" not in picture.svg
    assert any("<script>" in text for text in texts(picture))
    assert "\x1b" not in picture.svg


def test_without_matplotlib_a_picture_is_drawn_and_saved(without_matplotlib, tmp_path):
    for picture in (timeline(record(lambda: list(A()))), lattice(interleavings(NAMES))):
        picture.figure.savefig(tmp_path / "run.svg")
        assert (tmp_path / "run.svg").read_text(encoding="utf-8") == picture.svg
        assert repr(picture) == f"Picture({picture.get_title()!r})"
        assert read(picture).get("aria-label") == picture.get_title()


@pytest.mark.parametrize("text", ["yield '200 OK'", "send(1)", "The quick brown fox", "MMM Wide", "[1, 2]", "…→é"])
def test_the_table_of_widths_is_close_to_the_font(text):
    assert font.estimated(text, 9.0) == pytest.approx(font.width(text, 9.0), rel=0.05)


@pytest.mark.parametrize(
    ("first", "last", "ticks"),
    [(0, 3, [0, 1, 2, 3]), (0, 12, [*range(0, 13, 2)]), (7, 8, [7, 8]), (0, 6_001, [*range(0, 6_001, 1_000)])],
)
def test_ticks_are_whole_and_not_too_many(first, last, ticks):
    assert whole_ticks(first, last) == ticks
