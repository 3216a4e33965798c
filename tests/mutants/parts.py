"""The parts that are changed on purpose, and the tests of each."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]

# A mutant of a part is run against the part's own tests and no others: run these after changing the module.
TESTS = {
    "coro_lab/engine/recorder": (
        "engine/recorder/test_recorder",
        "engine/recorder/test_recorder_messages",
        "engine/recorder/test_async",
        "engine/recorder/test_async_properties",
        "engine/recorder/test_bindings",
        "engine/recorder/test_closing",
        "engine/recorder/test_small_facts",
        "engine/stepper/test_forking",
        "engine/recorder/test_golden",
        "engine/recorder/test_greenlets",
        "engine/recorder/test_interrupts",
        "engine/recorder/test_journal",
        "engine/recorder/test_loops_inside",
        "engine/recorder/test_lanes",
        "engine/recorder/test_properties",
        "engine/recorder/test_recording",
        "engine/recorder/test_tasks",
        "engine/recorder/test_user_code",
        "engine/recorder/test_threads",
        "engine/recorder/test_transparency",
    ),
    "coro_lab/engine/recorder/rewriting.py": ("engine/recorder/test_rewriting", "engine/recorder/test_rewriting_hooks"),
    "coro_lab/engine/stepper": ("engine/stepper/test_stepper", "engine/stepper/test_forking"),
    "coro_lab/engine/scheduler.py": ("engine/test_scheduler",),
    "coro_lab/engine/explore": (
        "engine/explore/test_counts",
        "engine/explore/test_decorated",
        "engine/explore/test_equal_states",
        "engine/explore/test_explore",
        "engine/explore/test_explore_messages",
        "views/plots/test_lattice",
        "engine/explore/test_state_search",
        "engine/explore/test_step_limit",
        "engine/explore/test_preemption",
        "engine/explore/test_preemption_by_threads",
        "engine/explore/test_spinning",
        "engine/explore/test_sync",
        "engine/explore/test_explore_progress",
        "engine/explore/test_lattice_states",
    ),
    "coro_lab/trace/awaits.py": ("trace/test_awaits", "trace/test_awaits_in_words"),
    "coro_lab/trace/codec.py": ("trace/test_trace", "trace/test_codec_and_player"),
}


# What is there for later versions of Python only: on an earlier one its mutants are not tried.
SINCE = {
    ("coro_lab/engine/recorder/rewriting.py", "_reporting_close"): (3, 13),
    ("coro_lab/engine/recorder/code_info.py", "CodeInfo.silent"): (3, 13),
    ("coro_lab/engine/recorder/checks.py", "Checks.suspends"): (3, 13),
    ("coro_lab/engine/recorder/checks.py", "Checks.ends"): (3, 13),
    ("coro_lab/engine/recorder/checks.py", "Checks._notice_closed"): (3, 13),
}


def part_of(file: str) -> str:
    """The part that a file belongs to; ValueError where it belongs to none."""
    return max((part for part in TESTS if f"{file}/".startswith(f"{part}/")), key=len)


def files(wanted: str = "") -> list[str]:
    """The source files below this folder, or this one file, as far as they belong to a part; all by default."""
    found = [(part, path) for part in TESTS for path in sorted((ROOT / part).rglob("*.py")) or [ROOT / part]]
    inside = [(part, path.relative_to(ROOT).as_posix()) for part, path in found]
    names = [name for part, name in inside if part_of(name) == part]
    return [name for name in names if f"{name}/".startswith(f"{wanted.rstrip('/')}/" if wanted else "")]
