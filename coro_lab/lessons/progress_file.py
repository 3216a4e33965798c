"""The learner's progress, in one small file beside the notebooks.

If the file cannot be read or written, everything else works, and one sentence says what is lost. A damaged file is
renamed, never deleted; a file of a newer Coro Lab is left alone. Several kernels may write at once, and the file may be
a symbolic link.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from coro_lab.lessons.file_lock import lock_file
from coro_lab.lessons.learner_progress import NAME, LearnerProgress, Score, as_json, parsed
from coro_lab.views.file_replacement import replace_file

_ON_BINDER = "BINDER_LAUNCH_HOST"


class ProgressFile:
    """The progress file of one folder; by default of the folder that the notebook runs in."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (_current_folder() if folder is None else folder) / NAME

    def read(self) -> LearnerProgress:
        """The progress in the file; empty without a file. A damaged file is renamed, and the note says so."""
        try:
            return self._load()
        except (ValueError, RecursionError):
            return self._locked(self._load_or_set_aside)

    def look(self) -> LearnerProgress:
        """The progress in the file, for a teacher: empty if the file is damaged, which is left as it is."""
        try:
            return self._load()
        except (ValueError, RecursionError):
            return LearnerProgress()

    def keep_exercise(self, name: str, status: str) -> str:
        """Store this outcome, unless a better one is there; returns a note for the learner, or an empty text."""

        def change(progress: LearnerProgress) -> None:
            if progress.exercises.get(name) != "correct":
                progress.exercises[name] = status

        return self._keep(name, change)

    def keep_prediction(self, question: str, verdict: str, *, sure: str = "") -> str:
        """Store this verdict, and how sure the learner was; returns a note for the learner, or an empty text."""

        def change(progress: LearnerProgress) -> None:
            progress.predictions[question] = verdict
            progress.sure.pop(question, None)
            if sure:
                progress.sure[question] = sure

        return self._keep(question, change)

    def keep_score(self, title: str, score: Score) -> str:
        """Store how far a quiz has come; returns a note for the learner, or an empty text."""
        return self._keep(title, lambda progress: progress.scores.update({title: score}))

    def reset(self) -> bool:
        """Remove the file; returns whether there was one. Damaged files that were renamed stay.

        Raises OSError if the file cannot be removed.
        """
        target = self._target()
        with lock_file(target):
            existed = os.path.lexists(target)
            target.unlink(missing_ok=True)
        return existed

    def _keep(self, name: str, change: Callable[[LearnerProgress], None]) -> str:
        """Store the progress after `change`, with `name` as what was worked on last."""

        def store() -> LearnerProgress:
            progress = self._load_or_set_aside()
            if progress.writable:
                before = as_json(progress)
                change(progress)
                progress.last = name
                if as_json(progress) != before:
                    replace_file(self._target(), as_json(progress).encode())
            return progress

        return self._locked(store).note

    def _locked(self, act: Callable[[], LearnerProgress]) -> LearnerProgress:
        """The result of `act`, called while no other kernel changes the file; a note if that fails."""
        try:
            with lock_file(self._target()):
                return act()
        except OSError as error:
            reason = f"{self._folder()} cannot be written to ({error.strerror or error})"
            return LearnerProgress(note=f"Your progress will not be kept: {reason}.", writable=False)

    def _folder(self) -> str:
        try:
            return str(self._target().parent)
        except OSError:
            return "the current folder"

    def _target(self) -> Path:
        """The path without symbolic links. Raises OSError if the current folder was deleted."""
        return Path(os.path.realpath(self.path))

    def _load_or_set_aside(self) -> LearnerProgress:
        try:
            return self._load()
        except (ValueError, RecursionError):
            return self._set_aside()

    def _load(self) -> LearnerProgress:
        """The progress in the file; empty without a file. Raises ValueError or RecursionError for a damaged file."""
        try:
            if self.path.exists() and not self.path.is_file():  # reading a pipe would wait for a writer
                raise OSError("it is not a file")
            text = self.path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            return LearnerProgress(note=_binder_note())
        except OSError as error:
            return LearnerProgress(note=f"Your progress cannot be read: {error.strerror or error}.", writable=False)
        progress = parsed(json.loads(text))
        progress.note = progress.note or _binder_note()
        return progress

    def _set_aside(self) -> LearnerProgress:
        """Rename the damaged file, so that a new one can be begun."""
        target = self._target()
        names = (f".coro-lab-progress.damaged-{number}.json" for number in range(1, 1_000_000))
        aside = next(path for path in map(target.with_name, names) if not os.path.lexists(path))
        try:
            target.rename(aside)
        except OSError:
            return LearnerProgress(
                note=f"{NAME} is damaged and cannot be set aside, so your progress is not kept.", writable=False
            )
        where = aside.name if aside.parent == self.path.parent.resolve() else aside
        return LearnerProgress(note=f"{NAME} was damaged. It is set aside as {where}, and a new one is begun.")


def keep_solved(title: str) -> str:
    """Store that the puzzle of this title was solved; returns a note for the learner, or an empty text."""
    return ProgressFile().keep_prediction(title, "right")


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except OSError:  # it was deleted
        return Path()


def _binder_note() -> str:
    return "On Binder your progress is kept only until this session ends." if _ON_BINDER in os.environ else ""
