"""Player: what travels to the browser, and what a fork answers. How it looks and moves: browser/test_player.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coro_lab import Engines, Player, Stepper, StepperWidget, Trace, record
from coro_lab.trace.events import Event, Kind, Lane


def echo():
    heard = yield "ready"
    yield heard


def program():
    suspended = echo()
    next(suspended)
    suspended.send("<b>")


def test_the_whole_trace_travels_once_as_the_json_that_python_reads():
    trace = record(program)
    state = Player(trace).get_state()
    assert Trace.from_json(state["trace"]) == trace
    assert len(state["looks"]) == len(trace.lanes)
    assert state["can_fork"] is False


def test_it_plays_by_itself_where_that_is_asked():
    assert Player(record(program)).get_state()["play"] is False
    assert Player(record(program), play=True).get_state()["play"] is True


def test_there_is_one_stepper():
    stepper = Stepper(echo)
    for shown in (Player(stepper), StepperWidget(stepper)):
        assert [name for name, value in vars(shown).items() if value is stepper] == ["stepper"]


def test_a_new_trace_brings_the_looks_of_its_lanes():
    shown = Player(Trace((), (Lane("A", "generator"),)), follow=True)
    shown.trace = record(program)
    assert len(shown.looks) == len(shown.trace.lanes) == 2


def test_its_text_is_that_of_its_trace():
    trace = record(program)
    assert repr(Player(trace)) == f"Player({trace!r})"


@pytest.mark.parametrize("wrong", [program, echo, [1], None])
def test_anything_else_is_refused_with_what_to_write(wrong):
    with pytest.raises(TypeError, match=r"Write:     Player\(record\(program\)\)"):
        Player(wrong)


def test_a_misspelt_option_is_an_error():
    with pytest.raises(TypeError, match="unexpected keyword argument 'indx'"):
        Player(record(program), indx=3)


def test_of_two_runs_that_differ_both_travel_and_the_place_is_shown_first():
    def other():
        suspended = echo()
        next(suspended)
        suspended.send("</b>")

    difference = record(program).diff(replace(record(other), lanes=record(program).lanes))
    shown = Player(difference)
    assert (shown.trace, shown.index) == (difference.trace, difference.at)
    assert Trace.from_json(shown.other["trace"]) == difference.other
    assert len(shown.other["looks"]) == len(difference.other.lanes)
    assert shown.other["at"] == [difference.at, difference.other_at]
    assert Player(difference, index=0).index == 0


@pytest.mark.parametrize("show", [lambda: Player(record(program)), lambda: StepperWidget(echo), lambda: Engines(echo)])
def test_one_run_travels_alone(show):
    assert show().get_state()["other"] is None


def answers(shown: Player, message: dict) -> list[dict]:
    """What the front end hears after it has sent this message."""
    heard = []
    shown.send = heard.append
    shown._handle_custom_msg(message, [])
    return heard


def test_a_fork_answers_with_the_other_trace():
    shown = Player(Stepper(echo).next().send(1))
    at = next(i for i, event in enumerate(shown.trace.events) if event.kind is Kind.RESUME)
    (answer,) = answers(shown, {"ask": "fork", "index": at, "value": "[2]"})
    other = answer["run"]
    assert other["title"] == "with send([2]) instead"
    assert Trace.from_json(other["trace"])[at].value == "[2]"
    assert other["at"] == [at, at]


@pytest.mark.parametrize("written", ["1 +", "open('x')", "(" * 5000, "\x00"])
def test_only_a_literal_can_be_sent(written):
    (answer,) = answers(Player(Stepper(echo).next().send(1)), {"ask": "fork", "index": 3, "value": written})
    assert answer["error"].endswith(
        "is not a Python literal, so it cannot be sent. Write 3, 'text', [1, 2] or None, say."
    )


def test_an_empty_box_sends_nothing():
    (answer,) = answers(Player(Stepper(echo).next().send(1)), {"ask": "fork", "index": 3, "value": " "})
    assert answer["error"].startswith("The box is empty.")


def test_the_run_of_a_stepper_widget_is_forked_alike():
    shown = StepperWidget(echo)
    shown.press("next"), shown.press("send", "1")
    at = next(i for i, event in enumerate(shown.trace) if event.kind is Kind.RESUME)
    (answer,) = answers(shown, {"ask": "fork", "index": at, "value": "2"})
    assert Trace.from_json(answer["run"]["trace"])[at].value == "2"
    assert shown.trace[at].value == "1"


def test_a_trace_that_a_stepper_made_is_forked_alike_wherever_the_stepper_is_now():
    stepper = Stepper(echo).next().send(1)
    trace = stepper.trace
    shown = Player(trace)
    stepper.back().send(7)
    at = next(i for i, event in enumerate(trace) if event.kind is Kind.RESUME)
    (answer,) = answers(shown, {"ask": "fork", "index": at, "value": "2"})
    assert Trace.from_json(answer["run"]["trace"])[at].value == "2"
    assert answer["run"]["at"] == [at, at]
    assert (shown.get_state()["can_fork"], trace[at].value, stepper.value) == (True, "1", 7)
    shown.trace = record(program)
    assert shown.get_state()["can_fork"] is False


def test_a_fork_that_cannot_be_made_says_why():
    (answer,) = answers(Player(Stepper(echo).next()), {"ask": "fork", "index": 2, "value": "1"})
    assert "Fork where you send" in answer["error"]
    (answer,) = answers(Player(record(program)), {"ask": "fork", "index": 2, "value": "1"})
    assert answer["error"] == "This trace was recorded as a whole. Only a Stepper's can be forked: Player(stepper)."


def test_an_unknown_message_is_ignored():
    assert answers(Player(record(program)), {"ask": "something else"}) == []


@pytest.mark.integration
def test_a_hundred_thousand_events_travel_in_six_megabytes():
    def busy():
        for number in range(24_000):
            doubled = number * 2
            yield doubled

    def drive():
        for _ in busy():
            pass

    trace = record(drive)
    assert len(trace.events) >= 100_000
    player = Player(trace)
    assert len(player.get_state()["trace"].encode()) <= 6_000_000
    player.close()  # or it stays in memory, and every later recording walks through its events


def test_a_made_up_trace_is_shown_like_any_other():
    trace = Trace((Event(0, 0, Kind.OUTPUT, 1, "\ud800"),), (Lane("A", "function"),))
    assert "\\ud800" in Player(trace).get_state()["trace"]
