"""Questions about a run; the right answer is computed by running, never written down by an author.

A `Question` is one question with its choices and its answer; `questions.py` makes questions from a Trace.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from coro_lab.errors import ArgumentError, PredictionError, UnknownNameError, advice
from coro_lab.lessons.answers import find_answer
from coro_lab.lessons.misconceptions import Misconception, named
from coro_lab.lessons.reasons import NO_REASON, Evidence, Reason
from coro_lab.trace.events import Event
from coro_lab.trace.safe_repr import describe


@dataclass(frozen=True)
class Verdict:
    """What the learner reads after answering."""

    state: str  # right, wrong or skipped
    says: str  # one or two sentences
    misconception: Misconception | None = None
    reason: Reason = NO_REASON  # why, from the run


@dataclass(frozen=True)
class Question:
    """One question: the choices as text, and the answer, which is hidden until the learner has chosen."""

    text: str
    choices: tuple[str, ...]
    answer: str = field(repr=False)
    because: str = field(default="", repr=False)  # what happened in the run, in its own words
    misconceptions: Mapping[str, str] = field(default_factory=dict, repr=False)  # wrong choice -> name
    evidence: Evidence = field(default=Evidence(), repr=False)  # the run that gave the answer

    def judge(self, choice: str) -> Verdict:
        """The verdict on this choice. Raises UnknownNameError for a choice that was not offered."""
        if choice not in self.choices:
            said = f"{choice!r} is none of the choices: {', '.join(self.choices)}."
            raise UnknownNameError(said, name=str(choice), known=self.choices)
        reason = self.evidence.reason(self.answer, choice)
        reason = replace(reason, says=(*reason.says, self.because)) if self.because else reason
        if choice == self.answer:
            return Verdict("right", f"Right: {self.answer}.", reason=reason)
        name = self.misconceptions.get(choice)
        said = f"You said {choice}; the run says {self.answer}."
        return Verdict("wrong", said, named(name) if name else None, reason)

    def skip(self) -> Verdict:
        """The verdict for a learner who does not want to guess."""
        return Verdict("skipped", "Skipped. The run itself shows the answer.")


def ask(
    question: str,
    compute: Callable[[], Any],
    *,
    choices: Sequence[Any],
    misconceptions: Mapping[Any, str] | None = None,
    because: str = "",
) -> Question:
    """The question with its answer: the value that `compute()` returns, or the name of the exception that it raises.

    If it returns an Event, the answer is what that event shows. `because` is a sentence that the learner reads after
    answering. The output of `compute` is not shown. Raises ArgumentError for fewer than two choices or equal choices
    and for a `compute` that is not a function, PredictionError for an exception that is not among the choices: then no
    choice is right.

    >>> ask("What is 2 * 3?", lambda: 2 * 3, choices=[5, 6, 8]).judge("5").says
    'You said 5; the run says 6.'
    """
    if not callable(compute):
        given, what = describe(compute), "A prediction finds its answer itself, so it needs a function that gives it."
        said = advice(what, f"predict(..., {given}, ...)", f"predict(..., lambda: {given}, ...)")
        raise ArgumentError(said, argument="compute", given=given)
    words = tuple(map(as_text, choices)) if isinstance(choices, Iterable) else ()
    if len(words) < 2 or len(set(words)) < len(words):
        given = repr(list(choices)) if words else describe(choices)
        what = "A prediction needs at least two choices, all different."
        said = advice(what, f"choices={given}", "choices=[...] with the answers that somebody might expect")
        raise ArgumentError(said, argument="choices", given=given)
    known = {as_text(choice): name for choice, name in (misconceptions or {}).items()}
    evidence = _computed(question, compute, words)
    answer = type(evidence.error).__name__ if evidence.error is not None else as_text(evidence.value)
    return Question(question, words, answer, because, known, evidence)


def explain_no_answer(error: BaseException) -> str:
    """The sentence that this exception leaves a question without an answer; with advice for an undefined name.

    "name 'A' is not defined"))
    "The answer could not be found: NameError: name 'A' is not defined. Run the cells above first."
    """
    what = f"{type(error).__name__}: {error}".removesuffix(": ").removesuffix(".")
    advice = " Run the cells above first." if type(error) is NameError else ""
    return f"The answer could not be found: {what}.{advice}"


def as_text(value: Any) -> str:
    """A choice as text: a str unchanged, of an Event what crossed or was printed, any other value by its repr.

    >>> as_text("created"), as_text([1, 2])
    ('created', '[1, 2]')
    """
    if isinstance(value, Event):
        return (value.value or "nothing").rstrip("\n")
    return value if type(value) is str else describe(value)


def _computed(question: str, compute: Callable[[], Any], choices: Sequence[str]) -> Evidence:
    with contextlib.redirect_stdout(io.StringIO()):
        found = find_answer(compute)
    if found.error is not None and type(found.error).__name__ not in choices:
        raise PredictionError(explain_no_answer(found.error), question=question, raised=describe(found.error))
    return found
