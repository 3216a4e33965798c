"""Code that exists only as text, without a file: an answer, a test program."""

from __future__ import annotations

import hashlib
import linecache
import tempfile
import textwrap
from pathlib import Path
from types import CodeType

from coro_lab.engine.recorder.rewriting import compile_quietly


def block(text: str) -> str:
    """Lines of code from between triple quotes, without their common indentation.

    >>> block('''
    ...     def echo():
    ...         yield
    ... ''')
    'def echo():\\n    yield\\n'
    """
    lines = textwrap.dedent(text).strip("\n")
    return f"{lines}\n" if lines else ""


def compiled(source: str, name: str) -> CodeType:
    """The code of this source, under a file name whose lines can be looked up. Raises SyntaxError.

    No file is written. A recording takes equal code for the same code, so equal sources get the same file name.
    """
    mark = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    filename = str(Path(tempfile.gettempdir()) / "coro_lab" / f"{name}-{mark}.py")
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    return compile_quietly(source, filename)
