"""Questions about a Trace: who runs next, which value arrives, what is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from coro_lab.errors import PredictionError
from coro_lab.lessons.prediction import Question
from coro_lab.trace.events import SWITCHES, Event, Kind, is_drop
from coro_lab.trace.trace import Trace, in_sentence

NOBODY, NOTHING = "nobody: the run ends", "nothing"
ASKS = {"who": "Who runs next?", "value": "What value arrives?", "printed": "What is printed next?"}
_CHOICES = 5  # that a question has at most


@dataclass(frozen=True)
class Mark:
    """A question at a place in a trace: just before event number `index` (from 0)."""

    index: int
    question: Question
    shown_to: int  # the events up to here (exclusive) are shown once it has been answered


def questions_at(trace: Trace, marks: Mapping[int, str]) -> list[Mark]:
    """The questions at these switches (numbered from 0, as in `trace.switches()`), in the order of the run.

    A mark is `who` (who runs after this switch), `value` (what crosses at it) or `printed` (the next output after it).
    Raises PredictionError for a switch that does not exist, and for any other word.
    """
    switches = [index for index, event in enumerate(trace.events) if event.kind in SWITCHES]
    for number, what in marks.items():
        if what not in ASKS or not 0 <= number < len(switches):
            raise PredictionError(
                f"There is no mark {number}: {what!r}.\n"
                f"  Write: the number of a switch, 0 to {len(switches) - 1}, and one of {', '.join(map(repr, ASKS))}",
                question=ASKS.get(what, ""),
                mark=(number, what),
            )
    indexes = [(switches[number], what) for number, what in sorted(marks.items())]
    return [_mark(trace, index, what) for index, what in indexes]


def beginning(trace: Trace, length: int) -> Trace:
    """A trace of the first `length` events only; nothing in it reveals the rest."""
    events = trace.events[:length]
    lanes = 1 + max((number for event in events for number in (event.lane, event.peer or 0)), default=-1)
    return replace(trace, events=events, lanes=trace.lanes[:lanes], cut=None, result=None, error=None)


def _mark(trace: Trace, index: int, what: str) -> Mark:
    at, answer, others = _ASKED[what](trace, index)
    choices = _choices(answer, others, (NOBODY,) if what == "who" else (NOTHING, "None"))
    event = trace.events[at] if at < len(trace.events) else None
    because = "" if event is None else f"{in_sentence(trace, event._replace(changed=()))}."
    return Mark(index, Question(ASKS[what], choices, answer, because), min(at + 1, len(trace.events)))


def _who(trace: Trace, index: int) -> tuple[int, str, Iterable[str]]:
    at = next((n for n in range(index, len(trace.events)) if trace.events[n].kind not in SWITCHES), None)
    answer = NOBODY if at is None else trace.lanes[trace.events[at].lane].name
    return index, answer, [lane.name for lane in trace.lanes]


def _value(trace: Trace, index: int) -> tuple[int, str, Iterable[str]]:
    # without the closing of dropped generators, which no learner could foresee
    said = [_crossed(event) for event in trace.switches() if event.value != "GeneratorExit()" and not is_drop(event)]
    return index, _crossed(trace.events[index]), said


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
    return NOTHING if event.value is None or event.kind in (Kind.START, Kind.CLOSE) else str(event.value)


def _line(event: Event) -> str:
    return (event.value or "").rstrip("\n") or "an empty line"


def _choices(answer: str, others: Iterable[str], spare: Iterable[str]) -> tuple[str, ...]:
    """The answer and up to four others from the same run, sorted so that their order does not reveal the answer.

    If the run has fewer than two others, `spare` adds some.
    """
    distinct = list(dict.fromkeys(other for other in others if other != answer))
    more = [word for word in spare if word != answer and word not in distinct]
    wrong = (distinct + more if len(distinct) < 2 else distinct)[: _CHOICES - 1]
    return tuple(sorted([answer, *wrong]))
