"""A run is a value: the Trace, its text, and its way through JSON and back."""

import json
import pickle
from copy import copy, deepcopy
from dataclasses import FrozenInstanceError, replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coro_lab import Kind, Trace, record
from coro_lab.errors import TraceFormatError
from coro_lab.trace.events import ENTERS, LEAVES, SWITCHES, Event, Lane, Source
from tests import programs
from tests.lane_states import states
from tests.programs import PRODUCED, consumer, produce, produce_and_consume

SOURCE = Source(7, "def echo():\n    yield (yield)")
LANES = (Lane("main", "function"), Lane("echo", "generator", SOURCE, task="first"))
EVENTS = (
    Event(0, 0, Kind.START, 1),
    Event(1, 1, Kind.START, 7, None, 0, 2),
    Event(1, 1, Kind.LINE, 8, changed=(("heard", "1"), ("gone", None))),
    Event(1, 1, Kind.OUTPUT, 8, "one\n"),
    Event(1, 1, Kind.OUTPUT, 8, "two"),
    Event(1, 1, Kind.SUSPEND, 8, "None", 0, 2),
    Event(2, 0, Kind.RETURN, 3, "'end'"),
)
TRACE = Trace(EVENTS, LANES, driver="you", cut="It was stopped.", result=[1], error=KeyError("k"))


# -- a value ----------------------------------------------------------------------------------------------------------


def test_equal_runs_give_equal_traces_and_other_runs_do_not():
    assert record(produce_and_consume) == record(produce_and_consume)
    assert hash(record(produce_and_consume)) == hash(record(produce_and_consume))
    assert record(produce_and_consume) != record(programs.two_of_one)


def test_the_live_result_and_error_take_no_part_in_equality():
    assert Trace(EVENTS, LANES, result=object()) == Trace(EVENTS, LANES, result=object(), error=ValueError())
    assert Trace(EVENTS, LANES) != Trace(EVENTS[:-1], LANES)
    assert Trace(EVENTS, LANES) != Trace(EVENTS, LANES, cut="It was stopped.")


def unread():
    return Trace.later(partial(tuple, EVENTS), LANES, driver="you", cut="It was stopped.")


def test_events_are_made_when_they_are_first_read_and_then_are_those_of_any_trace():
    trace = unread()
    assert "events" not in vars(trace)
    assert trace.events == EVENTS
    assert all(type(event) is Event for event in trace.events)
    assert trace.events is trace.events


@pytest.mark.parametrize("through", [copy, deepcopy, replace, lambda trace: pickle.loads(pickle.dumps(trace))])
def test_a_trace_that_nobody_has_read_is_equal_to_one_that_was(through):
    assert through(unread()) == unread() == Trace(EVENTS, LANES, driver="you", cut="It was stopped.")
    assert hash(through(unread())) == hash(unread())


def test_a_trace_has_nothing_that_it_does_not_have():
    with pytest.raises(AttributeError, match="no 'evnets'"):
        _ = unread().evnets
    with pytest.raises(FrozenInstanceError):
        unread().events = ()


@pytest.mark.parametrize("name", ["events", "lanes", "driver", "cut", "result", "error", "output"])
def test_a_trace_cannot_be_changed(name):
    with pytest.raises(FrozenInstanceError):
        setattr(TRACE, name, ())
    with pytest.raises(AttributeError):
        TRACE.events[0].step = 1


def test_output_is_everything_that_was_printed():
    assert TRACE.output == "one\ntwo"
    assert record(produce, consumer()).output == PRODUCED
    assert Trace((), ()).output == ""


def test_steps_are_counted_from_the_first_to_the_last_event():
    assert TRACE.steps == 3
    assert Trace((), ()).steps == 0


def test_lines_and_output_do_not_move_control():
    assert ENTERS | LEAVES == SWITCHES
    assert not ENTERS & LEAVES
    assert not SWITCHES & {Kind.LINE, Kind.OUTPUT}
    assert [event.kind for event in TRACE.switches()] == [Kind.START, Kind.START, Kind.SUSPEND, Kind.RETURN]


def test_the_repr_tells_size_and_ending_in_one_line():
    assert repr(TRACE) == "<Trace of main, echo: 7 events, 3 steps, cut>"
    assert repr(Trace(EVENTS, LANES)) == "<Trace of main, echo: 7 events, 3 steps, complete>"
    assert repr(record(programs.fails)).endswith("steps, error ValueError>")
    many = tuple(Lane(f"worker {n}", "generator") for n in range(9))
    assert repr(Trace((), many)).startswith("<Trace of worker 0, worker 1, worker 2, worker 3, 5 more: 0 events")


# -- its text ---------------------------------------------------------------------------------------------------------


def test_the_text_has_one_sentence_an_event_after_its_step_and_says_why_it_was_cut():
    assert TRACE.text().splitlines() == [
        "0  main is called",
        "1  main starts echo",
        "1  echo is at line 8, heard = 1, gone unbound",
        r"1  echo prints 'one\n'",
        "1  echo prints 'two'",
        "1  echo yields None to main and suspends at line 8",
        "2  main returns 'end'",
        "It was stopped.",
    ]


def test_the_text_without_lines_omits_the_lines_and_nothing_else():
    full, lean = TRACE.text().splitlines(), TRACE.text(lines=False).splitlines()
    assert [line for line in full if " is at line " not in line] == lean
    assert Trace((), ()).text() == ""


# -- JSON and back ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", programs.GOLDEN.values(), ids=programs.GOLDEN)
def test_json_gives_an_equal_trace_back(program):
    trace = record(program)
    assert Trace.from_json(trace.to_json()) == trace


def test_json_keeps_all_but_the_live_objects_which_it_describes():
    back = Trace.from_json(TRACE.to_json())
    assert back == TRACE
    assert (back.result, back.error) == ("[1]", "KeyError('k')")
    assert (back.driver, back.cut, back.lanes[1].task) == ("you", "It was stopped.", "first")
    assert back.text() == TRACE.text() and back.output == TRACE.output
    assert back.to_json() == TRACE.to_json()


def test_json_has_a_version_number():
    assert json.loads(TRACE.to_json())["coro_lab_trace"] == 3


def test_json_keeps_letters_of_every_script_as_they_are():
    trace = Trace((Event(0, 0, Kind.OUTPUT, 1, "größer → 大"),), LANES)
    assert "größer → 大" in trace.to_json()
    assert Trace.from_json(trace.to_json()) == trace


def test_each_text_travels_once():
    long = "x" * 70
    events = tuple(Event(n, 0, Kind.OUTPUT, 1, long) for n in range(1000))
    text = Trace(events, LANES).to_json()
    assert text.count(long) == 1 and len(text) < 20_000


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (None, "not JSON"),
        ("[]", "^This is JSON, but not a trace of Coro Lab: it has no 'coro_lab_trace'.$"),
        ("null", "not a trace of Coro Lab"),
        ('{"events": []}', "not a trace of Coro Lab"),
        ('{"coro_lab_trace": 4}', "format 4, and this Coro Lab reads formats 1 and 2 and 3"),
        ('{"coro_lab_trace": "new"}', "format 'new'"),
        ('{"coro_lab_trace": true}', "format True"),
        ('{"coro_lab_trace": 1}', "damaged: 'kinds' is missing"),
        ('{"coro_lab_trace": 2}', "damaged: 'outside' is missing"),
        ('{"coro_lab_trace": 3}', "damaged: 'outside' is missing"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_trace_is_refused_in_words(text, told):
    with pytest.raises(TraceFormatError, match=told):
        Trace.from_json(text)


def test_a_newer_trace_says_what_to_do():
    newer = TRACE.to_json().replace('"coro_lab_trace":3', '"coro_lab_trace":9')
    with pytest.raises(TraceFormatError, match="Update Coro Lab, or record the program again"):
        Trace.from_json(newer)


def damaged(**changes):
    return json.dumps({**json.loads(TRACE.to_json()), **changes})


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"events": [[0, 7, 0]]}, "below 2 was expected, not 7"),
        ({"events": [[0, 2, 0]]}, "below 2 was expected, not 2"),
        ({"events": [[0, 0, 0, 1, None, -1]]}, "below 2 was expected, not -1"),
        ({"events": [[0, 0, 99]]}, r"at events\[0\].kind, a whole number below \d+ was expected, not 99"),
        ({"events": [[0, 0, 0, 1, 99]]}, r"at events\[0\].value, a whole number below \d+ was expected, not 99"),
        ({"events": [[0, 0, 0, "here"]]}, "a whole number was expected, not 'here'"),
        ({"events": [[0, 0, 0, 1, None, None, None, [0]]]}, "zip"),
        ({"events": [[0] * 9]}, r"at events\[0\], 3 to 8 values were expected, not 9"),
        ({"types": [["dance", "{lane} dances", "running"]]}, "'dance' is not a valid Kind"),
        ({"types": [["line", "{lane}", "dancing"]]}, "one of created, .*, closed was expected, not 'dancing'"),
        ({"types": [["line", "{lane}"]]}, r"at types\[0\], 3 to 6 values were expected, not 2"),
        ({"lanes": [["main", 3, None, "t", None]]}, "a text was expected, not 3"),
        ({"cut": 5}, "a text was expected, not 5"),
    ],
    ids=str,
)
def test_a_damaged_trace_says_what_was_found(changes, told):
    with pytest.raises(TraceFormatError, match=told):
        Trace.from_json(damaged(**changes))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 12) | st.floats() | st.sampled_from(["", "a", "start"]),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)


@st.composite
def mutated(draw):
    """The JSON of a real trace with one place of it replaced, removed or repeated."""
    document = json.loads(TRACE.to_json())
    place, at = document, draw(st.sampled_from(sorted(document)))
    while isinstance(place[at], list) and place[at] and draw(st.booleans()):
        place, at = place[at], draw(st.integers(0, len(place[at]) - 1))
    change = draw(st.sampled_from(["replace", "remove", "repeat"]))
    if change == "remove":
        del place[at]
    elif change == "repeat" and isinstance(place, list):
        place.insert(at, place[at])
    else:
        place[at] = draw(json_values)
    return json.dumps(document)


def tell_everything(trace):
    """Whatever else reads a trace can read this one."""
    assert Trace.from_json(trace.to_json()) == trace
    assert len(list(states(trace))) == len(trace.events)
    return trace.text(), trace.output, trace.steps, repr(trace), hash(trace)


@given(mutated())
def test_a_changed_file_is_a_trace_or_is_refused(text):
    try:
        trace = Trace.from_json(text)
    except TraceFormatError:
        return
    tell_everything(trace)


@given(st.data())
def test_a_file_with_lost_or_foreign_letters_is_a_trace_or_is_refused(data):
    text = TRACE.to_json()
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 5)))
    try:
        trace = Trace.from_json(text[:begin] + data.draw(st.text(max_size=3)) + text[end:])
    except TraceFormatError:
        return
    tell_everything(trace)


MAIN = Lane("main", "function")


def test_each_sentence_stands_behind_its_step_and_the_steps_in_a_column():
    events = (Event(0, 0, Kind.START, 1), Event(10, 0, Kind.LINE, 2), Event(10, 0, Kind.RETURN, 2, "3"))
    trace = Trace(events, (MAIN,), cut="It was stopped.")
    assert trace.text().splitlines() == [
        " 0  main is called",
        "10  main is at line 2",
        "10  main returns 3",
        "It was stopped.",
    ]
    assert trace.text(lines=False).splitlines() == [" 0  main is called", "10  main returns 3", "It was stopped."]


def test_a_note_is_the_last_sentence_and_takes_the_place_of_the_error():
    trace = Trace((Event(0, 0, Kind.START, 1),), (MAIN,), cut="It was stopped.", note="Nothing was seen.")
    assert trace.text().splitlines() == ["0  main is called", "It was stopped.", "Nothing was seen."]
    assert Trace((), (), error="E()", note="Nothing was seen.").text() == "Nothing was seen."
    assert Trace((), (), error="E()").text() == "Nothing has run: E()"


# ---- Each place of a stored trace has its name -----------------------------------------------------------------------

FIELDS = {
    "sources": ("first_line", "text"),
    "types": ("kind", "sentence", "state", "label", "peer_state", "ending"),
    "lanes": ("name", "kind", "source", "thread", "task"),
    "events": ("step", "lane", "kind", "line", "value", "peer", "peer_line", "changed"),
}


@pytest.mark.parametrize("table, at", [(table, at) for table, fields in FIELDS.items() for at in range(len(fields))])
def test_a_damaged_field_is_called_by_its_name(table, at):
    document = json.loads(TRACE.to_json())
    row = document[table][0]
    row += [None] * (len(FIELDS[table]) - len(row))
    row[at] = {"not": "this"}
    with pytest.raises(TraceFormatError) as error:
        Trace.from_json(json.dumps(document))
    assert error.value.place == f"{table}[0].{FIELDS[table][at]}"


@pytest.mark.parametrize("part", ["driver", "cut", "result", "error", "note", "outside"])
def test_a_damaged_remark_is_called_by_its_name(part):
    document = json.loads(TRACE.to_json())
    document[part] = 3
    with pytest.raises(TraceFormatError) as error:
        Trace.from_json(json.dumps(document))
    assert error.value.place == part
