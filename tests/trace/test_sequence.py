"""A Trace as a sequence of its events: length, index, slice, lanes, kinds, and how it differs from another."""

import copy
import functools
import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coro_lab import Event, Kind, Lane, LaneIndex, Trace, record
from coro_lab.errors import ArgumentError, UnknownNameError
from coro_lab.trace.events import lane_indexes


def consumer():
    while True:
        item = yield
        print("got", item)


def produce(*items):
    to = consumer()
    next(to)
    for item in items:
        to.send(item)


@functools.cache
def trace():
    return record(produce, 1, 2)


def test_a_trace_has_the_length_and_the_order_of_its_events():
    assert len(trace()) == len(trace().events)
    assert [*trace()] == [trace()[number] for number in range(len(trace()))] == [*trace().events]
    assert [*reversed(trace())] == [*trace().events[::-1]]
    assert trace()[-1] in trace() and Event(99, LaneIndex(0, "produce"), Kind.LINE) not in trace()


@given(st.deferred(lambda: st.slices(len(trace()))))
def test_a_slice_is_that_of_the_events(part):
    assert trace()[part] == trace().events[part]


def test_a_number_that_no_event_has_is_refused_as_by_any_sequence():
    with pytest.raises(IndexError):
        trace()[len(trace())]


def test_a_run_in_which_nothing_was_seen_is_a_run():
    assert len(record(len, "abc")) == 0
    assert record(len, "abc")


def test_all_values_that_a_lane_was_sent():
    assert [event.value for event in trace().of("consumer", kind="resume")] == ["1", "2"]


def test_the_events_of_several_lanes_and_kinds_come_in_their_order():
    assert trace().of() == trace().of("consumer", "produce") == trace().events
    assert trace().of(kind=Kind.OUTPUT) == tuple(event for event in trace() if event.kind is Kind.OUTPUT)
    assert trace().of(kind=(Kind.START, "return")) == tuple(
        event for event in trace() if event.kind in ("start", "return")
    )


def test_one_activation_is_one_lane():
    twice = record(lambda: (produce(1), produce(2)))
    assert [event.value for event in twice.of("consumer 2", kind="resume")] == ["2"]


def test_a_lane_is_asked_for_by_its_name():
    assert trace().lane("consumer") is trace().lanes[1]
    assert trace().lane("consumer").kind == "generator"


def test_a_lane_is_asked_for_by_its_number_in_an_event():
    (first, _) = trace().of("consumer", kind="resume")
    assert trace().lane(first.lane).name == "consumer"
    assert trace().of(first.lane) == trace().of("consumer")


def test_a_lane_that_does_not_exist_is_refused_with_those_that_do():
    for ask in (trace().lane, trace().of):
        with pytest.raises(UnknownNameError) as refused:
            ask("consumr")
        assert str(refused.value) == "No lane is called 'consumr'. The lanes are produce, consumer."


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(UnknownNameError, match="No event has the kind 'send'. The kinds are start, resume, suspend, "):
        trace().of("consumer", kind="send")
    with pytest.raises(UnknownNameError, match="No event has the kind 3"):
        trace().of(kind=3)


# ---- Events know the names of their lanes ----------------------------------------------------------------------------


def test_an_event_names_its_lanes():
    (first, _) = trace().of("consumer", kind="resume")
    assert (first.lane, first.lane.name, first.peer.name) == (1, "consumer", "produce")
    sent = f"step={first.step}, lane=consumer, kind='resume', line={first.line}, value='1'"
    assert repr(first) == f"Event({sent}, peer=produce, peer_line={first.peer_line})"


def test_an_event_that_was_written_down_by_hand_is_named_by_the_trace_that_takes_it():
    by_hand = Event(0, 0, Kind.START, 1)
    assert repr(by_hand) == "Event(step=0, lane=0, kind='start', line=1)"
    assert repr(Trace((by_hand,), (Lane("A", "function"),))[0]) == "Event(step=0, lane=A, kind='start', line=1)"


def test_lanes_with_other_names_rename_their_events():
    renamed = replace(trace(), lanes=tuple(lane._replace(name=lane.name.upper()) for lane in trace().lanes))
    assert {event.lane.name for event in renamed} == {"PRODUCE", "CONSUMER"}
    assert {event.peer.name for event in renamed if event.peer is not None} == {"PRODUCE"}


def test_names_survive_a_file_a_pickle_and_a_copy():
    for other in (Trace.from_json(trace().to_json()), pickle.loads(pickle.dumps(trace())), copy.deepcopy(trace())):
        assert [repr(event) for event in other] == [repr(event) for event in trace()]


def test_an_event_of_a_lane_that_does_not_exist_is_no_event_of_a_trace():
    with pytest.raises(IndexError):
        Trace((Event(0, 1, Kind.START, 1),), (Lane("A", "function"),))


@given(st.lists(st.text()))
def test_a_number_with_a_name_is_that_number(names):
    indexes = lane_indexes(Lane(name, "generator") for name in names)
    assert [*indexes] == [*range(len(names))]
    assert [index.name for index in indexes] == names
    assert str(indexes) == str(tuple(range(len(names))))


# ---- Where two runs differ -------------------------------------------------------------------------------------------


def test_two_equal_runs_do_not_differ():
    assert trace().diff(record(produce, 1, 2)) is None
    assert trace().diff(record(produce, 1, 2), lines=True) is None


def test_the_first_place_at_which_two_runs_differ():
    found = trace().diff(record(produce, 1, 3))
    assert (found.event.value, found.other_event.value) == ("2", "3")
    assert trace()[found.at] == found.event and found.step == found.event.step == 5
    line = found.event.line
    assert found.text() == (
        f"Step 5: produce sends 2 to consumer, which resumes at line {line}. "
        f"In the other run: produce sends 3 to consumer, which resumes at line {line}."
    )
    assert repr(found) == f"<Difference. {found.text()}>"


def test_a_run_that_ends_first_differs_where_the_other_goes_on():
    def once():
        print("one")

    def twice():
        print("one")
        print("two")

    shorter = record(once)
    longer = replace(record(twice), lanes=shorter.lanes)
    shorter = replace(shorter, events=shorter.of(kind=("start", "output")))
    found = shorter.diff(longer)
    assert (found.at, found.event, found.other_event.value) == (len(shorter), None, "two\n")
    assert found.text().startswith("Step 0: the run has ended. In the other run: once prints ")
    assert longer.diff(shorter).text().endswith("In the other run: the run has ended.")


def test_lines_and_locals_differ_only_where_they_are_asked_for():
    def one():
        yield 1

    def other():
        word = 1
        yield word

    mine, theirs = record(lambda: list(one())), record(lambda: list(other()))
    theirs = replace(theirs, lanes=mine.lanes)
    assert mine.diff(theirs) is None
    assert mine.diff(theirs, lines=True) is not None


def test_a_recording_without_lines_is_the_same_run():
    assert trace().diff(record(produce, 1, 2, lines=False)) is None


def test_who_resumes_a_lane_is_seen():
    def A(lane):
        next(lane)

    def B(lane):
        next(lane)

    def program(first, second):
        lane = consumer()
        first(lane)
        second(lane)

    found = record(program, A, B).diff(record(program, B, A))
    assert (found.event.lane.name, found.other_event.lane.name) == ("A", "B")


@settings(max_examples=30)
@given(st.lists(st.integers(0, 2), max_size=4), st.lists(st.integers(0, 2), max_size=4))
def test_a_difference_is_where_the_values_first_differ_and_looks_the_same_from_both_sides(mine, theirs):
    one, other = record(produce, *mine, lines=False), record(produce, *theirs, lines=False)
    found, back = one.diff(other), other.diff(one)
    assert (found is None) == (mine == theirs) == (back is None)
    if found is not None:
        assert (found.at, found.other_at, found.step) == (back.other_at, back.at, back.step)
        assert one[: found.at] == other[: found.other_at]


def test_what_is_cut_off_of_a_value_is_not_compared():
    """As `Trace.diff` says: the trace keeps 80 characters of each value."""

    def silent(word):
        lane = iter_of(word)
        next(lane)

    def iter_of(word):
        yield word

    assert record(silent, "x" * 100 + "1").diff(record(silent, "x" * 100 + "2")) is None


def test_only_the_lanes_that_are_named_are_compared():
    other = record(produce, 1, 3)
    assert trace().diff(other, among=["produce"]) is None
    assert trace().diff(other, among=["consumer"]).event.value == "2"
    with pytest.raises(UnknownNameError, match="No lane is called 'konsumer'"):
        trace().diff(other, among=["konsumer"])
    with pytest.raises(ArgumentError, match=r"Write:     among=\['consumer'\]"):
        trace().diff(other, among="consumer")


def test_a_trace_is_compared_with_a_trace():
    with pytest.raises(ArgumentError, match=r"You wrote: trace.diff\(None\)"):
        trace().diff(None)
