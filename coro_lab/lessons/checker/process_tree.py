"""A process with everything that it starts, so that all of it can be ended, in whatever session it runs.

Two ways lead to what a process has started, since any of it may lose its parent or begin a session of its own:

1. On Linux the process forks at once. The child does the work; the parent, the *guard*, adopts whatever loses its
   parent (it is a "subreaper"), waits for the child, ends all that is left, and exits with 0. It does the same when its
   stdin is closed, so it outlives neither the check nor the kernel.
2. Everywhere else the process ends its descendants before it exits. What is left there, and where the guard was killed,
   is known by an environment variable, which every process inherits unless it is given another environment.
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
_GUARDED = 0  # how the guard exits once everything has ended
_LOOK_EVERY = 0.02  # seconds
_ENDING = 5.0  # seconds in which what was killed is gone, unless it belongs to another user
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class Family:
    """A process that runs a command, and all that it starts. The command's code begins with `stand_guard`."""

    def __init__(self, command: list[str], folder: str, env: dict[str, str], *, stdout: IO[bytes], stderr: IO[bytes]):
        self._mark = secrets.token_hex(8)
        self._seen: set[psutil.Process] = set()  # all that ever were in it when somebody looked
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
        """The memory of the largest of them."""
        self._look()
        return max(map(_megabytes, self._seen), default=0.0)

    def end(self) -> None:
        """End all of them."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_ENDING if sys.platform == "linux" else 0)
        if sys.platform == "linux" and self.process.returncode == _GUARDED:
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
        """See the first one, unless it has ended, and all that have not lost their parents."""
        if self.process.returncode is None:
            with contextlib.suppress(psutil.Error):
                first = psutil.Process(self.process.pid)
                self._seen |= {first, *first.children(recursive=True)}

    def _marked(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(_MARK) == self._mark:
                    yield process


def stand_guard() -> None:
    """Go on in a child of this process, which stands guard; where there is no guard, just go on."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = os.fork()
    if child == 0:
        os.setsid()  # a signal to the child's whole group does not reach the guard
        return
    _wait_for(child)
    end_descendants()
    os._exit(_GUARDED)


def _wait_for(child: int) -> None:
    """Until the child has ended, or until stdin is closed."""
    while (ended := _reaped()) != child:  # the others are those that were adopted
        if ended == 0 and select.select([0], [], [], _LOOK_EVERY)[0]:
            return


def end_descendants() -> None:
    """End all that this process has started, as far as it has not lost its parents."""
    latest = time.monotonic() + _ENDING
    while (left := psutil.Process().children(recursive=True)) and time.monotonic() < latest:
        _kill(left)
        with contextlib.suppress(ChildProcessError):
            while _reaped():
                pass


def _reaped() -> int:
    """The id of a child that has ended; 0 where none has. Raises ChildProcessError without children."""
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
