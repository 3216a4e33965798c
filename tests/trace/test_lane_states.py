"""What every lane is doing after each event, in the four words of the language."""

import asyncio
import io
from contextlib import redirect_stdout
from dataclasses import replace

import pytest

from coro_lab import Kind, Stepper, record
from coro_lab.trace.event_types import event_types
from coro_lab.trace.trace import in_sentence
from tests import programs
from tests.lane_states import LaneState, states, states_at
from tests.lines import line
from tests.programs import consumer, produce_and_consume


def recorded(program):
    with redirect_stdout(io.StringIO()):
        return record(program)


def after(trace, name, kind, number=0):
    """The states of all lanes, by name, after the lane's event of this kind."""
    lanes = [lane.name for lane in trace.lanes]
    found = [at for at, event in enumerate(trace.events) if event.kind is kind and lanes[event.lane] == name]
    return dict(zip(lanes, states_at(trace, found[number]), strict=True))


def test_the_four_states_of_a_generator():
    def whole():
        return [lane[0].state for lane in states(Stepper(consumer).next().send(1).close().trace)]

    assert list(dict.fromkeys(whole())) == ["running", "suspended", "closed"]
    first = after(recorded(produce_and_consume), "produce", Kind.START)
    assert (first["produce"].state, first["consumer"].state) == ("running", "created")


def test_a_caller_waits_and_is_still_running():
    trace = recorded(produce_and_consume)
    lanes = [lane.name for lane in trace.lanes]
    at = after(trace, "consumer", Kind.RESUME)
    assert at["produce"].state == "running" and lanes[at["produce"].waiting_for] == "consumer"
    assert lanes[at["consumer"].resumed_by] == "produce" and at["consumer"].waiting_for is None
    at = after(trace, "consumer", Kind.SUSPEND, 1)
    assert at["produce"].waiting_for is None and at["consumer"].resumed_by is None


def test_a_suspended_lane_keeps_its_line_and_its_locals():
    at = after(recorded(produce_and_consume), "consumer", Kind.SUSPEND, 1)["consumer"]
    assert (at.state, at.line) == ("suspended", line(consumer, 4))
    assert at.locals == {"r": "'200 OK'", "n": "1"}


def test_locals_that_changed_and_locals_that_went():
    def count():
        total = 1
        total += 1
        del total
        return 5

    seen = [(lane[0].locals, lane[0].changed) for lane in states(record(count))]
    assert seen[2:] == [
        ({"total": "1"}, ("total",)),
        ({"total": "2"}, ("total",)),
        ({}, ("total",)),
        ({}, ()),
    ]


def test_the_outer_delegates_to_the_inner_while_both_are_suspended():
    trace = recorded(programs.delegate)
    lanes = [lane.name for lane in trace.lanes]
    at = after(trace, "outer", Kind.DELEGATE)
    assert (at["outer"].state, at["inner"].state) == ("suspended", "suspended")
    assert lanes[at["outer"].delegating_to] == "inner" and at["inner"].delegating_to is None
    assert after(trace, "outer", Kind.RESUME)["outer"].delegating_to is None


ENDINGS = [
    (lambda it: [*it], "return", "None"),
    (lambda it: (next(it), it.close()), "close", None),
]


def finishing():
    yield 1


@pytest.mark.parametrize("use, ending, value", ENDINGS, ids=["return", "close"])
def test_how_a_generator_ended(use, ending, value):
    def program():
        use(finishing())

    trace = record(program)
    lanes = [lane.name for lane in trace.lanes]
    last = states_at(trace, len(trace.events) - 1)[lanes.index("finishing")]
    assert (last.state, last.ending, last.value) == ("closed", ending, value)


def test_an_exception_that_leaves_a_generator_is_its_ending():
    trace = recorded(programs.fails)
    last = states_at(trace, len(trace.events) - 1)
    assert [(lane.state, lane.ending, lane.value) for lane in last] == [("closed", "raise", "ValueError('burst')")] * 2


def answers_close():
    try:
        yield 1
    except GeneratorExit:
        return "tidy"


def resists_close():
    try:
        yield 1
    except GeneratorExit:
        yield 2


def breaks_at_close():
    try:
        yield 1
    finally:
        raise ValueError("broken")


@pytest.mark.parametrize(
    "function, state, ending, value",
    [
        (finishing, "closed", "close", None),
        (answers_close, "closed", "return", "'tidy'"),
        (resists_close, "suspended", None, None),
        (breaks_at_close, "closed", "raise", "ValueError('broken')"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the one that resists does so twice
def test_what_became_of_a_close(function, state, ending, value):
    trace = Stepper(function).next().close().trace
    last = states_at(trace, len(trace.events) - 1)[0]
    assert (last.state, last.ending, last.value) == (state, ending, value)


def test_states_at_is_the_one_of_that_event():
    trace = recorded(produce_and_consume)
    assert [states_at(trace, number) for number in range(len(trace.events))] == list(states(trace))
    with pytest.raises(StopIteration):
        states_at(trace, len(trace.events))
    assert LaneState().state == "created"


def ignores_close():
    try:
        yield 1
    finally:
        yield 2


async def cleans_up():
    try:
        yield 1
    finally:
        await asyncio.sleep(0)


def next_after_close(it):
    next(it)
    with pytest.raises(RuntimeError):
        it.close()
    with pytest.raises(GeneratorExit):
        next(it)


def throw_exit(it):
    next(it)
    with pytest.raises(GeneratorExit):
        it.throw(GeneratorExit)


def raise_exit():
    yield 1
    raise GeneratorExit


def next_twice(it):
    next(it)
    with pytest.raises(GeneratorExit):
        next(it)


def endings(trace, name):
    """How a lane ends: by the model, in the picture, and in words."""
    number = [lane.name for lane in trace.lanes].index(name)
    (at,) = [at for at, event in enumerate(trace.events) if event.lane == number and event.kind is Kind.RAISE]
    types = list(event_types(trace.events, trace.lanes))
    words = in_sentence(trace, trace.events[at])
    assert types[at].sentence.format(lane=name, peer="use", value="GeneratorExit()") == words
    return states_at(trace, at)[number].ending, types[at].ending, types[at].label, words.removeprefix(f"{name} ")


@pytest.mark.parametrize(
    "function, use", [(ignores_close, next_after_close), (finishing, throw_exit), (raise_exit, next_twice)]
)
def test_a_generator_exit_that_somebody_gets_is_raised_and_closes_nothing(function, use):
    raised = ("raise", "raise", "raise {value}", "raises GeneratorExit() to use")
    trace = record(lambda: use(function()))
    trace = replace(
        trace, lanes=tuple(lane._replace(name="use") if lane.name == use.__name__ else lane for lane in trace.lanes)
    )
    assert endings(trace, function.__name__) == raised


def test_an_async_generator_that_waits_while_it_is_closed_is_closed():
    async def main():
        it = cleans_up()
        await anext(it)
        await it.aclose()

    assert endings(record(main), "cleans_up") == ("close", "close", "closed", "is closed for good")
