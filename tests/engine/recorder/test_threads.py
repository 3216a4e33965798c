"""Real threads: those that end, and those that are stuck and do no harm."""

from __future__ import annotations

import functools
import queue
import threading

import pytest

from coro_lab.engine.explore import Lock, Queue, explore, preemptible
from coro_lab.engine.threads import run_threads
from coro_lab.errors import ArgumentError


class Shop:
    def __init__(self, lock, shelf):
        self.lock, self.shelf, self.sold = lock, shelf, []


def fill_and_hold(shop):
    with shop.lock:
        for n in range(2):
            shop.shelf.put(n)


def fill(shop):
    for n in range(2):
        shop.shelf.put(n)


def sell_and_hold(shop):
    for _ in range(2):
        with shop.lock:
            shop.sold.append(shop.shelf.get())


def sell(shop):
    for _ in range(2):
        shop.sold.append(shop.shelf.get())


def real():
    return Shop(threading.Lock(), queue.Queue(1))


def explored():
    return Shop(Lock(), Queue(1))


def test_threads_that_end():
    shop = real()
    outcome = run_threads(producer=lambda: fill(shop), consumer=lambda: sell(shop))
    assert (outcome.ended, outcome.stuck, shop.sold) == (("producer", "consumer"), (), [0, 1])


def test_a_real_deadlock_is_told_and_left_behind():
    shop = real()
    outcome = run_threads(0.3, producer=lambda: fill_and_hold(shop), consumer=lambda: sell_and_hold(shop))
    assert repr(outcome) == "stuck: producer, consumer"
    assert "with shop.lock:" in outcome.lines.values()
    assert all(thread.daemon for thread in threading.enumerate() if thread.name in outcome.stuck)


def test_the_same_functions_explored_deadlock_in_every_order_and_their_safe_twins_in_none():
    found = explore(
        setup=explored, coroutines={"producer": preemptible(fill_and_hold), "consumer": preemptible(sell_and_hold)}
    )
    assert found.kinds == {"deadlock": found.total}
    safe = explore(
        setup=explored,
        coroutines={"producer": preemptible(fill), "consumer": preemptible(sell)},
        invariant=lambda shop: shop.sold == [0, 1],
    )
    assert safe.broken == 0


def task() -> None:
    pass


def test_what_is_no_named_function_is_refused_with_what_to_write():
    with pytest.raises(TypeError, match=r"wrote: run_threads\(task\)\n  Write:     run_threads\(task=task\)"):
        run_threads(task)
    with pytest.raises(TypeError, match=r"wrote: run_threads\(A=None\).*\n  Write:     run_threads\(A=f\)"):
        run_threads(A=task())


def test_a_thread_that_raised_has_not_ended_well(monkeypatch):
    told = []
    monkeypatch.setattr(threading, "excepthook", lambda about: told.append(about.exc_type))
    outcome = run_threads(A=lambda: None, B=lambda: 1 / 0)
    assert repr(outcome) == "ended: A; raised: B"
    assert (outcome.ended, outcome.raised, outcome.stuck) == (("A",), ("B",), ())
    assert told == [ZeroDivisionError]


async def waits():
    pass


def test_a_function_that_only_makes_a_generator_is_refused_for_nothing_would_run():
    def makes():
        yield

    for task in (makes, functools.partial(makes), lambda: makes()):
        with pytest.raises(ArgumentError, match=r"A only makes a generator.*\n.*\n.*A=lambda: list\(f\(\)\)\)"):
            run_threads(A=task)
    with pytest.raises(ArgumentError, match=r"A only makes a coroutine.*\n.*\n.*asyncio.run\(f\(\)\)"):
        run_threads(A=waits)


def test_a_timeout_with_its_name_is_told_where_to_stand():
    with pytest.raises(ArgumentError, match=r"Write:     run_threads\(1, A=A\)"):
        run_threads(timeout=1, A=print)
