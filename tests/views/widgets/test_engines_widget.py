"""Engines: what travels to the browser. How it toggles: browser/test_engines.py."""

from __future__ import annotations

import pytest

from coro_lab.engine.backends import ENGINES
from coro_lab.errors import UnknownNameError
from coro_lab.trace.trace import Trace
from coro_lab.views.widgets.engines import Engines, apart, compared


def A():
    print("1")
    yield
    print("2")


def B():
    got = yield "ask"
    print(got)


@pytest.mark.integration
def test_all_four_runs_travel_at_once_with_a_look_for_each_lane():
    widget = Engines(A, B)
    assert list(widget.runs) == list(ENGINES)
    for engine, run in widget.runs.items():
        assert Trace.from_json(run["trace"]) == widget.traces[engine]
        assert len(run["looks"]) == 2


@pytest.mark.integration
def test_the_toggle_is_a_trait_like_any_other():
    widget = Engines(A, B, engine="threads")
    assert widget.trace == widget.traces["threads"]
    widget.engine = "asyncio"
    assert widget.trace == widget.traces["asyncio"]


def helped():
    A_helper()
    yield


def A_helper():
    return 1


@pytest.mark.integration
def test_functions_that_a_program_calls_do_not_count_as_threads_or_processes():
    told = repr(Engines(helped, A)).splitlines()
    assert [line.rpartition(", ")[2] for line in told[1:]] == [
        "on one thread", "on one thread", "in 2 threads", "in 2 processes"
    ]  # fmt: skip


def babble():
    yield
    while True:
        print("more")


@pytest.mark.integration
def test_a_run_that_does_not_end_is_cut_and_says_what_was_written():
    widget = Engines(A, babble, max_events=40)
    said = {"The run was stopped after 40 events; Engines(..., max_events=...) sets another limit."}
    assert {trace.cut for trace in widget.traces.values()} == said


@pytest.mark.integration
def test_its_text_says_what_the_toggle_shows():
    assert repr(Engines(A, B)).splitlines() == [
        "Engines(A, B)",
        "  generators: the program as it is written; the scheduler resumes, on one thread",
        "  asyncio: 4 of 7 lines differ, by 49 characters; the event loop resumes, on one thread",
        "  threads: 2 of 7 lines differ, by 27 characters; the operating system resumes, in 2 threads",
        "  processes: 2 of 7 lines differ, by 27 characters; the operating system resumes, in 2 processes",
    ]


def test_what_differs_is_marked_word_by_word():
    assert list(compared("n = yield r\nsame", "n = await answer(r)\nsame")) == [
        [("n = ", False), ("await answer(", True), ("r", False), (")", True)],
        [("same", False)],
    ]


def test_lines_and_characters_are_counted():
    assert apart("a\nn = yield r", "a\nn = answer(r)") == (1, len("yield ") + len("answer()"))
    assert apart("a\nb", "a\nb") == (0, 0)


def test_an_engine_that_does_not_exist_is_named():
    with pytest.raises(UnknownNameError, match="There is no engine 'thread'.\n  Write one of: 'generators', 'asyncio'"):
        Engines(A, B, engine="thread")
    with pytest.raises(UnknownNameError, match="There is no engine 3"):
        Engines(A, B, engine=3)
