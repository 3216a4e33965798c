"""Predicting, answering and ordering lines in a real JupyterLab: by mouse, and by keyboard alone.

Only the cells that a test is about are run; all of them are run by nbval.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from coro_lab.lessons.checker.catalogue import find
from coro_lab.lessons.checker.exercise import Parsons
from tests.browser.pages import wait_until_drawn
from tests.browser.reading import read

playwright = pytest.importorskip(
    "playwright.sync_api", reason="No Playwright: install the test tools with `make test`."
)
expect = playwright.expect
pytestmark = pytest.mark.browser

NOTEBOOK = "03-generators-and-send.ipynb"
SHOW_CELL = """(opening) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const at = content.widgets.findIndex((cell) => cell.model.sharedModel.source.startsWith(opening));
  content.activeCellIndex = at;
  return content.scrollToItem(at, 'center').then(() => at);
}"""


RUN_CELL = """(opening) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.activeCellIndex = content.widgets.findIndex((cell) => cell.model.sharedModel.source.startsWith(opening));
  return window.jupyterapp.commands.execute('notebook:run-cell');
}"""
IMPORTS = ("from coro_lab import predict", "%load_ext coro_lab")
COUNTING = "def counter():\n    n = 1\n    while n < 4"
RECEIVING = "def counter():\n    n = 1\n    while True:\n        by = yield n"


@pytest.fixture
def page(open_stored, lab) -> Any:
    """Notebook 03, opened by somebody who has done nothing yet, with its imports run."""
    (lab.folder / ".coro-lab-progress.json").unlink(missing_ok=True)
    page = open_stored(NOTEBOOK)
    run(page, *IMPORTS)
    return page


def run(page: Any, *openings: str) -> Any:
    """Run the cells whose sources begin like these; the last of them, scrolled to."""
    for opening in openings:
        page.evaluate(RUN_CELL, opening)
    wait_until_drawn(page)
    return show(page, openings[-1])


def show(page: Any, opening: str) -> Any:
    """The cell whose source begins like this, scrolled to."""
    at = page.evaluate(SHOW_CELL, opening)
    cell = page.locator(f".jp-Cell[data-windowed-list-index='{at}']")
    cell.wait_for()
    return cell


def kept(lab: Any) -> dict[str, Any]:
    return json.loads((lab.folder / ".coro-lab-progress.json").read_text())


def test_a_wrong_prediction_is_told_why_and_where_to_read(page, lab):
    cell = run(page, RECEIVING, 'predict("The generator is only created.')
    question = cell.get_by_role("group", name="Prediction")
    expect(question.get_by_role("radio")).to_have_count(6)  # three answers, and how sure one is
    question.get_by_role("button", name="Commit").click()
    expect(question).to_contain_text("Choose one of the answers first.")
    question.get_by_text("11", exact=True).click()
    question.get_by_role("radio", name="sure", exact=True).check()
    question.get_by_role("button", name="Commit").click()
    expect(question).to_contain_text("✗ Not so. You said 11; the run says TypeError.")
    expect(question).to_contain_text("can't send non-None value to a just-started generator")
    expect(question).to_contain_text("“The first thing that I do with a generator can be to send it a value.”")
    link = question.get_by_role("link", name="“Why the first send must be None” in this notebook")
    section = page.locator("[data-jupyter-id='Why-the-first-send-must-be-None']")
    page.set_viewport_size({"width": 1280, "height": 450})
    link.scroll_into_view_if_needed()
    expect(section).not_to_be_in_viewport()
    link.click()
    expect(section).to_be_in_viewport()
    expect(page.get_by_role("dialog")).to_have_count(0)
    asked = "The generator is only created. What does send(10) give?"
    assert (kept(lab)["predictions"], kept(lab)["sure"]) == ({asked: "wrong"}, {asked: "sure"})


def test_a_prediction_by_keyboard(page, lab):
    cell = run(page, RECEIVING, 'predict("next gives 1.')
    question = cell.get_by_role("group", name="Prediction")
    question.get_by_role("radio").first.focus()
    for key in ("Space", "ArrowDown", "ArrowDown", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(question).to_contain_text("✓ Right: 11.")
    expect(question).to_contain_text(
        "counter resumes at line 4 and receives 10: by = 10, n = 11. Then counter yields 11"
    )
    expect(question.get_by_role("button", name="Commit")).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    shown = cell.get_by_role("group", name="The run behind the answer")
    expect(shown.locator(".coro-sentence")).to_contain_text("counter yields 11 and suspends at line 4")
    expect(question.get_by_role("button", name="Hide the player")).to_be_focused()


def test_the_focus_goes_to_what_is_said(page):
    """The buttons go after an answer; the keys must not fall back to the notebook, where they move and delete cells."""
    for verb, words in {"Skip": "○ Skipped. The run itself shows the answer.", "Commit": "✓ Right"}.items():
        question = run(page, COUNTING, "def two_numbers").get_by_role("group", name="Prediction")
        question.get_by_role("radio").nth(1).focus()
        page.keyboard.press("Space")
        question.get_by_role("button", name=verb).press("Enter")
        said = question.locator(".coro-learn-live").first
        expect(said).to_contain_text(words)
        expect(said).to_be_focused()


STORED = '"Stored from an earlier run. Run this cell to use it."'


def sign_above(page: Any, opening: str) -> set[str]:
    """What ipywidgets' sign for a widget without a kernel says above the widgets of this cell."""
    stored = show(page, opening).locator(".jupyter-widgets-disconnected")
    expect(stored.first).to_be_attached()
    said = "(widgets) => widgets.map((widget) => getComputedStyle(widget, '::before').content)"
    return set(stored.evaluate_all(said)) - {"none"}  # the box around a question says nothing


def test_a_stored_notebook_hides_its_answers_until_their_cells_run_and_says_which_to_run(open_stored):
    page = open_stored(NOTEBOOK)
    assert sign_above(page, "def two_numbers") == sign_above(page, "StepperWidget(counter)") == {STORED}
    show(page, "def two_numbers").locator(".coro-learn").wait_for()
    folded = show(page, "c = counter()\nprint(next(c))").locator(".jp-OutputArea-output")
    expect(folded).to_have_count(0)
    cell = show(page, "s = Stepper(counter)\ns.next().send(10)")
    expect(cell.locator(".jp-OutputPlaceholder")).to_be_visible()
    assert "yielded" not in read(cell), "the fold does not tell the answer"
    cell = show(page, "<details><summary>After you have run it</summary>\n\nThe second `next`")
    told = cell.locator(".jp-RenderedMarkdown").get_by_text("went on where the first one had stopped")
    expect(told).to_be_hidden()
    cell.get_by_text("After you have run it", exact=True).click()
    expect(told).to_be_visible()
    run(page, *IMPORTS, COUNTING, "c = counter()\nprint(next(c))")
    expect(folded.first).to_have_text("1\n2")


def test_a_widget_that_plays_without_a_kernel_has_no_broken_link_above_it(open_stored):
    assert sign_above(open_stored("00-start-here.ipynb"), "def greet") == set()


def test_a_question_that_is_only_stored_says_at_once_what_to_do(open_stored):
    page = open_stored(NOTEBOOK)
    question = show(page, "def two_numbers").locator(".coro-learn")
    question.get_by_text("[1, 2]").click()
    question.get_by_role("button", name="Commit").click()
    expect(question.get_by_text("run this cell first")).to_be_visible(timeout=1000)  # no eight seconds of silence
    hint = show(page, "%%check echo").get_by_role("button", name="Hint 1 of 3")
    hint.click()
    expect(show(page, "%%check echo").get_by_text("run this cell first")).to_be_visible(timeout=1000)
    run(page, "from coro_lab import predict", COUNTING, "def two_numbers")
    question.get_by_text("[1, 2]").click()
    question.get_by_role("button", name="Commit").click()
    expect(question).to_contain_text("✓ Right: [1, 2].")


def test_an_exercise_from_not_attempted_to_correct(page, lab):
    cell = run(page, "%%check echo")
    exercise = cell.get_by_role("group", name="Exercise echo")
    expect(exercise).to_contain_text("○ echo: not attempted")
    exercise.get_by_role("button", name="Hint 1 of 3").click()
    expect(exercise.get_by_role("listitem")).to_have_text([find("echo").hints[0].replace("`", "")])

    answer(page, cell, find("echo").mistakes[0].code)
    expect(exercise).to_contain_text("△ echo: not yet")
    expect(exercise).to_contain_text("'a' arrived at line 5, and no name was bound to it.")
    expect(cell.get_by_role("group", name="What your code did")).to_contain_text("echo yields None and suspends")

    answer(page, cell, find("echo").solution)
    expect(exercise).to_contain_text("✓ echo: correct")
    assert kept(lab)["exercises"] == {"echo": "correct"}
    expect(cell.get_by_role("group", name="What your code did")).to_contain_text(
        "echo resumes at line 5 and receives 'a'"
    )
    expect(exercise.get_by_role("button")).to_have_count(0)  # neither hints nor a solution are needed any more
    page.set_viewport_size({"width": 1280, "height": 450})
    exercise.get_by_role("link", name="Next exercise: average").click()
    expect(page.locator(".jp-Cell", has_text="%%check average").last).to_be_in_viewport()


def answer(page: Any, cell: Any, source: str) -> None:
    """Write this under the first line of the cell, and run it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(f"%%check echo\n{source}")
    page.keyboard.press("Control+Enter")


def test_an_endless_loop_leaves_the_kernel_alive_and_what_a_learner_writes_is_text(page):
    cell = run(page, "%%check echo")
    answer(page, cell, "def echo():\n    while True:\n        pass\n    yield")
    exercise = cell.get_by_role("group", name="Exercise echo")
    expect(exercise).to_contain_text("does not end: it goes round and round")
    exercise.get_by_role("button", name="Hint 1 of 3").click()
    expect(exercise.get_by_role("listitem")).to_have_count(1)
    answer(page, cell, "def echo():\n    yield '<img src=x onerror=alert(1)>'")
    expect(exercise).to_contain_text("echo yields '<img src=x onerror=alert(1)>'")
    assert exercise.locator("img").count() == 0


def test_a_solution_is_shown_on_request_and_not_before(page):
    exercise = run(page, "%%check average").get_by_role("group", name="Exercise average")
    expect(exercise).not_to_contain_text("yield result")
    exercise.get_by_role("button", name="Hint 1 of 3").click()
    exercise.get_by_role("button", name="Show a solution").click()
    expect(exercise).to_contain_text("total = total + (yield result)")


def test_a_parsons_problem_by_keyboard(page, lab):
    problem = run(page, 'parsons("countdown")').get_by_role("group", name="Parsons problem countdown")
    exercise = find("countdown")
    assert isinstance(exercise, Parsons)
    wanted = exercise.solution.splitlines()
    for line in [wanted[1], wanted[0], *wanted[2:]]:
        problem.get_by_role("list", name="Lines to use").get_by_role("button", name=line.strip(), exact=True).focus()
        page.keyboard.press("Enter")
    program = problem.get_by_role("list", name="Your program").get_by_role("listitem")
    expect(program).to_have_count(len(wanted))
    press_to_check(page, problem)
    expect(problem).to_contain_text("△ countdown: not yet")
    program.nth(1).locator(".coro-learn-line").focus()
    page.keyboard.press("ArrowUp")
    expect(problem).to_contain_text("Now line 1 of 7: def countdown(n):")
    press_to_check(page, problem)
    expect(problem).to_contain_text("✓ countdown: correct")
    assert kept(lab)["exercises"] == {"countdown": "correct"}


def press_to_check(page: Any, problem: Any) -> None:
    problem.get_by_role("button", name="Check", exact=True).focus()
    page.keyboard.press("Enter")


def test_a_line_can_be_taken_out_again_by_key_and_by_button_and_nothing_is_wrong_for_a_screen_reader(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is among the test tools").Axe()
    problem = run(page, 'parsons("countdown")').get_by_role("group", name="Parsons problem countdown")
    found = axe.run(page, context=".coro-learn").response["violations"]
    assert [one for one in found if one["impact"] in ("serious", "critical")] == []
    pool = problem.get_by_role("list", name="Lines to use").get_by_role("button")
    program = problem.get_by_role("list", name="Your program").locator(".coro-learn-line")
    count = pool.count()
    pool.first.click()
    pool.first.click()
    program.first.focus()
    page.keyboard.press("Delete")
    expect(program).to_have_count(1)
    problem.get_by_role("button", name="Take out").click()
    expect(pool).to_have_count(count)


def test_questions_inside_the_player(open_notebook):
    page = open_notebook("04-producer-consumer.ipynb", run=False)
    cell = run(page, "%load_ext coro_lab", "def consumer", "def produce", "Quiz(")
    question = cell.get_by_role("group", name="Prediction")
    player = cell.locator(".coro")
    expect(question).to_contain_text("1 of 4: What value arrives?")
    expect(player).not_to_contain_text("yields '' to produce")
    question.get_by_text("''", exact=True).click()
    question.get_by_role("button", name="Commit").click()
    expect(question).to_contain_text("✓ Right: ''.")
    expect(player.locator(".coro-sentence")).to_contain_text("consumer yields '' to produce")
    expect(question.get_by_role("button", name="Next question")).to_be_focused()
    page.keyboard.press("Enter")
    expect(question).to_contain_text("2 of 4: Who runs next?")
    expect(question.get_by_role("radio").first).to_be_focused()
