"""The first minute: notebook 00 as it is opened, before anything was run."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.reading import read

pytestmark = pytest.mark.browser

NOTEBOOK = "00-start-here.ipynb"
SENT = "produce sends 1 to consumer, which resumes at line 6."
SCREEN = {"width": 1280, "height": 900}


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_player_stands_on_the_first_screen_and_goes_on_with_the_right_arrow(open_stored, motion):
    page = open_stored(NOTEBOOK, viewport=SCREEN, motion=motion)
    player = page.locator(".coro").first
    told = player.locator(".coro-sentence")
    box = player.bounding_box()
    notebook = page.locator(".jp-NotebookPanel-notebook").bounding_box()
    assert notebook["y"] <= box["y"] and box["y"] + box["height"] <= notebook["y"] + notebook["height"]
    if motion == "reduce":
        assert read(told) == SENT and player.get_by_role("button", name="stop").count() == 0
    else:
        expect(player.get_by_role("button", name="stop")).to_be_visible()
        expect(told).not_to_have_text(SENT)
    player.locator(".coro-where").click()
    expect(player.get_by_role("button", name="play")).to_be_visible()
    before = read(told)
    page.keyboard.press("ArrowRight")
    assert read(told) != before
