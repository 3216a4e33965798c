"""keep_source(): the source of a cell that a magic runs."""

from __future__ import annotations

from typing import Any


def keep_source(ipython: Any, magic: str, cell: str, source: str) -> str:
    """Make tracebacks show this source for the running cell; returns the file name to compile the source with.

    The first line replaces the magic's line, so line numbers match the cell.
    """
    running = ipython.displayhook.exec_result  # the shell's own count is already that of the next cell
    number = ipython.execution_count if running is None else running.execution_count
    name: str = ipython.compile.cache(source, number, raw_code=f"# {magic}\n{cell}")
    return name
