"""What a reader gets where matplotlib is missing: a picture that shows itself once and can be saved."""

from __future__ import annotations

import sys
from os import PathLike
from pathlib import Path

from coro_lab.engine.progress_bar import in_notebook
from coro_lab.views.plots.svg.drawing import Drawing


class Picture:
    """A finished picture. Its methods are those of matplotlib that the course uses, and `svg` is the picture itself."""

    def __init__(self, drawing: Drawing, title: str) -> None:
        self._title = title
        self.svg = drawing.markup(title)
        if in_notebook():
            sys.modules["IPython"].display.display({"image/svg+xml": self.svg, "text/plain": repr(self)}, raw=True)

    def get_title(self, loc: str = "center") -> str:
        """The title; a picture has only one, whatever `loc` is."""
        return self._title

    @property
    def figure(self) -> Picture:
        """The picture itself, which is its whole figure."""
        return self

    def savefig(self, fname: str | PathLike[str]) -> None:
        """Write the SVG into this file."""
        Path(fname).write_text(self.svg, encoding="utf-8")

    def __repr__(self) -> str:
        return f"Picture({self._title!r})"
