"""choices(): every state that a learner can choose their way to, with all that a front end shows of it."""

import pytest

from coro_lab.engine.explore import ExplorationError, Lock, explore, interleavings, lattice_counts
from coro_lab.engine.explore.lattice_counts import choices
from tests import racy


class Desk:
    def __init__(self):
        self.lock = Lock()
        self.taken = 0


def takes(desk):
    yield from desk.lock.acquire()
    desk.taken += 1
    yield
    print(desk.taken)
    desk.lock.release()


HOLDS, WAITS = takes.__code__.co_firstlineno + 3, takes.__code__.co_firstlineno + 1
CREATED = {"state": "created", "line": None, "waits": ""}
CLOSED = {"state": "closed", "line": None, "waits": ""}


@pytest.fixture
def desk():
    return choices(interleavings({"A": takes, "B": takes}, setup=Desk).program)


def test_nothing_has_run_at_the_beginning(desk):
    assert desk["states"][""] == {
        "output": "",
        "shared": "lock = <lock: free>\ntaken = 0",
        "ready": [0, 1],
        "tasks": [CREATED, CREATED],
        "orders": 4,
        "broken": 0,
    }


def test_who_waits_is_told_with_the_line_and_cannot_go_on(desk):
    assert desk["states"]["01"] == {
        "output": "",
        "shared": "lock = <lock: held by A>\ntaken = 1",
        "ready": [0],
        "tasks": [
            {"state": "suspended", "line": HOLDS, "waits": ""},
            {"state": "suspended", "line": WAITS, "waits": "B waits for lock, held by A"},
        ],
        "orders": 1,
        "broken": 0,
    }


def test_an_order_that_has_ended_well_has_no_finding(desk):
    assert desk["states"]["01011"] == {
        "output": "1\n2\n",
        "shared": "lock = <lock: free>\ntaken = 2",
        "ready": [],
        "tasks": [CLOSED, CLOSED],
        "orders": 1,
        "broken": 0,
        "finding": None,
    }


def test_an_order_that_is_broken_says_how():
    table = {"P": racy.eat_left_first, "Q": racy.eat_right_first}
    found = explore(setup=racy.Table, coroutines=table)
    told = choices(found.program)
    dead = [state for state in told["states"].values() if not state["ready"] and state["finding"]]
    assert [state["finding"]["kind"] for state in dead] == ["deadlock"] * found.broken
    assert {(state["orders"], state["broken"]) for state in dead} == {(1, 1)}
    assert all(task["waits"] in state["finding"]["text"] and task["waits"] for state in dead for task in state["tasks"])


def test_the_picture_has_the_names_the_sizes_and_what_nobody_comes_to(desk):
    assert (desk["names"], desk["sizes"]) == (["A", "B"], [3, 3])
    assert (desk["forbidden"], desk["unreached"]) == ([], [[0, 3], [1, 3], [3, 0], [3, 1], [3, 3]])


@pytest.mark.parametrize(
    "setup, shown",
    [
        (lambda: {"seen": 1, "log": ["a"]}, "seen = 1\nlog = ['a']"),
        (lambda: {1: "one"}, "{1: 'one'}"),
        (dict, "{}"),
        (lambda: [1, 2], "[1, 2]"),
    ],
)
def test_the_shared_object_is_shown_by_its_names_if_it_has_any(setup, shown):
    def looks(shared):
        yield

    told = choices(interleavings({"A": looks}, setup=setup).program)
    assert told["states"][""]["shared"] == shown


def test_without_a_setup_nothing_is_shared():
    def prints():
        print(1)
        yield

    told = choices(interleavings({"A": prints}).program)
    assert [(state["shared"], state["output"]) for state in told["states"].values()] == [
        ("", ""),
        ("", "1\n"),
        ("", "1\n"),
    ]


def test_more_states_than_anybody_could_choose_between_are_refused(monkeypatch):
    monkeypatch.setattr(lattice_counts, "MOST_STATES", 12)
    with pytest.raises(ExplorationError) as error:
        choices(explore(setup=racy.Tally, coroutines={"A": racy.increment, "B": racy.increment}).program)
    assert str(error.value).splitlines() == [
        "There are 6 orders, more than anybody could choose between by hand.",
        "  Take fewer steps or fewer coroutines here; explore(...) judges the large program.",
    ]
