"""Parsons problems: lines in disorder, checked by running them, with one clear solution each."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest

from coro_lab.errors import CoroLabError
from coro_lab.lessons.checker.attempt import judge_here
from coro_lab.lessons.checker.catalogue import exercises
from coro_lab.lessons.checker.exercise import Parsons
from coro_lab.lessons.checker.outcome import CORRECT, NOT_ATTEMPTED, NOT_YET
from coro_lab.lessons.widgets.parsons import ParsonsWidget, parsons

PROBLEMS = [exercise for exercise in exercises().values() if isinstance(exercise, Parsons)]
each = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)


def solving(problem: Parsons) -> list[int]:
    """The places in `lines` that make the solution."""
    places: list[int] = []
    for line in problem.solution.splitlines():
        places.append(next(n for n, other in enumerate(problem.lines) if other == line and n not in places))
    return places


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@each
def test_the_lines_are_those_of_the_solution_and_the_distractors(problem: Parsons):
    assert sorted(problem.lines) == sorted([*problem.solution.splitlines(), *problem.distractors])
    assert problem.lines == problem.lines, "the disorder is always the same"
    assert problem.source(solving(problem)) == problem.solution


@each
def test_the_lines_are_in_disorder(problem: Parsons):
    order = [line for line in problem.lines if line not in problem.distractors]
    assert order != problem.solution.splitlines()


@each
@pytest.mark.usefixtures("few_objects")
def test_there_is_one_clear_solution(problem: Parsons):
    """Every other order that Python can read at all, with or without a distractor in place of a line, fails."""
    wanted = problem.solution.splitlines()
    tried = 0
    for lines in {tuple(order) for order in _near(wanted, problem.distractors)} - {tuple(wanted)}:
        source = "".join(f"{line}\n" for line in lines)
        try:
            compile(source, "order", "exec")
        except SyntaxError:
            continue
        tried += 1
        assert judge_here(problem, source).status == NOT_YET, source
    assert tried, "an order that Python can read must have been tried"


def _near(wanted: list[str], distractors: tuple[str, ...]) -> list[list[str]]:
    """The solution with two lines exchanged, one left out, one put elsewhere, or one exchanged for a distractor."""
    near = [[*wanted[:at], *wanted[at + 1 :]] for at in range(len(wanted))]
    for one, other in permutations(range(len(wanted)), 2):
        changed = [*wanted]
        changed.insert(other, changed.pop(one))
        swapped = [*wanted]
        swapped[one], swapped[other] = swapped[other], swapped[one]
        near += [changed, swapped]
    for line in distractors:
        near += [[*wanted[:at], line, *wanted[at + 1 :]] for at in range(len(wanted))]
        near += [[*wanted[:at], line, *wanted[at:]] for at in range(1, len(wanted) + 1)]
    return near


@pytest.mark.integration
def test_the_right_order_is_correct():
    """Of each of the other problems: test_exercises.py judges its solution, and solved notebooks put it in order."""
    widget = parsons("countdown").problem
    assert widget.status == NOT_ATTEMPTED
    widget.receive({"ask": "check", "order": solving(widget.exercise)})
    assert (widget.status, widget.answered) == (CORRECT, 1)


@pytest.mark.integration
def test_a_wrong_order_is_shown_and_kept(folder: Path):
    widget = parsons("countdown").problem
    widget.receive({"ask": "check", "order": list(range(len(widget.lines)))})
    assert widget.status == NOT_YET
    assert widget.reason.startswith("Python cannot read your code")
    assert "not yet" in (folder / ".coro-lab-progress.json").read_text()


@pytest.mark.integration
def test_what_the_lines_did_is_shown_in_the_player_wrong_or_right():
    box = parsons("countdown")
    order = solving(box.problem.exercise)
    box.problem.receive({"ask": "check", "order": order[:3]})
    assert box.children[0] is box.problem
    assert [lane.name for lane in box.children[1].trace.lanes] == ["countdown"]
    box.problem.receive({"ask": "check", "order": order})
    trace, index = box.children[1].trace, box.children[1].index
    assert (trace.lanes[0].name, trace[index].kind, trace[index].value) == ("countdown", "resume", "5")
    assert box.problem.next["words"] == "Next notebook: How a generator ends"
    assert box.problem.solution == ""  # it is what the learner has written


def test_an_empty_program_is_not_an_attempt():
    widget = parsons("countdown").problem
    widget.receive({"ask": "check", "order": []})
    assert widget.status == NOT_ATTEMPTED


@pytest.mark.integration
def test_a_foreign_or_repeated_place_is_left_out():
    widget = parsons("countdown").problem
    order = solving(widget.exercise)
    widget.receive({"ask": "check", "order": [*order[:1], *order, 99, -1]})
    assert widget.status == CORRECT


def test_the_solution_is_not_sent_to_the_browser():
    widget: ParsonsWidget = parsons("countdown").problem
    state = {key: value for key, value in widget.get_state().items() if key not in ("_esm", "_css", "layout")}
    assert json.dumps(widget.exercise.solution)[1:-1] not in json.dumps(state, default=str)


def test_a_written_exercise_is_not_a_parsons_problem():
    with pytest.raises(CoroLabError, match=r"%%check echo"):
        parsons("echo")
