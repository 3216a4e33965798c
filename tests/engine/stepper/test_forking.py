"""What if another value had been sent?"""

from __future__ import annotations

import weakref

import pytest

from coro_lab import Kind, Stepper, Trace
from coro_lab.engine.stepper.forking import fork, stepper_of
from coro_lab.errors import ArgumentError, StepperError


def averager():
    total, count, average = 0, 0, None
    while True:
        total += yield average
        count += 1
        print("so far", count)
        average = total / count


def sent(stepper: Stepper) -> list[int]:
    return [index for index, event in enumerate(stepper.trace.events) if event.kind is Kind.RESUME]


def test_a_fork_is_the_same_run_up_to_the_value_and_another_after_it():
    stepper = Stepper(averager).next().send(10).send(20).send(30)
    at = sent(stepper)[1]
    other = fork(stepper, at, 90)
    assert other.events[:at] == stepper.trace.events[:at]
    assert other.events[at].value == "90"
    assert other == Stepper(averager).next().send(10).send(90).trace


def test_the_stepper_stays_where_it_is_and_nothing_is_printed_again(capsys):
    stepper = Stepper(averager).next().send(10)
    before, _ = stepper.trace, capsys.readouterr()
    fork(stepper, sent(stepper)[0], 1)
    assert stepper.trace == before
    assert stepper.send(20).value == 15.0
    assert capsys.readouterr().out == "so far 2\n"


def test_a_throw_and_a_close_can_be_replaced_by_a_value():
    for stepper in (Stepper(averager).next().throw(ValueError("no")), Stepper(averager).next().close()):
        at = next(i for i, event in enumerate(stepper.trace.events) if event.kind in (Kind.THROW, Kind.CLOSE))
        assert fork(stepper, at, 4).events[at].kind is Kind.RESUME


def test_only_an_input_can_be_replaced():
    stepper = Stepper(averager).next().send(10)
    at = sent(stepper)[0] + 1
    with pytest.raises(ArgumentError) as error:
        fork(stepper, at, 1)
    assert str(error.value) == f"Nothing came in from you at event {at}. Fork where you send, throw or close."
    assert (error.value.argument, error.value.given) == ("at", str(at))


def test_the_start_can_only_receive_none():
    with pytest.raises(StepperError, match="has not reached a yield"):
        fork(Stepper(averager).next(), 0, 1)


def test_a_program_that_does_something_else_the_second_time_cannot_be_forked():
    runs = []

    def moody():
        runs.append(1)
        for _ in runs:
            yield len(runs)
        yield "more"

    stepper = Stepper(moody).next().send(None)
    with pytest.raises(StepperError, match="did something else"):
        fork(stepper, sent(stepper)[0], 1)


def test_a_run_that_shows_only_in_its_events_to_be_another_cannot_be_forked():
    runs = []

    def moody():
        runs.append(1)
        seen = len(runs)
        yield
        yield seen

    stepper = Stepper(moody).next().send(None)
    with pytest.raises(StepperError) as error:
        fork(stepper, sent(stepper)[0], 1)
    assert (error.value.function, error.value.state) == ("moody", "suspended")
    assert str(error.value).startswith("moody did something else when it ran again, so ")


def test_the_other_run_is_closed_and_prints_nothing(capsys):
    def tidy():
        try:
            yield (yield 1)
        finally:
            print("closed")

    stepper = Stepper(tidy).next().send(2)
    fork(stepper, sent(stepper)[0], 3)
    assert capsys.readouterr().out == ""


def test_a_stepper_that_has_no_second_generator_cannot_be_forked():
    it = averager()
    stepper = Stepper(lambda: it).next().send(10)
    with pytest.raises(StepperError, match="the same generator a second time"):
        fork(stepper, sent(stepper)[0], 1)
    assert stepper.send(20).value == 15.0


def test_a_trace_knows_its_stepper_for_as_long_as_it_lives():
    stepper = Stepper(averager).next()
    trace = stepper.trace
    assert stepper_of(trace).history == stepper.history
    assert stepper_of(Trace(trace.events, trace.lanes, trace.driver)) is None  # it is equal, and nobody's
    lives = weakref.ref(trace)
    stepper.send(1)
    del trace
    assert lives() is None and stepper_of(stepper.trace).history == stepper.history
