"""Every state of an asyncio program that a learner can choose their way to, and all of it beside `interleavings`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import islice

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from coro_lab.engine.explore import explore, interleavings, replay
from coro_lab.engine.explore.asyncio_orders.states import async_choices, async_ways
from coro_lab.errors import ArgumentError, CoroLabError, TooManyOrdersError
from tests.engine.explore import asyncio_generated as generated
from tests.engine.explore import racy_asyncio as racy
from tests.lines import line

MOST = 60
"""Orders of a generated program, all of which are run."""
NOT_MADE = {"state": "not made yet", "line": None, "waits": ""}


async def meeting():
    """Two locks taken in opposite order."""
    left, right = asyncio.Lock(), asyncio.Lock()
    await asyncio.gather(eat(left, right), eat(right, left))


async def eat(first, second):
    async with first:
        await asyncio.sleep(0.5)
        async with second:
            print("eats")


def names_of(shown, key):
    return [shown["names"][int(place, 36)] for place in key]


def ends(shown):
    return {key: state for key, state in shown["states"].items() if "finding" in state}


def task(shown, key, name):
    return shown["states"][key]["tasks"][shown["names"].index(name)]


@pytest.fixture(scope="module")
def shown():
    return async_choices(interleavings(meeting).program)


def test_before_the_first_step_only_main_is_there(shown):
    assert shown["names"] == ["meeting", "eat", "eat 2"]
    assert shown["states"][""]["ready"] == [0]
    assert task(shown, "", "eat") == NOT_MADE
    assert [first for first, _ in shown["sources"]] == [line(meeting, 1), line(eat, 1), line(eat, 1)]


def test_who_sleeps_and_who_waits_is_told_with_the_line(shown):
    assert task(shown, "01", "meeting")["waits"] == "meeting waits for eat, eat 2"
    assert task(shown, "01", "eat") == {
        "state": "suspended",
        "line": line(eat, 3),
        "waits": "eat sleeps for 0.5 s",
    }
    assert task(shown, "0121", "eat")["waits"] == "eat waits for right, held by eat 2"


def test_the_end_says_how_it_is_broken(shown):
    assert shown["states"]["01212"]["ready"] == []
    assert shown["states"]["01212"]["finding"]["kind"] == "deadlock"
    assert {state["finding"] and state["finding"]["kind"] for state in ends(shown).values()} == {"deadlock"}


def test_the_end_of_a_time_limit_is_chosen_like_a_task_and_has_no_source():
    shown = async_choices(interleavings(racy.time_limit(rolls_back=True)).program)
    (place,) = [number for number, name in enumerate(shown["names"]) if "time limit of main" in name]
    assert shown["sources"][place][1] == ""
    assert any(place in state["ready"] for state in shown["states"].values())


@pytest.mark.parametrize("main", [racy.lost_update, racy.overdraws, racy.condition(again=False), racy.fills_twice])
def test_its_counts_are_those_of_explore(main):
    found, shown = explore(main), async_choices(interleavings(main).program)
    assert (shown["states"][""]["orders"], shown["states"][""]["broken"]) == (found.total, found.broken)
    assert async_ways(interleavings(main).program).total.orders == found.total


@pytest.mark.integration
@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much], max_examples=40)
@given(st.lists(st.recursive(generated.SIMPLE, generated.nested, max_leaves=4), min_size=1, max_size=3))
def test_its_ends_are_the_interleavings_and_who_is_ready_is_who_goes_on_in_one_of_them(operations):
    main = generated.main_of(operations)
    try:
        orders = list(islice(interleavings(main, max_steps=60), MOST + 1))  # no more are run: few have thousands
    except CoroLabError:
        assume(False)
    assume(len(orders) <= MOST)
    shown = async_choices(interleavings(main, max_steps=60).program)
    assert sorted((" ".join(names_of(shown, key)), state["output"]) for key, state in ends(shown).items()) == sorted(
        (order.schedule, order.output) for order in orders
    )
    for key, state in shown["states"].items():
        followers = {
            int(other[len(key)], 36) for other in shown["states"] if len(other) > len(key) and other[: len(key)] == key
        }
        assert state["ready"] == sorted(followers)
        assert state["orders"] == sum(end.startswith(key) for end in ends(shown))


def test_the_text_of_a_schedule_goes_to_replay(shown):
    for key, state in ends(shown).items():
        trace = replay(meeting, " ".join(names_of(shown, key)))
        assert trace.output == state["output"]


@pytest.mark.integration
def test_a_program_with_too_many_states_is_refused():
    async def main():
        async def walk():
            for _ in range(6):
                await asyncio.sleep(0)

        await asyncio.gather(*(walk() for _ in range(3)))

    with pytest.raises(TooManyOrdersError, match="more than anybody could choose between by hand"):
        async_choices(interleavings(main).program)


def test_where_asyncio_itself_chooses_there_is_nothing_to_choose():
    with pytest.raises(ArgumentError, match='Write: order="tasks"'):
        async_choices(interleavings(meeting, order="asyncio").program)


def test_what_the_class_asyncio_lock_is_does_not_change():
    before = dict(vars(asyncio.Lock))
    with suppress(TooManyOrdersError):
        async_choices(interleavings(meeting).program)
    assert dict(vars(asyncio.Lock)) == before
