"""Which code is the learner's: all that is neither Python's, nor an installed package's, nor Coro Lab's own."""

from __future__ import annotations

import functools
import linecache
import os
import site
import sysconfig
from inspect import CO_NEWLOCALS, CO_OPTIMIZED
from pathlib import Path
from types import CodeType

from coro_lab.own_builtins import keep_builtins

keep_builtins(globals())


def _foreign_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {*site.getsitepackages(), site.getusersitepackages(), str(Path(__file__).parent.parent)}
    return tuple(os.path.realpath(folder) + os.sep for folder in folders)


_FOREIGN = _foreign_folders()


@functools.cache
def is_learners_file(filename: str) -> bool:
    """Whether code with this file name is the learner's: outside the foreign folders, or a cell with a source."""
    if filename.startswith("<"):
        return filename.startswith(("<doctest ", "<stdin", "<python-input", "<ipython-input")) and bool(
            linecache.getlines(filename)
        )
    return not os.path.realpath(filename).startswith(_FOREIGN)


def is_learners(code: CodeType) -> bool:
    """Whether a lane is drawn for this code: the learner's, and neither the body of a class nor type parameters."""
    is_function = bool(code.co_flags & (CO_OPTIMIZED | CO_NEWLOCALS)) and not code.co_name.startswith("<generic param")
    return is_learners_file(code.co_filename) and (is_function or is_top(code))


def is_top(code: CodeType) -> bool:
    """Whether this is the code of a whole cell or module."""
    return code.co_name in ("<module>", "<cell line: 1>") or code.co_name.startswith("<cell line")
