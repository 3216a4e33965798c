"""A plugin of `make nbval`: what a learner does is done in the kernel in which nbval compares a notebook's outputs.

After a question comes a cell that answers it, after an exercise its solution, each as a test by itself. The last test
of a notebook says whether all exercises came out correct and all predictions right.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile

from coro_lab.lessons.checker.catalogue import Chapter, chapters
from coro_lab.lessons.checker.exercise import Parsons
from coro_lab.lessons.checker.outcome import CORRECT

# A run that is shown gives colours to its names, and the stored pictures come from a session in which it was not.
ANSWERED = """
from coro_lab.lessons.checker.catalogue import misconceptions_of as _beliefs
from coro_lab.views.palette import _known
_before = dict(_known)
_question = _.question._question
_wrong = set(_question.choices) - {_question.answer}
assert _question.answer in _question.choices, f"the run says {_question.answer}, which is none of the choices"
assert set(_beliefs(_question.text)) == _wrong, "each wrong choice stands for one belief"
_.answer(_question.answer)
assert _.question.because, "it says why"
_.question.receive({"ask": "show"})
assert len(_.children) == 1 + _.question.can_show, "the run is shown if there is one"
_known.clear()
_known.update(_before)
"""
QUIZ_DONE = """
for _mark in _._marks:
    _.prediction.answer(_mark.question.answer)
    _.prediction.receive({"ask": "next"})
"""
ORDERED = """
_.problem.order = {order}
_.problem.check()
assert _.problem.status == "correct", _.problem.reason
"""


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Generator[None, list[Any], list[Any]]:
    collected = yield
    chapter = next((chapter for chapter in chapters() if chapter.notebook == file_path.stem), None)
    return [
        SolvedNotebook.of(chapter, parent, file_path) if chapter and isinstance(one, IPyNbFile) else one
        for one in collected
    ]


class SolvedNotebook(IPyNbFile):
    """The cells of a chapter, each as it is stored, and after it what a learner does there."""

    chapter: Chapter

    @classmethod
    def of(cls, chapter: Chapter, parent: pytest.Collector, path: Path) -> SolvedNotebook:
        notebook = cls.from_parent(parent, path=path)
        notebook.chapter = chapter
        return notebook

    def collect(self) -> Iterator[pytest.Item]:
        for cell in super().collect():
            yield cell
            if done := done_by_a_learner(cell.cell.source, self.chapter):
                yield IPyNbCell.from_parent(
                    self,
                    name=f"{cell.name} solved",
                    cell_num=cell.cell_num,
                    cell=nbformat.v4.new_code_cell(done),
                    options=defaultdict(bool),
                )
        yield AllCorrect.from_parent(self, name="all correct")

    def setup(self) -> None:
        """Start the kernel in an empty folder, so that nobody's progress is read or written."""
        self.folder = tempfile.TemporaryDirectory()
        timeout = self.config.option.nbval_kernel_startup_timeout
        self.kernel = RunningKernel(CURRENT_ENV_KERNEL_NAME, cwd=self.folder.name, startup_timeout=timeout)
        self.setup_sanitize_files()

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


class AllCorrect(pytest.Item):
    """What the progress file says once everything has run."""

    def runtest(self) -> None:
        chapter = self.parent.chapter
        kept = json.loads((Path(self.parent.folder.name) / ".coro-lab-progress.json").read_text(encoding="utf-8"))
        assert kept["exercises"] == {exercise.name: CORRECT for exercise in chapter.exercises}
        assert kept["predictions"] == dict.fromkeys(chapter.predictions, "right")


def done_by_a_learner(source: str, chapter: Chapter) -> str | None:
    """The source of a cell that answers this one; None if it asks for nothing."""
    exercises = {exercise.name: exercise for exercise in chapter.exercises}
    if found := re.match(r"%%check (\w+)\n", source):
        return found[0] + exercises[found[1]].solution
    if found := re.match(r'parsons\("(\w+)"\)', source):
        return ORDERED.format(order=_order(exercises[found[1]]))
    if re.search(r"^predict\(", source, re.MULTILINE):
        return ANSWERED
    if source.startswith("Quiz("):
        return QUIZ_DONE
    if source.startswith("SchedulerWidget("):
        return "_.solved = True"  # as its front end says
    return None


def _order(problem: Parsons) -> list[int]:
    places: list[int] = []
    for line in problem.solution.splitlines():
        places.append(next(n for n, other in enumerate(problem.lines) if other == line and n not in places))
    return places
