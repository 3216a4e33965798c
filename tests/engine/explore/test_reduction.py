"""Equivalent orders are judged once: as many as the best algorithm needs, and with the verdict of all orders."""

from __future__ import annotations

import dataclasses
import functools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coro_lab.engine.explore import Condition, Lock, Queue, explore, in_turns, preemptible
from coro_lab.engine.explore.limits import PART, REDUCED
from coro_lab.errors import DisagreementError
from tests import racy
from tests.engine.explore import benchmark_programs as programs

# -- the programs of the papers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("program, size, classes", [each for each in programs.PUBLISHED if each[2] < 1_000])
def test_no_more_orders_are_run_than_the_optimal_algorithm_needs(program, size, classes):
    found = explore(**program(size), progress=False)
    assert (found.how, found.runs, found.broken) == (REDUCED, classes, 0)


@pytest.mark.integration
@pytest.mark.parametrize(
    "program, size, kind",
    [
        (programs.reorder, 20, "error"),
        (programs.two_stage, 10, "error"),
        (programs.wrong_lock, 6, "error"),
        (programs.fibonacci, 5, "invariant"),
    ],
)
def test_a_bug_among_very_many_orders_is_found_early(program, size, kind, monkeypatch):
    monkeypatch.setattr(in_turns, "AFTER_A_BUG", 2_000)
    found = explore(**program(size), progress=False)
    assert (found.how, found.finding.kind, found.total) == (PART, kind, None)
    assert repr(found).endswith(
        "(not all orders were judged, because a broken order was found first; count=True judges\n  all)"
    )
    assert found.counterexample.error is not None or kind == "invariant"


# -- the same as all orders -------------------------------------------------------------------------------------------


class Shared:
    """What generated tasks use."""

    def __init__(self):
        self.x = 0
        self.y = 0
        self.items = []
        self.table = {"a": 0}
        self.lock = Lock()
        self.queue = Queue(1)
        self.bell = Condition(name="bell")
        self.sums = []


def does_at_once(what, shared, seen):
    """What a task does without waiting; returns what it has seen."""
    if what == "read":
        return seen + shared.x
    if what == "count":
        return seen + len(shared.items)
    if what == "sum":
        return seen + sum(shared.items)
    if what == "look":
        return seen + shared.table["a"]
    if what == "write":
        shared.x = seen + 1
    elif what == "add":
        shared.y += 1
    elif what == "keep":
        shared.items.append(seen)
    elif what == "enter":
        shared.table[seen] = 1
    elif what == "check":
        assert shared.y == 0
    return seen


def thread(shared, does=()):
    seen = 0
    for what in does:
        if what == "lock":
            with shared.lock:
                shared.table["a"] += 1
        elif what == "put":
            shared.queue.put(seen)
        elif what == "get":
            seen += shared.queue.get()
        else:
            seen = does_at_once(what, shared, seen)
    shared.sums.append(seen)


def generator(shared, does=()):
    seen = 0
    for what in does:
        if what == "lock":
            yield from shared.lock.acquire()
            shared.table["a"] += 1
            yield
            shared.lock.release()
        elif what == "put":
            yield from shared.queue.put(seen)
        elif what == "get":
            seen += yield from shared.queue.get()
        elif what == "ring":
            yield from shared.bell.acquire()
            shared.bell.notify()
            shared.bell.release()
        elif what == "wait":
            yield from shared.bell.acquire()
            yield from shared.bell.wait()
            shared.bell.release()
        elif what == "yield":
            yield
        else:
            seen = does_at_once(what, shared, seen)
    shared.sums.append(seen)


WORDS = ["read", "write", "add", "keep", "count", "sum", "enter", "look", "lock", "put", "get", "check"]


def made(function, words):
    tasks = st.lists(st.lists(st.sampled_from(words), max_size=3), min_size=2, max_size=3)
    return tasks.map(lambda all_: {name: _given(function, does) for name, does in zip("ABC", all_)})


def _given(function, does):
    def task(shared, does=tuple(does)):
        yield from function(shared, does)

    if function is generator:
        return task

    def thread_task(shared, does=tuple(does)):
        thread(shared, does)

    return preemptible(thread_task)


def judge(shared):
    return shared.x < 2 and shared.sums == sorted(shared.sums)


def agrees(coroutines):
    """Whether a program is judged alike with equivalent orders judged once, and with every order run."""
    every = explore(coroutines, setup=Shared, invariant=judge, merge=False, max_schedules=1_000, progress=False)
    once = explore(coroutines, setup=Shared, invariant=judge, progress=False)
    if every.how != "every order run":
        return
    assert set(once.kinds) == set(every.kinds)
    assert once.schedule == every.schedule
    assert (once.total, once.kinds) in [(every.total, every.kinds), (None, once.kinds)]


@pytest.mark.integration
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made(thread, WORDS))
def test_threads_are_judged_as_in_every_order(coroutines):
    agrees(coroutines)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made(generator, [*WORDS, "ring", "wait", "yield", "yield", "yield"]))
def test_generators_are_judged_as_in_every_order(coroutines):
    agrees(coroutines)


# -- an error and a flag ----------------------------------------------------------------------------------------------


def steps(kinds, by_error):
    """A task that writes or checks between its yields; a check that fails ends it by an error, or sets a flag."""

    def task(box):
        for kind in kinds:
            if kind == "write":
                box["x"] += 1
            elif kind == "check" and box["x"] > 1:
                if by_error:
                    raise AssertionError
                box["broken"] = True
                return
            yield

    return task


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["write", "check", "pass"]), min_size=1, max_size=3), min_size=2, max_size=3))
def test_a_bug_has_the_same_share_as_an_error_and_as_a_flag(tasks):
    def setup():
        return {"x": 0, "broken": False}

    def explored(by_error):
        coroutines = {name: steps(kinds, by_error) for name, kinds in zip("ABC", tasks)}
        return explore(coroutines, setup=setup, invariant=lambda box: not box["broken"], count=True, progress=False)

    error, flag = explored(True), explored(False)
    assert (error.total, error.broken, error.schedule) == (flag.total, flag.broken, flag.schedule)


# -- what cannot be seen ----------------------------------------------------------------------------------------------


class Quiet:
    """Changes the shared object when nobody uses it any more."""

    def __init__(self, shared):
        self.shared = shared

    def __del__(self):
        self.shared.x += 1


def drops(shared):
    held = Quiet(shared)
    yield
    del held


class Doubles:
    """Its items change what they are asked of."""

    def __init__(self):
        self.asked = 0

    def __getitem__(self, index):
        self.asked += 1
        return self.asked


def asks(box):
    mine = box[0]
    yield
    assert box[0] == mine + 1


def with_a_property(account):
    account.balance += 1
    yield
    account.balance += 1


class Account:
    def __init__(self):
        self.kept = 0

    @property
    def balance(self):
        return self.kept

    @balance.setter
    def balance(self, value):
        self.kept = value


COUNT = [0]


def changes_a_global(shared):
    COUNT[0] += 1
    seen = COUNT[0]
    yield
    shared.x = max(shared.x, seen + COUNT[0])


def with_a_global():
    COUNT[0] = 0
    return Shared()


@dataclasses.dataclass(slots=True)
class Parcel:
    items: list[int] = dataclasses.field(default_factory=list)


class Shelf:
    def __init__(self):
        self.parcels = [Parcel(), Parcel()]
        self.equal = 0


def compares(shelf):
    shelf.equal += shelf.parcels[0] == shelf.parcels[1]
    yield
    shelf.parcels[0].items.append(1)


class Fast:
    def __init__(self, shared):
        self.shared = shared

    def __lt__(self, other):
        self.shared.x += 1
        return False


def with_fast_ones():
    shared = Shared()
    shared.items = [Fast(shared), Fast(shared)]
    return shared


def sorts(shared):
    shared.items.sort()
    yield
    shared.y = shared.y or shared.x


def counts(shared):
    seen = shared.x
    yield
    shared.x = seen + 1


def makes_it_elsewhere(shared):
    yield from functools.partial(counts, shared)()


def as_an_expression(shared):
    seen = shared.x
    yield from (setattr(shared, "x", seen + each) for each in range(2))


def with_a_generator():
    shared = Shared()
    shared.others = [counts(shared), counts(shared)]
    return shared


def takes_one(shared):
    yield from shared.others.pop()


def through_its_dict(shared):
    seen = shared.__dict__["x"]
    yield
    shared.x = seen + 1


def through_vars(shared):
    seen = shared.x
    yield
    vars(shared)["x"] = seen + 1


@pytest.mark.parametrize(
    "setup, task, invariant",
    [
        (with_fast_ones, sorts, lambda shared: shared.y == 1),
        (Shared, makes_it_elsewhere, lambda shared: shared.x == 2),
        (Shared, as_an_expression, lambda shared: shared.x == 2),
        (with_a_generator, takes_one, lambda shared: shared.x == 2),
        (Shelf, compares, lambda shelf: shelf.equal == 2),
        (Shared, through_its_dict, lambda shared: shared.x == 2),
        (Shared, through_vars, lambda shared: shared.x == 2),
        (Shared, drops, lambda shared: shared.x == 2),
        (Doubles, asks, lambda box: True),
        (Account, with_a_property, lambda account: account.kept == 4),
        (with_a_global, changes_a_global, lambda shared: shared.x > 3),
        (racy.Tally, racy.increment, lambda tally: tally.value == 2),
    ],
)
def test_code_that_runs_unseen_is_judged_as_in_every_order(setup, task, invariant):
    tasks = {"A": task, "B": task}
    once = explore(tasks, setup=setup, invariant=invariant)
    every = explore(tasks, setup=setup, invariant=invariant, merge=False)
    assert (once.total, once.kinds, once.schedule) == (every.total, every.kinds, every.schedule)


def test_an_order_that_is_judged_as_none_was_is_found_out(monkeypatch):
    monkeypatch.setattr("coro_lab.engine.explore.reduction.footprint.Footprint.conflicts", lambda *_: False)
    with pytest.raises(DisagreementError, match="Judging equivalent orders once found orders that are not broken"):
        explore(setup=racy.Tally, coroutines=dict.fromkeys("AB", racy.increment), invariant=racy.is_two)


# -- what is asked for ------------------------------------------------------------------------------------------------


def test_all_orders_are_counted_if_that_is_asked_for():
    program = programs.readers(8)
    assert explore(**program).total is None
    assert repr(explore(**program)) == (
        "256 inequivalent interleavings, none of them broken\n"
        "(equivalent orders are judged once and not counted; count=True counts them)"
    )
    assert explore(**program, count=True).total == 362_880


def test_when_the_time_is_over_what_is_known_is_given_back():
    found = explore(**programs.reorder(10), seconds=0.0)
    assert found.how == PART
    assert repr(found).endswith("(not all orders were judged, because the time was over)")


def test_an_interrupt_gives_back_what_is_known():
    calls = []

    def interrupts(box):
        calls.append(box)
        if len(calls) == 100:
            raise KeyboardInterrupt
        return box.x == 1

    program = {**programs.readers(8), "invariant": interrupts}
    found = explore(**program)
    assert found.how == PART
    assert 0 < found.judged < 256
    assert repr(found).endswith("(not all orders were judged, because the search was interrupted)")
