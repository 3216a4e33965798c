"""The toggle of the engines in a real JupyterLab, and the button of notebook 10: a click between two awaits."""

from __future__ import annotations

import inspect

import nbformat
import pytest

from tests.browser.pages import READY
from tests.browser.reading import read, read_all
from tests.browser.server import REPOSITORY
from tests.programs import A, B, cell, consumer, produce

pytestmark = pytest.mark.browser

PROGRAM = f"{inspect.getsource(A)}\n{inspect.getsource(B)}"
MEASURED = """
from coro_lab import Race, cores
from coro_lab.views.widgets.race.heat_map import HeatMap
from tests.views.widgets.test_race import ALONE, TWO
grown = HeatMap(processes=[1, 2], coroutines=[1], planned=2)
grown.add(cores.Cell(1, 1, 10, 1.0))
display(grown)
Race(ALONE, TWO)"""
EXECUTE = """(code) => {
  window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({ code });
}"""
TALK = cell(consumer, produce)
COUNTS = (
    """() => window.jupyterapp.shell.currentWidget.content.widgets.map((cell) => cell.model.executionCount ?? null)"""
)


@pytest.fixture
def toggle(open_notebook, write_notebook):
    """A notebook whose last cell shows the widget, as a page and the widget in it."""

    def show(*cells):
        page = open_notebook(
            write_notebook("engines.ipynb", "from coro_lab.views.widgets.engines import Engines", *cells),
            new_kernel=True,  # in an emptied one __main__ has no __spec__, which processes need
        )
        widget = page.locator(".coro")
        widget.get_by_role("button", name="more", exact=True).click()
        return page, widget

    return show


def pick(widget, engine):
    widget.get_by_role("radio", name=engine).check()


def said(widget):
    """Which program is shown, and where in its run the reader is."""
    step = read(widget.locator(".coro-where")).partition(" ·")[0]
    return read(widget.locator(".coro-told")), step, read(widget.locator(".coro-sentence"))


def output(widget):
    return [line for line in read_all(widget.locator(".coro-text")) if line]


def test_the_toggle_changes_the_engine_and_nothing_else(toggle):
    _, widget = toggle(PROGRAM, "Engines(A, B)")
    for _ in range(3):
        widget.get_by_role("button", name="next switch").click()
    assert said(widget) == (
        "generators: the program as it is written; the scheduler resumes, on one thread.", "step 1",
        "B yields None and suspends at line 10.",
    )  # fmt: skip
    for engine, told in {
        "asyncio": "6 of 12 lines differ, by 88 characters; the event loop resumes, on one thread.",
        "threads": "4 of 12 lines differ, by 52 characters; the operating system resumes, in 2 threads.",
        "processes": "4 of 12 lines differ, by 52 characters; the operating system resumes, in 2 processes.",
    }.items():
        pick(widget, engine)
        shown, step, sentence = said(widget)
        assert (shown, step) == (f"{engine}: {told}", "step 1")
        assert sentence.startswith("B ") and "line 10" in sentence
        widget.get_by_role("button", name="last", exact=True).click()
        assert output(widget) == ["1", "x", "2", "y", "3", "z"]
        pick(widget, "generators")
        assert said(widget)[1:] == ("step 5", "B returns None.")
        for _ in range(8):
            widget.get_by_role("button", name="previous switch").click()
        assert said(widget)[1] == "step 1"


def test_what_differs_is_marked(toggle):
    _, widget = toggle(TALK, "Engines(produce, consumer)")
    marked = widget.locator("mark")
    assert marked.count() == 0
    pick(widget, "asyncio")
    assert [mark.strip() for mark in read_all(marked)] == [
        "async", "await", "await", "await", "async", "await answer(", ")",
    ]  # fmt: skip
    pick(widget, "threads")
    assert read_all(marked) == ["answer(", ")"]
    pick(widget, "processes")
    assert read_all(marked) == ["answer(", ")"]
    widget.get_by_role("button", name="last", exact=True).click()
    assert widget.locator(".coro-text").count() > 0
    assert output(widget)[-1] == "[PRODUCER] Consumer return: 200 OK"


def test_it_works_by_the_keyboard_and_without_a_kernel_and_so_do_measured_runs(toggle, watched):
    page, widget = toggle(PROGRAM, "Engines(A, B)", MEASURED)
    assert widget.locator(".coro-program .coro-py-keyword").all_text_contents() == ["def", "yield", "yield"] * 2
    heat = page.locator(".coro-heat")
    assert read(heat.get_by_role("status")) == "1 of 2 measured: 1 × 1 now"
    page.evaluate(EXECUTE, "grown.add(cores.Cell(2, 1, 1000, 1.0)); grown.over = True")
    heat.get_by_text("2 × 1 does 100 times the pages of 1 × 1.").wait_for()
    assert read_all(heat.get_by_role("cell")) == ["10", "1,000"]
    audit = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = [audit.Axe().run(page, context=one).response["violations"] for one in (".coro-heat", ".coro-race", ".coro")]
    assert [rule["id"] for rules in found for rule in rules if rule["impact"] in ("serious", "critical")] == []
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    watched.forgive_errors()
    widget.get_by_role("radio", name="generators").focus()
    for engine in ("asyncio", "threads", "processes", "generators"):
        page.keyboard.press("ArrowRight")
        assert widget.get_by_role("radio", name=engine).is_checked()
        assert said(widget)[0].startswith(f"{engine}: ")
        assert said(widget)[1] == "step 0"
    race = page.locator(".coro-race")
    facts = race.locator(".coro-race-said")
    assert read_all(facts) == ["0 of 2 pages done, 0 computing, 1 waiting", "0 of 2 pages done, 0 computing, 2 waiting"]
    race.get_by_role("slider").focus()
    page.keyboard.press("End")
    assert read_all(facts) == ["2 pages in 1.00 s: 2 pages a second", "2 pages in 0.50 s: 4 pages a second"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    race.get_by_role("button", name="stop").wait_for()
    race.get_by_text("1 of 2 pages done").wait_for()
    watched.forgive_errors()


# ---- The button of notebook 10 ---------------------------------------------------------------------------------------


def lesson(opening):
    """The code cell of notebook 10 that begins so."""
    notebook = nbformat.read(REPOSITORY / "notebooks" / "10-asyncio.ipynb", as_version=4)
    return next(cell.source for cell in notebook.cells if cell.source.startswith(opening))


def run(page, number):
    """Run one cell; a click on an output would have made another one active."""
    page.evaluate("number => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = number }", number)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell') }")


def test_a_click_resumes_tasks_that_have_outlived_their_cell(open_notebook, write_notebook):
    """No cell runs between the click and what `B` writes on the button: the loop alone goes on.

    On some versions of ipykernel 7 such tasks stand still until another cell runs (its issue 1510).
    """
    start = "import asyncio\nfrom functools import partial\nfrom coro_lab import record\n"
    openings = ("clicked, passed_on", "async def both():", "from ipywidgets import Button", "button.click()")
    waits, gathers, shows, reads = map(lesson, openings)
    page = open_notebook(write_notebook("button.ipynb", f"{start}{waits}\n\n{gathers}", shows, reads), run=False)
    run(page, 0)
    run(page, 1)
    button = page.get_by_role("button", name="click me")
    button.wait_for()
    page.wait_for_function(READY)  # the cell has ended
    button.click()
    page.get_by_role("button", name="B has heard of it").wait_for()
    assert page.evaluate(COUNTS) == [1, 2, None]
    run(page, 2)
    told = read(page.locator(".jp-OutputArea-output", has_text="both starts"))
    happened = told.splitlines()
    a_waits = next(at for at, line in enumerate(happened) if line.startswith("A delegates"))
    a_goes_on = next(at for at, line in enumerate(happened) if line.startswith("A resumes"))
    click = happened.index("on_click is called, button = <Button>")  # by the loop; a cell would be told as its caller
    assert a_waits < click < a_goes_on
