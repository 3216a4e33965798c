"""Quiz: questions about a run, asked while it is shown in the player."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from ipywidgets import VBox

from coro_lab.engine.recorder import record
from coro_lab.errors import ArgumentError, PredictionError, RecordingError, advice
from coro_lab.lessons.learner_progress import Score
from coro_lab.lessons.prediction import Question, explain_no_answer
from coro_lab.lessons.progress_file import ProgressFile
from coro_lab.lessons.questions import Mark, beginning, questions_at
from coro_lab.lessons.widgets.prediction import Prediction
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.views.widgets.player import Player


class Quiz(VBox):  # type: ignore[misc]
    """A run in the player, shown up to its first mark; each question that is answered or skipped shows more of it.

    `run` is a trace, or a program (to be recorded, or one that returns a trace) whose output is not shown.
    `marks` are switches of the trace, numbered from 0 as in `trace.switches()`, each with its question: `who` runs
    next, which `value` crosses, what is `printed`. The answers come from the trace. `title` is the name under which the
    progress is stored. Raises ArgumentError for no marks, PredictionError for a mark that does not fit the trace and
    for a program that uses an undefined name.

    >>> def A():
    ...     yield "bread"
    >>> Quiz(lambda: list(A()), {2: "value"})
    Predict in the player:
      - What value arrives?
    (0 of 1 right so far)
    """

    def __init__(self, run: Trace | Callable[[], Any], marks: Mapping[int, str], *, title: str = "Predict") -> None:
        trace = run if isinstance(run, Trace) else _quietly(run)
        self._trace, self._marks, self._title = trace, _questions(trace, marks), title
        self._at, self._right, self._answered = 0, 0, 0
        self._sure = ""  # how sure the learner was of the last wrong answer
        seen = beginning(trace, self._marks[0].index)
        self.player = Player(seen, index=-1, follow=True)  # the run up to the present question
        self.prediction = _QuizPrediction(self._mark.question, self)  # the present question
        super().__init__([self.player, self.prediction])

    @property
    def _mark(self) -> Mark:
        return self._marks[self._at]

    def answered(self, state: str, *, sure: str = "") -> str:
        """Show what happened at the present mark; `state` says how it was answered: right, wrong or skipped.

        `sure` is how sure the learner was. The score is stored in the progress, and after the last question a verdict
        too. Returns a note about that, mostly empty.
        """
        self._right += state == "right"
        self._answered += state != "skipped"
        self._sure = sure if state == "wrong" and sure else self._sure
        last = self._at == len(self._marks) - 1
        shown = len(self._trace.events) if last else self._mark.shown_to
        self.player.trace = self._trace if last else beginning(self._trace, shown)
        self.player.index = self._mark.shown_to - 1
        note = ProgressFile().keep_score(self._title, Score(self._right, self._answered, len(self._marks)))
        if not last:
            return note
        verdict = "right" if self._right == len(self._marks) else "wrong"
        return ProgressFile().keep_prediction(self._title, verdict, sure=self._sure)

    @property
    def score(self) -> str:
        """How many questions were answered rightly, in a sentence."""
        return f"{self._right} of {len(self._marks)} right."

    def next(self) -> None:
        """Go on to the next question."""
        if self._at + 1 < len(self._marks):
            self._at += 1
            self.player.trace = beginning(self._trace, self._mark.index)
            self.prediction.pose(self._mark.question)
            self.prediction.number(self._at, len(self._marks))

    def __len__(self) -> int:
        """How many questions there are."""
        return len(self._marks)

    def __repr__(self) -> str:
        questions = "".join(f"\n  - {mark.question.text}" for mark in self._marks)
        is_over = self._at == len(self._marks) - 1 and self.prediction.state != "unanswered"
        score = self.score if is_over else f"({self.score.removesuffix('.')} so far)"
        return f"{self._title} in the player:{questions}\n{score}"


def _quietly(program: Callable[[], Any]) -> Trace:
    """The trace of a program, or the trace that it returns itself; its output is not shown."""
    with redirect_stdout(StringIO()):
        trace = record(program)
        if isinstance(trace.error, RecordingError):
            try:
                trace = program()
            except NameError as error:
                raise PredictionError(explain_no_answer(error), raised=describe(error)) from None
    if type(trace.error) is NameError:
        raise PredictionError(explain_no_answer(trace.error), raised=describe(trace.error))
    return trace


def _questions(trace: Trace, marks: Mapping[int, str]) -> list[Mark]:
    """The questions at these marks. If a mark does not fit because an error ended the run, the error is named first."""
    if not isinstance(marks, Mapping) or not marks:
        given, what = describe(marks), "A quiz needs at least one mark: the number of a switch, and the question there."
        raise ArgumentError(advice(what, f"Quiz(..., {given})", 'Quiz(..., {2: "who"})'), argument="marks", given=given)
    try:
        return questions_at(trace, marks)
    except PredictionError as error:
        if trace.error is None:
            raise
        said = f"{explain_no_answer(trace.error)}\n{error}"
        raise PredictionError(said, question=error.question, raised=describe(trace.error), mark=error.mark) from None


class _QuizPrediction(Prediction):
    """A question of a quiz."""

    def __init__(self, question: Question, quiz: Quiz) -> None:
        self._quiz = quiz
        super().__init__(question)
        self.number(0, len(quiz))

    def number(self, at: int, of: int) -> None:
        self.title, self.more = f"{at + 1} of {of}:", at + 1 < of

    def on_ask(self, content: dict[str, Any]) -> None:
        if content.get("ask") == "next" and self.state != "unanswered":
            self._quiz.next()
        else:
            super().on_ask(content)

    def keep(self, state: str) -> None:
        self.note, self.can_show = self._quiz.answered(state, sure=self.sure), False
        if not self.more:
            self.because = f"{self.because}\nThat was the last question. Your score: {self._quiz.score}".strip()
