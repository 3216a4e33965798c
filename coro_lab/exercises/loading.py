"""Code that exists only as text (an answer, a test program), made into code that a recording follows line by line."""

from __future__ import annotations

import itertools
import linecache
import tempfile
from pathlib import Path
from types import CodeType

from coro_lab.rewriting import compile_quietly

_NUMBERS = itertools.count()


def compiled(source: str, name: str) -> CodeType:
    """The code of this source, under a file name of its own whose lines can be looked up. Raises SyntaxError."""
    filename = str(Path(tempfile.gettempdir()) / "coro_lab" / f"{name}-{next(_NUMBERS)}.py")  # no such file is made
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    return compile_quietly(source, filename)
