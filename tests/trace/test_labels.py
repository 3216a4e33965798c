"""Every arrow carries its value in the language's own words."""

from __future__ import annotations

import pytest

from coro_lab.trace.events import (
    BEFORE,
    BY_LOOP,
    COLLECTED,
    DROPPED,
    EAGER,
    LOOP_CLOSES,
    PENDING,
    SHUT_DOWN,
    Event,
    Kind,
    Lane,
)
from coro_lab.trace.labels import LABELS, label_key
from tests.labels import label

GENERATOR, COROUTINE, FUNCTION, THREAD = (Lane("it", kind) for kind in ("generator", "coroutine", "function", "thread"))

SAID = [
    (Event(0, 0, Kind.SUSPEND, 4, "1"), FUNCTION, "hand over 1"),
    (Event(0, 0, Kind.SUSPEND, 4, "None"), FUNCTION, "hand over"),
    (Event(0, 0, Kind.SUSPEND, 4, "None"), THREAD, "hand over"),
    (Event(0, 0, Kind.RESUME, 4, "None"), THREAD, "resume"),
    (Event(0, 0, Kind.START), FUNCTION, "call"),
    (Event(0, 0, Kind.START), THREAD, "start"),
    (Event(0, 0, Kind.START), GENERATOR, "start"),
    (Event(0, 0, Kind.START, 1, EAGER, 0, 9), COROUTINE, "start"),
    (Event(0, 0, Kind.RESUME, 4, "3"), GENERATOR, "send(3)"),
    (Event(0, 0, Kind.RESUME, 4), GENERATOR, "send(?)"),
    (Event(0, 0, Kind.RESUME, 4, "None"), GENERATOR, "resume"),
    (Event(0, 0, Kind.RESUME, 4), COROUTINE, "resume"),
    (Event(0, 0, Kind.SUSPEND, 4, "None"), GENERATOR, "yield"),
    (Event(0, 0, Kind.SUSPEND, 4, "None"), COROUTINE, "await"),
    (Event(0, 0, Kind.DELEGATE, 4, "None"), GENERATOR, "yield from"),
    (Event(0, 0, Kind.DELEGATE, 4, "None"), COROUTINE, "await"),
    (Event(0, 0, Kind.SUSPEND, 4, "'200 OK'"), GENERATOR, "yield '200 OK'"),
    (Event(0, 0, Kind.SUSPEND, 4, "1"), COROUTINE, "await 1"),
    (Event(0, 0, Kind.DELEGATE, 4, "1"), GENERATOR, "yield from: 1"),
    (Event(0, 0, Kind.DELEGATE, 4, "1"), COROUTINE, "await: 1"),
    (Event(0, 0, Kind.THROW, 4, "ValueError()"), GENERATOR, "throw(ValueError())"),
    (Event(0, 0, Kind.CLOSE, 4), GENERATOR, "close()"),
    (Event(0, 0, Kind.CLOSE, 4, DROPPED), GENERATOR, "dropped"),
    (Event(0, 0, Kind.CLOSE, 4, DROPPED + BEFORE), GENERATOR, "dropped"),
    (Event(0, 0, Kind.CLOSE, 4, COLLECTED, 0, 9), GENERATOR, "collected"),
    (Event(0, 0, Kind.CLOSE, 4, BY_LOOP), GENERATOR, "aclose()"),
    (Event(0, 0, Kind.CLOSE, 4, SHUT_DOWN + BEFORE), GENERATOR, "aclose()"),
    (Event(0, 0, Kind.CLOSE, 4, "who knows"), GENERATOR, "close()"),
    (Event(0, 0, Kind.RETURN, 4, "{value}"), GENERATOR, "return {value}"),
    (Event(0, 0, Kind.RETURN, 4, "None"), GENERATOR, "return"),
    (Event(0, 0, Kind.RAISE, 4, "KeyError('n')"), GENERATOR, "raise KeyError('n')"),
    (Event(0, 0, Kind.RAISE, 4, "GeneratorExit()"), GENERATOR, "closed"),
    (Event(0, 0, Kind.CANCEL, 4, "cancel('x')", 0, 9), COROUTINE, "cancel('x')"),
    (Event(0, 0, Kind.CANCEL, 4, "TaskGroup, as it raised KeyError"), COROUTINE, "cancel (group)"),
    (Event(0, 0, Kind.UNCANCEL, 4, "0"), COROUTINE, None),
    (Event(0, 0, Kind.LOST, 4, "KeyError()", 0, 9), COROUTINE, "lost: KeyError()"),
    (Event(0, 0, Kind.LOST, 4, PENDING), COROUTINE, "lost: pending"),
    (Event(0, 0, Kind.ABANDON, 4, LOOP_CLOSES, 0, 9), GENERATOR, "abandoned"),
    (Event(0, 0, Kind.LINE, 4), GENERATOR, None),
    (Event(0, 0, Kind.OUTPUT, 4, "x"), GENERATOR, None),
]


@pytest.mark.parametrize(("event", "lane", "said"), SAID)
def test_what_crosses_is_said_as_it_is_written(event, lane, said):
    assert label(event, lane) == said


def test_a_return_that_answers_close_says_closed():
    assert label(Event(0, 0, Kind.RETURN, 4, "None"), GENERATOR, "close") == "closed"


def test_no_label_is_unused():
    used = {label_key(event, lane) for event, lane, said in SAID if said}
    assert used == set(LABELS)
