"""Judging unknown code in a separate process, so that the notebook's kernel survives all that the code does.

The recording stops an endless Python loop after some events, and says where it was. A recording cannot stop a loop
inside a C function, a wait for a lock, a use of all memory, or an exit: these end with the process, at its limit of
time or of memory, or because it died. Everything that the code has started ends with the check.

The outcome comes back through two files without a name, which the judged code cannot open: stdout takes the outcome,
stderr the line at which the code got stuck.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from coro_lab.lessons.checker.attempt import judge_safely, not_attempted
from coro_lab.lessons.checker.catalogue import find
from coro_lab.lessons.checker.exercise import Exercise
from coro_lab.lessons.checker.outcome import NOT_YET, Outcome
from coro_lab.lessons.checker.process_tree import ProcessTree, continue_supervised, end_descendants

SECONDS = 5.0  # a check takes well under one
MEGABYTES = 1_000
_STARTING = 20.0  # seconds that a slow machine may need to start Python and import the exercises
_GRACE = 2.0  # seconds that the process has after its limit to end itself
_LOOK_EVERY = 0.05  # seconds
_LARGEST = 10_000_000  # characters of an outcome with its run; of a larger one the run is left out
_STARTED = b"\n"


def judge(exercise: Exercise, source: str, *, seconds: float = SECONDS) -> Outcome:
    """The outcome of this attempt, run in a separate process for at most `seconds`."""
    if not exercise.is_attempted(source):
        return not_attempted()
    with (
        tempfile.TemporaryDirectory(prefix="coro_lab_", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile() as outcome,
        tempfile.TemporaryFile() as stuck,
    ):
        (Path(folder) / "answer").write_text(source, encoding="utf-8", errors="surrogatepass")
        ended = _run([sys.executable, "-m", __name__, exercise.name, folder, str(seconds)], folder, outcome, stuck)
        try:
            return Outcome.from_json(_text(outcome))
        except ValueError:
            pass
        if (where := _text(stuck)) and "Timeout" in where:
            ended = _explain_timeout(where, exercise.name, "\n" + source, seconds)
        return Outcome(NOT_YET, ended)


def main(name: str, folder: str, seconds: str) -> None:
    """Run in the separate process: judge the answer in the folder and write the outcome, or where it got stuck."""
    continue_supervised()
    judging, outcome, stuck = os.getpid(), _reserve(1), _reserve(2)
    source = (Path(folder) / "answer").read_text(encoding="utf-8", errors="surrogatepass")
    exercise = find(name)
    gc.freeze()  # a recording searches all objects for the learner's functions, and need not search these
    os.write(outcome, _STARTED)
    faulthandler.dump_traceback_later(float(seconds), exit=True, file=stuck)  # finds the line even inside C code
    found = _judge_as_json(exercise, source)
    faulthandler.cancel_dump_traceback_later()
    if os.getpid() == judging:  # not in a copy of this process that the answer has forked
        with os.fdopen(outcome, "wb") as file:
            file.write(found.encode("utf-8", "backslashreplace"))
    end_descendants()  # if no supervisor does it
    os._exit(0)  # without waiting for the answer's threads, and without calling its exit handlers


def _judge_as_json(exercise: Exercise, source: str) -> str:
    found = judge_safely(exercise, source)
    text = found.to_json()
    return text if len(text) <= _LARGEST else Outcome(found.status, found.reason).to_json()


def _reserve(number: int) -> int:
    """A new descriptor of the file with this descriptor; what is written to the old one is dropped from now on."""
    ours = os.dup(number)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, number)
    os.close(nowhere)
    return ours


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _explain_timeout(where: str, name: str, source: str, seconds: float) -> str:
    """The sentence about an answer that did not end in time; `where` is the traceback that faulthandler wrote."""
    found = re.search(rf'File ".*{re.escape(name)}-\w+\.py", line (\d+)', where)
    line = int(found[1]) if found else 0
    lines = source.splitlines()
    at = f" It was at line {line}, `{lines[line - 1].strip()}`." if 0 < line <= len(lines) else ""
    return (
        f"Your code was stopped: it had not come to its end within {seconds:g} seconds.{at} "
        "What is asked for takes less than one. Look for a loop over far too much or without an end, a call that takes "
        "all of an endless iterator, or a wait for what never comes."
    )


def _run(command: list[str], folder: str, outcome: IO[bytes], stuck: IO[bytes]) -> str:
    """Run the command to its end or to a limit, in an empty folder; returns the reason if it has no outcome."""
    package = str(Path(__file__).parents[3])
    paths = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)
    work = Path(folder) / "work"
    work.mkdir()
    env = {**os.environ, **temporary, "PYTHONPATH": paths}
    tree = ProcessTree(command, str(work), env, stdout=outcome, stderr=stuck)
    try:
        return _wait(tree, outcome, float(command[-1]))
    finally:
        tree.end()


def _wait(tree: ProcessTree, outcome: IO[bytes], seconds: float) -> str:
    """Wait until the process ends or reaches a limit; returns the reason in case it leaves no outcome."""
    latest, started = time.monotonic() + _STARTING, False
    while True:
        try:
            tree.process.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if not started and os.fstat(outcome.fileno()).st_size:
                latest, started = time.monotonic() + seconds + _GRACE, True
            if time.monotonic() > latest:
                return f"Your code was stopped: it had not come to its end within {seconds:g} seconds."
            if tree.megabytes() > MEGABYTES:
                return (
                    f"Your code was stopped when it had taken {MEGABYTES:,} MB of memory. "
                    "Look for a call that collects everything from an endless iterator."
                )
        else:
            return (
                "Your code ended the whole process it ran in, or closed files that are not its own, "
                "so nothing can be said of it. Leave out what exits or closes."
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
