"""What real threads do when they are switched between two bytecode instructions, `preemptible` finds as well."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable

import pytest

from coro_lab.engine.explore import explore, preemptible
from coro_lab.engine.explore.explorer import EVERY


class Box:
    def __init__(self, n=0, inner=None):
        self.n, self.inner, self.items = n, inner, [1, 2]

    def __repr__(self):
        return f"{self.n} {self.items} ({self.inner})"


class Baton:
    """One of several threads runs at a time; before each instruction it is drawn who goes on."""

    def __init__(self, count: int, seed: int) -> None:
        self._draw, self._alive = random.Random(seed), list(range(count))
        self._turn, self._changed = 0, threading.Condition()

    def pass_on(self, me: int) -> None:
        with self._changed:
            if self._draw.random() < 0.3:
                self._give()
            self._changed.wait_for(lambda: self._turn == me)

    def leave(self, me: int) -> None:
        with self._changed:
            self._alive.remove(me)
            self._give()

    def _give(self) -> None:
        if self._alive:
            self._turn = self._draw.choice(self._alive)
            self._changed.notify_all()


def switched_between_instructions(functions: tuple[Callable[..., None], ...], shared: object, seed: int) -> str:
    """What the shared object is in the end, after one order that is drawn."""
    baton = Baton(len(functions), seed)
    codes = {function.__code__ for function in (*functions, add_one)}

    def run(me: int) -> None:
        def at_each_instruction(frame, event, _):
            if frame.f_code not in codes:
                return None
            frame.f_trace_opcodes = True
            if event == "opcode":
                baton.pass_on(me)
            return at_each_instruction

        baton.pass_on(me)
        sys.settrace(at_each_instruction)
        try:
            functions[me](shared)
        finally:
            sys.settrace(None)
            baton.leave(me)

    threads = [threading.Thread(target=run, args=(me,)) for me in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return repr(shared)


def add_one(box):
    box.n += 1


def takes_what_is_there(items):
    if items:
        try:
            del items[0], items[0]
        except IndexError:
            items.append("too late")


def takes_while_there_is_any(items):
    taken = 0
    while items and taken < 2:
        taken += 1
        items[-1:] = []
    items.append(taken)


def notes_that_it_was_here(items):
    if "here" not in items:
        items.append("here")


def adds_in_place(items):
    items += [len(items)]


def unpacks(items):
    try:
        first, second = items
    except ValueError:
        first, second = "too", "late"
    items[:] = [second, first, first]


def goes_through(items):
    for item in items:
        items[0] = item + 1
        del items[1:]


def goes_through_to_the_end(items):
    walk = iter(items)
    for _ in walk:
        break
    for _ in walk:
        pass
    else:
        items.append(len(items))


def tells(items):
    text = f"{items}"
    items.append(len(text))


def compares(items):
    if 0 < len(items) <= 2 and items == [1, 2]:
        items.append(3)


def finds_the_greatest(items):
    items[0] = max(items) + 1


def spreads(items):
    both = [*items, 0]
    items.append(len(both))


def multiplies(items):
    items[:] = items * 2
    items[:] = 2 * items[1:]


def negates(items):
    if not items:
        items.append(0)
    else:
        del items[:]


def calls(box):
    add_one(box)
    box.n = -box.n


def asks_the_inner_one(box):
    box.n += box.inner.n
    box.inner.n = 7
    box.inner = Box(3)


def writes_where_it_was_told(box):
    box.items[box.n] = 9
    box.n += 1


def writes_to_two_places(box):
    box.n, box.inner = box.inner.n, Box(box.n)


def deletes_where_it_was_told(box):
    try:
        del box.items[box.n]
    except IndexError:
        box.n = 9
    box.n += 1


LISTS = [takes_what_is_there, takes_while_there_is_any, notes_that_it_was_here, adds_in_place, unpacks, goes_through]
LISTS += [goes_through_to_the_end, tells, compares, finds_the_greatest, spreads, multiplies, negates]
BOXES = [calls, asks_the_inner_one, writes_where_it_was_told, writes_to_two_places, deletes_where_it_was_told]


EXERCISED = {function: lambda: [1, 2] for function in LISTS} | {function: lambda: Box(0, Box(1)) for function in BOXES}


@pytest.mark.integration
@pytest.mark.parametrize("function", EXERCISED, ids=lambda function: function.__name__)
def test_no_order_of_instructions_does_what_no_order_of_steps_does(function):
    setup, found = EXERCISED[function], set()
    tasks = {"A": preemptible(function), "B": preemptible(function)}
    explored = explore(setup=setup, coroutines=tasks, invariant=lambda one: found.add(repr(one)) or True, merge=False)
    assert explored.how == EVERY
    drawn = {switched_between_instructions((function, function), setup(), seed) for seed in range(80)}
    assert len(drawn) > 1, "a function that is no exercise"
    assert drawn <= found
