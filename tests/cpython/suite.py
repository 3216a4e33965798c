"""One of CPython's suites in this process: what comes of each of its tests, alone or recorded.

    python -m tests.cpython.suite SUITE alone|recorded|without-lines OUTCOME.json

A suite is a file of the standard library, and code from there is not recorded; so a copy runs, in a temporary folder.
"""

from __future__ import annotations

import importlib
import json
import shutil
import sys
import tempfile
import unittest
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from coro_lab import Trace, record

MAX_EVENTS = 2_000_000  # more than any of these tests makes
WAYS = ("alone", "recorded", "without-lines")


def file_of(suite: str) -> Path | None:
    """The suite's file in the standard library; None where Python's tests are not installed."""
    spec = find_spec(f"test.{suite}") if find_spec("test") else None
    return Path(spec.origin) if spec and spec.origin else None


def copy_of(suite: str, folder: Path) -> str:
    """The name of a module in `folder` with the suite's text; folders that stand beside the suite are there by name."""
    file = file_of(suite)
    assert file is not None, f"{suite} is not installed"
    shutil.copy(file, folder)
    for neighbour in file.parent.iterdir():
        if neighbour.is_dir():
            (folder / neighbour.name).mkdir()
    return file.stem


def tests_of(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    """Each single test, in the order in which unittest runs them."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        else:
            yield test


def verdict(result: unittest.TestResult) -> str:
    """What came of one test in a word; where it has subtests, the worst of theirs."""
    words = {
        "error": result.errors,
        "fail": result.failures,
        "unexpected success": result.unexpectedSuccesses,
        "skip": result.skipped,
        "expected failure": result.expectedFailures,
    }
    return next((word for word, found in words.items() if found), "ok")


def recorded(test: unittest.TestCase, *, lines: bool) -> tuple[str, int]:
    """The verdict of a test while it is recorded, or what made the recording less than whole; and its events."""
    result = unittest.TestResult()
    try:
        trace: Trace = record(test, result, lines=lines, max_events=MAX_EVENTS)
    except BaseException as error:
        return f"record raised {type(error).__name__}: {error}", 0
    if trace.error:
        return f"ended by {trace.error!r}", len(trace.events)
    return trace.cut or verdict(result), len(trace.events)


def outcome(test: unittest.TestCase, way: str) -> tuple[str, int]:
    """The verdict of a test, and the number of events that were recorded."""
    if way != "alone":
        return recorded(test, lines=way == "recorded")
    result = unittest.TestResult()
    test(result)
    return verdict(result), 0


def main(suite: str, way: str, file: str) -> None:
    """Run the suite in one of the three ways, and write {test: [verdict, events]} to the file."""
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        module = importlib.import_module(copy_of(suite, Path(folder)))
        tests = tests_of(unittest.defaultTestLoader.loadTestsFromModule(module))
        outcomes = {test.id(): outcome(test, way) for test in tests}
    Path(file).write_text(json.dumps(outcomes), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
