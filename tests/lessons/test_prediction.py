"""Predictions: the answer is found by running, and is not told before the learner has committed to one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coro_lab import Scheduler, record
from coro_lab.errors import ArgumentError, UnknownNameError
from coro_lab.lessons.misconceptions import named
from coro_lab.lessons.prediction import PredictionError, ask
from coro_lab.lessons.progress_file import ProgressFile
from coro_lab.lessons.questions import NOBODY, beginning, questions_at
from coro_lab.lessons.widgets.prediction import Prediction, predict
from coro_lab.lessons.widgets.quiz import Quiz
from coro_lab.trace.events import Kind
from coro_lab.trace.trace import Trace


def echo() -> Any:
    word = None
    while True:
        word = yield word


def talk() -> None:
    echoing = echo()
    next(echoing)
    print(echoing.send("hello"))
    echoing.close()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is predicted here is kept in a separate folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(widget: Prediction) -> str:
    """All that the browser is sent."""
    state = {key: value for key, value in widget.get_state().items() if key not in ("_esm", "_css", "layout")}
    return json.dumps(state, default=str)


# ---- One question ----------------------------------------------------------------------------------------------------


def test_the_answer_is_what_the_program_gives():
    question = ask("How many?", lambda: len("four"), choices=[3, 4])
    assert question.judge("4").says == "Right: 4."
    assert question.judge("3").says == "You said 3; the run says 4."


def test_an_exception_is_an_answer_known_by_its_name():
    assert ask("What happens?", lambda: echo().send(1), choices=["1", "TypeError"]).answer == "TypeError"


def test_an_exception_that_is_not_a_choice_is_an_error(folder: Path):
    with pytest.raises(PredictionError) as told:
        predict("Which comes last?", lambda: [].pop(), choices=["A ends", "B ends"])
    assert str(told.value) == "The answer could not be found: IndexError: pop from empty list."
    assert list(folder.iterdir()) == []


def test_an_undefined_name_is_reported_with_advice():
    with pytest.raises(PredictionError) as told:
        predict("Which comes last?", lambda: missing(), choices=["A ends", "B ends"])  # type: ignore[name-defined]  # noqa: F821
    assert (
        str(told.value)
        == "The answer could not be found: NameError: name 'missing' is not defined. Run the cells above first."
    )


def test_what_the_program_prints_is_not_shown(capsys: pytest.CaptureFixture[str]):
    ask("What is printed?", talk, choices=["None", "hello"])
    assert capsys.readouterr().out == ""


def test_a_wrong_choice_names_the_belief_behind_it():
    question = ask(
        "What?", lambda: echo().send(1), choices=["1", "TypeError"], misconceptions={"1": "send-before-next"}
    )
    assert question.judge("1").misconception == named("send-before-next")
    assert question.judge("TypeError").misconception is None


@pytest.mark.parametrize("choices", [[], ["one"], ["same", "same"], [1, "1"]])
def test_too_few_choices_are_refused(choices: list[object]):
    with pytest.raises(ArgumentError, match="at least two choices, all different"):
        ask("What?", lambda: 1, choices=choices)


def test_an_answer_instead_of_a_function_is_refused():
    with pytest.raises(ArgumentError, match=r"Write:     predict\(..., lambda: 4, ...\)"):
        predict("How many orders are broken?", 4, choices=[0, 4])  # type: ignore[arg-type]


def test_a_choice_that_was_not_offered_is_refused():
    with pytest.raises(UnknownNameError, match="none of the choices: 1, 2"):
        ask("What?", lambda: 1, choices=[1, 2]).judge("3")


# ---- The widget ------------------------------------------------------------------------------------------------------


def test_an_unanswered_prediction_reads_the_same_every_time():
    told = "Predict: How many?\n  - 3\n  - 4\n(not answered yet)"
    assert repr(predict("How many?", lambda: 4, choices=[3, 4])) == told
    assert repr(predict("How many?", lambda: 3, choices=[3, 4])) == told


def test_the_answer_is_not_sent_before_the_learner_commits():
    right, wrong = (predict("How many?", lambda n=n: n, choices=[3, 4]).question for n in (3, 4))
    assert shown(right).replace(right.model_id or "", "") == shown(wrong).replace(wrong.model_id or "", "")


def test_an_answer_gets_a_verdict_that_is_kept(folder: Path):
    widget = predict("How many?", lambda: 4, choices=[3, 4]).question
    widget.receive({"ask": "answer", "choice": 0})
    assert (widget.state, widget.says, widget.chosen) == ("wrong", "You said 3; the run says 4.", 0)
    assert ProgressFile(folder).read().predictions == {"How many?": "wrong"}


def test_a_second_answer_changes_nothing():
    widget = predict("How many?", lambda: 4, choices=[3, 4]).question
    for choice in (0, 1):
        widget.receive({"ask": "answer", "choice": choice})
    assert widget.state == "wrong"


def test_a_wrong_answer_shows_the_belief_with_its_test_and_a_section_to_read():
    widget = predict(
        "What?", lambda: echo().send(1), choices=["1", "TypeError"], misconceptions={"1": "send-before-next"}
    ).question
    widget.receive({"ask": "answer", "choice": 0})
    assert widget.belief["happens"] == "TypeError"
    assert (widget.belief["notebook"], widget.belief["heading"]) == (
        "03-generators-and-send",
        "Why the first send must be None",
    )


def test_a_question_can_be_skipped_without_revealing_the_answer(folder: Path):
    widget = predict("How many?", lambda: 4, choices=[3, 4]).question
    widget.receive({"ask": "skip"})
    assert (widget.state, widget.says) == ("skipped", "Skipped. The run itself shows the answer.")


def test_an_unanswered_question_is_not_kept(folder: Path):
    predict("How many?", lambda: 4, choices=[3, 4])
    assert list(folder.iterdir()) == []


# ---- Questions of a trace --------------------------------------------------------------------------------------------


@pytest.fixture
def trace() -> Trace:
    return record(talk)


def test_the_trace_is_the_answer_key(trace: Trace):
    kinds = [event.kind for event in trace.switches()]
    assert kinds[:5] == [Kind.START, Kind.START, Kind.SUSPEND, Kind.RESUME, Kind.SUSPEND]
    marks = questions_at(trace, {2: "who", 3: "value", 4: "printed"})
    assert [mark.question.text for mark in marks] == ["Who runs next?", "What value arrives?", "What is printed next?"]
    assert [mark.question.answer for mark in marks] == ["talk", "'hello'", "hello"]
    assert marks[0].question.because.startswith("echo yields None to talk and suspends at line ")


def test_after_the_last_switch_nobody_runs(trace: Trace):
    last = len(list(trace.switches())) - 1
    (mark,) = questions_at(trace, {last: "who"})
    assert mark.question.answer == NOBODY


def test_who_runs_next_is_a_lane_or_nobody():
    def turns() -> Any:
        print("1")
        yield
        print("2")

    scheduler = Scheduler()
    scheduler.spawn(turns())
    (mark,) = questions_at(scheduler.run(), {1: "who"})
    assert mark.question.choices == (NOBODY, "turns")


def test_choices_come_from_the_run_in_an_order_that_reveals_nothing(trace: Trace):
    (mark,) = questions_at(trace, {3: "value"})
    assert mark.question.choices == tuple(sorted(mark.question.choices))
    assert "'hello'" in mark.question.choices and len(mark.question.choices) >= 3


def test_the_closing_of_what_nobody_needs_any_more_is_no_choice():
    def asks() -> None:
        next(echo())

    (mark,) = questions_at(record(asks), {2: "value"})
    assert mark.question.choices == ("None", "nothing")


@pytest.mark.parametrize("marks", [{99: "who"}, {-1: "who"}, {0: "why"}])
def test_a_mark_that_does_not_fit_is_refused(trace: Trace, marks: dict[int, str]):
    with pytest.raises(PredictionError, match="the number of a switch, 0 to 7"):
        questions_at(trace, marks)


def test_a_beginning_reveals_nothing_of_the_rest(trace: Trace):
    assert [lane.name for lane in beginning(trace, 2).lanes] == ["talk"]
    assert "hello" not in beginning(trace, 5).to_json().replace('send(\\"hello\\")', "")
    assert beginning(trace, len(trace.events)) == trace


# ---- The quiz in the player ------------------------------------------------------------------------------------------


def test_a_quiz_shows_the_run_up_to_its_mark_and_then_further(trace: Trace, folder: Path):
    quiz = Quiz(trace, {2: "who", 4: "value"}, title="Who talks?")
    marks = questions_at(trace, {2: "who", 4: "value"})
    assert len(quiz.player.trace.events) == marks[0].index
    quiz.prediction.answer("talk")
    assert quiz.player.trace.events[-1].kind is Kind.SUSPEND
    quiz.prediction.receive({"ask": "next"})
    assert len(quiz.player.trace.events) == marks[1].index
    assert (quiz.prediction.title, quiz.prediction.state) == ("2 of 2:", "unanswered")
    assert ProgressFile(folder).read().scores == {"Who talks?": (1, 1, 2)}
    quiz.prediction.answer("'hello'")
    assert quiz.player.trace == trace
    assert ProgressFile(folder).read().predictions == {"Who talks?": "right"}
    assert quiz.prediction.because.endswith("\nThat was the last question. Your score: 2 of 2 right.")
    assert repr(quiz).splitlines()[-1] == "2 of 2 right."


def test_a_quiz_can_be_skipped_through(trace: Trace):
    quiz = Quiz(trace, {2: "who", 4: "value"})
    for _ in range(2):
        quiz.prediction.receive({"ask": "skip"})
        quiz.prediction.receive({"ask": "next"})
    assert quiz.player.trace == trace


def test_a_quiz_records_a_program_without_showing_what_it_prints(capsys: pytest.CaptureFixture[str]):
    quiz = Quiz(talk, {2: "who"})
    assert capsys.readouterr().out == ""
    assert repr(quiz) == "Predict in the player:\n  - Who runs next?\n(0 of 1 right so far)"


def lost() -> None:
    print(missing())  # type: ignore[name-defined]  # noqa: F821


def lost_later() -> Any:
    record(talk)
    return missing()  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize("run", [lost, lambda: record(lost), lost_later])
@pytest.mark.parametrize("mark", [0, 3])
def test_a_quiz_on_an_undefined_name_reports_the_name_only(run: Any, mark: int):
    with pytest.raises(PredictionError) as told:
        Quiz(run, {mark: "who"})
    assert (
        str(told.value)
        == "The answer could not be found: NameError: name 'missing' is not defined. Run the cells above first."
    )


def test_for_a_run_that_ended_before_its_mark_the_error_is_named_first():
    with pytest.raises(PredictionError) as told:
        Quiz(lambda: 1 / 0, {3: "who"})
    assert str(told.value).splitlines()[:2] == [
        "The answer could not be found: ZeroDivisionError: division by zero.",
        "There is no mark 3: 'who'.",
    ]


def test_a_quiz_without_marks_says_what_to_write(trace: Trace):
    with pytest.raises(ArgumentError, match=r'Write:     Quiz\(..., {2: "who"}\)'):
        Quiz(trace, {})
