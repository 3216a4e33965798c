"""Programs to be explored, in pairs: a racy one, and its safe twin, over which every detector must stay silent."""

from __future__ import annotations

from coro_lab.engine.explore import Condition, Lock, Queue


class Tally:
    """A number that several write to."""

    def __init__(self) -> None:
        self.value = 0
        self.lock = Lock("lock")


def is_two(tally):
    return tally.value == 2


def increment(tally):
    seen = tally.value
    yield  # a switch point between read and write
    tally.value = seen + 1


def increment_after(tally):
    yield  # the same switch point, before both
    seen = tally.value
    tally.value = seen + 1


def increment_locked(tally):
    yield from tally.lock.acquire()
    seen = tally.value
    yield
    tally.value = seen + 1
    tally.lock.release()


def plain_increment(tally):
    tally.value += 1


def plain_increment_locked(tally):
    with tally.lock:
        tally.value += 1


class Account:
    """Two people draw from it."""

    def __init__(self) -> None:
        self.balance = 100
        self.lock = Lock("account")

    def withdraw(self, amount):
        if self.balance >= amount:
            self.balance -= amount

    def withdraw_locked(self, amount):
        with self.lock:
            self.withdraw(amount)


def is_covered(account):
    return account.balance >= 0


def take_eighty(account):
    account.withdraw(80)


def take_eighty_locked(account):
    account.withdraw_locked(80)


class Table:
    """Two philosophers, two forks."""

    def __init__(self) -> None:
        self.left, self.right = Lock("left fork"), Lock("right fork")


def eat_left_first(table):
    yield from table.left.acquire()
    yield
    yield from table.right.acquire()
    table.right.release()
    table.left.release()


def eat_right_first(table):
    yield from table.right.acquire()
    yield
    yield from table.left.acquire()
    table.left.release()
    table.right.release()


class Bakery:
    """Loaves, and a bell that is rung when one is ready."""

    def __init__(self) -> None:
        self.loaves = 0
        self.bell = Condition(name="bell")


def bake(bakery):
    yield from bakery.bell.acquire()
    bakery.loaves += 1
    bakery.bell.notify()
    bakery.bell.release()


def buy_carelessly(bakery):
    empty = bakery.loaves == 0
    yield  # looks, and only then goes to wait
    yield from bakery.bell.acquire()
    if empty:
        yield from bakery.bell.wait()
    bakery.loaves -= 1
    bakery.bell.release()


def buy(bakery):
    yield
    yield from bakery.bell.acquire()
    while bakery.loaves == 0:
        yield from bakery.bell.wait()
    bakery.loaves -= 1
    bakery.bell.release()


class Belt:
    """A queue with room for one, and what came out of it."""

    def __init__(self) -> None:
        self.queue = Queue(maxsize=1, name="belt")
        self.taken = []


def produce_three(belt):
    for n in range(3):
        yield from belt.queue.put(n)
        yield


def consume_three(belt):
    for _ in range(3):
        belt.taken.append((yield from belt.queue.get()))
        yield


def consume_four(belt):
    for _ in range(4):
        belt.taken.append((yield from belt.queue.get()))
        yield


def in_order(belt):
    return belt.taken == [0, 1, 2]
