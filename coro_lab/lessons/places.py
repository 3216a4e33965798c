"""Where something stands in the course: the notebook and the section of an exercise or a question."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from coro_lab.errors import NotebookFolderError
from coro_lab.lessons.checker.catalogue import Chapter, chapters
from coro_lab.lessons.notebook_folder import shipped_folder


class Location(NamedTuple):
    """A section of a notebook, for a link to it."""

    notebook: str  # '03-generators-and-send', without .ipynb
    heading: str = ""  # of the section; empty: the notebook as a whole
    cell: str = ""  # the id of the cell; empty: the beginning of the section

    def shown(self) -> dict[str, str]:
        """The fields, for the front end."""
        return self._asdict()


def place_of(name: str) -> Location | None:
    """Where this exercise, question or quiz stands; None if it is not of the course."""
    for chapter in chapters():
        if name in chapter.predictions:
            return _section(chapter, name)
        if any(exercise.name == name for exercise in chapter.exercises):
            return _section(chapter, f"%%check {name}\n", f'parsons("{name}")')
    return None


def next_after(name: str) -> tuple[str, Location] | None:
    """What comes after this exercise, in words, and where: an exercise of its notebook, or the next notebook."""
    every = chapters()
    for chapter, later in zip(every, [*every[1:], None], strict=True):
        names = [exercise.name for exercise in chapter.exercises]
        if name not in names:
            continue
        following = names[names.index(name) + 1 :]
        if following:
            place = place_of(following[0]) or Location(chapter.notebook)
            return f"Next exercise: {following[0]}", place
        return None if later is None else (f"Next notebook: {later.title}", Location(later.notebook))
    return None


def _section(chapter: Chapter, *texts: str) -> Location:
    """The section of the first cell in which one of these texts stands."""
    heading = ""
    for kind, source, cell in _cells(chapter.notebook):
        headings = re.findall(r"^#+ +(.*\S)", source, re.MULTILINE) if kind == "markdown" else []
        heading = headings[-1] if headings else heading
        if any(text in f"{source}\n" for text in texts):
            return Location(chapter.notebook, heading.replace("`", ""), cell)
    return Location(chapter.notebook)


def _cells(notebook: str) -> tuple[tuple[str, str, str], ...]:
    """The cells of the learner's copy in the current folder, or else of the shipped one; none if neither is there."""
    try:
        found = [folder / f"{notebook}.ipynb" for folder in (Path(), shipped_folder())]
        file = next(path for path in found if path.is_file())
        return _read(file, file.stat().st_mtime_ns)
    except (StopIteration, OSError, NotebookFolderError):
        return ()


@lru_cache(maxsize=32)
def _read(file: Path, _: int) -> tuple[tuple[str, str, str], ...]:
    """The kind, the source and the id of each cell; none if the notebook is damaged."""
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        return tuple((cell["cell_type"], "".join(cell["source"]), str(cell.get("id", ""))) for cell in cells)
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()
