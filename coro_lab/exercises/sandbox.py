"""Judging code that nobody has read: in a process of its own, so that whatever it does, the kernel stays alive.

The recording stops a loop of Python's after some events, and says where it was. What no recording can stop (a loop
inside a C function, a lock that is never released, all of the memory, an exit) ends with the process: by its limit of
time, its limit of memory, or its own death.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from coro_lab.exercises.catalogue import find
from coro_lab.exercises.exercise import NOT_YET, Exercise, Outcome
from coro_lab.exercises.judging import judge_here, not_attempted

SECONDS = 5.0  # a check takes well under one
MEGABYTES = 1_000
_STARTING = 20.0  # seconds that a slow machine may need to start Python and import the exercises
_LOOK_EVERY = 0.05  # seconds


def judge(exercise: Exercise, source: str, *, seconds: float = SECONDS) -> Outcome:
    """The outcome of this attempt, run in a process of its own for at most so many seconds."""
    if not exercise.is_attempted(source):
        return not_attempted()
    with tempfile.TemporaryDirectory(prefix="coro_lab_", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "answer").write_text(source, encoding="utf-8", errors="surrogatepass")
        ended = _run([sys.executable, "-m", __name__, exercise.name, folder, str(seconds)], folder, seconds + _STARTING)
        outcome, stuck = Path(folder) / "outcome", Path(folder) / "stuck"
        if outcome.exists():
            return Outcome.from_json(outcome.read_text(encoding="utf-8"))
        if stuck.exists() and (where := stuck.read_text(encoding="utf-8", errors="replace")):
            return Outcome(NOT_YET, _told_stuck(where, exercise.name, "\n" + source, seconds))
        return Outcome(NOT_YET, ended)


def main(name: str, folder: str, seconds: str) -> None:
    """What the process does: judge the answer in the folder and leave the outcome there, or where it got stuck."""
    source = (Path(folder) / "answer").read_text(encoding="utf-8", errors="surrogatepass")
    exercise = find(name)
    gc.freeze()  # each recording looks for the learner's functions among all objects; these here are none
    with (Path(folder) / "stuck").open("w") as stuck:
        faulthandler.dump_traceback_later(float(seconds), exit=True, file=stuck)  # tells the line even inside C code
        outcome = judge_here(exercise, source).to_json()
        faulthandler.cancel_dump_traceback_later()
    part = Path(folder) / "part"
    part.write_text(outcome, encoding="utf-8", errors="backslashreplace")
    part.replace(Path(folder) / "outcome")


def _told_stuck(where: str, name: str, source: str, seconds: float) -> str:
    """The sentence about an answer that had not ended in time, from what the watchdog saw."""
    found = re.search(rf'File ".*{re.escape(name)}-\w+\.py", line (\d+)', where)
    line = int(found[1]) if found else 0
    lines = source.splitlines()
    at = f" It was at line {line}, `{lines[line - 1].strip()}`." if 0 < line <= len(lines) else ""
    return (
        f"Your code was stopped after {seconds:g} seconds: something in it never ends.{at} "
        "Look for a loop without an end, a call that takes all of an endless iterator, or a wait for what never comes."
    )


def _run(command: list[str], folder: str, seconds: float) -> str:
    """Run it to its end or to a limit; returns the sentence for an end without an outcome."""
    package = str(Path(__file__).parent.parent.parent)
    paths = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    none = subprocess.DEVNULL
    env = {**os.environ, "PYTHONPATH": paths}
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdin=none, stdout=none, stderr=none, start_new_session=True
    )
    try:
        return _ended(process, seconds)
    finally:
        _end(process)


def _ended(process: subprocess.Popen[bytes], seconds: float) -> str:
    latest = time.monotonic() + seconds
    while True:
        try:
            process.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if time.monotonic() > latest:
                return f"Your code was stopped after {seconds:g} seconds: something in it never ends."
            if _megabytes(process) > MEGABYTES:
                return (
                    f"Your code was stopped when it had taken {MEGABYTES:,} MB of memory. "
                    "Look for a call that collects everything from an endless iterator."
                )
        else:
            return "Your code ended the whole process it ran in, so nothing can be said of it. Leave out what exits."


def _megabytes(process: subprocess.Popen[bytes]) -> float:
    try:
        return float(psutil.Process(process.pid).memory_info().rss) / 1e6
    except psutil.Error:
        return 0.0


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it, with whatever it has started: on POSIX all of them are in the session that it began."""
    process.kill()
    process.wait()
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
