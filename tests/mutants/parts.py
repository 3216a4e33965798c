"""The parts that are changed on purpose, and the tests of each."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]

# A mutant of a part is run against the part's own tests and no others: whoever changes a module runs these.
TESTS = {
    "coro_lab/recorder": (
        "test_recorder",
        "test_async",
        "test_async_properties",
        "test_closing",
        "test_forking",
        "test_golden",
        "test_greenlets",
        "test_interrupts",
        "test_journal",
        "test_loops_inside",
        "test_naming",
        "test_properties",
        "test_recording",
        "test_tasks",
        "test_territory",
        "test_threads",
        "test_transparency",
    ),
    "coro_lab/rewriting.py": ("test_rewriting", "test_rewriting_hooks"),
    "coro_lab/stepper": ("test_stepper",),
    "coro_lab/scheduler.py": ("test_scheduler",),
    "coro_lab/interleaving": (
        "test_choosing",
        "test_decorated",
        "test_equal_states",
        "test_interleaving",
        "test_lattice",
        "test_merging",
        "test_patience",
        "test_preemption",
        "test_preemption_by_threads",
        "test_spinning",
        "test_sync",
        "test_waiting",
    ),
    "coro_lab/microscope.py": ("test_microscope", "test_awaits_in_words"),
    "coro_lab/traceformat.py": ("test_events", "test_trace_format"),
}


# What is there for later versions of Python only: on an earlier one its mutants are not tried.
SINCE = {("coro_lab/rewriting.py", "_reporting_close"): (3, 13)}


def part_of(file: str) -> str:
    """The part that a file belongs to; KeyError where it belongs to none."""
    return next(part for part in TESTS if f"{file}/".startswith(f"{part}/"))


def files(wanted: str = "") -> list[str]:
    """The source files below this folder, or this one file, as far as they belong to a part; all by default."""
    found = [path for part in TESTS for path in sorted((ROOT / part).glob("*.py")) or [ROOT / part]]
    names = [path.relative_to(ROOT).as_posix() for path in found]
    return [name for name in names if f"{name}/".startswith(f"{wanted.rstrip('/')}/" if wanted else "")]
