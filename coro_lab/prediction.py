"""Questions about a run, whose right answer is found by running, never typed.

A `Question` is one question with its choices and its answer. `questions_at` makes them of a Trace: who runs next, which
value arrives, what is printed.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from coro_lab.description import describe
from coro_lab.errors import CoroLabError
from coro_lab.events import SWITCHES, Event, Kind, Trace
from coro_lab.misconceptions import Misconception, named
from coro_lab.sentences import sentence

NOBODY, NOTHING = "nobody: the run ends", "nothing"
ASKS = {"who": "Who runs next?", "value": "What value arrives?", "printed": "What is printed next?"}
_CHOICES = 5  # of a question made of a trace


class PredictionError(CoroLabError):
    """A question cannot be asked as it was written."""


@dataclass(frozen=True)
class Verdict:
    """What the learner is told after answering."""

    state: str  # right, wrong or skipped
    says: str  # one or two sentences
    misconception: Misconception | None = None


@dataclass(frozen=True)
class Question:
    """One question: the choices as text, and the answer, which is not shown before the learner has chosen."""

    text: str
    choices: tuple[str, ...]
    answer: str = field(repr=False)
    because: str = field(default="", repr=False)  # what happened in the run, in its own words
    misconceptions: Mapping[str, str] = field(default_factory=dict, repr=False)  # wrong choice -> name

    def judge(self, choice: str) -> Verdict:
        """What to say to this choice. Raises PredictionError for one that was not offered."""
        if choice not in self.choices:
            raise PredictionError(f"{choice!r} is none of the choices: {', '.join(self.choices)}.")
        because = f" {self.because}" if self.because else ""
        if choice == self.answer:
            return Verdict("right", f"Right: {self.answer}.{because}")
        name = self.misconceptions.get(choice)
        return Verdict(
            "wrong", f"You said {choice}; the run says {self.answer}.{because}", named(name) if name else None
        )

    def skip(self) -> Verdict:
        """What to say to somebody who does not want to guess."""
        return Verdict("skipped", "Skipped. The run itself shows the answer.")


def ask(
    question: str,
    compute: Callable[[], Any],
    *,
    choices: Sequence[Any],
    misconceptions: Mapping[Any, str] | None = None,
) -> Question:
    """The question with its answer, which `compute()` gives now: a value, or an exception, known by its name.

    What `compute` prints is not shown. Raises PredictionError for choices that are too few, or the same twice, for a
    `compute` that is no function, and for one that raises an exception that is none of the choices: then what was asked
    about is not there, and no choice would be right.

    >>> ask("What is 2 * 3?", lambda: 2 * 3, choices=[5, 6, 8]).judge("5").says
    'You said 5; the run says 6.'
    """
    if not callable(compute):
        raise PredictionError(
            f"A prediction finds its answer itself, so it needs a function that gives it.\n"
            f"  You wrote: predict(..., {describe(compute)}, ...)\n"
            f"  Write:     predict(..., lambda: {describe(compute)}, ...)"
        )
    words = tuple(map(as_text, choices))
    if len(words) < 2 or len(set(words)) < len(words):
        raise PredictionError(
            f"A prediction needs at least two choices, all different.\n"
            f"  You wrote: choices={list(choices)!r}\n"
            f"  Write:     choices=[...] with the answers that somebody might expect"
        )
    known = {as_text(choice): name for choice, name in (misconceptions or {}).items()}
    return Question(question, words, _computed(compute, words), misconceptions=known)


def not_found(error: BaseException) -> str:
    """That there is no answer because of this exception; for a name that nobody has defined, what to do about it.

    >>> not_found(NameError("name 'A' is not defined"))
    "The answer could not be found: NameError: name 'A' is not defined. Run the cells above first."
    """
    what = f"{type(error).__name__}: {error}".removesuffix(": ").removesuffix(".")
    advice = " Run the cells above first." if type(error) is NameError else ""
    return f"The answer could not be found: {what}.{advice}"


def as_text(value: Any) -> str:
    """A choice in words: text as it is, anything else as Python writes it.

    >>> as_text("created"), as_text([1, 2])
    ('created', '[1, 2]')
    """
    return value if type(value) is str else describe(value)


def _computed(compute: Callable[[], Any], choices: Sequence[str]) -> str:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return as_text(compute())
    except Exception as error:
        if type(error).__name__ in choices:
            return type(error).__name__
        raise PredictionError(not_found(error)) from None


# -- questions of a trace ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """A place in a trace at which the learner is asked something: just before event number `index` (from 0)."""

    index: int
    question: Question
    shown_to: int  # the events up to here (exclusive) are shown once it has been answered


def questions_at(trace: Trace, marks: Mapping[int, str]) -> list[Mark]:
    """The questions at these switches (numbered from 0, as in `trace.switches()`), in the order of the run.

    A mark is `who` (who runs after this switch), `value` (what crosses at it) or `printed` (the next output after it).
    Raises PredictionError for a switch that does not exist, or another word.
    """
    switches = [index for index, event in enumerate(trace.events) if event.kind in SWITCHES]
    for number, what in marks.items():
        if what not in ASKS or not 0 <= number < len(switches):
            raise PredictionError(
                f"There is no mark {number}: {what!r}.\n"
                f"  Write: the number of a switch, 0 to {len(switches) - 1}, and one of {', '.join(map(repr, ASKS))}"
            )
    indexes = [(switches[number], what) for number, what in sorted(marks.items())]
    return [_mark(trace, index, what) for index, what in indexes]


def beginning(trace: Trace, length: int) -> Trace:
    """The first `length` events of a trace, as a trace of its own that knows nothing of the rest."""
    events = trace.events[:length]
    lanes = 1 + max((number for event in events for number in (event.lane, event.peer or 0)), default=-1)
    return replace(trace, events=events, lanes=trace.lanes[:lanes], cut=None, result=None, error=None)


def _mark(trace: Trace, index: int, what: str) -> Mark:
    at, answer, others = _ASKED[what](trace, index)
    choices = _choices(answer, others, (NOBODY,) if what == "who" else (NOTHING, "None"))
    event = trace.events[at] if at < len(trace.events) else None
    because = "" if event is None else f"{sentence(trace, event._replace(changed=()))}."
    return Mark(index, Question(ASKS[what], choices, answer, because), min(at + 1, len(trace.events)))


def _who(trace: Trace, index: int) -> tuple[int, str, Iterable[str]]:
    at = next((n for n in range(index, len(trace.events)) if trace.events[n].kind not in SWITCHES), None)
    answer = NOBODY if at is None else trace.lanes[trace.events[at].lane].name
    return index, answer, [lane.name for lane in trace.lanes]


def _value(trace: Trace, index: int) -> tuple[int, str, Iterable[str]]:
    return index, _crossed(trace.events[index]), [_crossed(event) for event in trace.switches()]


def _printed(trace: Trace, index: int) -> tuple[int, str, Iterable[str]]:
    outputs = [n for n in range(len(trace.events)) if trace.events[n].kind is Kind.OUTPUT]
    at = next((n for n in outputs if n > index), None)
    others = [_line(trace.events[n]) for n in outputs]
    return (index, NOTHING, others) if at is None else (at, _line(trace.events[at]), others)


_ASKED: Mapping[str, Callable[[Trace, int], tuple[int, str, Iterable[str]]]] = {
    "who": _who,
    "value": _value,
    "printed": _printed,
}


def _crossed(event: Event) -> str:
    return NOTHING if event.value is None else event.value


def _line(event: Event) -> str:
    return (event.value or "").rstrip("\n") or "an empty line"


def _choices(answer: str, others: Iterable[str], spare: Iterable[str]) -> tuple[str, ...]:
    """The answer among others from the same run, in an order that does not tell it: by the alphabet.

    Where the run has less than two others, the spare ones come in.
    """
    distinct = list(dict.fromkeys(other for other in others if other != answer))
    more = [word for word in spare if word != answer and word not in distinct]
    wrong = (distinct + more if len(distinct) < 2 else distinct)[: _CHOICES - 1]
    return tuple(sorted([answer, *wrong]))
