"""What happens in a run, in columns: by the rules of `states`, and only the columns that are drawn become objects."""

import random

import pytest

from coro_lab import Event, Kind, Lane, Trace, record
from coro_lab.trace.events import ENTERS, LEAVES, REQUESTS, SWITCHES
from coro_lab.trace.lane_states import STATES, outside
from coro_lab.views.plots.columns import OUTSIDE, VERBS, rows
from coro_lab.views.plots.folding import _shares
from coro_lab.views.plots.model import ROOM
from coro_lab.views.plots.spans import overview
from tests import async_programs, programs
from tests.lane_states import states

PROGRAMS = {**programs.GOLDEN, **async_programs.GOLDEN}


def by_states(trace):
    """Spans and ends of a trace, read off the states of all lanes after each event."""
    doing, spans, ends = {}, [], []
    room = ROOM if outside(trace.events, trace.driver) else 0.0
    for event, now in zip(trace.events, states(trace), strict=True):
        if event.kind in REQUESTS:
            continue
        at = event.step + (0.5 - room if event.kind in LEAVES else room - 0.5)
        for lane in [event.peer] * (event.kind in SWITCHES and event.peer is not None) + [event.lane]:
            state = now[lane]
            what = "waiting" if state.state == "running" and state.waiting_for is not None else state.state
            before, since = doing.setdefault(lane, (what, at))
            if what != before:
                spans.append((lane, since, at, before))
                doing[lane] = what, at
                if what == "closed":
                    ends.append((lane, at, "close" if state.ending == "drop" else state.ending))
    spans += [(lane, since, trace.steps - 0.5 - room, what) for lane, (what, since) in doing.items()]
    shown = [span for span in spans if span[2] > span[1] and span[3] in ("running", "suspended", "waiting")]
    return shown, ends


def seen(trace):
    found = overview(trace, ROOM)
    spans = [(lane, begin, end, STATES[doing]) for lane, begin, end, doing in rows(found.spans)]
    return spans, found.endings


def made_up(seed):
    """A trace that no program would leave."""
    chance = random.Random(seed)
    lanes = tuple(Lane(str(number), chance.choice(["function", "coroutine"])) for number in range(chance.randint(1, 5)))
    step, events = 0, []
    for _ in range(chance.randint(0, 60)):
        step += chance.randint(0, 1)
        kind, value = chance.choice(list(Kind)), chance.choice([None, "None", "GeneratorExit()", "3"])
        lane, other = chance.randrange(len(lanes)), chance.choice([None, *range(len(lanes))])
        peer = other if kind in SWITCHES and other != lane else None
        events.append(Event(step, lane, kind, value=value, peer=peer))
    return Trace(tuple(events), lanes, driver=chance.choice([None, "you"]))


@pytest.mark.parametrize("name", PROGRAMS)
def test_lanes_run_and_wait_and_end_as_their_states_say(name, capsys):
    trace = record(PROGRAMS[name])
    assert seen(trace) == by_states(trace)


def test_so_they_do_in_traces_that_no_program_would_leave():
    for trace in map(made_up, range(300)):
        assert seen(trace) == by_states(trace)


def test_each_crossing_goes_from_where_control_leaves_to_where_it_arrives(capsys):
    trace = record(programs.delegate)
    names = [lane.name for lane in trace.lanes]
    told = [
        (names[origin], VERBS[verb], names[target])
        for _, origin, target, verb, _ in rows(overview(trace, ROOM).crossings)
        if OUTSIDE not in (origin, target)
    ]
    assert told[:6] == [
        ("delegate", "start", "outer"),
        ("outer", "start", "inner"),
        ("inner", "yield", "outer"),
        ("outer", "delegate", "delegate"),
        ("delegate", "resume", "outer"),
        ("outer", "resume", "inner"),
    ]


def test_a_part_of_a_run_has_the_lanes_that_do_something_in_it(capsys):
    trace = record(programs.two_of_one)
    whole = overview(trace, 0.0)
    part = whole.within(0.5, 1.5)
    assert [trace.lanes[lane].name for lane in part.order] == ["two_of_one", "consumer"]
    assert [row[:3] for row in rows(part.spans)] == [(0, 0.5, 1.5), (1, 0.5, 1.5)]
    assert all(trace.events[number].kind in ENTERS | LEAVES | REQUESTS for *_, number in rows(part.crossings))
    assert len(part.crossings.at) < len(whole.crossings.at)


@pytest.mark.parametrize(
    "pairs, shares",
    [
        ([], [0, 0]),
        ([(0, 4)], [1, 1]),
        ([(1, 3)], [0.5, 0.5]),
        ([(3, 4), (0, 1)], [0.5, 0.5]),
        ([(0, 2), (1, 2), (1, 3)], [1, 0.5]),  # two threads may run at a time, and together they fill a column once
        ([(0, 4), (1, 2)], [1, 1]),
    ],
)
def test_a_share_is_the_covered_part_of_a_column(pairs, shares):
    begins, ends = [begin for begin, _ in pairs], [end for _, end in pairs]
    assert _shares(begins, ends, [0.0, 2.0, 4.0]) == pytest.approx(shares)
