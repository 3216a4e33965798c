"""progress_map(): the chapters, and what the learner has done in each."""

from __future__ import annotations

from typing import Any

import traitlets

from coro_lab.lessons.checker.catalogue import Chapter, chapters
from coro_lab.lessons.progress_file import LearnerProgress, ProgressFile
from coro_lab.lessons.widgets.learning import STYLE_SHEET, module
from coro_lab.views.widgets.base import LabWidget


class ProgressMap(LabWidget):
    """The map, made from the progress file beside the notebook. Its repr does not depend on the progress."""

    _esm = module("place", "chapters")
    _css = STYLE_SHEET

    chapters: Any = traitlets.List().tag(sync=True)  # one line of the map each, as the front end shows it
    note = traitlets.Unicode("").tag(sync=True)  # a sentence about progress that cannot be read

    def __init__(self) -> None:
        progress = ProgressFile().read()
        rows = [row(chapter, progress) for chapter in chapters()]
        super().__init__(chapters=rows, note=progress.note)

    def __repr__(self) -> str:
        lines = (f"\n  {_title(chapter)}: {len(chapter.exercises)} exercises" for chapter in chapters())
        return f"The chapters and your progress:{''.join(lines)}"


def row(chapter: Chapter, progress: LearnerProgress) -> dict[str, str]:
    """One line of the map."""
    correct = sum(progress.exercises.get(each.name) == "correct" for each in chapter.exercises)
    tried = sum(each.name in progress.exercises for each in chapter.exercises)
    made = sum(question in progress.predictions for question in chapter.predictions)
    todo = len(chapter.exercises) + len(chapter.predictions)
    state = "✓ done" if correct + made == todo else "under way" if tried + made else "not begun"
    return {
        "title": _title(chapter),
        "notebook": chapter.notebook,
        "exercises": f"{correct} of {len(chapter.exercises)} correct",
        "predictions": f"{made} of {len(chapter.predictions)} made",
        "state": state,
    }


def progress_map() -> ProgressMap:
    """The map of the chapters, with the reader's progress in each: a widget.

    The progress is read from the file beside the notebook, in the folder in which Python runs.

    >>> print(repr(progress_map()).splitlines()[0])
    The chapters and your progress:
    """
    return ProgressMap()


def _title(chapter: Chapter) -> str:
    return f"{chapter.number} · {chapter.title}"
