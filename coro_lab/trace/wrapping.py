"""Text that fits: a cell's output is narrow beside JupyterLab's list of files, and breaks long lines within words."""

from __future__ import annotations

import textwrap

WIDTH = 88  # characters


def fitted(text: str) -> str:
    """This text, its long lines broken between words; further lines are indented by two spaces.

    >>> print(fitted("60 interleavings, 60 end in a deadlock; first " + "producer consumer " * 3))
    60 interleavings, 60 end in a deadlock; first producer consumer producer consumer
      producer consumer
    """
    return "\n".join(_broken(line) if len(line) > WIDTH else line for line in text.split("\n"))


def _broken(line: str) -> str:
    return textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
