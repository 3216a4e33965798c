"""A file that an earlier version wrote opens in this one: tests/stored has one of each format, which nobody rewrites.

A new version of a format gets another file here. The trace of format 1 is beside its own tests (tests/trace).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from coro_lab import Kind, Trace, cancels, cores, costs
from coro_lab.lessons import learner_progress
from coro_lab.lessons.progress_file import LearnerProgress, ProgressFile
from coro_lab.measure.cores import survey_results
from coro_lab.measure.costs import results
from coro_lab.trace import codec
from tests.places import ROOT

STORED = ROOT / "tests" / "stored"


def stored(name: str) -> str:
    return (STORED / name).read_text(encoding="utf-8")


def test_there_is_a_file_of_each_format_that_is_written_today():
    written = {
        "trace": codec.VERSION,
        "progress": learner_progress.VERSION,
        "costs": results.VERSION,
        "survey": survey_results.VERSION,
    }
    assert {f"{kind}_{version}.json" for kind, version in written.items()} <= {file.name for file in STORED.iterdir()}


def test_a_trace_of_format_3():
    trace = Trace.from_json(stored("trace_3.json"))
    assert f"{trace.text()}\n" == stored("trace_3.txt")
    assert {one.outcome for one in cancels(trace).found} == {"raised it", "never ran", "took it back"}
    assert Trace.from_json(trace.to_json()) == trace


def test_a_trace_of_format_2():
    trace = Trace.from_json(stored("trace_2.json"))
    assert f"{trace.text()}\n" == stored("trace_2.txt")
    assert [lane.name for lane in trace.lanes] == ["bounded_queue", "producer", "consumer"]
    assert trace.driver == "event loop" and trace.output.startswith("put 1\ngot 1\n")
    assert next(event for event in trace.events if event.kind is Kind.AWAIT).line is not None
    assert Trace.from_json(trace.to_json()) == trace


def test_the_progress_of_a_learner_of_version_1(tmp_path: Path):
    kept = ProgressFile(tmp_path)
    shutil.copy(STORED / "progress_1.json", kept.path)
    exercises = {"echo": "correct", "averager": "not yet"}
    assert kept.read() == LearnerProgress(exercises, {"Who runs next?": "right", "What is printed?": "skipped"})
    assert kept.keep_exercise("averager", "correct") == ""
    assert kept.read().exercises == {"echo": "correct", "averager": "correct"}


def test_measured_costs_of_version_1():
    measured = costs.Costs.from_json(stored("costs_1.json"))
    assert measured.mechanisms == ("function call", "greenlet")
    assert measured.ns("function call", 1) == 24.8
    assert [gap.reason for gap in measured.gaps] == ["greenlet is not installed"]
    assert json.loads(measured.to_json()) == json.loads(stored("costs_1.json"))


def test_a_survey_of_version_1():
    surveyed = cores.Survey.from_json(stored("survey_1.json"))
    assert len(surveyed.cells) == 6 and surveyed.missing == ((4, 25),)
    assert json.loads(surveyed.to_json()) == json.loads(stored("survey_1.json"))
