"""preemptible on what stands around a function: decorators, methods, partial; looked through, or named."""

from __future__ import annotations

import contextlib
import functools
import time

import pytest

from coro_lab.engine.explore import PreemptionError, explore, preemptible
from coro_lab.errors import ArgumentError


def traced(function):
    @functools.wraps(function)
    def wrapper(*arguments):
        return function(*arguments)

    return wrapper


def bare(function):
    def wrapper(*arguments):
        return function(*arguments)

    return wrapper


def times(turns):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*arguments):
            for _ in range(turns):
                function(*arguments)

        return wrapper

    return decorate


class Counted:
    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function = function

    def __call__(self, *arguments):
        return self.function(*arguments)


@traced
def once(box):
    box[0] += 1


@traced
@bare
@times(1)
def through_three(box):
    box[0] += 1


@Counted
def by_a_class(box):
    box[0] += 1


def add(number, box):
    box[0] += number


class Adder:
    @staticmethod
    def static(box):
        box[0] += 1

    @traced
    def decorated(self, box):
        box[0] += 1

    def method(self, box):
        box[0] += 1


shortcut = traced(lambda box: add(1, box))


@pytest.mark.parametrize(
    "function",
    [
        once,
        by_a_class,
        Adder.static,
        vars(Adder)["static"],
        Adder().method,
        Adder().decorated,
        functools.partial(add, 1),
        shortcut,
        traced(shortcut),
    ],
)
def test_it_is_looked_through_and_the_race_inside_is_found(function):
    tasks = {"A": preemptible(function), "B": preemptible(function)}
    found = explore(setup=lambda: [0], coroutines=tasks, invariant=lambda box: box == [2])
    assert 0 < found.broken < found.total


def test_alone_it_does_what_it_did():
    for function in (once, through_three, by_a_class):
        plain, split = [0], [0]
        function(plain)
        assert list(preemptible(function)(split)) is not None
        assert split == plain == [1]


def test_a_decorated_function_that_is_called_is_looked_through_as_well():
    def calls_it(box):
        once(box)

    tasks = {"A": preemptible(calls_it), "B": preemptible(calls_it)}
    assert explore(setup=lambda: [0], coroutines=tasks, invariant=lambda box: box == [2]).broken > 0


@functools.cache
def kept(box):
    return box


@contextlib.contextmanager
def held(box):
    yield box


@traced
def suspends(box):
    yield


class Maker:
    @classmethod
    def make(cls, box):
        return cls()


@pytest.mark.parametrize(
    "function, says",
    [
        (kept, r"decorated with functools\.cache or functools\.lru_cache.*\n.*\n.*preemptible\(kept\.__wrapped__\)"),
        (held, r"decorated with contextlib\.contextmanager.*\n.*\n.*a plain function that uses held"),
        (functools.singledispatch(add), r"decorated with functools\.singledispatch"),
        (suspends, "suspends by itself"),
        (vars(Maker)["make"], "make is a classmethod"),
        (time.sleep, "written in Python"),
        (contextlib.suppress.__init__, "a function of contextlib"),
    ],
)
def test_what_cannot_be_looked_through_is_named_with_what_to_write(function, says):
    with pytest.raises(PreemptionError, match=says):
        preemptible(function)


def test_a_class_is_no_function():
    with pytest.raises(ArgumentError, match="Maker is a class"):
        preemptible(Maker)
