"""The lattice and the tree of choices, read off their artists."""

from __future__ import annotations

import asyncio

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex

from coro_lab.engine.explore import ExplorationError, explore, interleavings
from coro_lab.engine.explore.lattice_counts import ways
from coro_lab.errors import ArgumentError, ScheduleError
from coro_lab.views.palette import style
from coro_lab.views.plots.lattice import lattice
from tests import racy
from tests.engine.explore import racy_asyncio
from tests.programs import A, B


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def two(coroutine):
    return explore(coroutines={"A": coroutine, "B": coroutine}, setup=racy.Tally, invariant=racy.is_two)


def path(ax):
    """The bold steps: where from, where to, in which colour."""
    bold = [line for line in ax.lines if line.get_linewidth() == 4]
    return [(*zip(*line.get_data(), strict=True), to_hex(line.get_color()).upper()) for line in bold]


def regions(ax, name):
    return sorted((box.get_x() + 0.5, box.get_y() + 0.5) for box in ax.patches if box.get_gid() == name)


def test_a_schedule_is_a_path_in_the_colours_of_who_runs():
    ax = lattice(interleavings({"A": A, "B": B}), "AABBAB")
    a, b = style("A").colour, style("B").colour
    assert path(ax) == [
        ((0, 0), (1, 0), a),
        ((1, 0), (2, 0), a),
        ((2, 0), (2, 1), b),
        ((2, 1), (2, 2), b),
        ((2, 2), (3, 2), a),
        ((3, 2), (3, 3), b),
    ]
    assert ax.get_title("left") == "A A B B A B prints 1 2 x y 3 z"
    assert [text.get_text() for text in ax.texts] == list("AABBAB")  # without a number: it would be read as a step
    assert ax.lines[-1].get_marker() == "s"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("● steps of A", "▲ steps of B")


def test_the_forbidden_region_of_the_lost_update_is_the_middle():
    ax = lattice(two(racy.increment))
    assert regions(ax, "forbidden") == [(1, 1)]
    assert regions(ax, "unreached") == []
    assert ax.get_title("left") == "A B A B breaks the invariant; 4 of 6 orders are broken"
    assert ax.lines[-1].get_marker() == "X"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["every order through here is broken"]


def test_steps_that_only_broken_orders_take_are_dashed():
    ax = lattice(two(racy.increment))
    dashed = {tuple(zip(*line.get_data(), strict=True)) for line in ax.lines if line.get_linestyle() == "--"}
    assert dashed == {((1, 0), (1, 1)), ((0, 1), (1, 1)), ((1, 1), (2, 1)), ((1, 1), (1, 2))}


def test_the_safe_twin_has_no_forbidden_region():
    ax = lattice(two(racy.increment_after))
    assert regions(ax, "forbidden") == []
    assert path(ax) == []
    assert ax.get_title("left") == "6 orders"


def test_no_order_reaches_a_point_that_a_lock_forbids():
    ax = lattice(two(racy.increment_locked))
    assert regions(ax, "forbidden") == []
    assert (3, 3) in regions(ax, "unreached")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no order comes here"]


def test_the_beginning_of_an_order_is_drawn_and_named_as_such():
    ax = lattice(interleavings({"A": A, "B": B}), "AAB")
    assert len(path(ax)) == 3
    assert ax.get_title("left") == "A A B ...: 3 of 20 orders begin like this"


def test_the_title_says_that_a_schedule_is_impossible():
    assert lattice(interleavings({"A": A, "B": B}), "AAAA").get_title("left") == "A A A A is none of the 20 orders"
    with pytest.raises(ScheduleError, match="'C' takes no part here"):
        lattice(interleavings({"A": A, "B": B}), "ABC")


def test_names_with_spaces_are_read_as_they_are_spelled():
    found = explore(
        coroutines={"task": racy.increment, "task 2": racy.increment}, setup=racy.Tally, invariant=racy.is_two
    )
    assert found.schedule == "task task 2 task task 2"
    told = "task task 2 task task 2 breaks the invariant; 4 of 6 orders are broken"
    assert lattice(found).get_title("left") == lattice(found, found.schedule).get_title("left") == told
    with pytest.raises(ScheduleError, match="'3' takes no part here"):
        lattice(found, "task 2 task3")


def test_three_coroutines_make_a_tree_of_choices():
    found = explore(
        coroutines=dict.fromkeys("ABC", racy.increment), setup=racy.Tally, invariant=lambda tally: tally.value == 3
    )
    ax = lattice(found)
    assert ax.get_title("left") == "A A B C B C breaks the invariant; 84 of 90 orders are broken"
    bold = [line for line in ax.lines if line.get_linewidth() == 4]
    assert [to_hex(line.get_color()).upper() for line in bold] == [style(name).colour for name in "AABCBC"]
    folded = [text.get_text() for text in ax.texts if text.get_text().startswith("...")]
    assert folded
    assert "... 1 order, 1 broken" in folded
    assert ax.get_xlabel() == "turn"  # a choice; it can take several steps


def test_it_draws_on_axes_that_it_is_given_and_leaves_the_settings_alone():
    before = dict(mpl.rcParams)
    _, ax = plt.subplots()
    assert lattice(two(racy.increment), ax=ax) is ax
    assert {key: value for key, value in mpl.rcParams.items() if before[key] != value} == {}


def test_passages_count_the_orders_exactly():
    counted = ways(interleavings({"A": A, "B": B}).program)
    assert counted.total.orders == counted.points[3, 3].orders == 20
    assert counted.points[1, 1].orders == 2 * 6
    assert counted.sizes == (3, 3)


@pytest.mark.integration
def test_too_many_orders_for_a_picture_are_refused():
    def long():
        for _ in range(9):
            yield

    with pytest.raises(ExplorationError, match="too many for a picture"):
        lattice(interleavings({"A": long, "B": long}))


def test_an_object_without_orders_is_refused_with_what_to_write():
    with pytest.raises(ArgumentError) as error:
        lattice({"A": A})
    assert str(error.value).splitlines() == [
        "lattice shows what interleavings or explore returned.",
        "  You wrote: lattice({'A': <function A>})",
        '  Write:     lattice(interleavings({"A": A, "B": B}))',
    ]


async def increases(tally):
    seen = tally.value
    await asyncio.sleep(0)
    tally.value = seen + 1


def test_two_tasks_have_the_lattice_of_two_coroutines():
    tasks = explore({"A": increases, "B": increases}, setup=racy.Tally, invariant=racy.is_two)
    ax = lattice(tasks)
    twin = lattice(two(racy.increment))
    assert ax.get_title("left") == twin.get_title("left")
    assert (path(ax), regions(ax, "forbidden")) == (path(twin), regions(twin, "forbidden"))


def test_the_tasks_of_an_asyncio_program_are_a_tree_of_choices():
    found = explore(racy_asyncio.lost_update)
    ax = lattice(found)
    assert ax.get_title("left").endswith(f"raises an error; {found.broken} of {found.total} orders are broken")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["lost_update", "increment", "increment 2"]
    with pytest.raises(ScheduleError, match="Nobody is called 'nobody' here; there are lost_update, increment"):
        lattice(found, "lost_update nobody")
