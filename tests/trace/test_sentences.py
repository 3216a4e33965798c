"""Every event is told in one sentence, from one of the templates."""

import string

import pytest

from coro_lab.trace.events import (
    BEFORE,
    BY_LOOP,
    COLLECTED,
    DROPPED,
    EAGER,
    IGNORED,
    LOOP_CLOSES,
    NOBODY_CLOSES,
    PENDING,
    SHUT_DOWN,
    Event,
    Kind,
    Lane,
)
from coro_lab.trace.sentences import TEMPLATES, key, sentence

MAIN, IT, THREAD = Lane("main", "function"), Lane("it", "generator"), Lane("thread", "thread")
WORK, TICK = Lane("work", "function", thread="Thread-1 (work)"), Lane("tick", "coroutine", thread="Thread-1 (work)")

TOLD = [
    (Event(0, 0, Kind.START, 1), "main is called"),
    (Event(0, 0, Kind.START, 1, None, 1, 9), "it calls main"),
    (Event(0, 1, Kind.START, 3), "it starts"),
    (Event(0, 1, Kind.START, 3, None, 0, 9), "main starts it"),
    (Event(0, 1, Kind.RESUME, 4), "it resumes at line 4; what was sent is not known"),
    (Event(0, 1, Kind.RESUME, 4, "7"), "it resumes at line 4 and receives 7"),
    (Event(0, 1, Kind.RESUME, 4, None, 0, 9), "main resumes it at line 4; what it sent is not known"),
    (Event(0, 1, Kind.RESUME, 4, "7", 0, 9), "main sends 7 to it, which resumes at line 4"),
    (Event(0, 1, Kind.SUSPEND, 4, "'r'"), "it yields 'r' and suspends at line 4"),
    (Event(0, 1, Kind.SUSPEND, 4, "'r'", 0, 9), "it yields 'r' to main and suspends at line 4"),
    (Event(0, 1, Kind.DELEGATE, 4, "'r'"), "it delegates at line 4 and passes 'r' out"),
    (Event(0, 1, Kind.DELEGATE, 4, "'r'", 0, 9), "it delegates at line 4 and passes 'r' on to main"),
    (Event(0, 1, Kind.THROW, 4, "KeyError('k')"), "KeyError('k') is thrown into it at line 4"),
    (Event(0, 1, Kind.THROW, 4, "KeyError('k')", 0, 9), "main throws KeyError('k') into it at line 4"),
    (Event(0, 1, Kind.CLOSE, 4), "it is closed at line 4"),
    (Event(0, 1, Kind.CLOSE, 4, None, 0, 9), "main closes it at line 4"),
    (Event(0, 1, Kind.CLOSE, 4, DROPPED, 0, 9), "nothing refers to it any more, so it is closed at line 4"),
    (Event(0, 1, Kind.CLOSE, 4, DROPPED), "nothing refers to it any more, so it is closed at line 4"),
    (
        Event(0, 1, Kind.CLOSE, 4, DROPPED + BEFORE, 0, 9),
        "nothing refers to it any more, so it is closed at line 4; it was begun before the recording",
    ),
    (Event(0, 1, Kind.CLOSE, 4, COLLECTED), "the garbage collector closes it at line 4"),
    (
        Event(0, 1, Kind.CLOSE, 4, COLLECTED, 0, 9),
        "the garbage collector closes it at line 4, while main is at line 9",
    ),
    (Event(0, 1, Kind.CLOSE, 4, BY_LOOP), "the event loop closes it at line 4, because nothing refers to it any more"),
    (Event(0, 1, Kind.CLOSE, 4, SHUT_DOWN), "the event loop ends and closes it at line 4"),
    (
        Event(0, 1, Kind.CLOSE, 4, SHUT_DOWN + BEFORE),
        "the event loop ends and closes it at line 4; it was begun before the recording",
    ),
    (Event(0, 1, Kind.ABANDON, 4, LOOP_CLOSES, 0, 9), f"main abandons it at line 9: {LOOP_CLOSES}"),
    (Event(0, 1, Kind.ABANDON, 4, NOBODY_CLOSES), f"nothing refers to it any more: {NOBODY_CLOSES}"),
    (Event(0, 1, Kind.LOST, 4, PENDING), "the task of it is gone, and has not ended"),
    (Event(0, 1, Kind.LOST, 4, PENDING, 0, 9), "the task of it is gone while main is at line 9, and has not ended"),
    (Event(0, 4, Kind.START, 1, EAGER, 0, 9), "main starts tick at once, because its task is eager"),
    (Event(0, 3, Kind.START, 1), "work starts in Thread-1 (work)"),
    (Event(0, 3, Kind.START, 1, None, 0, 9), "main calls work"),
    (Event(0, 4, Kind.START, 1), "tick starts in Thread-1 (work)"),
    (Event(0, 1, Kind.RETURN, 5, "None"), "it returns None"),
    (Event(0, 1, Kind.RETURN, 5, "None", 0, 9), "it returns None to main"),
    (Event(0, 1, Kind.RAISE, 5, "ValueError('v')"), "it raises ValueError('v')"),
    (Event(0, 1, Kind.RAISE, 5, "ValueError('v')", 0, 9), "it raises ValueError('v') to main"),
    (Event(0, 1, Kind.RAISE, 5, f"KeyError(1){IGNORED}", 0, 9), "it raises KeyError(1) (ignored: it reaches nobody)"),
    (Event(0, 1, Kind.RAISE, 5, "GeneratorExit()", 0, 9), "it is closed for good"),
    (Event(0, 0, Kind.RAISE, 5, "GeneratorExit()"), "main raises GeneratorExit()"),
    (Event(0, 1, Kind.CANCEL, 4, "time limit"), "it is cancelled at line 4: time limit"),
    (Event(0, 1, Kind.CANCEL, 4, "cancel()", 0, 9), "main cancels it at line 4: cancel()"),
    (Event(0, 1, Kind.CANCEL, 4, "cancel()", 1, 4), "it cancels itself at line 4: cancel()"),
    (Event(0, 1, Kind.CANCEL, None, "cancel()", 0, 9), "main cancels it before it begins: cancel()"),
    (Event(0, 1, Kind.CANCEL, None, "cancel()"), "it is cancelled before it begins: cancel()"),
    (Event(0, 1, Kind.LOST, 4, "KeyError()"), "the task of it is gone, and nobody has fetched its KeyError()"),
    (Event(0, 1, Kind.LOST, 4, "KeyError()", 0, 9), "main drops the task of it, and nobody has fetched its KeyError()"),
    (Event(0, 1, Kind.UNCANCEL, 4, "0"), "it takes a cancellation back, 0 left"),
    (Event(0, 2, Kind.START, 3), "thread starts"),
    (Event(0, 2, Kind.SUSPEND, 4, "None"), "thread hands over and suspends at line 4"),
    (Event(0, 0, Kind.SUSPEND, 4, "7"), "main hands over 7 and suspends at line 4"),
    (Event(0, 2, Kind.RESUME, 4, "None"), "thread resumes at line 4"),
    (Event(0, 1, Kind.LINE, 5), "it is at line 5"),
    (Event(0, 1, Kind.OUTPUT, 5, "one\n"), r"it prints 'one\n'"),
    (Event(0, 1, Kind.LINE, 5, changed=(("n", "1"), ("m", None))), "it is at line 5, n = 1, m unbound"),
]


@pytest.mark.parametrize("event, told", TOLD, ids=[told for _, told in TOLD])
def test_what_happened_in_one_sentence(event, told):
    assert sentence(event, (MAIN, IT, THREAD, WORK, TICK)) == told


def test_every_kind_has_a_sentence():
    assert {event.kind for event, _ in TOLD} <= set(Kind)
    for kind in Kind:
        for peer in (None, 0):
            assert key(Event(0, 1, kind, 1, "v", peer), IT) in TEMPLATES


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_templates_ask_only_for_what_the_front_end_has(name):
    asked = {field for _, field, _, _ in string.Formatter().parse(TEMPLATES[name]) if field is not None}
    assert asked <= {"lane", "peer", "peer_line", "line", "thread", "value", "changes", "name"}
    assert not TEMPLATES[name].endswith(".")


@pytest.mark.parametrize("word", ["paus", "wake", "tick", "yields control"])
def test_the_sentences_keep_to_the_vocabulary(word):
    assert not [template for template in TEMPLATES.values() if word in template.lower()]


def test_braces_of_the_program_stay_what_they_are():
    lanes = (Lane("{lane}", "generator"), IT)
    event = Event(0, 0, Kind.SUSPEND, 3, "'{peer}'", 1)
    assert sentence(event, lanes) == "{lane} yields '{peer}' to it and suspends at line 3"
