"""Lock, Condition and Queue for explored tasks: what holds in every order."""

from __future__ import annotations

import pytest

from coro_lab.engine.explore import Condition, Lock, Queue, explore
from coro_lab.engine.explore.sync import running
from coro_lab.errors import ArgumentError
from tests import racy


class Room:
    def __init__(self):
        self.inside = self.most = 0
        self.lock = Lock("door")


def enter(room):
    yield from room.lock.acquire()
    room.inside += 1
    room.most = max(room.most, room.inside)
    yield
    room.inside -= 1
    room.lock.release()


@pytest.mark.parametrize("merge", [True, False])
def test_a_lock_lets_one_in_at_a_time(merge):
    three = dict.fromkeys("ABC", enter)
    assert explore(setup=Room, coroutines=three, invariant=lambda room: room.most == 1, merge=merge).broken == 0


def test_taking_a_free_lock_is_no_switch_point():
    lock = Lock()
    with pytest.raises(StopIteration):
        next(lock.acquire())
    assert lock.locked()


def test_a_lock_that_nobody_holds_cannot_be_released():
    with pytest.raises(RuntimeError, match="fork is released, but nobody holds it"):
        Lock("fork").release()


def test_a_queue_keeps_the_order_and_its_bound():
    def watch(belt):
        yield
        assert_room(belt)

    def assert_room(belt):
        if len(belt.queue.items) > 1:
            raise OverflowError

    tasks = {"P": racy.produce_three, "C": racy.consume_three, "W": watch}
    assert explore(setup=racy.Belt, coroutines=tasks, invariant=racy.in_order).broken == 0


def test_a_task_that_waits_on_a_condition_lets_the_lock_go_and_has_it_again_afterwards():
    class Place:
        def __init__(self):
            self.condition = Condition(name="place")
            self.ready = False
            self.held = []

    def wait(place):
        yield from place.condition.acquire()
        while not place.ready:
            yield from place.condition.wait()
        place.held.append(place.condition.lock.holder)
        place.condition.release()

    def tell(place):
        yield from place.condition.acquire()
        place.ready = True
        place.condition.notify_all()
        place.condition.release()

    tasks = {"A": wait, "B": wait, "T": tell}
    found = explore(setup=Place, coroutines=tasks, invariant=lambda place: sorted(place.held) == ["A", "B"])
    assert found.broken == 0


@pytest.mark.parametrize("careless, done", [("notify", "notified"), ("notify_all", "notified"), ("wait", "waited on")])
def test_a_condition_needs_its_lock_held(careless, done):
    def forgets_the_lock(place):
        yield
        getattr(place, careless)()

    def holds_it(place):
        yield from place.acquire()
        yield
        place.release()

    def forgets_to_wait(place):
        yield
        yield from place.wait()

    task = forgets_to_wait if careless == "wait" else forgets_the_lock
    setup = {"setup": lambda: Condition(name="place"), "invariant": lambda _: True}
    found = explore(coroutines={"A": task, "B": holds_it}, **setup)
    assert found.broken == found.total, "also where another task holds it"
    assert f"place is {done} by A, who does not hold its lock" in str(found)


def test_to_wait_for_something_is_to_look_again_after_each_notify():
    class Pot(Condition):
        coins = 0

    def waits(pot):
        yield from pot.acquire()
        held = yield from pot.wait_for(lambda: pot.coins >= 2 and "enough")
        assert held == "enough"
        pot.release()

    def puts(pot):
        yield from pot.acquire()
        pot.coins += 1
        pot.notify()
        pot.release()

    found = explore(setup=Pot, coroutines={"W": waits, "P": puts, "Q": puts}, invariant=lambda pot: pot.coins == 2)
    assert (found.broken, found.total > 3) == (0, True)


def test_they_say_what_they_are_doing():
    queue = Queue(2, "belt")
    queue.items.extend("ab")
    assert repr(queue) == "<belt: ['a', 'b'] of 2>"
    assert (queue.full(), queue.empty(), queue.qsize()) == (True, False, 2)
    assert repr(Lock("fork")) == "<fork: free>"
    assert repr(Condition(name="bell")) == "<bell: 0 waiting, <bell's lock: free>>"


def test_each_has_a_name_of_its_own_kind_where_none_is_given():
    assert [thing.name for thing in (Lock(), Condition(), Queue())] == ["lock", "condition", "queue"]
    assert Condition().lock.name == "condition's lock"


@pytest.fixture
def runs(monkeypatch):
    """Say which task takes a step now."""
    return lambda name: monkeypatch.setattr(running, "name", name)


def test_a_lock_says_who_holds_it(runs):
    fork = Lock("fork")
    runs("A")
    finished = next(fork.acquire(), "no wait")
    assert (finished, repr(fork), fork.holder, fork.locked()) == ("no wait", "<fork: held by A>", "A", True)
    runs("B")
    waits = next(fork.acquire())
    assert (repr(waits), waits.task, waits.on, waits.is_over()) == ("<waits for fork>", "B", fork, False)
    fork.release()
    assert (waits.is_over(), fork.locked()) == (True, False)


def test_a_queue_says_what_it_holds_and_who_waits_for_what():
    queue = Queue(maxsize=1, name="belt")
    put = next(queue.put("a"), None)
    assert (put, repr(queue), repr(Queue(name="open"))) == (None, "<belt: ['a'] of 1>", "<open: []>")
    waits = next(queue.put("b"))
    assert (repr(waits), waits.is_over()) == ("<waits for room in belt>", False)
    queue.items.clear()
    assert waits.is_over()
    waits = next(queue.get())
    assert (repr(waits), waits.is_over()) == ("<waits for an item in belt>", False)
    queue.items.append("c")
    assert waits.is_over()


def test_a_queue_without_a_bound_is_never_full():
    queue = Queue()
    for number in range(3):
        assert next(queue.put(number), "no wait") == "no wait"
    assert (queue.full(), queue.qsize(), list(queue.items)) == (False, 3, [0, 1, 2])


def notified(condition, runs, names):
    """Who waits, after these tasks have gone to wait."""
    for name in names:
        runs(name)
        condition.lock.holder = name
        assert repr(next(condition.wait())) == "<waits for a notify of bell>"
    runs("rings")
    condition.lock.holder = "rings"


@pytest.mark.parametrize(
    "rings, left",
    [
        (lambda bell: bell.notify(), ["B", "C"]),
        (lambda bell: bell.notify(2), ["C"]),
        (lambda bell: bell.notify(5), []),
        (lambda bell: bell.notify_all(), []),
    ],
)
def test_a_notify_wakes_those_who_have_waited_longest(rings, left, runs):
    bell = Condition(name="bell")
    notified(bell, runs, "ABC")
    assert repr(bell) == "<bell: 3 waiting, <bell's lock: held by rings>>"
    rings(bell)
    assert (bell.waiting, bell.lost_notifies) == (left, ())


def test_a_notify_while_nobody_waits_is_kept_once_for_each_who_gave_it(runs):
    bell = Condition(name="bell")
    for name in ("A", "B", "A"):
        runs(name)
        bell.lock.holder = name
        bell.notify_all()
    assert bell.lost_notifies == ("A", "B")


def forgets_to_acquire(place):
    place.acquire()
    yield


def yields_what_it_should_wait_for(place):
    yield place.acquire()


def forgets_to_put(belt):
    yield
    belt.put(1)


def forgets_to_get(belt):
    yield belt.get()


def forgets_to_wait(place):
    yield from place.acquire()
    place.wait()
    place.release()


def forgets_to_wait_for(place):
    yield from place.acquire()
    place.wait_for(lambda: True)
    place.release()


@pytest.mark.parametrize("merge", [True, False])
@pytest.mark.parametrize(
    "task, shared, told",
    [
        (forgets_to_acquire, Lock, "lock.acquire()"),
        (yields_what_it_should_wait_for, Lock, "lock.acquire()"),
        (forgets_to_acquire, Condition, "condition.acquire()"),
        (forgets_to_put, Queue, "queue.put(...)"),
        (forgets_to_get, Queue, "queue.get()"),
        (forgets_to_wait, Condition, "condition.wait()"),
        (forgets_to_wait_for, Condition, "condition.wait_for(...)"),
    ],
)
def test_a_forgotten_yield_from_is_named(task, shared, told, merge):
    found = explore({"A": task}, setup=shared, merge=merge, progress=False)
    assert found.broken == found.judged == 1
    assert found.finding.text == f"A raises RuntimeError: {told} was made but never run; write yield from before it"


def test_what_is_made_first_and_run_later_is_no_mistake():
    def keeps_it(lock):
        pending = lock.acquire()
        yield
        yield from pending
        lock.release()

    assert explore({"A": keeps_it, "B": keeps_it}, setup=Lock, progress=False).broken == 0


@pytest.mark.parametrize(
    "make, told",
    [
        (lambda: Lock(3), 'You wrote: Lock(3)\n  Write:     Lock(name="lock")'),
        (lambda: Condition(name=3), 'Write:     Condition(name="condition")'),
        (lambda: Queue(name=None), 'Write:     Queue(name="queue")'),
        (lambda: Queue(-1), "You wrote: Queue(-1)\n  Write:     Queue(3), or Queue() for any"),
    ],
)
def test_a_name_is_a_text_and_a_size_a_count(make, told):
    with pytest.raises(ArgumentError) as error:
        make()
    assert told in str(error.value)
