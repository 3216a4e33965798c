"""The journal: what is kept in one flat list is told as events."""

import io
from contextlib import redirect_stdout
from operator import attrgetter

import pytest

from coro_lab import Kind, record
from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.engine.recorder.journal import Journal, events
from coro_lab.engine.recorder.lanes import Activation
from coro_lab.engine.recorder.locals import UNBOUND
from coro_lab.trace.events import Event, LaneIndex
from tests.engine.recorder.test_golden import PROGRAMS
from tests.programs import consumer, produce

LANES = (LaneIndex(0, "produce"), LaneIndex(1, "consumer"))


def activations():
    return (Activation(index, CodeInfo(code.__code__), 0, None, None) for index, code in enumerate((produce, consumer)))


def a_switch_and_back() -> Journal:
    journal, (outer, inner) = Journal(), activations()
    journal.enter(outer, Kind.START, 1, None, None, ("c", "'given'"))
    journal.fields.append(2)
    journal.enter(inner, Kind.START, 7, None, 2)
    journal.fields.extend(("n", "1", "gone", UNBOUND, 8))
    journal.output(1, 8, "one\n")
    journal.fields.append(9)
    journal.leave(inner, Kind.SUSPEND, 9, "'ready'", ("r", "2"))
    journal.fields.append(3)
    journal.leave(outer, Kind.RETURN, 3, "None")
    return journal


SWITCH_AND_BACK = (
    Event(0, 0, Kind.START, 1, changed=(("c", "'given'"),)),
    Event(0, 0, Kind.LINE, 2),
    Event(1, 1, Kind.START, 7, None, 0, 2),
    Event(1, 1, Kind.LINE, 8, changed=(("n", "1"), ("gone", None))),
    Event(1, 1, Kind.OUTPUT, 8, "one\n"),
    Event(1, 1, Kind.LINE, 9),
    Event(1, 1, Kind.SUSPEND, 9, "'ready'", 0, 2, (("r", "2"),)),
    Event(2, 0, Kind.LINE, 3),
    Event(2, 0, Kind.RETURN, 3, "None"),
)


def test_a_line_belongs_to_the_lane_that_runs_and_a_local_to_the_event_behind_it():
    assert events(a_switch_and_back().fields, LANES) == SWITCH_AND_BACK


def test_events_are_counted_also_from_where_one_has_counted_before():
    journal = a_switch_and_back()
    assert journal.count() == journal.count() == len(SWITCH_AND_BACK)
    journal.inside(0, Kind.AWAIT, 4, "it")
    assert journal.count() == len(SWITCH_AND_BACK) + 1


def test_what_a_thread_prints_that_does_not_run_leaves_the_lines_to_the_one_that_does():
    journal, (outer, _) = Journal(), activations()
    journal.enter(outer, Kind.START, 1, None, None)
    journal.output(1, None, "from elsewhere\n")
    journal.fields.append(2)
    assert [(event.lane, event.kind) for event in events(journal.fields, LANES)] == [
        (0, Kind.START),
        (1, Kind.OUTPUT),
        (0, Kind.LINE),
    ]


def test_a_value_that_lanes_have_passed_on_is_told_again_in_all_of_them_but_not_before():
    journal, (outer, inner) = Journal(), activations()
    journal.enter(outer, Kind.START, 1, None, None)
    journal.enter(inner, Kind.START, 7, None, 1)
    journal.output(1, 8, "'this'")
    journal.leave(inner, Kind.SUSPEND, 8, "'this'", ("n", "1"))
    assert journal.inside_yields(outer) == (1, "'this'")
    assert journal.replace_yielded("'this'", "'that'") == "'that'"
    assert [event.value for event in events(journal.fields, LANES)] == [None, None, "'this'", "'that'"]


def test_half_an_event_is_no_event():
    with pytest.raises(ValueError, match="unpack"):
        events(a_switch_and_back().fields[:-1], LANES)


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_written_out_for_speed_is_written_alike(name, lines, monkeypatch):
    """A callback takes its longest way where it has to be careful, and then writes the same journal."""

    def told():
        with redirect_stdout(io.StringIO()):
            return record(PROGRAMS[name], lines=lines)

    fast = told()
    # no function written here: that would be recorded, too
    monkeypatch.setattr(Checks, "schedule", property(attrgetter("_journal.check_always")))
    assert told() == fast
