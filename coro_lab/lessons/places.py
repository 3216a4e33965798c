"""Where something stands in the course: the notebook and the section of an exercise or a question."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

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


class NotebookCell(NamedTuple):
    """A cell of a notebook."""

    kind: str  # markdown, code or raw
    source: str
    place: Location


def place_of(name: str) -> Location | None:
    """Where this exercise, question or quiz stands; None if it is not of the course."""
    for chapter in chapters():
        if name in chapter.predictions:
            return _cell(chapter, name)
        if any(exercise.name == name for exercise in chapter.exercises):
            return _cell(chapter, f"%%check {name}\n", f'parsons("{name}")')
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


def all_cells() -> tuple[NotebookCell, ...]:
    """Every cell of every notebook, in reading order; empty without notebooks."""
    names = {file.stem for folder in _folders() for file in folder.glob("[0-9][0-9]*-*.ipynb")}
    return tuple(cell for name in sorted(names) for cell in cells_of(name))


def cells_of(notebook: str) -> tuple[NotebookCell, ...]:
    """The cells of the learner's copy in the current folder, or else of the shipped one; empty without either."""
    for folder in _folders():
        file = folder / f"{notebook}.ipynb"
        try:
            return _read(file, file.stat().st_mtime_ns)
        except OSError:
            continue
    return ()


def _cell(chapter: Chapter, *texts: str) -> Location:
    """The first cell in which one of these texts stands; the notebook as a whole if no cell has them."""
    cells = cells_of(chapter.notebook)
    found = (cell.place for cell in cells if any(text in f"{cell.source}\n" for text in texts))
    return next(found, Location(chapter.notebook))


def _folders() -> list[Path]:
    """Where notebooks are looked for: in the current folder, then among those that ship with Coro Lab."""
    try:
        return [Path(), shipped_folder()]
    except NotebookFolderError:
        return [Path()]


@lru_cache(maxsize=64)
def _read(file: Path, _: int) -> tuple[NotebookCell, ...]:
    """The cells of this file, which is read again after a change; none if it is damaged."""
    try:
        return tuple(_with_headings(file.stem, json.loads(file.read_text(encoding="utf-8"))["cells"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()


def _with_headings(notebook: str, cells: list[dict[str, Any]]) -> Iterator[NotebookCell]:
    heading = ""
    for cell in cells:
        source = "".join(cell["source"])
        found = re.findall(r"^#+ +(.*\S)", source, re.MULTILINE) if cell["cell_type"] == "markdown" else []
        heading = found[-1].replace("`", "") if found else heading
        yield NotebookCell(cell["cell_type"], source, Location(notebook, heading, str(cell.get("id", ""))))
