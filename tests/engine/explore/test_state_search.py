"""Equal states merged: the verdict of running every order, and never two states for one that go on differently."""

from __future__ import annotations

import gc
import random
from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coro_lab.engine.explore import ExplorationError, Lock, Queue, explore, preemptible
from coro_lab.engine.explore.limits import EVERY, MERGED
from coro_lab.engine.explore.program import Program
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.state_search import StateSearch
from coro_lab.engine.explore.step_limit import quietly

pytestmark = pytest.mark.usefixtures("only_merging")


class Board:
    """What generated programs share."""

    def __init__(self):
        self.a = 0
        self.b = [0]
        self.log = []
        self.lock = Lock()
        self.queue = Queue(1)


STATEMENTS = [
    "x = s.a",
    "s.a = x + 1",
    "s.a += 1",
    "x = len(s.log)",
    "s.log.append(x)",
    "s.b = s.log",
    "s.b.append(7)",
    "x = s.b[-1] if s.b else 3",
    "print(x)",
    "yield",
    "yield",
    "yield",
]
BLOCKS = [
    ["for i in range(2):", "    x += i", "    yield", "    s.a += x"],
    ["for x in list(s.log):", "    yield"],
    ["if s.a > 1:", "    yield", "    s.a -= 1"],
    ["yield from s.lock.acquire()", "y = s.a", "yield", "s.a = y + 1", "s.lock.release()"],
    ["yield from s.queue.put(x)"],
    ["if not s.queue.empty():", "    x = yield from s.queue.get()"],
]


def define(lines):
    """A generator function with this body."""
    source = "\n".join(["def body(s):", "    x = 0", *(f"    {line}" for line in lines), "    if False: yield"])
    names: dict = {}
    exec(source, names)
    return names["body"]


def run_all(most, **program):
    """Every order of this program run; None where there are more than `most` of them."""
    try:
        run = explore(**program, merge=False, max_schedules=most)
    except ExplorationError as error:
        assert "Too few shuffles" in str(error)  # noqa: PT017 - more than `most`, and nearly all of them blocked
        return None
    return run if run.how == EVERY else None


QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking a program runs all its orders each time: minutes
bodies = st.lists(st.one_of(st.sampled_from([[line] for line in STATEMENTS]), st.sampled_from(BLOCKS)), max_size=4)
functions = bodies.map(lambda parts: define([line for part in parts for line in part]))
coroutines = st.lists(functions, min_size=2, max_size=3)


def same(merged, run):
    facts = "total", "judged", "broken", "kinds", "schedule"
    return [getattr(merged, fact) for fact in facts] == [getattr(run, fact) for fact in facts]


@pytest.mark.integration
@settings(deadline=None, max_examples=100, phases=QUICK)
@given(coroutines, st.integers(0, 2))
def test_merged_states_give_the_verdict_of_running_every_order(bodies, rest):
    program = {
        "setup": Board,
        "coroutines": dict(zip("ABC", bodies)),
        "invariant": lambda board: (board.a + sum(board.log) + 3 * len(board.b)) % 3 != rest,
    }
    if (run := run_all(2_000, **program)) is not None:
        merged = explore(**program)
        assert merged.how == MERGED, merged.reason
        assert same(merged, run)
        assert (merged.counterexample == run.counterexample) is True


@pytest.mark.integration
@settings(deadline=None, max_examples=50, phases=QUICK)
@given(coroutines)
def test_the_same_where_the_output_is_judged(bodies):
    program = {
        "setup": Board,
        "coroutines": dict(zip("ABC", bodies)),
        "invariant": lambda board, output: "1\n0" not in output,
    }
    if (run := run_all(2_000, **program)) is not None:
        assert same(explore(**program), run)


# -- what a careless fingerprint would miss ---------------------------------------------------------------------------


class Pair:
    def __init__(self):
        self.left = []
        self.right = []


@dataclass
class Point:
    x: int = 0
    seen: list = field(default_factory=list)


def alias(pair):
    pair.left = pair.right
    yield


def grow(pair):
    yield
    pair.left = []
    yield
    pair.left.append(1)


def from_a_list(pair):
    for number in [1, 2, 3]:  # how far it is lies on the stack alone
        pair.left = [len(pair.left)]
        number = 0
        yield
    pair.right.append(number)


def one_or_true(pair):
    pair.left = [1] if pair.left == [] else [True]
    yield
    pair.right.append(repr(pair.left))


counter = 0


def reset():
    global counter
    counter = 0


def count_up():
    global counter
    seen = counter
    yield
    counter = seen + 1


def delegating(pair):
    def inner():
        got = len(pair.left)
        yield
        return got + 1

    pair.left = [0] * (yield from inner())


def a_deque(pair):
    pair.left = deque(pair.left, maxlen=2)
    yield
    pair.left.append(1)


def point(shared):
    shared.x += 1
    yield
    shared.seen.append(shared.x)


@pytest.mark.parametrize(
    "setup, body, invariant",
    [
        (Pair, alias, lambda pair: pair.left is not pair.right),
        (Pair, grow, lambda pair: len(pair.left) == 2),
        (Pair, from_a_list, lambda pair: pair.left != [1]),
        (Pair, one_or_true, lambda pair: pair.right != ["[1]", "[True]"]),
        (reset, count_up, lambda _: counter == 2),
        (Pair, delegating, lambda pair: len(pair.left) == 2),
        (Pair, a_deque, lambda pair: list(pair.left) == [1, 1]),
        (Point, point, lambda shared: shared.seen == [1, 2]),
    ],
)
def test_what_lies_outside_plain_locals_is_part_of_the_state(setup, body, invariant):
    program = {"setup": setup, "coroutines": {"A": body, "B": body}, "invariant": invariant}
    merged, run = explore(**program), explore(**program, merge=False)
    assert merged.how == MERGED, merged.reason
    assert same(merged, run)


def test_two_names_for_one_list_differ_from_two_equal_lists():
    def join(pair):
        yield
        pair.left = pair.right

    def part(pair):
        yield
        pair.left = []

    def write(pair):
        yield
        yield
        pair.right.append(1)

    program = {
        "setup": Pair,
        "coroutines": {"A": join, "B": part, "C": write},
        "invariant": lambda pair: pair.left == pair.right,
    }
    assert same(explore(**program), explore(**program, merge=False))
    assert explore(**program).broken > 0


class Stateful:
    born = 0

    def __init__(self):
        Stateful.born = 0

    def next(self):
        Stateful.born += 1
        return Stateful.born


def test_an_attribute_of_a_class_is_part_of_the_state():
    def take(maker):
        first = maker.next()
        yield
        maker.got = (id, first)[1]

    def take_plainly(maker):
        first = maker.next()
        yield
        maker.got = first

    program = {
        "setup": Stateful,
        "coroutines": {"A": take_plainly, "B": take_plainly},
        "invariant": lambda m: m.got == 2,
    }
    assert explore(**program).how == MERGED
    assert same(explore(**program), explore(**program, merge=False))
    refused = explore(setup=Stateful, coroutines={"A": take})
    assert (refused.how, refused.reason) == (EVERY, "it uses id")


def last():
    """A function that keeps who was last as an attribute of its own."""


class Keeper:
    def last(self):
        """The same for a method."""


def forget():
    last.who = Keeper.last.who = None
    return Keeper()


def test_an_attribute_of_a_function_or_of_a_method_is_part_of_the_state():
    def come(name):
        def plainly():
            yield
            last.who = name

        def to_the_method(keeper):
            yield
            Keeper.last.who = name

        return plainly, to_the_method

    judges = lambda keeper: last.who == "A", lambda keeper: keeper.last.who == "A"
    for a, b, judge in zip(come("A"), come("B"), judges, strict=True):
        program = {"setup": forget, "coroutines": {"A": a, "B": b}, "invariant": judge}
        assert explore(**program).how == MERGED
        assert explore(**program).broken == explore(**program, merge=False).broken == 3


def test_an_enclosed_variable_is_part_of_the_state():
    def make():
        total = 0

        def start():
            nonlocal total
            total = 0

        def add():
            nonlocal total
            seen = total
            yield
            total = seen + 1

        return start, add, lambda _: total == 2

    start, add, is_two = make()
    program = {"setup": start, "coroutines": {"A": add, "B": add}, "invariant": is_two}
    assert explore(**program).broken == explore(**program, merge=False).broken == 4


# -- what cannot be known soundly -------------------------------------------------------------------------------------


def rolls(pair):
    yield
    pair.left = random.__name__


def holds_a_set(pair):
    mine = {1}
    yield
    pair.left = list(mine)


def compares_identity(pair):
    yield
    pair.left = pair.left is pair.right


def imports(pair):
    yield
    import math

    pair.left = math.pi


def holds_a_file(pair):
    pair.left = open
    yield


def idle(closing):
    yield


class Closing:
    def __del__(self):
        pass


@pytest.mark.parametrize(
    "setup, body, because",
    [
        (Pair, rolls, "it uses the module random"),
        (Pair, holds_a_set, "a state holds a set"),
        (Pair, compares_identity, "it compares with `is`"),
        (Pair, imports, "it imports while it runs"),
        (Pair, holds_a_file, "it uses open"),
        (Closing, idle, "Closing has a __del__"),
    ],
)
def test_where_states_cannot_be_told_apart_soundly_every_order_is_run_and_the_reason_said(setup, body, because):
    found = explore(setup=setup, coroutines={"A": body, "B": body})
    assert (found.how, found.reason, found.total) == (EVERY, because, 6)


def test_is_none_is_no_reason():
    def body(pair):
        yield
        pair.left = pair.left is None

    assert explore(setup=Pair, coroutines={"A": body}).how == MERGED


def test_a_default_that_lives_on_from_run_to_run_is_found_out():
    def body(pair, log=[]):  # noqa: B006
        log.append(1)
        yield
        pair.left = list(log)

    with pytest.raises(ExplorationError, match="`setup`"):
        explore(setup=Pair, coroutines={"A": body, "B": body})


def test_a_step_from_equal_parts_is_taken_once(monkeypatch):
    def count(box):
        for _ in range(4):
            seen = box[0]
            yield
            box[0] = seen + 1

    taken = []
    step = StateSearch._step
    monkeypatch.setattr(StateSearch, "_step", lambda *given: taken.append(given[3]) or step(*given))
    found = explore(setup=lambda: [0], coroutines={"A": count, "B": count, "C": count}, count=True)
    assert (found.how, found.total) == (MERGED, 756_756)
    assert len(taken) < found.runs / 2  # steps, though up to three lead on from each state


def test_a_run_goes_on_where_no_step_was_taken_from(monkeypatch):
    def hold(lock):
        for _ in range(3):
            yield from lock.acquire()
            yield
            lock.release()
            yield

    begun = []
    made = LiveRun.__init__
    monkeypatch.setattr(LiveRun, "__init__", lambda run, program: begun.append(run) or made(run, program))
    found = explore(setup=Lock, coroutines={"A": hold, "B": hold}, count=True)
    alone = explore(setup=Lock, coroutines={"A": hold, "B": hold}, merge=False)
    assert (found.how, found.total, found.broken) == (MERGED, alone.total, alone.broken)
    search = StateSearch(found.program)
    begun.clear()
    with quietly():
        steps = list(search.search())
    assert len(begun) < len(steps) == len(search.graph)


@pytest.mark.parametrize("steps", range(1, 7))
def test_a_thread_that_is_left_in_a_finally_leaves_nothing_for_the_collector_to_say(steps, monkeypatch):
    said = []
    monkeypatch.setattr("sys.unraisablehook", said.append)

    def work(shared):
        try:
            shared["n"] += 1
        finally:
            shared["n"] += 1
            shared["n"] += 1

    with quietly():
        run = LiveRun(Program({"A": preemptible(work)}, lambda: {"n": 0})).follow((0,) * steps)
        run.close()
        del run
    gc.collect()
    assert not said
