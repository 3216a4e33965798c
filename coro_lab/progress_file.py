"""What the reader has done so far, in one small file beside the notebooks.

Nothing else depends on it: where it cannot be read or written, everything works and one sentence says what is lost.
A damaged file is set aside under another name, never deleted; a file of a newer Coro Lab is left alone.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

NAME = ".coro-lab-progress.json"
FORMAT, VERSION = "coro-lab-progress", 1
_ON_BINDER = "BINDER_LAUNCH_HOST"


@dataclass
class Progress:
    """What was read: the best outcome of each exercise, the latest of each prediction."""

    exercises: dict[str, str] = field(default_factory=dict)  # name -> 'not yet' or 'correct'
    predictions: dict[str, str] = field(default_factory=dict)  # question -> 'right', 'wrong' or 'skipped'
    note: str = ""  # a sentence about what could not be read, or will not be kept
    writable: bool = True  # False: the file must not be written over


class ProgressFile:
    """The progress file of one folder; by default of the one that the notebook runs in."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (Path.cwd() if folder is None else folder) / NAME

    def read(self) -> Progress:
        """What is in the file; empty without one. A damaged one is set aside, and the note says so."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return Progress(note=_binder_note())
        except UnicodeDecodeError:
            return self._set_aside()
        except OSError as error:
            return Progress(note=f"Your progress cannot be read: {error.strerror or error}.", writable=False)
        try:
            return _parsed(json.loads(text))
        except (ValueError, RecursionError):
            return self._set_aside()

    def look(self) -> Progress:
        """What is in the file, for somebody else than its reader: nothing is set aside, whatever it holds."""
        try:
            return _parsed(json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError):
            return Progress()

    def keep_exercise(self, name: str, status: str) -> str:
        """Keep this outcome, unless a better one is there; returns the note that the reader should see, or nothing."""
        progress = self.read()
        if progress.exercises.get(name) in ("correct", status):
            return progress.note
        progress.exercises[name] = status
        return self._write(progress)

    def keep_prediction(self, question: str, verdict: str) -> str:
        """Keep this verdict; returns the note that the reader should see, or nothing."""
        progress = self.read()
        if progress.predictions.get(question) == verdict:
            return progress.note
        progress.predictions[question] = verdict
        return self._write(progress)

    def reset(self) -> bool:
        """Start over; returns whether there was anything to forget. Files that were set aside stay."""
        existed = self.path.exists()
        self.path.unlink(missing_ok=True)
        return existed

    def _write(self, progress: Progress) -> str:
        if not progress.writable:
            return progress.note
        try:
            self._replace(_text(progress))
        except OSError as error:
            return (
                f"Your progress will not be kept: {self.path.parent} cannot be written to ({error.strerror or error})."
            )
        return progress.note

    def _replace(self, text: str) -> None:
        """All or nothing, so that a reader never finds half a file, whatever happens meanwhile."""
        handle, part = tempfile.mkstemp(prefix=f"{NAME}.", suffix=".part", dir=self.path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(part).replace(self.path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise

    def _set_aside(self) -> Progress:
        names = (f".coro-lab-progress.damaged-{number}.json" for number in range(1, 1_000_000))
        aside = next(path for path in map(self.path.with_name, names) if not path.exists())
        try:
            self.path.rename(aside)
        except OSError:
            return Progress(
                note=f"{NAME} is damaged and cannot be set aside, so your progress is not kept.", writable=False
            )
        return Progress(note=f"{NAME} was damaged. It is set aside as {aside.name}, and a new one is begun.")


def _parsed(found: object) -> Progress:
    """The progress in what the file holds. Raises ValueError for anything else."""
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("version"), int):
        raise ValueError("not a progress file")
    if found["version"] > VERSION:
        return Progress(
            note=f"{NAME} was written by a newer Coro Lab: it is left as it is, and nothing is added.", writable=False
        )
    exercises, predictions = found.get("exercises"), found.get("predictions")
    for part in (exercises, predictions):
        if not isinstance(part, dict) or not all(isinstance(value, str) for value in part.values()):
            raise ValueError("not a progress file")
    return Progress(dict(exercises or {}), dict(predictions or {}), note=_binder_note())


def _text(progress: Progress) -> str:
    kept = {"exercises": progress.exercises, "predictions": progress.predictions}
    return json.dumps({"format": FORMAT, "version": VERSION, **kept}, indent=1, sort_keys=True) + "\n"


def _binder_note() -> str:
    return "On Binder your progress is kept only until this session ends." if _ON_BINDER in os.environ else ""
