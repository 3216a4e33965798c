"""The player draws what Python computes: every lane's state, every sentence and label and span, on the same traces."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from contextlib import suppress
from dataclasses import asdict

import pytest

from coro_lab import Stepper, record
from coro_lab.trace.events import DROPPED, IGNORED, SWITCHES, Event, Kind, Lane, Source
from coro_lab.trace.lane_states import outside
from coro_lab.trace.trace import Trace, in_sentence
from tests import async_programs
from tests.labels import label
from tests.lane_states import LaneState, states
from tests.node import run_node
from tests.programs import consumer, produce
from tests.run_picture import read

HOSTILE = [
    "<script>alert(1)</script>",
    "</script>",
    "<img src=x onerror=alert(1)>",
    "{lane}",
    "'\"",
    "a\u2028b",
    "\x00",
    "é\U0001f600",
]


def inner():
    received = yield "ready"
    try:
        yield received
    finally:
        print("left")
    return received


def middle():
    return (yield from inner())


def outer():
    yield (yield from middle())


def chain():
    suspended = outer()
    next(suspended)
    suspended.send(HOSTILE[0])
    with suppress(ValueError):
        suspended.throw(ValueError("</script>"))


def recursion(n):
    return 1 if n == 0 else n * recursion(n - 1)


def hostile():
    def speak(name):
        for text in HOSTILE:
            print(text, name, end=text)
            yield text

    list(speak(HOSTILE[1]))


def closed_late():
    tasks = [inner() for _ in range(4)]
    for task in tasks * 2:
        next(task)
    tasks.pop().close()


async def sleeper(n):
    if n:
        return await sleeper(n - 1)
    return await Once()


class Once:
    def __await__(self):
        return (yield "asleep")


def made_up(seed: int) -> Trace:
    """A trace that no program would leave; both sides must still agree on it."""
    chance = random.Random(seed)
    names = ["plain", *HOSTILE]
    lanes = tuple(
        Lane(
            f"{chance.choice(names)} {number}",
            chance.choice(["function", "generator", "coroutine", "thread"]),
            Source(3, "x = 1\ny = 2\n"),
        )
        for number in range(chance.randint(1, 5))
    )
    step, events = 0, []
    for _ in range(chance.randint(0, 60)):
        step += chance.randint(0, 1)
        events.append(made_up_event(chance, step, len(lanes)))
    return Trace(tuple(events), lanes, driver=chance.choice([None, "you"]))


def made_up_event(chance: random.Random, step: int, lanes: int) -> Event:
    kind = chance.choice(list(Kind))
    lane, peer = chance.randrange(lanes), chance.choice([None, *range(lanes)])
    value = chance.choice([None, "None", "GeneratorExit()", DROPPED, "3", f"3{IGNORED}", *HOSTILE])
    names = chance.choices(["a", "b", "__proto__", "constructor", *HOSTILE], k=chance.choice([0, 0, 1, 3]))
    changed = tuple((name, chance.choice([None, "1", *HOSTILE])) for name in names)
    line = chance.choice([None, 3, 4])
    if kind is Kind.OUTPUT:
        value = value or ""
    return Event(step, lane, kind, line, value, peer if kind in SWITCHES else None, None, changed)


def stepped() -> Trace:
    return Stepper(outer).next().send(7).throw(KeyError("<b>")).trace


async def nap():
    await asyncio.sleep(0)
    return "rested"


async def two_naps():
    return await asyncio.gather(nap(), nap())


def in_two_threads():
    go, done = threading.Event(), threading.Event()

    def answer():
        go.wait()
        done.set()

    thread = threading.Thread(target=answer)
    thread.start()
    go.set()
    done.wait()
    thread.join()


PROGRAMS = [
    lambda: produce(consumer()),
    chain,
    lambda: recursion(5),
    hostile,
    closed_late,
    lambda: sleeper(2).send(None),
    two_naps,
    in_two_threads,
    async_programs.shielded_from_it,
    async_programs.timeout_expires,
    async_programs.cancel_before_it_begins,
    async_programs.nobody_fetches_it,
    async_programs.async_for_left_early,
    async_programs.collected_by_the_collector,
    async_programs.destroyed_while_it_waits,
]


@pytest.fixture(scope="module")
def traces() -> list[Trace]:
    return [
        *(record(program) for program in PROGRAMS),
        stepped(),
        Stepper(outer).trace,
        *(made_up(seed) for seed in range(150)),
    ]


@pytest.fixture(scope="module")
def told(traces) -> list[dict]:
    return json.loads(run_node("tell.js", given=json.dumps([trace.to_json() for trace in traces])))


def test_the_programs_are_worth_comparing(traces):
    assert {event.kind for trace in traces[: len(PROGRAMS)] for event in trace.events} == set(Kind)


def test_both_sides_give_the_same_state_of_every_lane_at_every_event(traces, told):
    for trace, front in zip(traces, told, strict=True):
        python = [[shown(lane) for lane in now] for now in states(trace)]
        assert front["states"] == json.loads(json.dumps(python))


def shown(lane: LaneState) -> dict:
    """What the player keeps of a lane: all but why it is being closed, which only Python has to know."""
    facts = {**asdict(lane), "locals": [list(item) for item in lane.locals.items()]}
    del facts["closing"]
    return facts


def test_both_sides_say_the_same_sentences(traces, told):
    for trace, front in zip(traces, told, strict=True):
        assert front["sentences"] == [in_sentence(trace, event) for event in trace.events]


def test_both_sides_put_the_same_labels_on_what_crosses(traces, told):
    for trace, front in zip(traces, told, strict=True):
        now = zip(trace.events, states(trace), strict=True)
        assert front["labels"] == [label(event, trace.lanes[event.lane], at[event.lane].ending) for event, at in now]


DRAWN = {"drop": "close"}  # the timeline has one mark for both


def test_the_player_draws_the_spans_and_endings_of_the_timeline(traces, told):
    """A step reaches from its number to the next in the player, and half a step earlier in `timeline`."""
    for trace, front in zip(traces[: len(PROGRAMS) + 1], told, strict=False):
        run = read(trace)
        places = ((span.lane, round(span.begin + 0.5, 6), round(span.end + 0.5, 6), span.doing) for span in run.spans)
        assert spans_of(front) == sorted(places)
        ends = [
            (end["lane"], round(end["at"], 6), DRAWN.get(end["ending"], end["ending"]))
            for end in front["spans"]["ends"]
        ]
        assert ends == [(end.lane, round(end.at + 0.5, 6), end.how) for end in run.endings]
        assert front["outside"] == outside(trace.events, trace.driver)


def spans_of(front: dict) -> list[tuple]:
    return sorted(
        (span["lane"], round(span["from"], 6), round(span["to"], 6), span["doing"]) for span in front["spans"]["spans"]
    )


def test_the_player_prints_the_same_lines(traces, told):
    for trace, front in zip(traces, told, strict=True):
        assert "\n".join(front["output"]).rstrip("\n") == trace.output.rstrip("\n")


def test_each_ending_is_described_in_words(told):
    words = [word for front in told[: len(PROGRAMS)] for word in front["words"]]
    assert ["closed", "by close()"] in words
    assert ["closed", "raised ValueError('</script>')"] in words
    assert ["closed", "returned 120"] in words
