"""A process tree that can be ended as a whole.

A process of the tree may lose its parent or begin a new session, so looking for children does not find all of them:

1. On Linux the first process forks at once. The child does the work. The parent, the *supervisor*, is a "subreaper": it
   adopts every process of the tree that loses its parent. When the child ends or stdin is closed, the supervisor ends
   all that is left and exits with 0. So it outlives neither the check nor the kernel.
2. On other systems the process ends its descendants before it exits.
3. Any process that is left (for instance because the supervisor was killed) is found by an environment variable, which
   every process inherits unless it is given another environment.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from typing import IO

import psutil

_MARK = "CORO_LAB_CHECK"
_ALL_ENDED = 0  # exit status of the supervisor once everything has ended
_LOOK_EVERY = 0.02  # seconds
_ENDING = 5.0  # seconds to wait for killed processes; a process of another user cannot be killed
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class ProcessTree:
    """A process that runs a command, and all that it starts. The command must begin with `continue_supervised()`."""

    def __init__(self, command: list[str], folder: str, env: dict[str, str], *, stdout: IO[bytes], stderr: IO[bytes]):
        self._mark = secrets.token_hex(8)
        self._seen: set[psutil.Process] = set()  # every process that `_look` has found so far
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**env, _MARK: self._mark},
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )

    def megabytes(self) -> float:
        """The memory of the largest process."""
        self._look()
        return max(map(_megabytes, self._seen), default=0.0)

    def end(self) -> None:
        """End all processes of the tree."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_ENDING if sys.platform == "linux" else 0)
        if sys.platform == "linux" and self.process.returncode == _ALL_ENDED:
            return
        self._look()
        _kill(self._seen)
        self.process.wait()
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        latest = time.monotonic() + _ENDING
        while (marked := list(self._marked())) and time.monotonic() < latest:
            _kill(marked)
            psutil.wait_procs(marked, timeout=_LOOK_EVERY)

    def _look(self) -> None:
        """Find the first process, unless it has ended, and all descendants that have not lost their parents."""
        if self.process.returncode is None:
            with contextlib.suppress(psutil.Error):
                first = psutil.Process(self.process.pid)
                self._seen |= {first, *first.children(recursive=True)}

    def _marked(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(_MARK) == self._mark:
                    yield process


def continue_supervised() -> None:
    """Return in a child of this process, which becomes its supervisor; on systems other than Linux just return."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = os.fork()
    if child == 0:
        os.setsid()  # a signal to the child's whole group does not reach the supervisor
        return
    _wait_for(child)
    end_descendants()
    os._exit(_ALL_ENDED)


def _wait_for(child: int) -> None:
    """Return when the child has ended or stdin is closed."""
    while (ended := _reaped()) != child:  # any other process was adopted
        if ended == 0 and select.select([0], [], [], _LOOK_EVERY)[0]:
            return


def end_descendants() -> None:
    """End all descendants of this process, except those that have lost their parents."""
    latest = time.monotonic() + _ENDING
    while (left := psutil.Process().children(recursive=True)) and time.monotonic() < latest:
        _kill(left)
        with contextlib.suppress(ChildProcessError):
            while _reaped():
                pass


def _reaped() -> int:
    """The id of a child that has ended; 0 if none has. Raises ChildProcessError without children."""
    if sys.platform == "win32":
        return 0
    return os.waitpid(-1, os.WNOHANG)[0]


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _megabytes(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 1e6
    except psutil.Error:
        return 0.0
