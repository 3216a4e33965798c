"""The slides: a teacher goes through a chapter by keys, and plays a run on a slide."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from docs.site.notebooks import names
from tests.browser.reading import read
from tests.site.test_book import WIDTH, faults

pytestmark = pytest.mark.browser

SHOWN = "section.present:not(.stack)"
SLIDES = ".slides > section > section"
IS_SMALLER = "(slide) => document.querySelector(slide).style.getPropertyValue('--zoom') < 1"
FITS = """(slides) => [...document.querySelectorAll(slides)]
  .every((slide) => slide.style.getPropertyValue('--zoom') && slide.scrollHeight <= slide.clientHeight)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chapter_is_gone_through_by_keys_and_a_run_is_played_on_its_slide(open_page, scheme):
    page = open_page("slides/00-start-here.html", reduced_motion="reduce", color_scheme=scheme)
    shown = page.locator(SHOWN)
    assert read(shown.locator("h1")) == "00 · Start here"
    where = shown.locator(".coro-where")
    before = read(where)
    shown.locator(".coro-sentence").click()
    page.keyboard.press("ArrowRight")
    assert read(where) != before and page.url.endswith("00-start-here.html"), "in a player the arrow steps the player"
    assert faults(page) == []
    shown.locator("h1").click()
    page.evaluate("() => document.activeElement.blur()")
    for _ in range(3):
        page.keyboard.press("Space")
    expect(shown.locator("h2")).to_be_visible()
    assert "#/" in page.url


def test_a_slide_fits_a_phone_and_leads_to_its_page(open_page):
    page = open_page("slides/02-coroutines.html#/4/2", viewport={"width": 390, "height": 844}, has_touch=True)
    assert page.evaluate(WIDTH) <= 390
    page.get_by_role("link", name="The page").tap()
    page.wait_for_url("**/02-coroutines.html")
    assert "/slides/" not in page.url


def test_a_tall_slide_is_made_smaller_until_it_fits(open_page):
    page = open_page("slides/00-start-here.html", viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    page.wait_for_function(IS_SMALLER, arg=SHOWN)
    page.wait_for_function(FITS, arg=SHOWN)


@pytest.mark.parametrize("name", names())
def test_on_paper_each_slide_is_a_sheet(open_page, name):
    page = open_page(f"slides/{name}.html?print", viewport={"width": 1320, "height": 800}, reduced_motion="reduce")
    page.wait_for_function(FITS, arg=SLIDES)
    sheets = re.findall(rb"/Type /Page\b", page.pdf(prefer_css_page_size=True))
    assert len(sheets) == page.locator(SLIDES).count() > 3
