"""Greenlets switch among each other: each has separate lanes, and no greenlet counts as the caller of another."""

import sys

import pytest

from coro_lab import record

greenlet = pytest.importorskip("greenlet")


def sentences(program, **options):
    told = [line.split(maxsplit=1)[1] for line in record(program, **options).text(lines=False).splitlines()]
    return [line.partition(" at line")[0] for line in told]


def play():
    def ping():
        for i in range(2):
            print("ping", i)
            second.switch(i)

    def pong(x):
        while True:
            print("pong", x)
            x = first.switch()

    first, second = greenlet.greenlet(ping), greenlet.greenlet(pong)
    first.switch()


SWITCHES = [
    "play is called",
    "play hands over and suspends",
    "ping is called",
    "ping prints 'ping 0\\n'",
    "ping hands over and suspends",
    "pong is called",
    "pong prints 'pong 0\\n'",
    "pong hands over and suspends",
    "ping resumes",
    "ping prints 'ping 1\\n'",
    "ping hands over and suspends",
    "pong resumes",
    "pong prints 'pong 1\\n'",
    "pong hands over and suspends",
    "ping resumes",
    "ping returns None",
    "play resumes",
    "play returns None",
]


@pytest.mark.parametrize("lines", [True, False])
def test_each_greenlet_hands_over_to_the_next(lines):
    told = [line.partition(", ")[0] for line in sentences(play, lines=lines)]
    assert told[: len(SWITCHES)] == SWITCHES
    assert told[len(SWITCHES) :][0] == "pong resumes"  # it is ended by an exception, since nothing refers to it
    assert greenlet.gettrace() is None


def test_where_greenlet_is_imported_in_the_midst(monkeypatch):
    monkeypatch.delitem(sys.modules, "greenlet")

    def program():
        from greenlet import greenlet as new

        def other():
            print("in the other")

        new(other).switch()
        return "back"

    assert sentences(program) == [
        "program is called",
        "program hands over and suspends",
        "other is called",
        "other prints 'in the other\\n'",
        "other returns None",
        "program resumes",
        "program returns 'back'",
    ]


def test_a_generator_may_sleep_in_a_greenlet():
    def program():
        parent = greenlet.getcurrent()

        def numbers():
            yield 1
            parent.switch("from within")
            yield 2

        def reads():
            return list(numbers())

        other = greenlet.greenlet(reads)
        return other.switch(), other.switch()

    trace = record(program)
    assert trace.result == ("from within", [1, 2])
    assert "numbers hands over and suspends" in sentences(program)


def test_the_programs_own_tracer_hears_its_switches_and_stays():
    heard = []

    def tracer(event, switch):
        heard.append(event)

    def program():
        greenlet.greenlet(lambda: None).switch()

    greenlet.settrace(tracer)
    try:
        record(program)
        assert greenlet.gettrace() is tracer
    finally:
        greenlet.settrace(None)
    assert heard == ["switch", "switch"]
