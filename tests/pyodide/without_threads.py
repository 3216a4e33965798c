"""A plugin of pytest for a Python without threads: asyncio as elsewhere, and what needs a thread is skipped.

A test is skipped if it has failed after it tried to start a thread or a process, to wait for one, or to open a socket.
The closing lines name the reason of each.
"""

from __future__ import annotations

import _thread
import asyncio
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Generator
from functools import wraps
from typing import Any

import pytest
from coro_lab_stored import BlockingLoop
from pyodide import webloop  # type: ignore[import-not-found]

LONGEST_SLEEP = 60  # seconds
OTHERWISE = {
    "test_the_trace_is_the_golden_one[nobody_fetches_it]": "the trace names the class of the loop",
    "test_a_lane_that_is_collected_is_told_also_beside_what_is_not_the_programs": "not told there; why is not known",
}
"""Tests that fail in Pyodide, and why. Where one of them passes, that fails."""
_tried: list[str] = []
"""What the test that runs has tried in vain."""


def pytest_configure(config: pytest.Config) -> None:
    """Let asyncio make loops, which Pyodide hands to the browser, and note what is tried."""
    config.addinivalue_line("filterwarnings", "ignore:unclosed event loop:ResourceWarning")  # of a test that is skipped
    asyncio._set_running_loop(None)
    asyncio.run, time.sleep = webloop._orig_run, _sleep
    asyncio.events._set_event_loop_policy(None)  # type: ignore[attr-defined]
    asyncio.unix_events._UnixDefaultEventLoopPolicy._loop_factory = BlockingLoop  # type: ignore[attr-defined]
    for home, name, what in (
        (_thread, "start_new_thread", "starts threads"),
        (_thread, "start_joinable_thread", "starts threads"),
        (threading, "_start_joinable_thread", "starts threads"),
        (subprocess.Popen, "__init__", "starts processes"),
        (socket.socket, "__init__", "opens sockets"),
    ):
        setattr(home, name, _noting(getattr(home, name), what))
    threading.Condition.wait = _noting(_refuse, "waits for threads")  # type: ignore[method-assign]


def _refuse(*_: object) -> None:
    raise RuntimeError("there is no other thread that could end this waiting")


def _sleep(seconds: float) -> None:
    """Only another thread could end a long sleep."""
    _noting(_refuse, "waits for threads")() if seconds > LONGEST_SLEEP else webloop._orig_sleep(seconds)


def _noting(call: Callable[..., Any], what: str) -> Callable[..., Any]:
    @wraps(call)
    def noting(*given: Any, **named: Any) -> Any:
        _tried.append(what)
        return call(*given, **named)

    return noting


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what would wait for ever for a thread that cannot be started, and name what is otherwise in Pyodide."""
    for item in items:
        if "in_a_pool" in item.name:
            item.add_marker(pytest.mark.skip("starts threads"))
        if reason := OTHERWISE.get(item.name):
            item.add_marker(pytest.mark.xfail(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """A test that has failed without what it needs counts as skipped."""
    report = yield
    if report.failed and _tried:
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, f"Skipped: {_tried[0]}")
    if call.when == "teardown":
        _tried.clear()
    return report
