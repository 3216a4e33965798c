"""Where a task goes round in a loop, as far as its source shows it."""

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
    """The loop in which a task is suspended: 'line 12 of spin.py: while not box:'. Outside a loop, its line alone.

    It is the innermost loop; where the function that has yielded has none, that of a function delegating to it.
    """
    place = _place_of_loop(task)
    if place is None:
        return "its last line"
    frame, line = place
    file = Path(frame.f_code.co_filename)
    text = linecache.getline(frame.f_code.co_filename, line, frame.f_globals).strip()
    return f"line {line} of {file.name if file.is_file() else 'the cell'}" + (f": {text}" if text else "")


def line_of(task: Any) -> int | None:
    """The line of that loop, from 1; None for a task that has ended."""
    place = _place_of_loop(task)
    return None if place is None else place[1]


def is_in_loop(task: Any) -> bool:
    """Whether a task is suspended in a loop, as far as its source shows it."""
    return any(_first_line(each.gi_frame) is not None for each in _chain(task) if each.gi_frame is not None)


def _place_of_loop(task: Any) -> tuple[FrameType, int] | None:
    frames = [frame for each in _chain(task) if (frame := each.gi_frame) is not None]
    if not frames:
        return None
    found = [(frame, at) for frame in reversed(frames) if (at := _first_line(frame)) is not None]
    return found[0] if found else (frames[-1], frames[-1].f_lineno)


def _chain(task: Any) -> Iterator[Any]:
    """A generator, the one to which it delegates, and so on."""
    while inspect.isgenerator(task):
        yield task
        task = task.gi_yieldfrom


def _first_line(frame: FrameType) -> int | None:
    """The first line of the innermost loop around the line of this frame, within its function."""
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    try:
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except SyntaxError:
        return None
    loops = [node for node in ast.walk(tree) if isinstance(node, (ast.While, ast.For))]
    around = [node.lineno for node in loops if node.lineno <= frame.f_lineno <= (node.end_lineno or 0)]
    return max((line for line in around if line > frame.f_code.co_firstlineno), default=None)
