"""The map of the chapters: scores, where to go on, where somebody was sure and wrong; and the places it leads to."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from coro_lab.lessons import places
from coro_lab.lessons.checker.catalogue import chapters
from coro_lab.lessons.learner_progress import Score
from coro_lab.lessons.places import Location, cells_of, next_after, place_of
from coro_lab.lessons.progress_file import ProgressFile
from coro_lab.lessons.widgets.chapters import progress_map
from coro_lab.lessons.widgets.exercise import check
from tests.places import NOTEBOOKS

SENT = "next gives 1. What comes back for send(10)?"
QUIZ = "Turn by turn: what happens next?"


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProgressFile:
    monkeypatch.chdir(tmp_path)
    return ProgressFile(tmp_path)


def row(number: str) -> dict[str, str]:
    return next(each for each in progress_map().chapters if each["title"].startswith(number))


def test_a_learner_who_has_done_nothing_has_nowhere_to_go_on():
    shown = progress_map()
    assert (shown.last, shown.doubts) == ({}, [])
    assert {each["state"] for each in shown.chapters} == {"not begun"}


def test_answers_are_counted_and_each_of_a_quiz_counts(kept: ProgressFile):
    kept.keep_prediction("A and B get one turn each. What is printed?", "wrong")
    kept.keep_prediction("Will there be an arrow from A to B?", "skipped")
    kept.keep_score(QUIZ, Score(3, 4, 4))
    assert (row("02")["answers"], row("02")["state"]) == ("3 of 5", "under way")
    assert row("03")["answers"] == ""


def test_a_quiz_that_was_begun_is_under_way(kept: ProgressFile):
    kept.keep_score(QUIZ, Score(0, 0, 4))
    assert (row("02")["state"], row("02")["answers"]) == ("under way", "")


def test_it_goes_on_where_somebody_stopped(kept: ProgressFile):
    kept.keep_exercise("echo", "not yet")
    assert progress_map().last["words"] == "03-generators-and-send, exercise echo"
    kept.keep_prediction(SENT, "right")
    last = progress_map().last
    assert last["words"] == f"03-generators-and-send, “{SENT}”"
    assert last["heading"] and last["cell"]
    kept.keep_prediction("A question of my own?", "right")
    assert progress_map().last == {}


def test_where_somebody_was_sure_and_wrong_is_worth_another_look(kept: ProgressFile):
    kept.keep_prediction(SENT, "wrong", sure="guessing")
    assert progress_map().doubts == []
    kept.keep_prediction(SENT, "wrong", sure="sure")
    (doubt,) = progress_map().doubts
    assert (doubt["words"], doubt["notebook"]) == (SENT, "03-generators-and-send")
    kept.keep_prediction(SENT, "right", sure="sure")
    assert progress_map().doubts == []


# ---- Places ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.notebook)
def test_each_exercise_and_each_question_has_its_cell(chapter):
    sources = {each.place.cell: each.source for each in cells_of(chapter.notebook)}
    for name in [*chapter.predictions, *(exercise.name for exercise in chapter.exercises)]:
        place = place_of(name)
        assert place and place.notebook == chapter.notebook and place.heading
        assert name in sources[place.cell]


def test_after_an_exercise_comes_the_next_and_at_the_end_the_next_notebook():
    for chapter, later in zip(chapters(), chapters()[1:], strict=False):
        first, second, *_ = (exercise.name for exercise in chapter.exercises)
        assert next_after(first) == (f"Next exercise: {second}", place_of(second))
        assert next_after(chapter.exercises[-1].name) == (f"Next notebook: {later.title}", Location(later.notebook))
    assert next_after(chapters()[-1].exercises[-1].name) is None
    assert next_after("nothing") is None


def test_the_copy_of_a_learner_comes_before_the_shipped_notebook(tmp_path: Path):
    cells = [nbformat.v4.new_markdown_cell("# 03\n\n## Mine"), nbformat.v4.new_code_cell(f'predict("{SENT}", f)')]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "03-generators-and-send.ipynb")
    place = place_of(SENT)
    assert place and (place.heading, place.cell) == ("Mine", cells[1]["id"])
    (tmp_path / "03-generators-and-send.ipynb").write_text("{")
    assert place_of(SENT) == Location("03-generators-and-send")


def test_without_notebooks_there_is_a_place_but_no_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(places, "_folders", lambda: [tmp_path])
    assert place_of(SENT) == Location("03-generators-and-send")
    assert places.all_cells() == ()


def test_every_notebook_of_the_course_is_read_in_order():
    names = list(dict.fromkeys(each.place.notebook for each in places.all_cells()))
    assert names == sorted(file.stem for file in NOTEBOOKS.glob("[0-9]*.ipynb"))


# ---- After a correct answer ------------------------------------------------------------------------------------------


@pytest.mark.integration
def test_a_correct_answer_gets_its_run_another_way_and_what_comes_next():
    plainer = "def echo():\n    heard = None\n    while True:\n        heard = yield heard\n"
    outcome, widget = check("echo", plainer)
    assert outcome.trace and outcome.trace[outcome.index or 0].value == "'a'"
    assert "word = yield word" in widget.solution
    assert repr(widget).splitlines() == ["echo: correct. Your code does what was asked for.", "Next exercise: average"]
    _, same = check("echo", widget.solution + "  # mine")
    assert same.solution == ""
