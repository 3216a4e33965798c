"""`make cpython` says it when a verdict differs, when a known difference is gone, and when nothing was recorded."""

import unittest
from pathlib import Path

import pytest

from tests.cpython import __main__ as cpython
from tests.cpython.differences import KNOWN, Difference
from tests.cpython.suite import copy_of, file_of, outcome

KNOWN_ONE = {"t.two": Difference("t.two", alone="ok", recorded="fail", why="for a reason")}
ALONE = {"t.one": ("ok", 0), "t.two": ("ok", 0)}


def problems(recorded, known=KNOWN_ONE, alone=ALONE):
    return cpython.problems("t", "with lines", alone, recorded, known)


def test_a_known_difference_is_not_a_problem():
    assert problems({"t.one": ("ok", 5), "t.two": ("fail", 5)}) == []


@pytest.mark.parametrize("now", ["error", "ok", "record raised ValueError: 1"])
def test_a_known_difference_with_another_verdict_is_reported(now):
    (told,) = problems({"t.one": ("ok", 5), "t.two": (now, 5)}, KNOWN_ONE)[:1]
    assert "t.two" in told


def test_a_new_difference_is_reported_with_both_verdicts():
    assert problems({"t.one": ("error", 5), "t.two": ("fail", 5)}) == [
        "t.one (with lines): alone ok, recorded error; that is not in tests/cpython/differences.py"
    ]


def test_a_test_that_was_not_run_is_a_difference():
    assert "recorded not run" in problems({"t.two": ("fail", 5)})[0]


def test_a_known_difference_of_a_test_that_is_skipped_here_is_not_expected():
    skipped = {"t.two": ("skip", 0)}
    assert problems({"t.two": ("skip", 1)}, alone=skipped) == []


def test_a_recording_that_saw_nothing_is_reported():
    assert problems({"t.one": ("ok", 0)}, known={}, alone={"t.one": ("ok", 0)}) == [
        "t (with lines): nothing was recorded"
    ]


def test_each_known_difference_is_of_one_of_the_suites_and_says_why():
    assert all(difference.test.partition(".")[0] in cpython.SUITES and difference.why for difference in KNOWN)


def test_missing_tests_of_python_are_reported(monkeypatch, capsys):
    monkeypatch.setattr(cpython, "file_of", lambda suite: None)
    assert cpython.main([]) == 0
    assert capsys.readouterr().out.startswith("Skipped: this Python comes without its tests")


def test_a_suite_that_does_not_exist_has_no_file():
    assert file_of("test_of_nothing") is None


def test_a_suite_is_copied_out_of_the_standard_library(tmp_path: Path):
    if file_of("test_yield_from") is None:
        pytest.skip("this Python comes without its tests")
    assert copy_of("test_yield_from", tmp_path) == "test_yield_from"
    assert (tmp_path / "test_yield_from.py").read_text() == file_of("test_yield_from").read_text()


class Verdicts(unittest.TestCase):
    def passes(self):
        assert list(iter("ab")) == ["a", "b"]

    def fails(self):
        self.fail()

    def errs(self):
        raise KeyError

    def skips(self):
        self.skipTest("not today")

    def has_subtests(self):
        for number in range(3):
            with self.subTest(number):
                assert number != 1

    @unittest.expectedFailure
    def fails_as_expected(self):
        self.fail()


@pytest.mark.parametrize("way", ["alone", "recorded", "without-lines"])
@pytest.mark.parametrize(
    "name, verdict",
    [
        ("passes", "ok"),
        ("fails", "fail"),
        ("errs", "error"),
        ("skips", "skip"),
        ("has_subtests", "fail"),
        ("fails_as_expected", "expected failure"),
    ],
)
def test_each_verdict_in_each_way(name, verdict, way):
    word, events = outcome(Verdicts(name), way)
    assert word == verdict
    assert (events > 0) == (way != "alone")
