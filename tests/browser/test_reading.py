"""Reading finds what is on the page, wherever the view is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.reading import read, read_all

pytestmark = pytest.mark.browser

CELL = '<div style="content-visibility: auto; contain-intrinsic-size: auto 500px"><p>{}</p></div>'
FAR = "<style>p {{ margin: 0 }}</style>" + CELL + '<div style="height: 20000px"></div>' + CELL


@pytest.fixture
def page(new_context):
    """Two cells of a windowed notebook, far from each other, the first of them in view."""
    page = new_context().new_page()
    page.set_content(FAR.format("near<br>and dear<i hidden>, hidden</i>", "far"))
    return page


def test_what_is_out_of_view_is_read(page):
    far = page.get_by_text("far")
    assert far.inner_text() == "", "if this fails, browsers have changed and reading.py may not be needed any more"
    assert read(far) == "far"


def test_lines_are_as_they_are_seen_and_what_is_hidden_is_not_read(page):
    assert read_all(page.locator("p, i")) == ["near\nand dear", ", hidden", "far"]
    assert read_all(page.locator("b")) == []


def test_no_test_of_the_browser_reads_otherwise():
    files = [file for file in Path(__file__).parent.glob("*.py") if file != Path(__file__)]
    assert len(files) > 5
    assert [file.name for file in files if "inner_text" in file.read_text(encoding="utf-8")] == []
