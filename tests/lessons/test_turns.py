"""The limit of turns, where nothing else can interrupt a loop."""

import sys
import threading
from contextlib import redirect_stdout
from io import StringIO

import pytest

from coro_lab.lessons import turns
from coro_lab.lessons.turns import TooManyTurnsError, counted


@pytest.fixture(autouse=True)
def few_turns(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "MOST_TURNS", 1_000)


def goes_round(times: int) -> int:
    done = 0
    while done < times:
        done += 1
    return done


def is_stopped_at(times: int) -> bool:
    try:
        return goes_round(times) != times
    except TooManyTurnsError:
        return True


def in_a_thread(begin: threading.Event, times: int) -> tuple[threading.Thread, list[bool]]:
    stopped: list[bool] = []
    thread = threading.Thread(target=lambda: begin.wait() and stopped.append(is_stopped_at(times)))
    thread.start()
    return thread, stopped


def test_loops_are_stopped_together_at_the_limit():
    turned: list[str] = []
    with counted(turned):
        stopped = [is_stopped_at(900), is_stopped_at(900)]
    assert (stopped, turned) == ([False, True], ["goes_round"])


def test_threads_that_run_already_are_not_counted():
    thread, stopped = in_a_thread(begin := threading.Event(), 5_000)
    turned: list[str] = []
    with counted(turned):
        begin.set()
        thread.join()
        stopped.append(is_stopped_at(900))
    assert (stopped, turned) == ([False, False], [])


def test_threads_that_run_already_go_on_after_the_limit():
    thread, stopped = in_a_thread(begin := threading.Event(), 10)
    turned: list[str] = []
    with counted(turned):
        stopped.append(is_stopped_at(2_000))
        begin.set()
        thread.join()
    assert (stopped, turned) == ([True, False], ["goes_round"])


def test_a_thread_that_the_code_starts_is_counted():
    turned: list[str] = []
    (begin := threading.Event()).set()
    with counted(turned):
        thread, stopped = in_a_thread(begin, 2_000)
        thread.join()
    assert (stopped, turned) == ([True], ["goes_round"])


def test_modules_can_be_imported_after_the_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with counted(turned := []), redirect_stdout(StringIO()):
        stopped = is_stopped_at(2_000)
        import this
    assert (stopped, turned) == (True, ["goes_round"])
    assert this.c == 97
