"""The scheduler widget in a real browser: its puzzles solved with clicks and with keys, and what it says on the way."""

from __future__ import annotations

import itertools
import re

import pytest

from coro_lab.engine.explore.explorer import explore
from tests import racy
from tests.browser.reading import read

pytestmark = pytest.mark.browser

START = """
from coro_lab import Paths, SchedulerWidget, interleavings
from tests import racy
from tests.engine.explore import racy_asyncio
from tests.programs import A, B
"""
NUMBERS = itertools.count(1)
PRINT = 'SchedulerWidget({"A": A, "B": B}, goal="1 2 x y 3 z")'
LOSE = """SchedulerWidget({"A": racy.increment, "B": racy.increment}, setup=racy.Tally, invariant=racy.is_two,
                       goal="broken")"""
EAT = 'SchedulerWidget({"P": racy.eat_left_first, "Q": racy.eat_right_first}, setup=racy.Table, goal="deadlock")'
WHICH = 'SchedulerWidget({"A": A, "B": B}, impossible=["1 x 2 y 3 z", "x 1 3 2 y z", "x y z 1 2 3"])'


@pytest.fixture
def show(open_notebook, write_notebook):
    """Shows a widget in JupyterLab; the page and the widget's own part of it come back."""

    def show_it(code, **options):
        page = open_notebook(write_notebook(f"scheduler-{next(NUMBERS)}.ipynb", START + code), **options)
        widget = page.locator(".coro-sched")
        widget.wait_for()
        return page, widget

    return show_it


def go(widget, *names):
    for name in names:
        widget.get_by_role("button", name=f"let {name} go on").click()


def status(widget):
    return read(widget.locator("fieldset").get_by_role("status"))


def said(widget):
    return read(widget.locator(".coro-sched-status").last)


def test_the_order_of_the_source_text_is_found_with_clicks(show):
    _, widget = show(PRINT)
    assert said(widget) == "Nobody has started. 20 orders are left."
    assert "1 of 20" in read(widget)
    go(widget, "A", "A", "B")
    assert said(widget) == "Turn 3: B went on. 3 orders are left."
    assert "1 of 3" in read(widget)
    assert "A: suspended at line" in read(widget)
    go(widget, "B", "A")
    assert widget.get_by_role("button", name="let A go on").get_attribute("aria-disabled") == "true"
    assert "A is closed." in read(widget)
    widget.get_by_role("button", name="let A go on").click(force=True)  # refused: nothing happens
    go(widget, "B")
    assert said(widget) == "Solved! A A B B A B: the end, and nothing is broken."
    assert read(widget.locator("pre").first).split() == list("12xy3z")


def test_back_and_restart(show):
    _, widget = show(PRINT)
    go(widget, "B", "B", "B", "A", "A", "A")
    assert said(widget).endswith("Not solved yet: go back, or restart.")
    widget.get_by_role("button", name="back").click()
    assert said(widget) == "Turn 5: A went on. 1 order is left."
    widget.get_by_role("button", name="restart").click()
    assert said(widget).startswith("Nobody has started.")
    assert widget.get_by_role("button", name="back").get_attribute("aria-disabled") == "true"


def test_an_update_is_lost_with_keys_alone(show):
    page, widget = show(LOSE)
    widget.get_by_role("button", name="let A go on").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert "value = 0" in read(widget)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert said(widget).startswith("Solved! A B A B: the invariant is broken.")
    assert "value = 1" in read(widget)


def test_it_shows_an_order_that_breaks_it_and_the_forbidden_region(show):
    _, widget = show(LOSE)
    hatched = "Hatched: every order through here is broken."
    region = widget.locator("rect.coro-sched-region")
    assert hatched not in read(widget) and not region.is_visible()  # it would show the way
    widget.get_by_role("button", name="show me one that breaks it").click()
    assert hatched in read(widget) and region.is_visible() and not said(widget).startswith("Solved!")
    found = explore(setup=racy.Tally, coroutines={"A": racy.increment, "B": racy.increment}, invariant=racy.is_two)
    assert " ".join(found.schedule) in said(widget)
    assert widget.locator(".coro-sched-step").count() == 4
    assert widget.locator("svg g text").all_text_contents() == list(found.schedule)  # by turns, without a number


def test_a_long_line_of_the_source_is_wrapped_and_not_cut(show):
    _, widget = show(LOSE, viewport={"width": 1000, "height": 900})
    sources = widget.locator(".coro-sched-source pre")
    assert "a switch point between read and write" in read(sources.first)
    assert sources.first.locator(".coro-py-keyword").all_text_contents() == ["def", "yield"]
    assert sources.evaluate_all("(all) => all.every((pre) => pre.scrollWidth <= pre.clientWidth)")
    assert sources.evaluate_all("(all) => all.every((pre) => getComputedStyle(pre).wordBreak === 'normal')")


def test_a_way_that_cannot_reach_the_goal_is_told(show):
    _, widget = show(PRINT)
    go(widget, "A", "B")
    assert "0 of 6: go back" in read(widget)
    widget.get_by_role("button", name="back").click()
    go(widget, "A")
    assert "1 of 4" in read(widget) and "go back" not in read(widget)


def test_the_philosophers_are_brought_into_a_deadlock(show):
    _, widget = show(EAT)
    go(widget, "P", "Q", "P")
    assert "P waits for right fork, held by Q." in read(widget)
    assert widget.get_by_role("button", name="let P go on").get_attribute("aria-disabled") == "true"
    go(widget, "Q")
    assert said(widget).startswith(
        "Solved! P Q P Q: a deadlock. P waits for right fork, held by Q; Q waits for left fork"
    )


def test_the_impossible_output_is_told_from_those_that_some_order_prints(show):
    _, widget = show(WHICH)
    widget.get_by_label("x y z 1 2 3").check()
    assert status(widget) == "Not this one: B B B A A A prints it. Its path is drawn below."
    assert widget.locator(".coro-sched-step").count() == 6
    widget.get_by_label("x 1 3 2 y z").check()
    assert status(widget) == "Solved: no order prints this one."


def test_python_sees_what_was_chosen(show):
    page, widget = show(f"widget = {PRINT}\nwidget")
    go(widget, "A", "A", "B", "B", "A", "B")
    page.evaluate("""async () => {
      const { commands, shell } = window.jupyterapp;
      const notebook = shell.currentWidget.content;
      notebook.activeCellIndex = notebook.widgets.length - 1;
      await commands.execute('notebook:insert-cell-below');
      notebook.activeCell.model.sharedModel.setSource('print(widget.solved, *widget.schedule)');
    }""")
    printed = page.get_by_text("True A A B B A B", exact=True)
    for _ in range(50):  # the browser sends a widget's last state once the kernel has answered the ones before
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")
        if printed.count():
            break
    assert printed.count() == 1


def test_what_a_program_prints_or_is_called_stays_text(show):
    hostile = """
def A():
    print("<img src=x onerror=document.title='taken'>")
    yield
    print("</script><b>bold</b>")
SchedulerWidget({"<b>A</b>": A})"""
    page, widget = show(hostile)
    go(widget, "<b>A</b>", "<b>A</b>")
    assert "<img src=x" in read(widget)
    assert widget.locator("b, img, script").count() == 0
    assert page.title() != "taken"


def test_the_tasks_of_an_asyncio_program_are_chosen_from_without_a_lattice(show):
    _, widget = show('SchedulerWidget(racy_asyncio.two_locks(opposite=True), goal="deadlock")')
    assert widget.locator("svg").count() == 0
    assert "eat is not made yet; eat 2 is not made yet." in read(widget)
    go(widget, "main", "eat", "eat 2", "eat")
    assert "main waits for eat, eat 2; eat waits for right, held by eat 2." in read(widget)
    go(widget, "eat 2")
    assert said(widget).startswith("Solved! main eat eat 2 eat eat 2: a deadlock.")
    assert read(widget.locator(".coro-sched-text")) == "main eat eat 2 eat eat 2"  # as replay takes it


def test_each_of_the_twenty_paths_is_told_by_keys_and_by_the_pointer(show):
    audit = pytest.importorskip("axe_playwright_python.sync_playwright")
    page, widget = show('Paths(interleavings({"A": A, "B": B}))')
    assert widget.get_by_role("option").count() == widget.locator(".coro-paths-path").count() == 20
    widget.get_by_role("listbox").focus()
    page.keyboard.press("End")
    assert said(widget) == "A A A B B B prints 1 2 3 x y z."
    page.keyboard.press("ArrowUp")
    assert said(widget) == "A A B A B B prints 1 2 x 3 y z."
    assert widget.locator(".coro-paths-word").all_text_contents() == list("12x3yz")
    widget.get_by_role("option").first.hover()
    assert said(widget) == "B B B A A A prints x y z 1 2 3."
    widget.locator(".coro-paths-path").nth(19).locator("path").dispatch_event("click")
    assert said(widget) == "A A A B B B prints 1 2 3 x y z."
    found = audit.Axe().run(page, context=".coro-sched").response["violations"]
    assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_accessibility_audit_has_no_serious_finding(show, theme):
    audit = pytest.importorskip("axe_playwright_python.sync_playwright")
    page, widget = show(LOSE)
    if theme == "dark":
        page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
        page.wait_for_function("document.querySelector('.coro-sched')?.dataset.theme === 'dark'")
    go(widget, "A", "B", "A", "B")
    found = audit.Axe().run(page, context=".coro-sched").response["violations"]
    serious = [
        (rule["id"], node["html"])
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert serious == []


def test_everything_fits_into_800_pixels(show):
    _, widget = show(PRINT, viewport={"width": 800, "height": 900})
    box = widget.bounding_box()
    assert box["x"] + box["width"] <= 800
    assert re.search(r"A: created", read(widget))
