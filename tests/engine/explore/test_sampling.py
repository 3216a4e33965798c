"""Orders drawn at random: from which, how likely each of them is, and what the sample says of all orders.

The laws are exact: instead of random numbers, a draw gets each place in turn, so the probability of each order is known
as a fraction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coro_lab.engine.explore import Condition, Lock, Queue, explore, sampling, state_graph
from coro_lab.engine.explore.asyncio_orders import names
from coro_lab.engine.explore.asyncio_orders.names import Drawn
from coro_lab.engine.explore.asyncio_orders.program import program_of
from coro_lab.engine.explore.asyncio_orders.run import AsyncRun, own_loop
from coro_lab.engine.explore.asyncio_orders.search import every_async
from coro_lab.engine.explore.determinism import run_first
from coro_lab.engine.explore.exploration import EVERY, PART, SAMPLE, WALKS
from coro_lab.engine.explore.program import Program
from coro_lab.engine.explore.sampling import Shuffle, known_states, run_shuffles
from coro_lab.engine.explore.schedules import count, every
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import judge
from coro_lab.engine.explore.weights import Weights, drawn_place
from coro_lab.errors import SpinningError
from tests import racy


class EachPlace:
    """In place of random numbers: over all `branches`, each place is drawn in turn, as likely as its size says."""

    def __init__(self, given: tuple[int, ...]) -> None:
        self._given = given
        self.taken: list[tuple[int, Sequence[int]]] = []

    def place(self, sizes: Sequence[int]) -> int:
        at = len(self.taken)
        place = self._given[at] if at < len(self._given) else 0
        assert sizes[place] > 0
        self.taken.append((place, sizes))
        return place

    @property
    def likelihood(self) -> Fraction:
        product = Fraction(1)
        for place, sizes in self.taken:
            product *= Fraction(sizes[place], sum(sizes))
        return product


def branches(draw) -> Iterator[tuple[object, Fraction]]:
    """What `draw` returns for each sequence of places, and how likely that sequence is."""
    given: tuple[int, ...] | None = ()
    with pytest.MonkeyPatch.context() as patched:
        for module in (names, sampling, state_graph):
            patched.setattr(module, "drawn_place", lambda sizes, chance: chance.place(sizes))
        while given is not None:
            chance = EachPlace(given)
            yield draw(chance), chance.likelihood
            places = [place for place, _ in chance.taken]
            later = [at for at, (place, sizes) in enumerate(chance.taken) if place + 1 < len(sizes)]
            given = (*places[: later[-1]], places[later[-1]] + 1) if later else None


def law(draw) -> dict[object, Fraction]:
    """How likely each outcome is."""
    found: dict[object, Fraction] = {}
    for outcome, likelihood in branches(draw):
        found[outcome] = found.get(outcome, Fraction(0)) + likelihood
    return found


def no_progress(share, doing=""):
    pass


# -- programs: small, so that all their draws can be tried -------------------------------------------------------------


class Room:
    """What the generated tasks share."""

    def __init__(self):
        self.locks = Lock("left"), Lock("right")
        self.queue = Queue(1)
        self.bell = Condition(name="bell")
        self.number = 0


def acquire(lock):
    def act(room):
        yield from room.locks[lock].acquire()
        yield
        if room.locks[lock].holder is not None:
            room.locks[lock].release()

    return act


def keep(room):
    yield from room.locks[0].acquire()


def put(room):
    yield from room.queue.put(1)


def get(room):
    yield from room.queue.get()


def write(room):
    seen = room.number
    yield
    room.number = seen + 1


def fail(room):
    yield
    if room.number:
        raise ValueError("too late")


def wait(room):
    yield from room.bell.acquire()
    if not room.number:
        yield from room.bell.wait()
    room.bell.release()


def ring(room):
    room.number += 1
    yield from room.bell.acquire()
    room.bell.notify()
    room.bell.release()


ACTS = [acquire(0), acquire(1), keep, put, get, write, fail, wait, ring]


def task(acts):
    def run(room):
        for act in acts:
            yield from act(room)

    return run


bodies = st.lists(st.sampled_from(ACTS), min_size=1, max_size=2).map(task)
programs = st.lists(bodies, min_size=2, max_size=3).map(
    lambda tasks: Program(dict(zip("ABC", tasks)), Room, lambda room: room.number < 2)
)


def orders_of(program, most=400):
    """Every order, and whether it is broken; None where there are more than `most`."""
    found = {}
    with quietly():
        for run in every(program):
            found[tuple(run.schedule)] = judge(run) is not None
            run.close()
            if len(found) > most:
                return None
    return found


# -- the laws ----------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(programs)
def test_from_counted_states_each_order_is_drawn_and_all_are_equally_likely(program):
    orders = orders_of(program, 60)
    if orders is None:
        return
    states = known_states(program, run_first(program), no_progress)
    assert states.total == len(orders)
    assert law(states.draw) == dict.fromkeys(orders, Fraction(1, len(orders)))


@settings(max_examples=25, deadline=None)
@given(programs, st.integers(1, 3))
def test_of_a_shuffle_the_weights_add_up_to_all_orders_and_to_the_broken_ones(program, steps):
    orders = orders_of(program, 60)
    if orders is None:
        return
    shuffle = Shuffle([steps] * len(program.names))

    def draw(chance):
        with quietly():
            run, weight = shuffle.draw(program, chance)
            run.close()
        return tuple(run.schedule), Fraction(weight, shuffle.unit)

    found = law(draw)
    assert {order for order, _ in found} == set(orders) and len(found) == len(orders)
    assert sum(found.values()) == 1
    assert all(likelihood * weight == 1 for (_, weight), likelihood in found.items())


def test_a_shuffle_is_uniform_where_no_task_waits_and_each_takes_the_same_number_of_steps():
    def steps(number):
        def run(room):
            for _ in range(number - 1):
                yield

        return run

    program = Program({"A": steps(2), "B": steps(1), "C": steps(3)}, Room)
    shuffle = Shuffle([2, 1, 3])

    def draw(chance):
        with quietly():
            run, weight = shuffle.draw(program, chance)
        return tuple(run.schedule), Fraction(weight, shuffle.unit)

    assert law(draw) == {(order, 60): Fraction(1, 60) for order in orders_of(program)}


def asks(lock, box):
    async def run():
        async with lock:
            seen = box[0]
            await asyncio.sleep(0)
            box[0] = seen + 1

    return run


async def locked():
    lock, box = asyncio.Lock(), [0]
    await asyncio.gather(asks(lock, box)(), asks(lock, box)())


async def uneven():
    async def run(number):
        for _ in range(number):
            await asyncio.sleep(0)

    await asyncio.gather(run(1), run(3))


async def fails_early():
    box = []

    async def write():
        await asyncio.sleep(0)
        box.append(1)

    async def check():
        await asyncio.sleep(0)
        assert not box
        await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        group.create_task(check())


@pytest.mark.parametrize("main", [locked, uneven, fails_early])
@pytest.mark.parametrize("steps", [(), (2, 2, 4), (1, 1)])
def test_of_an_asyncio_program_the_weights_add_up_to_all_orders(main, steps):
    program = program_of(main, None, None, 1_000, "tasks")

    def taken(run):
        found = tuple(run.choices.taken)
        run.close()
        return found

    def draw(chance):
        with quietly(), own_loop():
            choices = Drawn(chance, steps)
            order = taken(AsyncRun(program, choices).go())
            return order, Fraction(choices.weight, choices.unit)

    with quietly(), own_loop():
        orders = {taken(run) for run, _ in every_async(program)}
    found = law(draw)
    assert {order for order, _ in found} == orders and len(found) == len(orders)
    assert all(likelihood * weight == 1 for (_, weight), likelihood in found.items())


# -- samples -----------------------------------------------------------------------------------------------------------


def philosopher(left, right):
    def eat(forks):
        yield from forks[left].acquire()
        yield
        yield from forks[right].acquire()
        yield
        forks[right].release()
        forks[left].release()

    return eat


PHILOSOPHERS = {
    "coroutines": {name: philosopher(at, (at + 1) % 3) for at, name in enumerate("ABC")},
    "setup": lambda: [Lock(f"fork {number}") for number in range(3)],
}


def locked_counters(tasks, times):
    """Counters that hold a lock while they count."""

    def count_up(tally):
        for _ in range(times):
            yield from tally.lock.acquire()
            seen = tally.value
            yield
            tally.value = seen + 1
            tally.lock.release()
            yield

    coroutines = dict(zip("ABCDEFGH", [count_up] * tasks))
    return {"coroutines": coroutines, "setup": racy.Tally, "invariant": lambda tally: tally.value == tasks * times}


def test_programs_with_locks_are_sampled_and_all_orders_are_equally_likely():
    whole = explore(**PHILOSOPHERS, merge=False)
    found = explore(**PHILOSOPHERS, merge=False, max_schedules=400)
    assert (found.how, found.judged, found.total) == (SAMPLE, 400, whole.total)
    assert whole.total > 400
    low, high = found.broken_share
    assert low < whole.broken / whole.total < high
    assert whole.broken_share == (whole.broken / whole.total,) * 2


def test_where_states_cannot_be_counted_the_share_is_estimated_by_weights(monkeypatch):
    monkeypatch.setattr(sampling, "COUNTED_STEPS", -1)
    true = explore(**PHILOSOPHERS, merge=False)
    found = explore(**PHILOSOPHERS, merge=False, max_schedules=400)
    assert (found.how, found.judged, found.total) == (WALKS, 400, None)
    low, high = found.broken_share
    assert low < true.broken / true.total < high
    assert found.broken / found.judged > 1.5 * high  # a walk ends in the deadlock more often than one order in all
    assert "from about " in repr(found) and f"of all orders, {100 * low:.0f} to {100 * high:.0f} % are broken" in repr(
        found
    ).replace("\n  ", " ")


def test_what_the_walks_cannot_tell_is_not_told(monkeypatch):
    monkeypatch.setattr(sampling, "COUNTED_STEPS", 1_000)
    found = explore(**locked_counters(8, 4), merge=False, max_schedules=50)
    assert (found.how, found.judged, found.broken, found.total) == (WALKS, 50, 0, None)
    assert found.broken_share is None
    assert repr(found).replace("\n  ", " ").splitlines() == [
        "50 interleavings drawn at random, none of them broken",
        "(random walks through the ready tasks, because merge=False; what share of all orders is broken cannot be told "
        "from them)",
    ]


@pytest.mark.parametrize("as_error", [True, False])
def test_a_bug_is_found_as_often_as_it_is_whether_it_is_an_error_or_a_flag(as_error, monkeypatch):
    class Box:
        def __init__(self):
            self.a = self.b = 0
            self.is_right = True

    def setter(box):
        box.a = 1
        yield
        box.b = -1

    def checker(box):
        seen = box.a
        yield
        box.is_right = (seen, box.b) in ((0, 0), (1, -1))
        if as_error and not box.is_right:
            raise ValueError("a without b")

    tasks = {**{f"S{number}": setter for number in range(9)}, "C": checker}
    monkeypatch.setattr(sampling, "COUNTED_STEPS", 1_000)
    found = explore(coroutines=tasks, setup=Box, invariant=lambda box: box.is_right, merge=False, max_schedules=1_000)
    low, high = found.broken_share
    assert (found.how, found.judged) == (SAMPLE, 1_000)
    assert low < 340_333_913_606_400 / 2_375_880_867_360_000 < high  # as merging equal states counts them
    assert found.broken == 155
    assert repr(found).startswith("1,000 interleavings drawn at random from about 2.4e+15, 155 ")


def test_two_samples_are_equal_for_one_seed_and_differ_for_another():
    def sample(seed):
        return explore(**PHILOSOPHERS, merge=False, max_schedules=50, seed=seed)

    assert sample(1) == sample(1)
    assert len({tuple(sample(seed).kinds.items()) for seed in range(5)}) > 1


@pytest.mark.integration
@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
@pytest.mark.parametrize("program", [PHILOSOPHERS, locked_counters(4, 4)])
def test_an_executor_draws_the_same_sample(pool, program, monkeypatch):
    monkeypatch.setattr(sampling, "DRAWS", 20)
    monkeypatch.setattr(sampling, "COUNTED_STEPS", 20_000)
    here = explore(**program, merge=False, max_schedules=90)
    with pool(2) as executor:
        there = explore(**program, merge=False, max_schedules=90, executor=executor, progress=False)
    assert there == here and there.broken_share == here.broken_share


def test_a_portion_reports_each_order():
    program = Program({"A": racy.increment, "B": racy.increment}, racy.Tally, racy.is_two)
    told = []
    tally = run_shuffles(program, Shuffle([2, 2]), 3, 0, None, lambda share, doing="": told.append((share, doing)))
    assert (tally.judged, tally.weights.drawn) == (3, 3)
    assert told == [(0, "1 orders"), (0, "2 orders"), (0, "3 orders")]


def test_fewer_orders_than_asked_for_are_all_run_though_the_first_order_is_long():
    def is_long_if_alone(box):
        box[0] += 1
        yield
        for _ in range(5 if box[0] == 1 else 0):
            yield
        box[0] -= 1

    found = explore(coroutines=dict.fromkeys("AB", is_long_if_alone), setup=lambda: [0], merge=False, max_schedules=500)
    assert found.how == EVERY and found.total < 500 < count([7, 7])  # steps of the first order


def test_a_time_limit_leaves_what_was_drawn_so_far():
    found = explore(**locked_counters(4, 4), merge=False, max_schedules=1_000_000, seconds=0.5)
    assert (found.how, found.reason) == (PART, "the time was over")
    assert found.judged > 0


def test_a_task_that_never_ends_is_named_by_a_draw():
    def spins(tally):
        while True:
            yield

    program = Program({"A": racy.increment, "B": spins}, racy.Tally, racy.is_two)
    with pytest.raises(SpinningError, match="B did not come to its end within 1,000 steps"), quietly():
        Shuffle([2, 2]).draw(program, Random(0))


def test_a_task_that_waits_in_a_loop_is_found_before_its_orders_are_drawn():
    def waits(box):
        while not box:
            yield

    def opens(box):
        for _ in range(12):
            yield
        box.append(1)

    with pytest.raises(SpinningError, match="Orders that never end are judged only where equal states are merged"):
        explore(coroutines={"A": opens, "B": waits, "C": opens}, setup=list, merge=False, max_schedules=20)


# -- weights -----------------------------------------------------------------------------------------------------------


def weighed(*given, unit=1):
    weights = Weights(unit)
    for weight, is_broken in given:
        weights.add(weight, is_broken=is_broken)
    return weights


def test_equal_weights_say_how_many_orders_there_are_and_unequal_ones_about():
    assert weighed((6, False), (6, True), unit=2).total == 3
    assert weighed(*[(1_234, False), (2_345, False)] * 50).total == 1_800
    assert weighed((1, False), (2, False)).total is None
    assert Weights().total is None


def test_a_sample_is_worth_fewer_orders_the_more_the_weights_differ():
    assert weighed(*[(5, False)] * 8).worth == 8
    assert weighed((1, False), (3, False)).worth == 1.6
    assert Weights().worth == 0


@pytest.mark.parametrize("drawn, broken", [(40, 0), (40, 40), (100, 25)])
def test_of_equal_weights_the_share_has_the_interval_of_wilson(drawn, broken):
    low, high = weighed(*[(7, at < broken) for at in range(drawn)]).share
    assert low <= broken / drawn <= high
    for end in {low, high} - {0, 1}:  # there the true share is 1.96 standard errors away
        assert abs(end - broken / drawn) == pytest.approx(1.96 * (end * (1 - end) / drawn) ** 0.5)


def test_the_share_counts_weights_and_not_orders():
    low, high = weighed(*[(1, True), (9, False)] * 200).share
    assert low < 0.1 < high < 0.15


def test_a_sample_that_is_worth_too_little_has_no_share():
    assert weighed(*[(1, True)] * 29).share is None
    assert weighed(*[(1, True)] * 30).share == (pytest.approx(0.886, abs=0.001), 1)
    assert weighed(*[(1, True)] * 1_000, *[(100_000, False)] * 50).share is None


def test_random_numbers_draw_a_place_in_proportion_to_its_size():
    class Number(Random):
        def randrange(self, end):
            assert end == 6
            return self.number

    chance, places = Number(), []
    for chance.number in range(6):
        places.append(drawn_place([1, 0, 3, 2], chance))
    assert places == [0, 2, 2, 2, 3, 3]
