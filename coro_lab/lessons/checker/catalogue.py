"""All exercises and predictions, chapter by chapter: one module `exNN_*.py` beside this one for each notebook."""

from __future__ import annotations

import difflib
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import NamedTuple

from coro_lab.errors import ArgumentError, UnknownExerciseError, advice
from coro_lab.lessons import course
from coro_lab.lessons.checker.exercise import Exercise, Parsons
from coro_lab.trace.safe_repr import describe


class Chapter(NamedTuple):
    """The exercises and predictions of one notebook."""

    number: str  # '03', or '03b'
    notebook: str  # '03-generators-and-send', without .ipynb
    title: str
    exercises: tuple[Exercise, ...]
    predictions: Mapping[str, Mapping[str, str]]  # question -> wrong choice (as text) -> name of its misconception


@cache
def chapters() -> tuple[Chapter, ...]:
    """Every chapter, in reading order."""
    names = sorted(found.name for found in pkgutil.iter_modules(course.__path__))
    modules = [import_module(f"{course.__name__}.{name}") for name in names if name[:2] == "ex" and name[2:4].isdigit()]
    return tuple(
        Chapter(
            module.NOTEBOOK.partition("-")[0],
            module.NOTEBOOK,
            module.TITLE,
            tuple(module.EXERCISES),
            module.PREDICTIONS,
        )
        for module in modules
    )


def exercises() -> dict[str, Exercise]:
    """Every exercise by its name."""
    return {exercise.name: exercise for chapter in chapters() for exercise in chapter.exercises}


def find(name: str) -> Exercise:
    """The exercise of this name. Raises UnknownExerciseError, which lists similar names or else all names."""
    known = exercises()
    if not name:
        raise UnknownExerciseError(f"%%check takes the name of an exercise.\n{_all_names()}", known=tuple(known))
    if name not in known:
        close = " or ".join(f"%%check {other}" for other in difflib.get_close_matches(name, known, n=3))
        said = f"There is no exercise {name!r}.\n{f'  Write: {close}' if close else _all_names()}"
        raise UnknownExerciseError(said, name=name, known=tuple(known))
    return known[name]


def find_parsons(name: str) -> Parsons:
    """The Parsons problem of this name. Raises UnknownExerciseError, and ArgumentError for anything but a name."""
    known = exercises()
    problems = tuple(each.name for each in known.values() if isinstance(each, Parsons))
    if not isinstance(name, str):
        given = describe(name)
        said = advice("parsons takes the name of a problem.", f"parsons({given})", f'parsons("{problems[0]}")')
        raise ArgumentError(said, argument="name", given=given)
    found = known.get(name)
    if isinstance(found, Parsons):
        return found
    if found is not None:
        said = f"{name!r} is an exercise to be written.\n  Write: %%check {name}\n  in the first line of a cell"
    else:
        close = difflib.get_close_matches(name, problems, n=3) or problems
        instead = " or ".join(f'parsons("{other}")' for other in close)
        said = advice(f"There is no Parsons problem {name!r}.", f"parsons({name!r})", instead)
    raise UnknownExerciseError(said, name=name, known=problems)


def _all_names() -> str:
    """One name as an example, then all names, a line for each notebook."""
    lines = [
        f"  {chapter.notebook}: {', '.join(exercise.name for exercise in chapter.exercises)}"
        for chapter in chapters()
        if chapter.exercises
    ]
    return "\n".join([f"  Write: %%check {next(iter(exercises()))}, or another of these:", *lines])


def misconceptions_of(question: str) -> Mapping[str, str]:
    """Wrong choice (as text) -> name of its misconception, for this prediction; empty if none is known."""
    for chapter in chapters():
        if question in chapter.predictions:
            return chapter.predictions[question]
    return {}
