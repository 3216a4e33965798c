"""Two commands of `python -m coro_lab`: `check` prints a learner's outcomes, `reset` forgets the progress."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from coro_lab.errors import NotebookError, NotebookFolderError
from coro_lab.lessons.checker.catalogue import Chapter, chapters
from coro_lab.lessons.checker.exercise import Exercise, Parsons
from coro_lab.lessons.checker.judge import judge
from coro_lab.lessons.checker.outcome import CORRECT, NOT_ATTEMPTED, Outcome
from coro_lab.lessons.learner_progress import LearnerProgress
from coro_lab.lessons.progress_file import ProgressFile

_MAGIC = "%%check "


def check(words: Sequence[str]) -> int:
    """Judge every answer in a learner's notebooks by running it in a separate process, and print the outcomes.

    Returns 1 if one of the folders has a damaged notebook, or no notebook of the course.
    """
    parser = argparse.ArgumentParser("python -m coro_lab check", description=check.__doc__)
    parser.add_argument("folder", nargs="+", type=Path, help="a folder of notebooks, such as notebooks/; or several")
    status = 0
    for folder in parser.parse_args(words).folder:
        try:
            for line in report(folder):
                print(line, flush=True)
        except NotebookError as error:  # go on with the next folder
            print(f"coro_lab: {error}", file=sys.stderr)
            status = 1
    return status


def reset(words: Sequence[str]) -> int:
    """Forget the progress that is kept beside the notebooks; the notebooks themselves stay as they are."""
    parser = argparse.ArgumentParser("python -m coro_lab reset", description=reset.__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("notebooks"), help="where the notebooks are")
    folder = parser.parse_args(words).folder
    try:
        forgotten = ProgressFile(folder).reset()
    except OSError as error:
        said = f"The progress in {folder} cannot be removed: {error.strerror or error}."
        raise NotebookFolderError(said, path=folder) from error
    print(f"The progress in {folder} is forgotten." if forgotten else f"There is no progress in {folder} to forget.")
    return 0


def report(folder: Path) -> Iterator[str]:
    """The report on one learner's folder, line by line. Raises NotebookError if it has no notebook of the course."""
    found = [chapter for chapter in chapters() if (folder / f"{chapter.notebook}.ipynb").is_file()]
    if not found:
        raise NotebookError(
            f"{folder} holds no notebook of Coro Lab, such as {chapters()[0].notebook}.ipynb.\n"
            f"  Write: python -m coro_lab check FOLDER, with the folder that a learner worked in",
            path=folder,
        )
    progress = ProgressFile(folder).look()
    yield f"{folder}"
    done = total = 0
    for chapter in found:
        yield f"  {chapter.number} {chapter.title}"
        for exercise, outcome in outcomes(chapter, folder, progress):
            done, total = done + (outcome.status == CORRECT), total + 1
            yield f"    {exercise.name:16} {outcome.status:14} {_in_one_line(outcome)}".rstrip()
        made = [progress.predictions[question] for question in chapter.predictions if question in progress.predictions]
        if chapter.predictions:
            right = f"{made.count('right')} right of {len(made)} made, {len(chapter.predictions)} asked"
            yield f"    predictions      {right}"
    yield f"  {done} of {total} exercises correct."


def outcomes(chapter: Chapter, folder: Path, progress: LearnerProgress) -> Iterator[tuple[Exercise, Outcome]]:
    """Each exercise of a chapter with its outcome. A Parsons problem has no cell: its outcome comes from `progress`."""
    answers = answers_in(folder / f"{chapter.notebook}.ipynb")
    for exercise in chapter.exercises:
        if isinstance(exercise, Parsons):
            yield exercise, Outcome(progress.exercises.get(exercise.name, NOT_ATTEMPTED), "")
        else:
            yield exercise, judge(exercise, answers.get(exercise.name, ""))


def answers_in(file: Path) -> dict[str, str]:
    """Exercise name -> answer, for each answer in a notebook; the last one, if an exercise has several."""
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except OSError as error:
        raise NotebookError(f"{file} cannot be read: {error.strerror or error}.", path=file) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotebookError(f"{file} is damaged or not a notebook: {error!r}.", path=file) from error
    found = (source.lstrip().partition("\n") for source in sources if source.lstrip().startswith(_MAGIC))
    return {first.removeprefix(_MAGIC).strip(): answer for first, _, answer in found}


def _in_one_line(outcome: Outcome) -> str:
    return "" if outcome.status in (CORRECT, NOT_ATTEMPTED) else " ".join(outcome.reason.split())
