"""Every order, judged: lost update, deadlock, lost wake-up and task left behind, each beside its safe twin."""

from __future__ import annotations

import functools
import itertools
import random
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coro_lab.engine.explore import (
    EndlessError,
    ExplorationError,
    InvariantError,
    NotDeterministicError,
    SharedSetupError,
    explore,
    interleavings,
)
from coro_lab.engine.explore import run as live_run
from coro_lab.engine.explore.lattice_counts import ways
from coro_lab.engine.explore.limits import EVERY, MERGED, REDUCED, SAMPLE
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.schedules import count
from coro_lab.errors import ArgumentError, SpinningError
from coro_lab.trace.events import Kind
from coro_lab.views.widgets.scheduler import SchedulerWidget
from tests import racy
from tests.lines import line
from tests.programs import A, B

WANTED = ["1", "2", "x", "y", "3", "z"]


def walk(letters):
    """A coroutine that prints these letters, one a step."""

    def body():
        for at, letter in enumerate(letters):
            if at:
                yield
            print(letter)

    return body


def two(coroutine, **rest):
    return explore(coroutines={"A": coroutine, "B": coroutine}, setup=racy.Tally, invariant=racy.is_two, **rest)


# -- listing orders ---------------------------------------------------------------------------------------------------


def test_a_and_b_of_the_source_text_have_20_orders_and_one_prints_what_it_shows():
    orders = interleavings({"A": A, "B": B})
    assert orders.count == len(orders) == 20
    assert [order.schedule for order in orders if order.output.split() == WANTED] == ["AABBAB"]
    assert repr(orders) == "20 interleavings of A, B"


def test_the_count_is_known_before_anything_runs(monkeypatch):
    def never(run, program):
        raise AssertionError("it ran")

    monkeypatch.setattr(LiveRun, "__init__", never)
    assert interleavings({"A": A, "B": B}).count == 20
    assert interleavings({"A": B, "B": B, "C": B}).count == 1_680


def make():
    return A()


def ends_in_two_steps():
    try:
        yield
    finally:
        yield


def raises():
    yield
    print(1 / 0)
    yield


def calls_none():
    print(1)()
    yield


def prints_what_is_not_there():
    yield
    print(missing)  # noqa: F821


def calls_none_and_yields_a_function():
    yield print
    print(1)()
    yield


BODIES = [make, lambda: A(), ends_in_two_steps, raises, calls_none, prints_what_is_not_there]


@pytest.mark.parametrize("body", [*BODIES, calls_none_and_yields_a_function])
def test_the_count_is_how_many_orders_come(body):
    orders = interleavings({"A": body, "B": A})
    assert orders.count == len(list(orders))


def test_more_orders_than_len_can_say_are_told_with_what_to_write():
    many = interleavings(dict.fromkeys("ABCDEFGHIJ", A))
    assert many
    with pytest.raises(OverflowError, match=r"orders\.count"):
        len(many)


def test_where_loops_decide_the_count_comes_from_a_run():
    assert interleavings({"A": walk("abcd"), "B": walk("wxyz"), "C": walk("1234")}).count == 34_650


@pytest.mark.integration
@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_there_are_as_many_orders_as_the_formula_says_all_different(steps):
    coroutines = {name: walk(name * own) for name, own in zip("ABC", steps)}
    schedules = [order.schedule for order in interleavings(coroutines)]
    letters = "".join(name * own for name, own in zip("ABC", steps))
    assert len(schedules) == len(set(schedules)) == count(steps)
    assert schedules == sorted(schedules)
    assert all(sorted(schedule) == sorted(letters) for schedule in schedules)


def test_orders_come_lazily():
    many = interleavings({name: walk("x" * 8) for name in "ABC"})
    assert many.count == 9_465_511_770
    first = [order.schedule for order in itertools.islice(many, 2)]
    assert first == ["AAAAAAAABBBBBBBBCCCCCCCC", "AAAAAAAABBBBBBBCBCCCCCCC"]


def test_an_order_gives_its_trace_on_request():
    order = next(order for order in interleavings({"A": A, "B": B}) if order.output.split() == WANTED)
    trace = order.trace
    assert trace.output == order.output
    assert [lane.name for lane in trace.lanes] == ["A", "B"]
    entered = [event.lane.name for event in trace.events if event.kind in (Kind.START, Kind.RESUME)]
    assert "".join(entered) == "AABBAB"


def test_a_longer_name_is_spelled_with_spaces():
    first = next(iter(interleavings({"cook": A, "guest": B})))
    assert first.schedule == "cook cook cook guest guest guest"


# -- judging them -----------------------------------------------------------------------------------------------------


def test_the_lost_update_is_found_in_4_of_6_orders():
    found = two(racy.increment)
    assert (found.total, found.broken, found.schedule, found.how) == (6, 4, "ABAB", REDUCED)
    assert repr(found) == "6 interleavings, 4 break the invariant; first A B A B"
    assert found.counterexample.text(lines=False).splitlines()[-1] == "3  B returns None"


@pytest.mark.parametrize("repaired", [racy.increment_after, racy.increment_locked])
def test_both_repairs_leave_no_broken_order(repaired):
    for merge in (True, False):
        found = two(repaired, merge=merge)
        assert (found.broken, found.schedule, found.counterexample, found.kinds) == (0, None, None, {})
        assert "none of them broken" in repr(found)


@pytest.mark.parametrize("merge", [True, False])
def test_two_philosophers_and_who_waits_for_what(merge):
    eat = {"P": racy.eat_left_first, "Q": racy.eat_right_first}
    found = explore(setup=racy.Table, coroutines=eat, merge=merge)
    assert found.kinds == {"deadlock": found.broken}
    assert found.schedule == "PQPQ"
    assert [str(wait) for wait in found.waits] == [
        "P waits for right fork, held by Q",
        "Q waits for left fork, held by P",
    ]
    assert "; ".join(map(str, found.waits)) in repr(found)
    safe = explore(setup=racy.Table, coroutines={"P": racy.eat_left_first, "Q": racy.eat_left_first}, merge=merge)
    assert safe.broken == 0


def test_where_nothing_is_broken_nobody_waits():
    found = explore(setup=racy.Tally, coroutines={"A": racy.increment})
    assert (found.broken, found.waits, found.schedule, found.counterexample) == (0, (), None, None)


@pytest.mark.parametrize("merge", [True, False])
def test_a_lost_wake_up(merge):
    found = explore(setup=racy.Bakery, coroutines={"buyer": racy.buy_carelessly, "baker": racy.bake}, merge=merge)
    assert found.kinds == {"lost wake-up": 1}
    assert found.schedule == "buyer baker buyer"
    assert found.finding.text.endswith("baker notified bell while nobody waited")
    safe = explore(setup=racy.Bakery, coroutines={"buyer": racy.buy, "baker": racy.bake}, merge=merge)
    assert safe.broken == 0


@pytest.mark.parametrize("merge", [True, False])
def test_a_task_left_behind(merge):
    belt = {"setup": racy.Belt, "invariant": racy.in_order, "merge": merge}
    found = explore(coroutines={"P": racy.produce_three, "C": racy.consume_four}, **belt)
    assert found.kinds == {"left behind": found.total}
    assert found.finding.text == "C waits for an item in belt, which nobody is left to give"
    safe = explore(coroutines={"P": racy.produce_three, "C": racy.consume_three}, **belt)
    assert safe.broken == 0


def test_a_lock_that_is_never_let_go_leaves_the_next_one_behind():
    def keep(tally):
        yield from tally.lock.acquire()

    found = explore(setup=racy.Tally, coroutines={"A": keep, "B": keep})
    assert found.kinds == {"left behind": 2}
    assert found.finding.text == "B waits for lock, held by A, which has ended"


def test_an_error_in_a_task_breaks_the_order():
    def check(tally):
        tally.value += 1
        mine = tally.value
        yield
        if tally.value != mine:
            raise ValueError("somebody was here")

    found = explore(setup=racy.Tally, coroutines={"A": check, "B": check})
    assert (found.total, found.kinds, found.schedule) == (6, {"error": 4}, "ABAB")
    assert found.finding.text == "A raises ValueError: somebody was here"


def test_a_counterexample_replays_to_itself():
    found = two(racy.increment)
    again = two(racy.increment)
    assert found.counterexample == again.counterexample
    orders = interleavings({"A": racy.increment, "B": racy.increment}, setup=racy.Tally)
    assert [order.trace for order in orders if order.schedule == "ABAB"] == [found.counterexample]


def test_the_invariant_may_judge_what_was_printed():
    found = explore(coroutines={"A": A, "B": B}, invariant=lambda output: output.split() != WANTED)
    assert (found.total, found.broken, found.schedule) == (20, 1, "AABBAB")


# -- more orders than can be run --------------------------------------------------------------------------------------


def counting(steps):
    def count_up(tally):
        for _ in range(steps - 1):
            seen = tally.value
            yield
            tally.value = seen + 1

    return count_up


def test_merging_judges_more_orders_than_anybody_could_run():
    ten = {"A": counting(10), "B": counting(10)}
    found = explore(setup=racy.Tally, coroutines=ten, invariant=lambda tally: tally.value == 18)
    assert (found.total, found.broken, found.how) == (184_756, 184_754, MERGED)
    assert found.runs < 10_000


def test_past_the_bound_a_sample_is_drawn_and_said_to_be_one():
    ten = {
        "coroutines": {"A": counting(6), "B": counting(6)},
        "setup": racy.Tally,
        "merge": False,
        "max_schedules": 200,
    }
    found = explore(invariant=lambda tally: tally.value == 10, **ten)
    assert (found.how, found.judged, found.total) == (SAMPLE, 200, 924)
    assert repr(found).startswith("200 interleavings drawn at random from 924, ")
    assert found == explore(invariant=found.program.invariant, **ten)
    assert found.counterexample.output == ""


@pytest.mark.usefixtures("only_merging")
def test_what_cannot_be_told_apart_soundly_is_run_order_by_order():
    def with_a_set(tally):
        mine = {1, 2}
        yield
        tally.value += len(mine)

    found = explore(setup=racy.Tally, coroutines={"A": with_a_set, "B": with_a_set})
    assert found.how == EVERY
    assert repr(found).splitlines()[-1] == "(every order run, because a state holds a set)"


# -- executors --------------------------------------------------------------------------------------------------------


@pytest.mark.integration
@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
@pytest.mark.parametrize("most", [100_000, 300])
def test_an_executor_gives_the_same_result(pool, most):
    walks = {
        "setup": racy.Tally,
        "coroutines": {name: counting(4) for name in "ABC"},
        "merge": False,
        "max_schedules": most,
    }
    here = explore(invariant=lambda tally: tally.value == 9, **walks)
    with pool(2) as executor:
        there = explore(invariant=here.program.invariant, executor=executor, progress=False, **walks)
    assert there == here
    assert there.counterexample == here.counterexample


@pytest.mark.integration
def test_a_cluster_gives_the_same_result(distributed):
    walks = {
        "setup": racy.Tally,
        "coroutines": {"A": counting(4), "B": counting(4)},
        "invariant": racy.is_two,
        "merge": False,
    }
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert explore(executor=client.get_executor(), progress=False, **walks) == explore(**walks)


@pytest.mark.integration
def test_what_cannot_be_sent_is_said():
    lock = threading.Lock()

    def reads(tally):
        yield
        tally.value = lock.locked()

    with ProcessPoolExecutor(1) as executor, pytest.raises(ExplorationError, match="cannot be sent"):
        explore(setup=racy.Tally, coroutines={"A": reads}, executor=executor, merge=False)


# -- errors that teach ------------------------------------------------------------------------------------------------


def test_chance_is_found_out():
    def roll(tally):
        tally.value = random.random()
        yield

    with pytest.raises(NotDeterministicError, match="not deterministic"):
        explore(setup=racy.Tally, coroutines={"A": roll})


def test_a_setup_that_makes_something_else_each_time_is_found_out():
    with pytest.raises(NotDeterministicError, match="`setup` makes a different object"):
        explore(setup=lambda: [random.random()], coroutines={"A": racy.increment})


@pytest.mark.parametrize("merge", [True, False])
def test_a_coroutine_that_never_ends_is_stopped(merge):
    def spin(tally):
        while tally.value < 3:
            yield

    with pytest.raises(EndlessError, match="A did not come to its end within 50 steps"):
        explore(setup=racy.Tally, coroutines={"A": spin, "B": racy.increment}, max_steps=50, merge=merge)


@pytest.mark.integration
def test_what_goes_on_and_on_and_what_never_yields_are_told_with_what_to_write():
    def goes_on(tally):
        while True:
            tally.value += 1
            yield

    def never_yields(tally):
        while True:
            tally.value += 1
        yield

    with pytest.raises(EndlessError) as error:
        explore(setup=racy.Tally, coroutines={"A": goes_on}, max_steps=50)
    told = str(error.value).splitlines()
    assert told[0] == "A did not come to its end within 50 steps (the order begins A A A A A A A A ...)."
    assert told[1].startswith("  It goes round at line ")
    assert told[2:] == [
        "  A coroutine to be explored has to end. If it waits in a loop for another one, let it wait instead:",
        "  yield from lock.acquire(), condition.wait() or queue.get(). If it is only long: max_steps=...",
    ]
    with pytest.raises(EndlessError) as error:
        explore(setup=racy.Tally, coroutines={"A": never_yields})
    assert str(error.value).splitlines() == [
        "never_yields runs in a loop and never comes to a yield, so no other task can go on (the order begins A).",
        "  A coroutine gives up its turn only at a yield. If it waits in this loop for another one, write",
        "  yield from lock.acquire(), condition.wait() or queue.get().",
    ]


def test_an_endless_order_that_is_not_the_first_is_stopped_too():
    def spin_if_late(tally):
        while tally.value == 1:
            yield
        tally.value += 1

    with pytest.raises(EndlessError):
        explore(setup=racy.Tally, coroutines={"A": spin_if_late, "B": spin_if_late}, max_steps=50)


@pytest.mark.integration
def test_a_step_that_never_ends_is_stopped_and_the_monitor_given_back():
    def spin(tally):
        while tally.value == 0:
            pass
        yield

    tools = [sys.monitoring.get_tool(tool) for tool in range(6)]
    with pytest.raises(EndlessError, match="spin runs in a loop and never comes to a yield"):
        explore(setup=racy.Tally, coroutines={"A": spin, "B": racy.increment})
    assert [sys.monitoring.get_tool(tool) for tool in range(6)] == tools


def goes_round(*_):
    while True:
        pass


@pytest.mark.integration
@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"setup": goes_round}, "setup"),
        ({"setup": racy.Tally, "invariant": goes_round}, "invariant"),
        ({"setup": racy.Tally, "coroutines": {"A": goes_round}}, "a coroutine"),
    ],
)
def test_whatever_is_called_for_each_order_and_never_ends_is_named(given, what):
    with pytest.raises(EndlessError, match=rf"goes_round did not come to its end .* while {what} was called") as error:
        explore(**{"coroutines": {"A": racy.increment}, **given})
    assert error.traceback[-1].name == "_jump" and any(entry.name == "goes_round" for entry in error.traceback)


def takes_three(one, two, three):
    yield


def takes_a_name(shared, *, name):
    yield


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"coroutines": {"A": takes_three}}, r"Coroutine 'A' needs one, two, three, .*functools.partial\(takes_three,"),
        ({"coroutines": {"A": takes_a_name}}, "Coroutine 'A' needs shared, name, and is given one object"),
        ({"setup": lambda start: [start]}, r"setup needs start, and is given nothing.\n  Write: setup=lambda"),
        ({"invariant": lambda a, b, c: a}, "invariant needs a, b, c, .*\n  Write: invariant=lambda shared, output"),
    ],
)
def test_who_needs_more_than_can_be_given_is_told_so(given, said):
    with pytest.raises(ArgumentError, match=f"(?s){said}"):
        explore(**{"coroutines": {"A": racy.increment}, "setup": racy.Tally, **given})


def test_what_is_given_beforehand_is_not_asked_for():
    @functools.wraps(takes_three)
    def with_the_rest(shared):
        return takes_three(shared, 2, 3)

    tasks = {
        "A": functools.partial(takes_three, two=2, three=3),
        "B": functools.partial(takes_a_name, name="b"),
        "C": with_the_rest,
    }
    assert explore(setup=racy.Tally, coroutines=tasks).broken == 0


def fill(box):
    yield
    box.append(1)


def spin_until_filled(box):
    while not box:
        pass
    yield


LATE = {"producer": fill, "consumer": spin_until_filled}  # the first order ends, others do not


@pytest.mark.integration
@pytest.mark.parametrize(
    "ask",
    [
        lambda: explore(setup=list, coroutines=LATE),
        lambda: explore(setup=list, coroutines=LATE, merge=False),
        lambda: explore(setup=list, coroutines=LATE, merge=False, max_schedules=1),
        lambda: list(interleavings(LATE, setup=list)),
        lambda: interleavings(LATE, setup=list).count,
        lambda: ways(interleavings(LATE, setup=list).program),
        lambda: SchedulerWidget(interleavings(LATE, setup=list)),
    ],
    ids=["merged", "run", "drawn", "listed", "counted", "lattice", "widget"],
)
def test_a_step_that_never_ends_in_a_later_order_is_stopped_with_its_schedule(ask, monkeypatch):
    monkeypatch.setattr(live_run, "MOST_JUMPS", 100_000)  # the whole million takes some of these six seconds
    told = r"spin_until_filled runs in a loop and never .*\(the order begins (producer )?consumer\)"
    with pytest.raises(EndlessError, match=told):
        ask()


@pytest.mark.integration
def test_a_worker_process_stops_such_a_step():
    def fill_late(box):
        yield from [None] * 4
        box.append(1)

    def spin_if_filled(box):
        yield from [None] * 4
        while box:
            pass

    tasks = {"A": spin_if_filled, "B": fill_late}
    with ProcessPoolExecutor(2) as pool, pytest.raises(EndlessError, match=r"begins A A A A B B B B B A\)"):
        explore(setup=list, coroutines=tasks, merge=False, executor=pool, progress=False)


@pytest.mark.integration
def test_what_spins_while_it_is_closed_is_stopped_as_well():
    def waits_for_ever(belt):
        try:
            yield from belt.queue.get()
        finally:
            while belt:
                pass

    found = explore(setup=racy.Belt, coroutines={"A": waits_for_ever})
    assert found.kinds == {"left behind": 1}


def test_no_except_in_the_step_holds_it_up():
    def stubborn(box):
        while True:
            try:
                box[0] += 1
            except Exception:
                pass
        yield

    with pytest.raises(EndlessError, match="stubborn runs in a loop"):
        explore(setup=lambda: [0], coroutines={"A": stubborn})


MAKE_ANEW = (
    "  You wrote something like: setup=lambda: tally",
    "  Write:                    setup=Tally   (a function that makes a new one each time)",
)


def test_a_setup_that_shares_state_between_runs_is_found_out():
    one = racy.Tally()
    with pytest.raises(SharedSetupError) as error:
        explore(setup=lambda: one, coroutines={"A": racy.increment})
    assert str(error.value).splitlines() == [
        "`setup` gives the same object each time, but each order needs a new one: several are alive at once.",
        *MAKE_ANEW,
    ]


def test_a_setup_that_shares_a_part_is_found_out():
    log = []

    def write(board):
        board["log"].append(1)
        yield

    with pytest.raises(SharedSetupError) as error:
        explore(setup=lambda: {"log": log}, coroutines={"A": write})
    assert str(error.value).splitlines() == [
        "`setup` returns what an earlier run has changed, so each order would begin where the last one ended.",
        *MAKE_ANEW,
    ]


CALLS = [0, 0]
TIMES = [0]


@pytest.mark.parametrize(
    "changes, what, it",
    [(lambda: CALLS.append(1), "CALLS", "it"), (lambda: (CALLS.append(1), TIMES.append(1)), "CALLS, TIMES", "them")],
)
def test_what_lies_outside_and_is_not_set_back_is_named(changes, what, it):
    def write(shared):
        changes()
        yield

    with pytest.raises(SharedSetupError) as error:
        explore(setup=dict, coroutines={"A": write})
    assert str(error.value).splitlines() == [
        f"An earlier run has changed {what}, and `setup` does not set {it} back, so each order would begin where "
        "the last one ended.",
        f"  Write a `setup` in which {what} becomes what it has to be before each run,",
        "  or keep it in the object that `setup` makes.",
    ]


@pytest.mark.parametrize("most", [100_000, 5])
def test_what_only_later_orders_leave_behind_is_found_out(most):
    class Flag:
        def __init__(self):
            self.up = False

    late = set()  # `setup` forgets it, and the first order does not touch it

    def look(flag):
        yield
        if flag.up:
            late.add(1)

    def wave(flag):
        flag.up = True
        yield
        flag.up = False

    tasks = {"A": look, "B": wave}
    with pytest.raises(SharedSetupError):
        explore(setup=Flag, coroutines=tasks, invariant=lambda _: not late, max_schedules=most)


def test_an_invariant_that_raises_is_told_with_its_schedule():
    with pytest.raises(InvariantError, match="raised AttributeError: .* after A A"):
        explore(setup=racy.Tally, coroutines={"A": racy.increment}, invariant=lambda tally: tally.total == 1)


def test_an_invariant_that_asserts_instead_of_answering_is_told():
    def check(tally):
        assert tally.value == 1

    with pytest.raises(InvariantError, match="neither yes nor no"):
        explore(setup=racy.Tally, coroutines={"A": racy.increment}, invariant=check)


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"coroutines": {}}, "nothing to order"),
        ({"coroutines": {"A": racy.increment}}, "nothing says what it is given"),
        ({"coroutines": {"A": racy.plain_increment}, "setup": racy.Tally}, "preemptible\\(plain_increment\\)"),
        ({"coroutines": {"A": A()}}, "needs the generator function"),
        ({"coroutines": {"A": 3}}, "it is int"),
        ({"coroutines": {"A": A}, "max_schedules": 0}, "at least 1"),
        ({"coroutines": {"A": A}, "max_schedules": "x"}, "at least 1; you wrote 'x'"),
        ({"coroutines": {"A": A}, "max_steps": 0}, "at least 1"),
        ({"coroutines": {"A": A}, "max_steps": "x"}, "at least 1; you wrote 'x'"),
        ({"coroutines": {5: A}}, r'wrote: \{5: A\}\n  Write:     \{"A": A\}'),
        ({"coroutines": {"a\nb": A}}, "in quotes, on one line"),
        ({"coroutines": {"A": A}, "setup": [0]}, r"wrote: setup=\[0\]\n  Write:     setup=lambda: \[0\]"),
        ({"coroutines": {"A": A}, "invariant": True}, r"wrote: invariant=True\n  Write:     invariant=lambda shared"),
    ],
)
def test_what_cannot_be_explored_is_refused_with_what_to_write(wrong, says):
    with pytest.raises(ArgumentError, match=says):
        explore(**wrong)


@pytest.mark.parametrize(
    "wrong, told, instead",
    [(5, "5", '{"A": A, "B": B}'), (A, "A", '{"A": A}'), ([A], "[A]", '{"A": A}'), ([A, 5], None, '{"A": A, "B": B}')],
)
@pytest.mark.parametrize("function", [interleavings, SchedulerWidget, lambda wrong: explore(coroutines=wrong)])
def test_each_coroutine_takes_a_name(function, wrong, told, instead):
    with pytest.raises(ArgumentError) as error:
        function(wrong)
    assert str(error.value).splitlines() == [
        "Each coroutine needs a name.",
        f"  You wrote: {told or '[<function A>, 5]'}",
        f"  Write:     {instead}",
    ]


def test_an_async_def_among_generators_is_refused():
    async def fetch():
        return 1

    with pytest.raises(ArgumentError, match="'B' is an async def and 'A' is not"):
        explore(coroutines={"A": A, "B": fetch})


def test_nothing_is_printed_on_the_page(capsys):
    def lingers(tally):
        try:
            yield from tally.lock.acquire()
            yield
            print("holding")
        finally:
            print("leaving")

    explore(setup=racy.Tally, coroutines={"A": lingers, "B": lingers}, invariant=lambda tally, output: True)
    list(interleavings({"A": A, "B": B}))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("merge", [True, False])
@pytest.mark.parametrize("raised", [SystemExit(3), GeneratorExit()])
def test_a_task_that_would_end_the_whole_program_breaks_its_order(raised, merge):
    def ends(shared):
        yield
        if shared:
            raise raised
        shared.append(1)

    found = explore(setup=list, coroutines={"A": ends, "B": ends}, merge=merge)
    assert found.kinds == {"error": found.total}


def test_an_exploration_is_not_true_or_false():
    """`assert explore(...)` would always pass."""

    def A():
        yield

    result = explore({"A": A})
    with pytest.raises(ArgumentError, match=r"Write:     assert explore\(\.\.\.\)\.broken == 0"):
        assert result
    assert result.broken == 0, result


class UnspeakableError(Exception):
    def __str__(self):
        raise ValueError("cannot be told")

    __repr__ = __str__


@pytest.mark.parametrize("merge", [True, False])
def test_an_error_whose_text_raises_is_told_all_the_same(merge):
    def fails():
        yield
        raise UnspeakableError(3)

    found = explore({"A": fails}, merge=merge, progress=False)
    assert found.finding.text == "A raises UnspeakableError(3)"
    assert [order.schedule for order in interleavings({"A": fails})] == ["AA"]

    def refuses(printed):
        raise UnspeakableError(4)

    with pytest.raises(InvariantError) as error:
        explore({"A": A}, invariant=refuses, merge=merge, progress=False)
    assert error.value.raised == "UnspeakableError(4)"


def test_a_task_that_is_only_long_is_not_said_to_go_round():
    def is_long():
        yield
        yield
        yield

    with pytest.raises(SpinningError) as error:
        explore({"A": is_long}, max_steps=2, progress=False)
    assert str(error.value).splitlines()[1].startswith(f"  It stands at line {line(is_long, 3)} ")
    assert error.value.loops == {"A": None}


@pytest.mark.parametrize("merge", [True, False])
def test_what_cannot_run_orders_is_no_executor(merge):
    with pytest.raises(ArgumentError, match="You wrote: executor=3\n  Write:     executor=ProcessPoolExecutor"):
        explore({"A": A}, executor=3, merge=merge)
