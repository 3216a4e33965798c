"""Long traces as golden text: one file a program, read like code when it changes.

    pytest tests/engine/recorder/test_golden.py --rewrite-golden

writes them anew. Where the language itself differs, a version of Python has a separate file beside the common one.
"""

import io
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from coro_lab import families, record
from tests import async_programs, programs
from tests.lines import within_functions

FOLDER = Path(__file__).parent / "golden"
PROGRAMS = {**programs.GOLDEN, **async_programs.GOLDEN}
LANGUAGE_DIFFERS = {
    "failing_task_group": (3, 13),  # a TaskGroup takes its cancellation back
    "group_in_a_child": (3, 13),
    "wait_for_too_late": (3, 13),  # its line begins anew behind the time limit
    "left_as_the_run_ends": (3, 13),  # the first step of aclose() passes a cancellation on
    "two_of_one": (3, 14),  # the variables of a function that has ended are cleared from the last to the first
}
"""Programs that do something else from this version of Python on, and what that version is."""


def golden(name: str) -> Path:
    since = LANGUAGE_DIFFERS.get(name)
    version = f".{since[0]}.{since[1]}" if since and sys.version_info >= since else ""
    return FOLDER / f"{name}{version}.txt"


def told(program) -> str:
    with redirect_stdout(io.StringIO()):
        trace = within_functions(record(program))
    kinds = [f"{lane.name}: {lane.kind}" + (f" of {lane.task}" if lane.task else "") for lane in trace.lanes]
    told_of = [repr(families(trace)), ""] if trace.families or trace.of(kind="lost") else []
    return "\n".join([*kinds, "", trace.text(), "", *told_of])


@pytest.mark.usefixtures("collected_only_when_told")
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_trace_is_the_golden_one(name, request):
    text = told(PROGRAMS[name])
    if request.config.getoption("--rewrite-golden"):
        golden(name).write_text(text, encoding="utf-8")
    assert text == golden(name).read_text(encoding="utf-8")


def test_every_golden_file_has_its_program():
    versions = {f"{name}.{major}.{minor}" for name, (major, minor) in LANGUAGE_DIFFERS.items()}
    assert {path.stem for path in FOLDER.glob("*.txt")} == {*PROGRAMS, *versions}
