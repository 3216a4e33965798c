"""A lock between processes, for a file that several of them read, change and write."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

TIMEOUT = 10.0  # seconds that a process waits for the lock, which each process holds for some milliseconds
_BETWEEN = 0.01  # seconds


@contextmanager
def lock_file(path: Path, *, timeout: float = TIMEOUT) -> Iterator[None]:
    """Hold the lock of this file during the block. The lock is another file beside it, which is removed afterwards.

    The operating system releases the lock of a process that crashes. Raises TimeoutError if another process holds the
    lock for more than `timeout` seconds. If locking is impossible (in a read-only folder, or on a network folder
    without locks) the block runs without a lock.
    """
    lock = path.with_name(f"{path.name}.lock")
    held = _acquire(lock, time.monotonic() + timeout)
    try:
        yield
    finally:
        if held is not None:
            _release(lock, held)


def _acquire(lock: Path, latest: float) -> BinaryIO | None:
    """The open lock file, which this process holds now; None if locking is impossible."""
    while True:
        try:
            file = lock.open("a+b")
        except OSError:
            return None
        try:
            _take(file)
        except (BlockingIOError, PermissionError):  # the first on POSIX, the second on Windows
            file.close()
        except OSError:
            file.close()
            return None
        else:
            if _is_at(lock, file):
                return file
            file.close()  # the process that held the lock before has removed this file
            continue
        if time.monotonic() > latest:
            raise TimeoutError(f"another program holds {lock.name}")
        time.sleep(_BETWEEN)


def _take(file: BinaryIO) -> None:
    if sys.platform == "win32":
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_at(lock: Path, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(lock.stat(), os.fstat(file.fileno()))
    except OSError:
        return False


def _release(lock: Path, held: BinaryIO) -> None:
    """Remove the lock file while it is held, or the lock file of another process might be removed.

    Windows cannot remove an open file, so there it is closed first.
    """
    with contextlib.suppress(OSError):
        if sys.platform != "win32":
            lock.unlink()
        held.close()
        if sys.platform == "win32":
            lock.unlink()
