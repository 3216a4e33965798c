"""Where a task goes round in a loop: its line, and how the loop begins there."""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from pathlib import PurePath
from types import FrameType
from typing import Any


def loop_of(task: Any) -> str:
    """The loop in which a suspended task stands: 'line 12: while not box: (spin.py)'; its line alone if in none."""
    frame = _innermost(task)
    if frame is None:
        return "its last line"
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    at = _begins(lines, frame.f_lineno)
    text = lines[at - 1].strip() if 0 < at <= len(lines) else ""
    return f"line {at} of {PurePath(frame.f_code.co_filename).name}" + (f": {text}" if text else "")


def _innermost(task: Any) -> FrameType | None:
    while inspect.isgenerator(task.gi_yieldfrom):
        task = task.gi_yieldfrom
    frame: FrameType | None = task.gi_frame
    return frame


def _begins(lines: list[str], line: int) -> int:
    """The first line of the innermost loop around this line."""
    try:
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except SyntaxError:
        return line
    loops = [node for node in ast.walk(tree) if isinstance(node, (ast.While, ast.For))]
    around = [node.lineno for node in loops if node.lineno <= line <= (node.end_lineno or 0)]
    return max(around, default=line)
