"""predict(): choose an answer before the result is shown. Quiz: the same inside the player."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import traitlets
from ipywidgets import VBox

from coro_lab.engine.recorder import record
from coro_lab.errors import ArgumentError, PredictionError, RecordingError, advice
from coro_lab.lessons.checker.catalogue import misconceptions_of
from coro_lab.lessons.course.reasons import REASONS
from coro_lab.lessons.prediction import Question, Verdict, ask, explain_no_answer
from coro_lab.lessons.progress_file import LEVELS, ProgressFile, Score
from coro_lab.lessons.questions import Mark, beginning, questions_at
from coro_lab.lessons.reasons import NO_REASON
from coro_lab.lessons.widgets.learning import Learning, module, shown_fields
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.views.widgets.player import Player


class Prediction(Learning):
    """One question. The browser does not get the answer before the learner has chosen one.

    `predict` makes it from a question and its choices, and puts it into a PredictionBox. `traits` are the fields of a
    widget, such as its layout.

    >>> predict("What is 2 * 3?", lambda: 2 * 3, choices=[5, 6]).question.choices
    ['5', '6']
    """

    _esm = module("place", "prediction")

    title = traitlets.Unicode("Predict:").tag(sync=True)  # the words before the question
    question = traitlets.Unicode("").tag(sync=True)  # the text of the question
    choices: Any = traitlets.List().tag(sync=True)  # the answers to choose from, as text
    chosen = traitlets.Int(-1).tag(sync=True)  # the number of the choice, from 0; -1: none
    state = traitlets.Unicode("unanswered").tag(sync=True)  # unanswered, right, wrong or skipped
    says = traitlets.Unicode("").tag(sync=True)  # the verdict in a sentence or two; empty before the answer
    sure = traitlets.Unicode("").tag(sync=True)  # how sure the learner was: one of LEVELS; empty: not said
    because = traitlets.Unicode("").tag(sync=True)  # why, from the run: one sentence or two a line
    can_show = traitlets.Bool(False).tag(sync=True)  # the run can be shown in the player
    shown = traitlets.Bool(False).tag(sync=True)  # it is shown now
    belief = traitlets.Dict().tag(sync=True)  # the misconception behind a wrong choice; empty if none is known
    more = traitlets.Bool(False).tag(sync=True)  # another question follows

    def __init__(self, question: Question, **traits: Any) -> None:
        self.reason = NO_REASON  # why the answer is right; set by the answer
        super().__init__(**traits)
        self.pose(question)

    def pose(self, question: Question) -> None:
        """Ask a new question."""
        self._question = question
        self.question, self.choices = question.text, list(question.choices)
        self.chosen, self.state, self.says, self.belief = -1, "unanswered", "", {}
        self.sure, self.because, self.can_show, self.shown = "", "", False, False

    def answer(self, choice: Any, *, sure: str = "") -> None:
        """Choose this `choice`, given as its text; `sure` is how sure the learner is of it, one of LEVELS.

        Raises UnknownNameError for a choice that was not offered.
        """
        self.sure = sure if sure in LEVELS else ""
        self.chosen = self._question.choices.index(choice) if choice in self._question.choices else -1
        self._show(self._question.judge(choice))

    def skip(self) -> None:
        """Skip the question; the verdict does not reveal the answer."""
        self._show(self._question.skip())

    def on_ask(self, content: dict[str, Any]) -> None:
        if self.state == "unanswered" and content.get("ask") == "skip":
            self.skip()
        elif self.state == "unanswered" and content.get("ask") == "answer":
            self.answer(self._question.choices[int(content["choice"])], sure=str(content.get("sure", "")))
        elif content.get("ask") == "show" and self.can_show:
            self.shown = not self.shown

    def _show(self, verdict: Verdict) -> None:
        self.says, self.belief, self.state = verdict.says, shown_fields(verdict.misconception), verdict.state
        self.because = "\n".join(verdict.reason.says)
        self.reason, self.can_show = verdict.reason, verdict.reason.trace is not None
        self.keep(verdict.state)

    def keep(self, state: str) -> None:
        """Store the verdict in the progress; `state` is right, wrong or skipped."""
        self.note = ProgressFile().keep_prediction(self._question.text, state, sure=self.sure)

    def __repr__(self) -> str:
        choices = "".join(f"\n  - {choice}" for choice in self._question.choices)
        said = f"{self.says}\n{self.because}".strip() if self.says else "(not answered yet)"
        return f"{self.title} {self._question.text}{choices}\n{said}"


class PredictionBox(VBox):  # type: ignore[misc]
    """A question, and below it on request the player with the run that gave the answer, at the event that shows it.

    `question` is the widget that asks; `answer` and `skip` are done to it.
    """

    def __init__(self, question: Question) -> None:
        self.question = Prediction(question)
        super().__init__([self.question])
        self.question.observe(self._show, "shown")

    def answer(self, choice: Any, *, sure: str = "") -> None:
        """Choose this `choice`, given as its text; `sure` is guessing, fairly sure or sure, or empty.

        Raises UnknownNameError for a choice that was not offered.
        """
        self.question.answer(choice, sure=sure)

    def skip(self) -> None:
        """Skip the question; the verdict does not reveal the answer."""
        self.question.skip()

    def _show(self, _: object) -> None:
        trace, at = self.question.reason.trace, self.question.reason.index
        if trace is None or not self.question.shown:
            self.children = [self.question]
        else:
            self.children = [self.question, Player(trace, index=at, title="The run behind the answer")]

    def __repr__(self) -> str:
        return repr(self.question)


def predict(
    question: str,
    compute: Callable[[], Any],
    *,
    choices: Sequence[Any],
    misconceptions: Mapping[Any, str] | None = None,
    because: str | None = None,
) -> PredictionBox:
    """A question for the learner to answer before the next cell shows the result; it may be skipped.

    `question` is the text and `choices` are the answers to choose from. The right answer is what `compute()` returns,
    or the name of the exception that it raises, if that is one of the choices. An Event of a Trace stands for what
    crossed or was printed there.

    After the answer the learner reads why, and can have the run shown in the player. That run is what `compute` itself
    records, steps or explores, or else `compute` is recorded. `because` is one more sentence. `misconceptions` maps
    wrong choices to names in `coro_lab.lessons.misconceptions`. For questions of the course, the defaults of both are
    found in `coro_lab.lessons.course`. Raises ArgumentError for fewer than two choices, and PredictionError if
    `compute` gives no answer.

    >>> predict("What is 2 * 3?", lambda: 2 * 3, choices=[5, 6])
    Predict: What is 2 * 3?
      - 5
      - 6
    (not answered yet)
    """
    known = misconceptions_of(question) if misconceptions is None else misconceptions
    why = REASONS.get(question, "") if because is None else because
    return PredictionBox(ask(question, compute, choices=choices, misconceptions=known, because=why))


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
        too. Returns a note about that, empty if there is nothing to say.
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
