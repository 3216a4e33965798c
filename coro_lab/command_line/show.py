"""python -m coro_lab show: print a stored trace, or write it as a page or a picture."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from coro_lab.command_line.outputs import STDOUT, Outputs, add_options, reason
from coro_lab.errors import CoroLabError
from coro_lab.trace.trace import Trace


def show_trace(words: Sequence[str]) -> int:
    """Show the trace in a file that `record --json` or Trace.to_json has written: as text, or as the options say."""
    parser = argparse.ArgumentParser("python -m coro_lab show", description=show_trace.__doc__, allow_abbrev=False)
    parser.add_argument("file", metavar="FILE", help="run.json")
    add_options(parser)
    options = parser.parse_args(words)
    outputs = Outputs.of(options)
    if not outputs.given():
        outputs = replace(outputs, text=STDOUT)
    trace = stored(options.file)
    try:
        outputs.write(trace, title=Path(options.file).name)
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())  # type: ignore[union-attr]
        return 1
    return 0


def stored(path: str) -> Trace:
    """The trace in this file. Raises CoroLabError if it cannot be read, TraceFormatError if it is not a trace."""
    try:
        return Trace.from_json(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CoroLabError(f"{path} cannot be read as a trace: {reason(error)}.") from None
