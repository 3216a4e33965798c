"""Code that exists only as text: an answer, a test program."""

from __future__ import annotations

import ast
import hashlib
import linecache
import tempfile
import textwrap
import warnings
from pathlib import Path
from types import CodeType

from coro_lab.engine.recorder.rewriting import compile_quietly


def block(text: str) -> str:
    """Lines of code that were written indented between triple quotes, without the indentation.

    >>> block('''
    ...     def echo():
    ...         yield
    ... ''')
    'def echo():\\n    yield\\n'
    """
    lines = textwrap.dedent(text).strip("\n")
    return f"{lines}\n" if lines else ""


def tree_of(source: str) -> ast.Module:
    """The syntax tree of a source, without the warnings that running it gives. Raises what `ast.parse` raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def compiled(source: str, name: str, *, flags: int = 0) -> CodeType:
    """The code of this source, under a file name whose lines can be looked up. Raises SyntaxError.

    No such file is made. The name depends on the source, for equal code of two names would be one to a recording.
    """
    mark = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    filename = str(Path(tempfile.gettempdir()) / "coro_lab" / f"{name}-{mark}.py")
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    return compile_quietly(source, filename, flags=flags)
