"""Small named programs, shared by tests, golden traces and benchmarks.

The first two are the source text's, with its names and its printed lines to the letter.
"""

import inspect
from collections.abc import Callable, Generator


def A():
    print("1")
    yield
    print("2")
    yield
    print("3")


def B():
    print("x")
    yield
    print("y")
    yield
    print("z")


def consumer() -> Generator[str, int, None]:
    r = ""
    while True:
        n = yield r
        if not n:
            return
        print(f"[CONSUMER] Consuming {n}...")
        r = "200 OK"


def produce(c: Generator[str, int, None]) -> None:
    c.send(None)
    for n in range(1, 6):
        print(f"[PRODUCER] Producing {n}...")
        r = c.send(n)
        print(f"[PRODUCER] Consumer return: {r}")
    c.close()


def produce_and_consume():
    produce(consumer())


PRODUCED = "".join(
    f"[PRODUCER] Producing {n}...\n[CONSUMER] Consuming {n}...\n[PRODUCER] Consumer return: 200 OK\n"
    for n in range(1, 6)
)


def averager():
    total, count, average = 0, 0, None
    while True:
        total += yield average
        count += 1
        average = total / count


def call_in_layers():
    def first():
        return second() + 1

    def second():
        return third() + 1

    def third():
        return 1

    return first()


def inner():
    got = yield "ready"
    try:
        yield got
    except KeyError:
        got = yield "mended"
    return got


def outer():
    return (yield from inner())


def delegate():
    chain = outer()
    steps = [next(chain), chain.send("hello"), chain.throw(KeyError("lost"))]
    try:
        chain.send("end")
    except StopIteration as stop:
        steps.append(stop.value)
    return steps


def tidy(name):
    try:
        yield name
    finally:
        print(f"{name} tidies up")


def close_all_ways():
    by_hand, dropped, delegating = tidy("by hand"), tidy("dropped"), wrap(tidy("delegated"))
    for generator in (by_hand, dropped, delegating):
        next(generator)
    by_hand.close()
    del generator, dropped
    delegating.close()


def wrap(generator):
    yield from generator


def untidy():
    yield 1


def close_without_try():
    generator = untidy()
    next(generator)
    generator.close()


def two_of_one():
    first, second = consumer(), consumer()
    for c in (first, second):
        next(c)
    first.send(1)
    second.send(2)


def squares():
    return sum(n * n for n in range(3))


def fails():
    def burst():
        yield 1
        raise ValueError("burst")

    for _ in burst():
        pass


class Tally:
    """A program of methods: nothing about it is a plain function."""

    def __init__(self):
        self.total = 0

    def add(self):
        while True:
            self.total += yield self.total

    @classmethod
    def run(cls):
        tally = cls()
        adder = tally.add()
        next(adder)
        return [adder.send(n) for n in (1, 2)]


def cell(*functions: Callable[..., object]) -> str:
    """The cell of a notebook that defines these functions."""
    return "from collections.abc import Generator\n\n\n" + "\n\n".join(map(inspect.getsource, functions))


GOLDEN = {
    program.__name__: program
    for program in (
        produce_and_consume,
        call_in_layers,
        delegate,
        close_all_ways,
        close_without_try,
        two_of_one,
        squares,
        fails,
    )
}
