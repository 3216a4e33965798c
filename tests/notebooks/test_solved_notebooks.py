"""Every notebook, run from top to bottom with the solutions put in: exercises come out correct, predictions right.

The cells of the learner are filled in as a learner would; after each question a cell is added that answers it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from coro_lab.lessons.checker.catalogue import Chapter, chapters
from coro_lab.lessons.checker.exercise import Parsons
from coro_lab.lessons.checker.outcome import CORRECT
from tests.places import NOTEBOOKS

pytestmark = pytest.mark.integration

ANSWERED = """
from coro_lab.lessons.checker.catalogue import misconceptions_of as _beliefs
_question = _.question._question
_wrong = set(_question.choices) - {_question.answer}
assert _question.answer in _question.choices, f"the run says {_question.answer}, which is none of the choices"
assert set(_beliefs(_question.text)) == _wrong, "each wrong choice stands for one belief"
_.answer(_question.answer)
assert _.question.because, "it says why"
_.question.receive({"ask": "show"})
assert len(_.children) == 1 + _.question.can_show, "the run is shown if there is one"
"""
QUIZ_DONE = """
for _mark in _._marks:
    _.prediction.answer(_mark.question.answer)
    _.prediction.receive({"ask": "next"})
"""
ORDERED = """
_.problem.order = {order}
_.problem.check()
assert _.problem.status == "correct", _.problem.reason
"""


def solved(chapter: Chapter) -> Any:
    """The notebook of this chapter with the solutions put in."""
    notebook = nbformat.read(NOTEBOOKS / f"{chapter.notebook}.ipynb", as_version=4)
    exercises = {exercise.name: exercise for exercise in chapter.exercises}
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if found := re.match(r"%%check (\w+)\n", cell.source):
            cell.source = found[0] + exercises[found[1]].solution
        elif found := re.match(r'parsons\("(\w+)"\)', cell.source):
            cells.append(nbformat.v4.new_code_cell(ORDERED.format(order=_order(exercises[found[1]]))))
        elif cell.cell_type == "code" and re.search(r"^predict\(", cell.source, re.MULTILINE):
            cells.append(nbformat.v4.new_code_cell(ANSWERED))
        elif cell.cell_type == "code" and cell.source.startswith("Quiz("):
            cells.append(nbformat.v4.new_code_cell(QUIZ_DONE))
        elif cell.cell_type == "code" and cell.source.startswith("SchedulerWidget("):
            cells.append(nbformat.v4.new_code_cell("_.solved = True"))  # as its front end says
    notebook.cells = cells
    return notebook


def _order(problem: Parsons) -> list[int]:
    places: list[int] = []
    for line in problem.solution.splitlines():
        places.append(next(n for n, other in enumerate(problem.lines) if other == line and n not in places))
    return places


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.number)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Proactor event loop:RuntimeWarning")
def test_a_solved_notebook_is_all_correct(chapter: Chapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CORO_LAB_BUDGET", "1")  # no answer comes out of a long measurement
    client = NotebookClient(
        solved(chapter), kernel_name="python3", timeout=180, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    kept = json.loads((tmp_path / ".coro-lab-progress.json").read_text())
    assert kept["exercises"] == {exercise.name: CORRECT for exercise in chapter.exercises}
    assert kept["predictions"] == dict.fromkeys(chapter.predictions, "right")
