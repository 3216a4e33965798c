"""show: what a stored trace holds, as text, as a page, as a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from coro_lab import Trace, record
from coro_lab.command_line.show import show_trace
from coro_lab.errors import CoroLabError, TraceFormatError
from tests.programs import produce_and_consume


@pytest.fixture(scope="module")
def trace() -> Trace:
    return record(produce_and_consume)


@pytest.fixture
def stored(trace: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("run.json").write_text(trace.to_json(), encoding="utf-8")
    return "run.json"


def test_without_options_the_text_is_printed(stored: str, trace: Trace, capfd: pytest.CaptureFixture[str]):
    capfd.readouterr()
    assert show_trace([stored]) == 0
    assert capfd.readouterr() == (f"{trace.text()}\n", "")


def test_with_options_files_are_written_and_nothing_is_printed(stored: str, capfd: pytest.CaptureFixture[str]):
    assert show_trace([stored, "-o", "run.html", "--timeline", "run.svg"]) == 0
    assert "<title>run.json</title>" in Path("run.html").read_text(encoding="utf-8")
    assert "<svg" in Path("run.svg").read_text(encoding="utf-8")
    assert capfd.readouterr().out == ""


def test_a_file_that_is_not_there_or_no_text_is_said_in_a_sentence(stored: str):
    with pytest.raises(CoroLabError, match="no.json cannot be read as a trace: No such file or directory."):
        show_trace(["no.json"])
    Path("run.json").write_bytes(b"\xff")
    with pytest.raises(CoroLabError, match="run.json cannot be read as a trace: .*invalid start byte"):
        show_trace(["run.json"])
    Path("run.json").write_text("[]")
    with pytest.raises(TraceFormatError, match="not a trace"):
        show_trace(["run.json"])


def test_an_output_that_cannot_be_written_is_refused(stored: str):
    with pytest.raises(CoroLabError, match="There is no folder"):
        show_trace([stored, "-o", "no/run.html"])
