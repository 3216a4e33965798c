"""Somebody with a phone and nothing else: from the first page to a send of their own, and to an exercise solved."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from coro_lab.lessons.checker.catalogue import find
from coro_lab.trace.fragment import pack
from tests.site.lab_pages import ANSWERS, OPENED, PATIENCE
from tests.site.test_book import PHONE, WIDTH

pytestmark = pytest.mark.browser

CHAPTER = "03 · Generators and send"
SHOW = """async (opening) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.activeCellIndex = content.widgets.findIndex((cell) => cell.model.sharedModel.source.startsWith(opening));
  await content.scrollToItem(content.activeCellIndex, 'center');
}"""
STARTS = "Python starts in your browser"
PROGRAM = "def two():\n    yield 1\n    yield 2\n\nprint(*two())"
RUN = "[data-command='notebook:run-cell-and-select-next']"


def test_a_value_is_sent_from_the_first_page(open_page, figure):
    page = open_page("index.html", **PHONE)
    started = time.perf_counter()
    page.get_by_role("link", name="Step it in the browser").tap()
    expect(page.get_by_text(STARTS)).to_be_visible()
    page.get_by_role("button", name="next").tap(timeout=PATIENCE)
    expect(page.get_by_text(STARTS)).to_be_hidden()
    page.get_by_text("yield 1", exact=True).wait_for()
    page.get_by_placeholder("3, 'text'").fill("10")
    page.get_by_role("button", name="send").tap()
    page.get_by_text("yield 11", exact=True).wait_for()
    assert page.get_by_text("undefined").count() == 0
    assert page.evaluate(WIDTH) <= 390
    figure("from the first page to a send of one's own", f"{time.perf_counter() - started:.0f} s")


def test_an_exercise_is_solved(open_page, figure):
    page = open_page("index.html", **PHONE)
    started = time.perf_counter()
    page.locator("article").get_by_role("link", name=CHAPTER).tap()
    page.get_by_role("link", name="Open in the lab").tap()
    page.wait_for_function(OPENED, timeout=PATIENCE)
    assert page.evaluate(WIDTH) <= 390
    page.evaluate(ANSWERS)  # what is run before the kernel is there can get lost on a busy machine
    run(page, "%load_ext coro_lab", "")
    run(page, "%%check echo", f"%%check echo\n{find('echo').solution}")
    page.get_by_text("correct").first.wait_for(timeout=PATIENCE)
    figure("from the first page to an exercise solved", f"{time.perf_counter() - started:.0f} s")


def test_a_shared_program_is_opened_and_python_says_that_it_starts(open_page, watched):
    page = open_page(f"player/index.html#program={pack(PROGRAM)}", **PHONE)
    assert page.evaluate(WIDTH) <= 390
    page.get_by_role("link", name="open the playground").tap()
    expect(page.get_by_text(STARTS)).to_be_visible()
    page.wait_for_function(OPENED, timeout=PATIENCE)
    assert "/lab/notebooks/" in page.url, "JupyterLab has no room on a phone"
    expect(page.locator(".cm-content", has_text="def two")).to_be_visible()
    watched.forgive_errors()  # Notebook's own while it starts, also without our script; no cell has run yet
    page.evaluate(ANSWERS)
    expect(page.get_by_text(STARTS)).to_be_hidden()


def run(page, opening: str, text: str) -> None:
    """Run the cell that begins like this, with this text if there is one."""
    page.evaluate(SHOW, opening)
    if text:
        page.locator(".jp-mod-active .cm-content").fill(text)
    page.locator(RUN).first.tap()
