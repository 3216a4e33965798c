"""A step that only waits ends in an error that says where, and never hangs the notebook."""

from __future__ import annotations

import asyncio
import contextlib
import operator
import queue
import signal
import threading
import time
from concurrent.futures import Future

import pytest

from coro_lab.engine.explore import EndlessError, PreemptionError, explore, idle_steps, preemptible

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="only where a timer can interrupt a wait")

LOCK = threading.Lock()
HELD = threading.Lock()
HELD.acquire()
EVENT = threading.Event()


@pytest.fixture(autouse=True)
def looks_often(monkeypatch):
    monkeypatch.setattr(idle_steps, "LOOK_EVERY", 0.02)


@pytest.fixture(autouse=True)
def free_lock():
    yield
    if LOCK.locked():
        LOCK.release()


class Guard:
    """A context manager that hides a real lock."""

    def __enter__(self):
        HELD.acquire()

    def __exit__(self, *_):
        pass


def by_a_guard(box):
    with Guard():
        box[0] += 1


def by_a_stack(box):
    with contextlib.ExitStack() as stack:
        stack.enter_context(HELD)


def by_the_key_of_a_sort(box):
    box.sort(key=lambda item: HELD.acquire())


def by_a_function_of_c(box):
    operator.methodcaller("acquire")(HELD)


def for_a_future(box):
    Future().result()


@pytest.mark.parametrize("waits", [by_a_guard, by_a_stack, by_the_key_of_a_sort, by_a_function_of_c, for_a_future])
def test_a_thread_that_waits_where_the_real_lock_is_hidden(waits):
    with pytest.raises(EndlessError, match=r"^A waits at line \d+ of test_idle_steps.py: .*\n") as error:
        explore(setup=lambda: [0], coroutines={"A": preemptible(waits)})
    assert error.value.loops["A"]
    assert "coro_lab has Lock, Condition and Queue" in str(error.value)


def by_a_lock(box):
    LOCK.acquire()
    yield
    LOCK.release()


def for_an_item(box):
    yield
    queue.Queue().get()


def for_an_event(box):
    yield
    EVENT.wait()


def for_a_thread(box):
    thread = threading.Thread(target=EVENT.wait, daemon=True)
    thread.start()
    yield
    thread.join()


def for_a_barrier(box):
    yield
    threading.Barrier(2).wait()


def for_an_hour(box):
    yield
    time.sleep(3_600)


WAITS = [by_a_lock, for_an_item, for_an_event, for_a_thread, for_a_barrier, for_an_hour]


@pytest.mark.parametrize("waits", WAITS)
@pytest.mark.parametrize("merge", [True, False])
def test_a_generator_that_waits_for_something_of_threads(waits, merge):
    with pytest.raises(EndlessError, match=r"^[AB] waits at line \d+ of test_idle_steps.py: ") as error:
        explore(setup=lambda: [0], coroutines={"A": waits, "B": waits}, merge=merge)
    assert "LOCK.acquire()" in str(error.value) or waits is not by_a_lock
    assert error.value.schedule[-1] in error.value.loops


async def holds_a_lock():
    with LOCK:
        await asyncio.sleep(0)


async def sleeps():
    time.sleep(3_600)


async def sleeps_at_the_end():
    try:
        await asyncio.sleep(0)
    finally:
        time.sleep(3_600)


async def catches_all():
    try:
        EVENT.wait()
    except BaseException:
        await asyncio.sleep(0)


async def waits_in_a_thread():
    await asyncio.to_thread(lambda: HELD.acquire())


@pytest.mark.parametrize("order", ["tasks", "time", "asyncio"])
@pytest.mark.parametrize("task", [holds_a_lock, sleeps, sleeps_at_the_end, catches_all, waits_in_a_thread])
def test_a_task_of_asyncio_that_waits_without_an_await(task, order):
    async def main():
        await asyncio.gather(task(), task())

    with pytest.raises(EndlessError, match=r" waits at line \d+ of test_idle_steps.py: ") as error:
        explore(main, order=order)
    assert "Write: await asyncio.sleep(1)" in str(error.value)


def test_setup_that_waits():
    def setup():
        HELD.acquire()

    with pytest.raises(EndlessError, match=r"^setup waits at line \d+ of test_idle_steps.py: HELD.acquire\(\)"):
        explore(setup=setup, coroutines={"A": for_an_item})


def test_a_step_that_works_for_long_or_sleeps_now_and_then_is_let_be():
    def work(box):
        end = time.perf_counter() + 0.3
        while time.perf_counter() < end:
            sum(range(10_000))
        yield
        for _ in range(4):
            time.sleep(0.02)
        box[0] += 1

    found = explore(setup=lambda: [0], coroutines={"A": work}, invariant=lambda box: box == [1])
    assert not found.broken


def test_a_sleep_of_a_thread_takes_no_time_and_is_a_switch_point():
    def withdraw(account):
        seen = account[0]
        time.sleep(3_600)
        account[0] = seen - 1

    found = explore(
        setup=lambda: [2],
        coroutines={"A": preemptible(withdraw), "B": preemptible(withdraw)},
        invariant=lambda account: account == [0],
        count=True,
    )
    assert (found.total, found.broken) == (20, 18)


def test_the_signal_is_given_back_and_that_of_others_is_let_be():
    def passes():
        yield

    def seen(number, frame):
        raise AssertionError

    explore(coroutines={"A": passes})
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    signal.signal(signal.SIGALRM, seen)
    try:
        explore(coroutines={"A": passes})
        assert signal.getsignal(signal.SIGALRM) is seen
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


@pytest.mark.parametrize(
    "made, write",
    [
        (threading.Event, "Write: with condition: condition.wait_for(lambda: shared.is_set)"),
        (lambda: threading.Thread(target=print), "Name the function that it runs among the coroutines"),
        (lambda: threading.BoundedSemaphore(1), "Write: with condition: condition.wait_for(lambda: shared.free > 0)"),
        (queue.Queue, "let `setup` make the lock: coro_lab has Lock, Condition and Queue"),
    ],
)
def test_what_to_write_in_place_of_a_class_of_threading_is_said(made, write):
    def use(shared):
        for method in ("join", "wait", "acquire", "get"):
            if hasattr(shared, method):
                getattr(shared, method)()

    with pytest.raises(PreemptionError) as error:
        explore(setup=made, coroutines={"A": preemptible(use)})
    assert write in str(error.value)
