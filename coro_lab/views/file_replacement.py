"""replace_file(): replace a file as a whole, so that a reader finds either the old content or all of the new."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

_TRIES = 20  # Windows cannot replace a file while another program reads it
_BETWEEN = 0.05  # seconds


def replace_file(path: Path, content: bytes) -> None:
    """Replace the content of the file, or make the file. A symbolic link is kept: its target is replaced.

    Raises OSError if that is impossible (no such folder, a full disk, the path is not a file). Then the old file is
    unchanged, and no other file is left beside it.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise OSError(f"{target} is not a file")
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a network folder may report only now that it is full
        if target.exists():
            shutil.copymode(target, part)
        _rename(part, target)
    except OSError as error:
        _forget(part)
        if error.filename is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None  # the reader does not know the temporary file
    except BaseException:
        _forget(part)
        raise


def _forget(part: Path) -> None:
    with suppress(OSError):  # the folder is missing, or cannot be written
        part.unlink(missing_ok=True)


def _rename(part: Path, target: Path) -> None:
    for _ in range(_TRIES - 1):
        try:
            part.replace(target)
            return
        except PermissionError:
            if sys.platform != "win32":
                raise
        time.sleep(_BETWEEN)
    part.replace(target)
