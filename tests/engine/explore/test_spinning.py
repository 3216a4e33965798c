"""A task that waits in a loop for another one: judged where equal states are merged, and else named with its loop."""

from __future__ import annotations

import itertools

import pytest

from coro_lab.engine.explore import ExplorationError, SpinningError, explore, interleavings, preemptible
from coro_lab.engine.explore.limits import MERGED
from tests import racy
from tests.lines import line

pytestmark = pytest.mark.usefixtures("only_merging")


class Door:
    """Two want to go in; `most` says how many were inside at once."""

    def __init__(self):
        self.wants = [False, False]
        self.turn = self.inside = self.most = 0
        self.taken = False


def is_for_one(door):
    return door.most == 1


def pass_through(door):
    door.inside += 1
    door.most = max(door.most, door.inside)
    door.inside -= 1


def peterson(me):
    def go(door):
        door.wants[me] = True
        door.turn = 1 - me
        while door.wants[1 - me] and door.turn == 1 - me:
            pass
        pass_through(door)
        door.wants[me] = False

    return go


def without_a_turn(me):
    def go(door):
        while door.wants[1 - me]:
            pass
        door.wants[me] = True
        pass_through(door)
        door.wants[me] = False

    return go


def dekker(me):
    def go(door):
        door.wants[me] = True
        while door.wants[1 - me]:
            if door.turn != me:
                door.wants[me] = False
                while door.turn != me:
                    pass
                door.wants[me] = True
        pass_through(door)
        door.turn = 1 - me
        door.wants[me] = False

    return go


def swap_and_look(me):
    def go(door):
        while True:
            was, door.taken = door.taken, True
            if not was:
                break
            yield
        door.inside += 1
        door.most = max(door.most, door.inside)
        yield
        door.inside -= 1
        door.taken = False

    return go


def both(make, split=preemptible):
    return {"A": split(make(0)), "B": split(make(1))}


@pytest.mark.parametrize("coroutines", [both(peterson), both(dekker), both(swap_and_look, lambda go: go)])
def test_a_task_that_waits_in_a_loop_is_judged_exactly(coroutines):
    found = explore(setup=Door, coroutines=coroutines, invariant=is_for_one)
    assert (found.how, found.endless, found.total, found.broken) == (MERGED, True, None, 0)
    assert repr(found).startswith("Infinitely many interleavings of ")
    assert "none of them broken" in " ".join(repr(found).split())


def test_the_broken_twin_is_found_with_its_shortest_order():
    found = explore(setup=Door, coroutines=both(without_a_turn), invariant=is_for_one)
    assert found.endless
    assert 0 < found.broken < found.judged
    assert found.counterexample is not None
    assert not is_for_one(played(found).shared)


def played(found):
    from coro_lab.engine.explore.run import LiveRun
    from coro_lab.engine.explore.step_limit import quietly

    with quietly():
        return LiveRun(found.program).follow(found.first)


def wait(door):
    while not door.taken:
        pass
    door.most += 1


def open_it(door):
    door.taken = True


@pytest.mark.parametrize("names", ["AB", "BA"])
def test_a_flag_is_waited_for_in_any_order_of_tasks(names):
    tasks = dict(zip(names, [preemptible(wait), preemptible(open_it)]))
    found = explore(setup=Door, coroutines=dict(sorted(tasks.items())), invariant=is_for_one)
    assert (found.broken, found.judged, found.endless) == (0, 1, True)


@pytest.mark.parametrize("first", [wait, open_it])
def test_where_orders_are_run_one_by_one_the_loop_is_named(first):
    tasks = {"A": preemptible(first), "B": preemptible(open_it if first is wait else wait)}
    with pytest.raises(SpinningError) as error:
        explore(setup=Door, coroutines=tasks, merge=False)
    assert f"goes round at line {line(wait, 2)} of test_spinning.py: while not door.taken:" in str(error.value)
    assert "only where equal states are merged: merge=False" in str(error.value)


def test_the_loop_is_that_of_the_one_who_delegates_where_the_innermost_has_none():
    def pause():
        yield

    def waits(door):
        while not door.taken:
            yield from pause()

    with pytest.raises(SpinningError) as error:
        explore(setup=Door, coroutines={"A": waits}, max_steps=20, merge=False)
    line = waits.__code__.co_firstlineno + 1
    assert f"goes round at line {line} of test_spinning.py: while not door.taken:" in str(error.value)


def test_a_loop_in_which_a_function_is_made_is_not_its_own():
    for _again in range(1):

        def waits(door):
            yield
            yield from waits(door)

    with pytest.raises(SpinningError) as error:
        explore(setup=Door, coroutines={"A": waits}, max_steps=20, merge=False)
    assert "for _again in" not in str(error.value)


def test_a_wait_that_nobody_can_end_is_named_for_each_who_waits():
    def after_you(me):
        def go(door):
            door.wants[me] = True
            while door.wants[1 - me]:
                pass
            door.wants[me] = False

        return go

    with pytest.raises(SpinningError, match="no order comes to its end any more") as error:
        explore(setup=Door, coroutines=both(after_you))
    assert [line.split(" goes")[0].strip() for line in str(error.value).splitlines()[1:]] == ["A", "B"]


def test_a_loop_that_counts_its_turns_never_comes_back_to_a_state_and_is_named():
    def count(door):
        turns = 0
        while not door.taken:
            turns += 1

    with pytest.raises(SpinningError, match="B did not come to its end"):
        explore(setup=Door, coroutines={"A": preemptible(open_it), "B": preemptible(count)})


def test_orders_of_which_there_is_no_end_have_no_count_but_can_be_looked_at():
    def waits(tally):
        while tally.value == 0:
            yield

    orders = interleavings({"A": racy.increment, "B": waits}, setup=racy.Tally)
    with pytest.raises(ExplorationError, match="infinitely many orders"):
        orders.count  # noqa: B018
    assert [order.schedule for order in itertools.islice(orders, 2)] == ["AAB", "ABAB"]
    assert repr(orders) == "infinitely many interleavings of A, B"


@pytest.mark.parametrize("merge", [True, False])
def test_tasks_that_take_a_different_number_of_steps_to_one_state_have_the_same_orders(merge):
    def long_or_short(tally):
        if tally.value == 0:
            yield
        tally.value = 1
        yield

    tasks = dict.fromkeys("ABC", long_or_short)
    found = explore(setup=racy.Tally, coroutines=tasks, invariant=lambda tally: tally.value == 1, merge=merge)
    assert (found.total, found.broken, found.endless) == (found.judged, 0, False)
    assert found.total == len({order.schedule for order in interleavings(tasks, setup=racy.Tally)})
