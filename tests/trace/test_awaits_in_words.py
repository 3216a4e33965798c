"""The await microscope on one small run: what is printed for each way of writing an await, word by word."""

import asyncio
from textwrap import dedent

from coro_lab import Trace, awaits, record
from coro_lab.trace.events import Event, Kind, Lane
from tests.lines import line


class Door:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        await asyncio.sleep(0)


async def numbers():
    yield 1
    await asyncio.sleep(0)


async def every_way():
    async for _ in numbers():
        pass
    async with Door():
        pass
    await asyncio.sleep(0)
    await ready()


async def ready():
    return 1


def places(trace, source):
    """The lines that are printed for this lane's awaits, with lines counted from its first one."""
    lane = next(number for number, lane in enumerate(trace.lanes) if lane.name == source.__name__)
    own = tuple(one for one in awaits(trace).found if one.lane == lane)
    printed = repr(type(awaits(trace))(trace, own)).splitlines()
    return [f"{int(row[5:8]) - line(source, 1)}{row[8:]}" for row in printed]


def test_each_way_of_awaiting_is_printed_as_it_was_written():
    assert places(record(every_way), every_way) == [
        "1  async for _ in numbers()      gave way, and no other task was ready; went straight on",
        "3  async with Door()             went straight on",
        "3  the end of async with Door()  gave way, and no other task was ready",
        "5  await asyncio.sleep(0)        gave way, and no other task was ready",
        "6  await ready()                 went straight on",
    ]


def test_an_await_shows_what_it_did_and_not_how_that_is_known():
    assert [repr(one) for one in awaits(record(every_way)).found][-1] == (
        f"Await(lane=0, line={line(every_way, 7)}, awaited='ready()', steps=None, ended=True)"
    )


def test_where_nothing_was_awaited_it_is_said():
    said = "Nothing was awaited, or the run was recorded without its lines."
    assert repr(awaits(record(ready))) == repr(awaits(Trace((), ()))) == said


def run(names, *between, thread="MainThread"):
    """`main` awaits once, and each of these lanes runs a step before it goes on; `between`: (lane, its thread)."""
    lanes = [Lane("main", "coroutine", task="main"), *(Lane(name, "coroutine", task=name) for name in names)]
    lanes += [Lane(name, "function", thread=thread) for name in between]
    others = [Event(step, step, Kind.START, 7) for step in range(1, len(lanes))]
    last = len(lanes)
    begins = Event(0, 0, Kind.START, 1), Event(0, 0, Kind.AWAIT, 2, "f()"), Event(0, 0, Kind.DELEGATE, 2)
    return Trace((*begins, *others, Event(last, 0, Kind.RESUME, 2), Event(last, 0, Kind.LINE, 3)), tuple(lanes))


def told(trace):
    return repr(awaits(trace)).removeprefix("line   2  await f()  ")


def test_up_to_four_tasks_are_named_and_more_are_counted():
    assert told(run("abcd")) == "gave way to a, b, c, d"
    assert told(run("abcde")) == "gave way to 5 tasks: a, b, c, d and 1 more"


def test_what_is_no_task_is_told_after_the_tasks():
    assert told(run("", "tick")) == "gave way to tick"
    assert told(run("ab", "tick", "tock")) == "gave way to a, b, and tick, tock"
    assert told(run("a", *"uvwxyz")) == "gave way to a, and 6 others: u, v, w, x and 2 more"
    assert told(run("a", "work", thread="pool")) == "gave way to a, and work in another thread"


def test_many_are_counted_with_commas_between_the_thousands():
    assert told(run([f"t{n}" for n in range(1200)])) == "gave way to 1,200 tasks: t0, t1, t2, t3 and 1,196 more"


def test_a_task_that_was_begun_before_the_recording_is_told_like_any_other():
    lanes = tuple(Lane(name, "coroutine", task=name) for name in ("main", "earlier"))
    begins = Event(0, 0, Kind.START, 1), Event(0, 0, Kind.AWAIT, 2, "f()"), Event(0, 0, Kind.DELEGATE, 2)
    ends = Event(2, 0, Kind.RESUME, 2), Event(2, 0, Kind.LINE, 3)
    trace = Trace((*begins, Event(1, 1, Kind.RESUME, 9), *ends), lanes)
    assert told(trace) == "gave way to earlier"
    assert [(one.steps, one.ran) for one in awaits(trace).found] == [(1, (1,))]


def test_nobody_ran_during_an_await_that_went_straight_on_though_a_thread_had_its_turn():
    lanes = Lane("main", "coroutine", task="main"), Lane("work", "function", thread="pool")
    begins = Event(0, 0, Kind.START, 1), Event(0, 0, Kind.AWAIT, 2, "f()")
    turn = Event(1, 1, Kind.START, 7), Event(2, 0, Kind.PREEMPT, 2)
    (one,) = awaits(Trace((*begins, *turn, Event(2, 0, Kind.LINE, 3)), lanes)).found
    assert (one.steps, one.ran) == (None, ())


def test_awaits_of_one_line_are_told_together_and_times_are_counted():
    lanes = tuple(Lane(name, "coroutine", task=name) for name in "ab")
    steps = [Event(0, 0, Kind.START, 1)]
    for step, gives in enumerate([True, False, True, False, False]):
        steps += [Event(2 * step, 0, Kind.AWAIT, 2, "f()"), *([Event(2 * step, 0, Kind.DELEGATE, 2)] * gives)]
        steps += [Event(2 * step + 1, 1, Kind.START, 7), Event(2 * step + 2, 0, Kind.RESUME, 2)] * gives
        steps.append(Event(2 * step + 2, 0, Kind.LINE, 3))
    trace = Trace(tuple(steps), lanes)
    assert told(trace) == "gave way 2 times to b; went straight on 3 times"
    assert [one.steps for one in awaits(trace).found] == [1, None, 1, None, None]
    assert [one.ran for one in awaits(trace).found] == [(1,), (), (1,), (), ()]


def test_a_place_whose_source_is_unknown_is_printed_with_a_question_mark():
    lanes = (Lane("main", "coroutine", task="main"),)
    events = Event(0, 0, Kind.START), Event(0, 0, Kind.AWAIT), Event(0, 0, Kind.RETURN)
    assert repr(awaits(Trace(events, lanes))) == "line   0  await ?  went straight on"


def test_lines_are_printed_in_the_order_of_the_source():
    lanes = (Lane("main", "coroutine", task="main"),)
    awaited = [Event(0, 0, Kind.AWAIT, line, source) for line, source in [(30, "b()"), (4, "long_name()"), (4, "a()")]]
    events = Event(0, 0, Kind.START), *awaited, Event(0, 0, Kind.RETURN)
    assert repr(awaits(Trace(events, lanes))) == dedent(
        """\
        line   4  await a()          went straight on
        line   4  await long_name()  went straight on
        line  30  await b()          went straight on"""
    )
