"""Exploring asks no metaclass for a hash or an `==`: it looks classes up by their ids."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import pytest

from coro_lab.engine.explore import explore, preemptible


class Asked(type):
    pass


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """In each test only: a library may keep a table of all classes of errors, and asks these for their hashes."""

    def refuse(cls, *_):
        raise RuntimeError("a class was asked for its hash, or compared")

    monkeypatch.setattr(Asked, "__hash__", refuse)
    monkeypatch.setattr(Asked, "__eq__", refuse)


class Odd(metaclass=Asked):
    """Does what Plain does."""

    def __init__(self):
        self.value = 0

    def __iter__(self):
        return iter([1, 2])

    def __getitem__(self, at):
        return at

    def __setitem__(self, at, value):
        self.value = value

    def __call__(self):
        return Odd()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class OddError(Exception, metaclass=Asked):
    pass


class Table:
    def __init__(self):
        self.odd, self.count = Odd(), 0
        self.all, self.classes, self.by_name = [self.odd], {"odd": Odd}, defaultdict(Odd)


def use(table):
    """Each thing that code can do with an object, which the notes follow."""
    odd = table.odd
    odd[1] = odd[2]
    table.by_name["a"].value += sum(odd)
    for item in (*odd, *table.all):
        odd.value += bool(item)
    with odd, table.classes["odd"]() as made:
        table.all.append(made())
    try:
        raise OddError
    except OddError as error:
        return error


def in_turns(table):
    seen = table.count
    yield
    table.count = seen + bool(use(table))


def in_a_thread(table):
    table.odd.value += 1
    table.count += bool(table.classes)


async def in_a_task(table):
    seen = table.count
    await asyncio.sleep(0)
    table.count = seen + bool(use(table))


def makes_one(table):
    yield
    table.all.append(Odd())


def is_two(table):
    return table.count == 2 and len(Odd().__dict__) == 1


@pytest.mark.parametrize("merge", [True, False])
@pytest.mark.parametrize("program", [in_turns, preemptible(in_a_thread), in_a_task])
def test_an_object_whose_metaclass_has_its_own_hash_is_explored(program, merge):
    found = explore({"A": program, "B": program}, setup=Table, invariant=is_two, merge=merge, progress=False)
    assert 0 < found.broken < found.total
    assert "raises" not in repr(found)


@pytest.mark.parametrize("program", [in_turns, preemptible(in_a_thread), in_a_task])
def test_the_orders_are_those_of_the_same_program_with_a_plain_class(program, monkeypatch):
    def explored():
        return explore({"A": program, "B": program}, setup=Table, invariant=is_two, count=True, progress=False)

    odd = explored()
    monkeypatch.setitem(globals(), "Odd", type("Plain", (), {k: v for k, v in vars(Odd).items() if k != "__dict__"}))
    plain = explored()
    assert (odd.broken, odd.total, odd.first) == (plain.broken, plain.total, plain.first)


def test_why_states_are_not_merged_is_said_of_a_class_with_a_metaclass():
    found = explore({"A": in_turns, "B": makes_one}, setup=Table, invariant=lambda table: True, progress=False)
    assert repr(found).endswith("(every order run, because the class OddError has a metaclass)")
