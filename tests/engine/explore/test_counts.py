"""What exploring counts: the orders, their verdicts, the portions in which they are run, and what passes each point."""

from __future__ import annotations

import inspect
import math

import pytest

from coro_lab.engine.explore import Lock, Queue, explore, interleavings
from coro_lab.engine.explore.lattice_counts import MOST_ORDERS, MOST_STATES, Passage, choices, spelled, ways
from coro_lab.engine.explore.limits import MAX_SCHEDULES
from coro_lab.engine.explore.parallel import Tally
from coro_lab.engine.explore.program import Program
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.schedules import _beginnings, count, every, every_below, run_every
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.task_loops import loop_of
from coro_lab.engine.explore.verdict import Finding, TaskWait, _leads_back
from coro_lab.engine.explore.weights import Weights
from coro_lab.errors import SpinningError
from tests import racy
from tests.lines import line
from tests.programs import A, B

INVARIANT, ERROR = Finding("invariant", "it does not hold"), Finding("error", "A raises ValueError")


def quiet(ask):
    """What this returns, asked in `quietly`."""
    with quietly():
        return ask()


def program(**coroutines):
    return Program(coroutines, racy.Tally, racy.is_two)


RACE = program(A=racy.increment, B=racy.increment)
LOCKED = program(A=racy.increment_locked, B=racy.increment_locked)


def test_the_limits_are_those_that_the_docs_promise():
    given = inspect.signature(explore).parameters
    assert (given["max_schedules"].default, MAX_SCHEDULES, given["max_steps"].default) == (None, 100_000, 1_000)
    assert (given["seed"].default, given["merge"].default) == (0, True)
    assert (MOST_ORDERS, MOST_STATES) == (50_000, 4_000)


# -- tallies -----------------------------------------------------------------------------------------------------------


def test_a_tally_keeps_the_shortest_broken_order_and_of_equal_ones_the_first():
    tally = Tally()
    tally.add((0, 1, 0), ERROR)
    tally.add((1, 1), INVARIANT, 3)
    tally.add((0, 1), None)
    tally.add((0, 1), INVARIANT)
    tally.add((1, 0), ERROR)
    assert tally == Tally(7, {"error": 2, "invariant": 4}, (0, 1), INVARIANT)


def test_tallies_add_up():
    one = Tally(2, {"error": 1}, (0, 1), ERROR, Weights(6, 2, 12, 74, 5, 25))
    other = Tally(5, {"error": 2, "invariant": 1}, (0, 0), INVARIANT, Weights(6, 5, 10, 20, 6, 12), "the time was over")
    one.merge(other)
    both = Weights(6, 7, 22, 94, 11, 37)
    assert one == Tally(7, {"error": 3, "invariant": 1}, (0, 0), INVARIANT, both, "the time was over")
    one.merge(Tally(1, weights=Weights(6)))
    assert one == Tally(8, {"error": 3, "invariant": 1}, (0, 0), INVARIANT, both, "the time was over")


# -- portions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ordered", [RACE, LOCKED, Program({"A": A, "B": B, "C": A})])
def test_the_beginnings_begin_every_order_once(ordered):
    beginnings = quiet(lambda: list(_beginnings(ordered)))
    orders = quiet(lambda: [tuple(run.schedule) for run in every(ordered)])
    below = [
        tuple(run.schedule) for beginning in beginnings for run in quiet(lambda b=beginning: list(every(ordered, b)))
    ]
    assert sorted(below) == sorted(orders)
    assert len(set(below)) == len(below)


def test_a_portion_reports_each_order_and_stops_at_one_too_many():
    reports: list[int] = []
    assert every_below(RACE, (0,), 10, reports.append).judged == 3
    assert reports == [1, 2, 3]
    assert every_below(RACE, (), 4).judged == 5
    assert every_below(RACE, (), 6).judged == 6


def test_all_orders_are_run_as_long_as_they_are_no_more_than_asked_for():
    told: list[tuple[float, str]] = []
    tally = run_every(RACE, 6, None, lambda share, doing="": told.append((share, doing)))
    assert tally == every_below(RACE, (), 6)
    assert run_every(RACE, 5, None, lambda *_: None) is None
    assert told == [(number / 6, f"{number + 1} orders") for number in range(6)]


def test_a_task_that_spins_in_one_order_is_named_before_all_longer_ones_are_run():
    def waits(tally):
        while tally.value == 0:
            yield

    def opens(tally):
        for _ in range(70):
            yield
        tally.value = 1

    at = line(waits, 2)
    with pytest.raises(SpinningError) as error:
        quiet(lambda: [run.schedule for run in every(program(A=opens, B=waits))])
    assert f"It goes round at line {at} of test_counts.py: while tally.value == 0:" in str(error.value)


# -- where a task goes round -------------------------------------------------------------------------------------------


def test_a_task_outside_a_loop_is_where_its_line_is_and_one_that_has_ended_at_its_last():
    task = A()
    next(task)
    assert loop_of(task).endswith("of programs.py: yield")
    task.close()
    assert loop_of(task) == "its last line"


def test_the_innermost_loop_is_named_and_a_cell_is_a_cell():
    def rounds():
        for _ in range(2):
            while True:
                yield

    task = rounds()
    next(task)
    assert loop_of(task) == f"line {line(rounds, 3)} of test_counts.py: while True:"
    names: dict = {}
    exec(compile("def rounds():\n    while True:\n        yield\n", "<no source>", "exec"), names)
    task = names["rounds"]()
    next(task)
    assert loop_of(task) == "line 3 of the cell"


# -- the wait-for graph ------------------------------------------------------------------------------------------------


def test_arrows_lead_back_round_a_cycle_and_nowhere_else():
    graph = (
        TaskWait("A", "fork 1", ("B",), "B"),
        TaskWait("B", "fork 2", ("C",), "C"),
        TaskWait("C", "fork 3", ("A",), "A"),
        TaskWait("D", "fork 1", ("B",), "B"),
        TaskWait("E", "an item in belt", ("F", "D")),
    )
    assert [_leads_back(wait.task, graph) for wait in graph] == [True, True, True, False, False]


def test_three_philosophers_end_in_a_deadlock_that_names_each():
    def eats(left, right):
        def go(forks):
            yield from forks[left].acquire()
            yield
            yield from forks[right].acquire()
            forks[right].release()
            forks[left].release()

        return go

    tasks = {"A": eats(0, 1), "B": eats(1, 2), "C": eats(2, 0)}
    found = explore(setup=lambda: [Lock(f"fork {number}") for number in range(3)], coroutines=tasks)
    assert set(found.kinds) == {"deadlock"}
    assert found.waits == (
        TaskWait("A", "fork 1", ("B",), "B"),
        TaskWait("B", "fork 2", ("C",), "C"),
        TaskWait("C", "fork 0", ("A",), "A"),
    )


def test_only_its_holder_can_release_a_lock_and_anybody_else_can_fill_a_queue():
    def keeps(room):
        yield from room["door"].acquire()

    def waits_for_the_door(room):
        yield
        yield from room["door"].acquire()

    def waits_for_an_item(room):
        yield from room["queue"].get()

    tasks = {"A": keeps, "B": waits_for_the_door, "C": waits_for_an_item}
    found = explore(setup=lambda: {"door": Lock("door"), "queue": Queue()}, coroutines=tasks)
    assert found.waits == (TaskWait("B", "door", (), "A"), TaskWait("C", "an item in queue", ("B",)))


# -- points, moves and beginnings --------------------------------------------------------------------------------------


def test_each_point_move_and_beginning_is_passed_by_so_many_orders():
    counted = ways(RACE)
    assert counted.names == ("A", "B")
    assert counted.total == Passage(6, 4)
    assert counted.points[1, 1] == Passage(4, 4)
    assert counted.points[2, 0] == Passage(1, 0)
    assert counted.moves[(0, 0), 0] == counted.moves[(0, 0), 1] == Passage(3, 2)
    assert counted.moves[(1, 1), 1] == Passage(2, 2)
    assert counted.beginnings[0, 1] == Passage(2, 2)
    assert (counted.forbidden, counted.unreached) == ([(1, 1)], [])
    assert counted.is_whole((0, 1, 0, 1)) and not counted.is_whole((0, 1, 0))
    assert [Passage(2, 2).doomed, Passage(2, 1).doomed, Passage(0, 0).doomed] == [True, False, False]


def test_a_schedule_is_spelled_by_one_character_for_each_step():
    assert spelled((0, 9, 10, 35)) == "09az"


def test_as_many_states_as_can_be_chosen_between_are_given(monkeypatch):
    monkeypatch.setattr("coro_lab.engine.explore.lattice_counts.MOST_STATES", 19)
    assert len(choices(RACE)["states"]) == 19


def test_the_number_of_orders_is_the_multinomial():
    assert [count([]), count([4]), count([2, 3]), count([1, 1, 1])] == [1, 1, math.comb(5, 2), 6]


# -- schedules in words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names, text, schedule",
    [
        ("AB", "ABBA", (0, 1, 1, 0)),
        ("AB", "A B BA", (0, 1, 1, 0)),
        (["cook", "guest"], "cook guest cook", (0, 1, 0)),
        (["ab", "a", "b"], "ab a b", (0, 1, 2)),
        (["a", "b", "ab"], "ab", (2,)),
        (["a", "b"], "ab", (0, 1)),
        (["task", "task 2"], "task task 2 task", (0, 1, 0)),
        (["task", "task 2"], "task 2task", (1, 0)),
        (["x.", "x 1"], "x. x 1", (0, 1)),
    ],
)
def test_a_schedule_is_read_as_it_is_spelled(names, text, schedule):
    ordered = Program(dict.fromkeys(names, A))
    assert ordered.parse(text) == schedule
    for spaced in (True, False):
        assert ordered.parse(ordered.spell(schedule, spaced=spaced)) == schedule
    assert ordered.parse([ordered.names[task] for task in schedule]) == schedule


def test_a_long_schedule_counts_the_steps_that_a_task_takes_in_a_row():
    ordered = Program({"A": A, "cook": A})
    assert ordered.abbreviate((0, 1) * 8) == "A cook " * 7 + "A cook"
    assert ordered.abbreviate((0,) * 16) == "A " * 15 + "A"
    assert ordered.abbreviate((0,) * 12 + (1,) + (0,) * 2 + (1,) * 2) == "A ×12 cook A ×2 cook ×2"


# -- one run -----------------------------------------------------------------------------------------------------------


def test_tasks_take_turns_in_the_order_of_their_names():
    run = quiet(lambda: LiveRun(program(A=A_of(2), B=A_of(4), C=A_of(3))).take_turns())
    assert run.program.spell(run.schedule, spaced=False) == "ABCABCBCB"


def A_of(steps):
    def task(tally):
        for _ in range(steps - 1):
            yield

    return task


def test_what_a_task_prints_while_it_is_closed_stays_off_the_page(capsys):
    def lingers(tally):
        try:
            yield from tally.lock.acquire()
            yield
            yield from tally.lock.acquire()  # for ever
        finally:
            print("leaving")

    tasks = {"A": lingers, "B": lingers}
    orders = interleavings(tasks, setup=racy.Tally)
    explore(setup=racy.Tally, coroutines=tasks)
    explore(setup=racy.Tally, coroutines=tasks, merge=False)
    explore(setup=racy.Tally, coroutines=tasks, merge=False, max_schedules=2)
    assert all(order.output == "" for order in orders)
    assert choices(orders.program)["states"]["0"]["output"] == ""
    assert capsys.readouterr() == ("", "")
