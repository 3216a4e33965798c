"""Judging code that nobody has read: in a process of its own, so that whatever it does, the kernel stays alive.

The recording stops a loop of Python's after some events, and says where it was. What no recording can stop (a loop
inside a C function, a lock that is never released, all of the memory, an exit) ends with the process: by its limit of
time, its limit of memory, or its own death. With the check ends whatever the code has started.

The outcome comes back through two files without a name, which the code that is judged cannot open: stdout takes the
outcome, stderr the line at which it got stuck.
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

from coro_lab.lessons.checker.answer import message_of
from coro_lab.lessons.checker.catalogue import find
from coro_lab.lessons.checker.exercise import Exercise
from coro_lab.lessons.checker.judging import judge_here, not_attempted
from coro_lab.lessons.checker.outcome import NOT_YET, Outcome
from coro_lab.lessons.checker.process_family import Family, end_descendants, stand_guard

SECONDS = 5.0  # a check takes well under one
MEGABYTES = 1_000
_STARTING = 20.0  # seconds that a slow machine may need to start Python and import the exercises
_LINGERING = 2.0  # seconds after its limit in which the process must have ended itself
_LOOK_EVERY = 0.05  # seconds
_LARGEST = 10_000_000  # characters of an outcome with its run; beyond, the run is left out
_STARTED = b"\n"


def judge(exercise: Exercise, source: str, *, seconds: float = SECONDS) -> Outcome:
    """The outcome of this attempt, run in a process of its own for at most so many seconds."""
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
            ended = _told_stuck(where, exercise.name, "\n" + source, seconds)
        return Outcome(NOT_YET, ended)


def main(name: str, folder: str, seconds: str) -> None:
    """What the process does: judge the answer in the folder and write the outcome, or where it got stuck."""
    stand_guard()
    judging, outcome, stuck = os.getpid(), _kept_apart(1), _kept_apart(2)
    source = (Path(folder) / "answer").read_text(encoding="utf-8", errors="surrogatepass")
    exercise = find(name)
    gc.freeze()  # each recording looks for the learner's functions among all objects; these here are none
    os.write(outcome, _STARTED)
    faulthandler.dump_traceback_later(float(seconds), exit=True, file=stuck)  # tells the line even inside C code
    found = _judged(exercise, source)
    faulthandler.cancel_dump_traceback_later()
    if os.getpid() == judging:  # and no copy of it, which the answer has forked
        with os.fdopen(outcome, "wb") as file:
            file.write(found.encode("utf-8", "backslashreplace"))
    end_descendants()  # where no guard does it
    os._exit(0)  # whatever threads the answer has left behind, and whatever it asked to be called at the end


def _judged(exercise: Exercise, source: str) -> str:
    try:
        found = judge_here(exercise, source)
        text = found.to_json()
        return text if len(text) <= _LARGEST else Outcome(found.status, found.reason).to_json()
    except BaseException as error:
        told = f"{type(error).__name__}: {message_of(error)}".removesuffix(": ")
        reason = (
            f"Your code broke the check itself, which ended with {told}. Leave out what changes Python's own parts."
        )
        return Outcome(NOT_YET, reason).to_json()


def _kept_apart(number: int) -> int:
    """The file that this number stands for, under another number; from here on what goes to the old one is dropped."""
    ours = os.dup(number)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, number)
    os.close(nowhere)
    return ours


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _told_stuck(where: str, name: str, source: str, seconds: float) -> str:
    """The sentence about an answer that had not ended in time, from what the watchdog saw."""
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
    """Run it to its end or to a limit, in a folder of its own; returns the sentence for an end without an outcome."""
    package = str(Path(__file__).parents[3])
    paths = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)
    work = Path(folder) / "work"
    work.mkdir()
    family = Family(command, str(work), {**os.environ, **temporary, "PYTHONPATH": paths}, stdout=outcome, stderr=stuck)
    try:
        return _ended(family, outcome, float(command[-1]))
    finally:
        family.end()


def _ended(family: Family, outcome: IO[bytes], seconds: float) -> str:
    latest, started = time.monotonic() + _STARTING, False
    while True:
        try:
            family.process.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if not started and os.fstat(outcome.fileno()).st_size:
                latest, started = time.monotonic() + seconds + _LINGERING, True
            if time.monotonic() > latest:
                return f"Your code was stopped: it had not come to its end within {seconds:g} seconds."
            if family.megabytes() > MEGABYTES:
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
