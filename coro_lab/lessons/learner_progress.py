"""What a learner has done, as a value and as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

NAME = ".coro-lab-progress.json"
FORMAT, VERSION = "coro-lab-progress", 1
LEVELS = ("guessing", "fairly sure", "sure")
"""How sure a learner can say to be of an answer."""


class Score(NamedTuple):
    """How a quiz went: the number of right answers, of answers, and of questions."""

    right: int
    answered: int
    questions: int


@dataclass
class LearnerProgress:
    """The best outcome of each exercise, the latest verdict on each prediction, and where the learner stopped."""

    exercises: dict[str, str] = field(default_factory=dict)  # name -> 'not yet' or 'correct'
    predictions: dict[str, str] = field(default_factory=dict)  # question -> 'right', 'wrong' or 'skipped'
    sure: dict[str, str] = field(default_factory=dict)  # question -> how sure the learner was, one of LEVELS
    scores: dict[str, Score] = field(default_factory=dict)  # title of a quiz -> its answers so far
    last: str = ""  # the exercise, question or quiz worked on last
    note: str = ""  # a sentence for the learner if something could not be read or will not be kept
    writable: bool = True  # False: the file must not be overwritten


def parsed(found: object) -> LearnerProgress:
    """The progress in this JSON value. Raises ValueError if it is not a progress file's."""
    if not isinstance(found, dict) or found.get("format") != FORMAT or type(found.get("version")) is not int:
        raise ValueError("not a progress file")
    if found["version"] < 1:
        raise ValueError("no such version")
    if found["version"] > VERSION:
        return LearnerProgress(
            note=f"{NAME} was written by a newer Coro Lab: it is left as it is, and nothing is added.", writable=False
        )
    last = found.get("last", "")
    if type(last) is not str:
        raise ValueError("not a progress file")
    exercises, predictions = _words(found.get("exercises")), _words(found.get("predictions"))
    sure, scores = _words(found.get("sure", {})), _scores(found.get("scores", {}))
    return LearnerProgress(exercises, predictions, sure, scores, last)


def _words(part: object) -> dict[str, str]:
    if not isinstance(part, dict) or not all(isinstance(value, str) for value in part.values()):
        raise ValueError("not a progress file")
    return dict(part)


def _scores(part: object) -> dict[str, Score]:
    if not isinstance(part, dict):
        raise ValueError("not a progress file")
    for numbers in part.values():
        if not isinstance(numbers, list) or [type(number) for number in numbers] != [int, int, int]:
            raise ValueError("not a progress file")
    return {title: Score(*numbers) for title, numbers in part.items()}


def as_json(progress: LearnerProgress) -> str:
    """The text of a progress file."""
    kept: dict[str, Any] = {"exercises": progress.exercises, "predictions": progress.predictions}
    later = {"sure": progress.sure, "scores": progress.scores, "last": progress.last}
    kept |= {name: value for name, value in later.items() if value}  # an older Coro Lab knows none of these
    return json.dumps({"format": FORMAT, "version": VERSION, **kept}, indent=1, sort_keys=True) + "\n"
