"""progress_map(): the chapters, what the learner has done in each, where to go on, and what to look at again."""

from __future__ import annotations

from typing import Any

import traitlets

from coro_lab.lessons.checker.catalogue import Chapter, chapters
from coro_lab.lessons.learner_progress import LearnerProgress
from coro_lab.lessons.places import place_of
from coro_lab.lessons.progress_file import ProgressFile
from coro_lab.lessons.widgets.learning import STYLE_SHEET, module
from coro_lab.views.widgets.base import LabWidget


class ProgressMap(LabWidget):
    """The map, made from the progress file beside the notebook. Its repr does not depend on the progress."""

    _esm = module("place", "chapters")
    _css = STYLE_SHEET

    chapters: Any = traitlets.List().tag(sync=True)  # one line of the map each, as the front end shows it
    last = traitlets.Dict().tag(sync=True)  # what was worked on last, and where it is; empty if nothing was
    doubts: Any = traitlets.List().tag(sync=True)  # the questions answered wrongly by somebody who was sure
    note = traitlets.Unicode("").tag(sync=True)  # a sentence about progress that cannot be read

    def __init__(self) -> None:
        progress = ProgressFile().read()
        rows = [row(chapter, progress) for chapter in chapters()]
        super().__init__(chapters=rows, last=stopped_at(progress), doubts=doubts(progress), note=progress.note)

    def __repr__(self) -> str:
        lines = (f"\n  {_title(chapter)}: {len(chapter.exercises)} exercises" for chapter in chapters())
        return f"The chapters and your progress:{''.join(lines)}"


def row(chapter: Chapter, progress: LearnerProgress) -> dict[str, str]:
    """One line of the map."""
    correct = sum(progress.exercises.get(each.name) == "correct" for each in chapter.exercises)
    tried = sum(each.name in progress.exercises for each in chapter.exercises)
    made = sum(question in progress.predictions for question in chapter.predictions)
    begun = any(title in progress.scores for title in chapter.predictions)
    right, answered = right_answers(chapter, progress)
    todo = len(chapter.exercises) + len(chapter.predictions)
    state = "✓ done" if correct + made == todo else "under way" if tried + made + begun else "not begun"
    return {
        "title": _title(chapter),
        "notebook": chapter.notebook,
        "exercises": f"{correct} of {len(chapter.exercises)}",
        "predictions": f"{made} of {len(chapter.predictions)}",
        "answers": f"{right} of {answered}" if answered else "",
        "state": state,
    }


def right_answers(chapter: Chapter, progress: LearnerProgress) -> tuple[int, int]:
    """How many questions of a chapter were answered rightly, and how many were answered; each of a quiz counts."""
    right = answered = 0
    for question in chapter.predictions:
        if question in progress.scores:
            score = progress.scores[question]
            right, answered = right + score.right, answered + score.answered
        elif progress.predictions.get(question, "skipped") != "skipped":
            right, answered = right + (progress.predictions[question] == "right"), answered + 1
    return right, answered


def stopped_at(progress: LearnerProgress) -> dict[str, str]:
    """The exercise or question worked on last and where it is, for the front end; empty at the beginning."""
    place = place_of(progress.last) if progress.last else None
    if place is None:
        return {}
    is_exercise = progress.last in progress.exercises
    what = f"exercise {progress.last}" if is_exercise else f"“{progress.last}”"
    return {"words": f"{place.notebook}, {what}", **place.shown()}


def doubts(progress: LearnerProgress) -> list[dict[str, str]]:
    """The questions that were answered wrongly by a learner who was sure, and where each is, for the front end."""
    wrong = [question for question, sure in progress.sure.items() if sure == "sure"]
    found = [(question, place_of(question)) for question in wrong if progress.predictions.get(question) == "wrong"]
    return [{"words": question, **place.shown()} for question, place in found if place is not None]


def progress_map() -> ProgressMap:
    """The map of the chapters, with the reader's progress in each: a widget.

    The progress is read from the file beside the notebook, in the folder in which Python runs.

    >>> print(repr(progress_map()).splitlines()[0])
    The chapters and your progress:
    """
    return ProgressMap()


def _title(chapter: Chapter) -> str:
    return f"{chapter.number} · {chapter.title}"
