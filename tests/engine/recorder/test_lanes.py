"""No two lanes of a trace have the same name."""

import pytest

from coro_lab import Scheduler
from coro_lab.engine.recorder.lanes import LaneFacts, named


def names(*wanted):
    return [lane.name for lane in named([LaneFacts(name, None, "MainThread", None) for name in wanted])]


def test_lanes_of_one_name_are_counted():
    assert names("f", "g", "f", "f", "g") == ["f", "g", "f 2", "f 3", "g 2"]


@pytest.mark.parametrize(
    "wanted, told",
    [
        (("f 2", "f", "f", "f"), ["f 2", "f", "f 3", "f 4"]),
        (("f", "f", "f 2", "f"), ["f", "f 2", "f 2 2", "f 3"]),
        (("f 2 2", "f", "f", "f 2"), ["f 2 2", "f", "f 2", "f 2 3"]),
    ],
    ids=["before", "between", "twice"],
)
def test_a_name_that_looks_like_a_counted_one_is_nobody_elses(wanted, told):
    assert names(*wanted) == told


def f():
    pass


def calls_f_twice():
    f()
    f()
    yield


def test_a_spawned_name_may_look_like_a_counted_one():
    scheduler = Scheduler()
    scheduler.spawn(calls_f_twice(), "f 2")
    assert [lane.name for lane in scheduler.run().lanes] == ["f 2", "f", "f 3"]
