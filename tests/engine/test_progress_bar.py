"""The bar is there while something runs, and nothing of it stays."""

import io
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from coro_lab.engine.progress_bar import EMPTY, progress


def test_a_bar_that_is_not_shown_takes_what_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("measuring", shown=False) as report:
        report(0.5, "half")
    assert capsys.readouterr() == ("", "")


def test_where_there_is_no_terminal_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("measuring") as report:
        report(0.5, "half")
        report(7.0, "too much")
    assert capsys.readouterr() == ("", "")


def test_in_a_terminal_the_bar_says_what_is_done_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress("measuring") as report:
        report(0.5, "send, 10 tasks")
    assert "measuring" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")


@pytest.mark.integration
def test_in_a_notebook_the_display_ends_as_it_began_also_after_an_error() -> None:
    source = """
from coro_lab.engine.progress_bar import progress
for error in (None, KeyError):
    try:
        with progress("measuring <b>") as report:
            report(0.5, "send, 10 tasks")
            if error: raise error
    except KeyError:
        print("as expected")
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    seen: list[str] = []

    class Watching(NotebookClient):
        def process_message(self, msg, cell, cell_index):  # type: ignore[no-untyped-def]
            if msg["msg_type"] == "update_display_data":
                seen.append(msg["content"]["data"]["text/html"])
            return super().process_message(msg, cell, cell_index)

    Watching(notebook, kernel_name="python3").execute()
    outputs = notebook.cells[0].outputs
    assert [output.data for output in outputs if output.output_type == "display_data"] == [EMPTY, EMPTY]
    assert [output.text for output in outputs if output.output_type == "stream"] == ["as expected\n"]
    assert "&lt;b&gt;" in seen[0]
    assert seen[-1] == ""


def test_without_tqdm_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)  # as where it is not installed
    with progress("measuring") as report:
        report(0.5, "half")
    assert capsys.readouterr() == ("", "")
