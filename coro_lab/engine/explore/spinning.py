"""Where a task goes round in a loop: its line, and how the loop begins there."""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any


def loop_of(task: Any) -> str:
    """The loop in which a suspended task stands: 'line 12 of spin.py: while not box:'; its line alone if in none.

    That is the innermost loop, be it of a function that delegates to the one that has yielded.
    """
    frames = [frame for each in _chain(task) if (frame := each.gi_frame) is not None]
    if not frames:
        return "its last line"
    found = [(frame, at) for frame in reversed(frames) if (at := _begins(frame)) is not None]
    frame, line = found[0] if found else (frames[-1], frames[-1].f_lineno)
    file = Path(frame.f_code.co_filename)
    text = linecache.getline(frame.f_code.co_filename, line, frame.f_globals).strip()
    return f"line {line} of {file.name if file.is_file() else 'the cell'}" + (f": {text}" if text else "")


def _chain(task: Any) -> Iterator[Any]:
    """A generator, the one to which it delegates, and so on."""
    while inspect.isgenerator(task):
        yield task
        task = task.gi_yieldfrom


def _begins(frame: FrameType) -> int | None:
    """The first line of the innermost loop around the line of this frame, within its function."""
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    try:
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except SyntaxError:
        return None
    loops = [node for node in ast.walk(tree) if isinstance(node, (ast.While, ast.For))]
    around = [node.lineno for node in loops if node.lineno <= frame.f_lineno <= (node.end_lineno or 0)]
    return max((line for line in around if line > frame.f_code.co_firstlineno), default=None)
