"""predict(): choose an answer before the result is shown, and read why it is right or wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import traitlets
from ipywidgets import VBox

from coro_lab.lessons.checker.catalogue import misconceptions_of
from coro_lab.lessons.course.reasons import REASONS
from coro_lab.lessons.learner_progress import LEVELS
from coro_lab.lessons.prediction import Question, Verdict, ask
from coro_lab.lessons.progress_file import ProgressFile
from coro_lab.lessons.reasons import NO_REASON
from coro_lab.lessons.widgets.learning import Learning, module, shown_fields
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
