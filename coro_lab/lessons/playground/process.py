"""run(): the pasted program in a separate process, to its end or to the limit of time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from coro_lab.errors import CoroLabError
from coro_lab.lessons.playground.finished import Finished, cut
from coro_lab.trace.trace import Trace

SECONDS = 60.0
_STARTING = 30.0  # seconds that a busy machine may need to start Python
_LOOK_EVERY = 0.02  # seconds
_SILENT = 2.0  # seconds, after which the reader is told that the program still runs
_GRACE = 10.0  # seconds in which an interrupted program writes its Trace


def run(source: str, *, lines: bool = True, seconds: float = SECONDS, say: Callable[[str], None] = print) -> Finished:
    """Run this source as a script in the current folder. `say` is told what the reader should know meanwhile.

    After `seconds`, or when the kernel is interrupted, the program is interrupted as by Ctrl-C, and its Trace so far is
    kept.
    """
    with (
        tempfile.TemporaryDirectory(prefix="coro_lab_", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile() as errors,
    ):
        program, into = Path(folder) / "program.py", Path(folder) / "trace.json"
        program.write_text(source, encoding="utf-8", errors="surrogatepass")
        process = _started([str(program), str(into), str(lines)], errors.fileno())
        try:
            _wait_for_beginning(process, into)
            remark = _wait(process, seconds, say)
        finally:
            _end(process)
        errors.seek(0)
        written = errors.read().decode("utf-8", "replace").replace(str(program), "your program")
        return Finished(_trace(into), written.strip(), remark)


def _started(words: list[str], errors: int) -> subprocess.Popen[bytes]:
    package = str(Path(__file__).parents[3])
    paths = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
    own_group = 0
    if sys.platform == "win32":
        own_group = subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        [sys.executable, "-m", "coro_lab.lessons.playground.child", *words],
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,
        creationflags=own_group,
    )


def _wait_for_beginning(process: subprocess.Popen[bytes], into: Path) -> None:
    """Wait until the program itself begins, which the file for its Trace shows; a busy machine starts Python slowly."""
    latest = time.monotonic() + _STARTING
    while not into.exists() and process.poll() is None and time.monotonic() < latest:
        time.sleep(_LOOK_EVERY)


def _wait(process: subprocess.Popen[bytes], seconds: float, say: Callable[[str], None]) -> str:
    """Wait for the end of the program; returns a sentence if something else ended it."""
    latest = time.monotonic() + seconds
    try:
        try:
            process.wait(min(_SILENT, seconds))
        except subprocess.TimeoutExpired:
            say(f"The program runs. It is stopped after {seconds:g} seconds, or by ■ above.")
            process.wait(max(latest - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        _interrupt(process)
        return f"Stopped: the program had not come to its end within {seconds:g} seconds."
    except KeyboardInterrupt:
        _interrupt(process)
        return "Stopped by you."
    return ""


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the program as Ctrl-C would, and give it time to write its Trace."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, and on systems with process groups all that it has started."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _trace(into: Path) -> Trace | None:
    try:
        trace = Trace.from_json(into.read_text(encoding="utf-8"))
    except (OSError, CoroLabError):
        return None
    return cut(trace)
