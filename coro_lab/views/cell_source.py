"""The source of a cell whose code is run by a magic."""

from __future__ import annotations

from typing import Any


def keep_source(ipython: Any, magic: str, cell: str, source: str) -> str:
    """Show this source in tracebacks as that of the cell which is running; returns the file name to compile it with.

    The first line replaces the magic's line, so line numbers match the cell.
    """
    running = ipython.displayhook.exec_result  # the count of the shell is that of the next cell already
    number = ipython.execution_count if running is None else running.execution_count
    name: str = ipython.compile.cache(source, number, raw_code=f"# {magic}\n{cell}")
    return name
