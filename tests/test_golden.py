"""Long traces as golden text: one file a program, read like code when it changes.

    pytest tests/test_golden.py --rewrite-golden

writes them anew. Where the language itself differs, a version of Python has a file of its own beside the common one.
"""

import io
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from coro_lab import record
from tests import programs

FOLDER = Path(__file__).parent / "golden"
LANGUAGE_DIFFERS = {"close_all_ways": (3, 13)}  # closing a delegating generator passes through its line
"""Programs that do something else from this version of Python on, and what that version is."""


def golden(name: str) -> Path:
    since = LANGUAGE_DIFFERS.get(name)
    version = f".{since[0]}.{since[1]}" if since and sys.version_info >= since else ""
    return FOLDER / f"{name}{version}.txt"


def told(program) -> str:
    with redirect_stdout(io.StringIO()):
        trace = record(program)
    legend = [f"{lane.name}: {lane.kind}, from line {lane.source.first_line}" for lane in trace.lanes]
    return "\n".join([*legend, "", trace.text(), ""])


@pytest.mark.parametrize("name", programs.GOLDEN)
def test_the_trace_is_the_golden_one(name, request):
    text = told(programs.GOLDEN[name])
    if request.config.getoption("--rewrite-golden"):
        golden(name).write_text(text, encoding="utf-8")
    assert text == golden(name).read_text(encoding="utf-8")


def test_every_golden_file_has_its_program():
    versions = {f"{name}.{major}.{minor}" for name, (major, minor) in LANGUAGE_DIFFERS.items()}
    assert {path.stem for path in FOLDER.glob("*.txt")} == {*programs.GOLDEN, *versions}
