"""Code that wants to know which runs are made gets each of them, once, in order."""

from __future__ import annotations

from coro_lab import Scheduler, Stepper, Trace, explore, record
from coro_lab.trace.noticing import noticing
from tests import racy
from tests.programs import A, averager


def test_each_way_to_make_a_run_is_noticed():
    scheduler = Scheduler()
    scheduler.spawn(A())
    with noticing() as runs:
        trace = record(lambda: list(A()))
        stepper = Stepper(A)
        turns = scheduler.run()
        found = explore({"A": racy.increment, "B": racy.increment}, setup=racy.Tally, progress=False)
    kept = [run for run in runs if any(run is each for each in (trace, stepper, turns, found))]
    assert [id(run) for run in kept] == [id(trace), id(stepper), id(turns), id(found)]
    assert runs[-1] is found


def test_the_run_of_a_stepper_is_noticed_when_it_is_asked_for():
    with noticing() as runs:
        stepper = Stepper(averager).next()
        assert runs == [stepper]
        trace = stepper.trace
    assert isinstance(trace, Trace) and runs[-1] is trace


def test_one_block_inside_another_gets_its_own_part():
    with noticing() as outer:
        first = record(lambda: 1)
        with noticing() as inner:
            second = record(lambda: 2)
        third = record(lambda: 3)
    record(lambda: 4)
    assert [run.result for run in outer] == [first.result, second.result, third.result] == [1, 2, 3]
    assert [run.result for run in inner] == [2]
