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

PATIENCE = 10.0  # seconds that one process waits for the others; each holds the lock for some milliseconds
_BETWEEN = 0.01  # seconds


@contextmanager
def lock_file(path: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of this file during the block. The lock is a file beside it, which is removed afterwards.

    The operating system keeps who holds it, so a process that crashes holds it no longer. Raises TimeoutError where
    another process holds it for more than `patience` seconds. Where nothing can be locked (in a folder that cannot be
    written to, on a network folder without locks) the block runs without a lock.
    """
    lock = path.with_name(f"{path.name}.lock")
    held = _acquire(lock, time.monotonic() + patience)
    try:
        yield
    finally:
        if held is not None:
            _release(lock, held)


def _acquire(lock: Path, latest: float) -> BinaryIO | None:
    """The open lock file, which this process holds now; None where there is no locking."""
    while True:
        try:
            file = lock.open("a+b")
        except OSError:
            return None
        try:
            _take(file)
        except (BlockingIOError, PermissionError):  # POSIX says the one, Windows the other
            file.close()
        except OSError:
            file.close()
            return None
        else:
            if _is_at(lock, file):
                return file
            file.close()  # it was removed by the process that held it before
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
    """Remove the lock file while it is held, so that nobody removes a later one; Windows removes no open file."""
    with contextlib.suppress(OSError):
        if sys.platform != "win32":
            lock.unlink()
        held.close()
        if sys.platform == "win32":
            lock.unlink()
