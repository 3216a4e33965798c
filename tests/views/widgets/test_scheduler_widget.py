"""What the scheduler widget is given to show, and the puzzles that it refuses."""

from __future__ import annotations

import asyncio
import json

import pytest

from coro_lab import Lock
from coro_lab.engine.explore import ExplorationError, explore, interleavings
from coro_lab.engine.explore.lattice_counts import choices
from coro_lab.errors import ArgumentError
from coro_lab.lessons.progress_file import ProgressFile
from coro_lab.views.widgets.scheduler import SchedulerWidget
from coro_lab.views.widgets.scheduler.paths import Paths
from tests import racy
from tests.engine.explore import racy_asyncio
from tests.lines import line
from tests.node import run_node
from tests.programs import A, B

BOTH = {"A": racy.increment, "B": racy.increment}


def reach(forks):
    yield from forks["left"].acquire()
    yield


def test_every_state_that_can_be_chosen_is_there():
    shown = choices(interleavings({"A": A, "B": B}).program)
    assert len(shown["states"]) == 69
    start, middle, end = (shown["states"][key] for key in ("", "001", "001101"))
    assert (start["orders"], start["ready"], start["tasks"][0]["state"]) == (20, [0, 1], "created")
    assert (middle["orders"], middle["output"]) == (3, "1\n2\nx\n")
    assert middle["tasks"][1] == {"state": "suspended", "line": line(B, 3), "waits": ""}
    assert (end["ready"], end["finding"], end["output"].split()) == ([], None, ["1", "2", "x", "y", "3", "z"])
    assert json.loads(json.dumps(shown)) == shown


def test_what_is_broken_and_who_waits_is_there():
    shown = choices(explore(setup=racy.Tally, coroutines=BOTH, invariant=racy.is_two).program)
    assert (shown["states"][""]["broken"], shown["forbidden"]) == (4, [[1, 1]])
    assert shown["states"]["0101"]["shared"].splitlines()[0] == "value = 1"
    table = choices(explore(setup=racy.Table, coroutines={"P": racy.eat_left_first, "Q": racy.eat_right_first}).program)
    assert table["states"]["010"]["tasks"][0]["waits"] == "P waits for right fork, held by Q"
    assert table["states"]["0101"]["finding"]["kind"] == "deadlock"


def test_each_name_of_a_shared_dict_has_a_line_of_its_own():
    forks = {"left": "left fork", "right": "right fork"}
    found = explore(
        setup=lambda: {side: Lock(name) for side, name in forks.items()}, coroutines={"P": reach, "Q": reach}
    )
    assert choices(found.program)["states"]["0"]["shared"].splitlines() == [
        "left = <left fork: held by P>",
        "right = <right fork: free>",
    ]


def test_its_text_says_what_it_asks():
    puzzle = SchedulerWidget({"A": A, "B": B}, goal="1 2 x y 3 z")
    assert repr(puzzle) == "SchedulerWidget(A, B: 20 orders; puzzle: print 1 2 x y 3 z)"
    found = explore(setup=racy.Tally, coroutines=BOTH, invariant=racy.is_two)
    assert repr(SchedulerWidget(found, goal="broken")).endswith("puzzle: find an order that goes wrong)")


def test_a_puzzle_that_is_solved_is_kept_under_its_title(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for title in ("", "Lose an update"):
        puzzle = SchedulerWidget(explore(setup=racy.Tally, coroutines=BOTH, invariant=racy.is_two), title=title)
        assert puzzle.get_state()["title"] == title
        puzzle.set_state({"solved": True})
        assert ProgressFile().read().predictions == ({title: "right"} if title else {})


@pytest.mark.parametrize("goal", ["broken", "deadlock", "z y x"])
def test_a_puzzle_without_a_solution_is_refused(goal):
    with pytest.raises(ArgumentError, match="no solution"):
        SchedulerWidget({"A": A, "B": B}, goal=goal)


def test_a_question_with_more_than_one_answer_is_refused():
    with pytest.raises(ArgumentError, match="exactly one should be impossible; here 2 are"):
        SchedulerWidget({"A": A, "B": B}, impossible=["z", "y", "1 2 3 x y z"])


def test_a_program_with_too_many_states_is_refused():
    def long():
        for _ in range(6):
            yield

    with pytest.raises(ExplorationError, match="more than anybody could choose between"):
        SchedulerWidget({"A": long, "B": long})


def test_an_asyncio_program_is_given_by_its_async_function_and_its_tasks_are_chosen_from():
    puzzle = SchedulerWidget(racy_asyncio.lost_update, goal="broken")
    assert puzzle.program["names"] == ["lost_update", "increment", "increment 2"]
    assert repr(puzzle) == (
        "SchedulerWidget(lost_update, increment, increment 2: 6 orders; puzzle: find an order that goes wrong)"
    )
    assert [look["name"] for look in puzzle.looks] == puzzle.program["names"]
    assert len({look["colour"] for look in puzzle.looks}) == 3
    assert puzzle.program["states"] == SchedulerWidget(interleavings(racy_asyncio.lost_update)).program["states"]


def test_two_tasks_have_a_lattice_like_two_coroutines():
    async def increment(tally):
        seen = tally.value
        await asyncio.sleep(0)
        tally.value = seen + 1

    both = {"A": increment, "B": increment}
    shown = SchedulerWidget(both, setup=racy.Tally, invariant=racy.is_two).program
    twins = SchedulerWidget(BOTH, setup=racy.Tally, invariant=racy.is_two).program
    assert (shown["sizes"], shown["forbidden"]) == (twins["sizes"], twins["forbidden"]) == ([2, 2], [[1, 1]])
    assert shown["states"].keys() == twins["states"].keys()
    assert [state["shared"] for state in shown["states"].values()] == [
        state["shared"] for state in twins["states"].values()
    ]


TELL_PATHS = """
import { pathsOf, printedBy, tell } from "../../../../coro_lab/views/widgets/scheduler/paths.js";
import { readFileSync } from "node:fs";
const program = JSON.parse(readFileSync(0, "utf8"));
const keys = pathsOf(program);
const [printed, said] = [printedBy, tell].map((each) => keys.map((key) => each(program, key)));
console.log(JSON.stringify({ keys, printed, said }));
"""


def told_paths(widget):
    return json.loads(run_node("--input-type=module", "--eval", TELL_PATHS, given=json.dumps(widget.program)))


def test_each_order_is_one_path_that_says_what_each_of_its_steps_prints():
    orders = interleavings({"A": A, "B": B})
    widget = Paths(orders)
    told = told_paths(widget)
    spelled = ["".join("AB"[int(step)] for step in key) for key in told["keys"]]
    assert (spelled[0], spelled[-1], len(spelled)) == ("BBBAAA", "AAABBB", 20)
    outputs = {order.schedule: order.output.split() for order in orders}
    assert dict(zip(spelled, told["printed"], strict=True)) == outputs
    assert "A A B B A B prints 1 2 x y 3 z." in told["said"]
    assert repr(widget) == "Paths(A, B: 20 orders)"


def test_the_path_of_a_broken_order_says_how_it_is_broken():
    told = told_paths(Paths(explore(setup=racy.Tally, coroutines=BOTH, invariant=racy.is_two)))
    assert "A B A B: the invariant is broken." in told["said"]
    assert sum("invariant" in one for one in told["said"]) == 4


def test_paths_are_those_of_two_and_not_too_many():
    def long():
        for _ in range(4):
            yield

    with pytest.raises(ArgumentError, match="here it is 3: lost_update, increment, increment 2"):
        Paths(interleavings(racy_asyncio.lost_update))
    with pytest.raises(ExplorationError, match="room for 70 paths"):
        Paths(interleavings({"A": long, "B": long}))
    with pytest.raises(ArgumentError, match="shows what interleavings or explore returned"):
        Paths({"A": A, "B": B})
