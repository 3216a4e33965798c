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


# What the widget manager does to a cell whose widget comes at the end of the two seconds in which the cell asks.
GIVE_UP = """async () => {
  const areas = window.jupyterapp.shell.currentWidget.content.widgets.flatMap((cell) => cell.outputArea ?? []);
  const area = areas.find(({ widgets }) => [...(widgets[0]?.children() ?? [])].some((one) => one._manager));
  const renderer = [...area.widgets[0].children()].find((one) => one._manager);
  const manager = await renderer._manager.promise;
  const found = manager.get_model.bind(manager);
  manager.get_model = async () => {
    manager.get_model = found;
    throw new Error("widget model not found");
  };
  return renderer.renderModel(area.model.get(0)).then(() => renderer.node.textContent);
}"""


def test_a_widget_that_came_too_late_for_its_cell_is_shown(open_stored):
    page = open_stored(NOTEBOOK)
    assert page.evaluate(GIVE_UP) == "Error displaying widget: model not found"
    expect(page.locator(".coro").first.locator(".coro-sentence")).to_be_visible()
    expect(page.get_by_text("model not found")).to_have_count(0)
