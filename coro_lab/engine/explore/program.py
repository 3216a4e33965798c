"""A program to be explored: its coroutines by name, how a run of it begins, and what must hold when a run has ended.

A coroutine is a generator function. It is called with what `setup` returns, or with nothing if it takes no argument.
A Program only describes; `run.py` starts it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from coro_lab.engine.explore.options import (
    WithInvariant,
    check_arguments,
    check_options,
    count_arguments,
    takes_any,
)
from coro_lab.engine.recorder import Recorder
from coro_lab.engine.schedule_text import split_schedule
from coro_lab.errors import ArgumentError, ScheduleError, advice
from coro_lab.trace.safe_repr import describe

MAX_STEPS = 1_000
LONG = 16  # steps of a schedule, beyond which a sentence counts them

type Coroutine = Callable[..., Generator[Any, Any, Any]]

type Schedule = tuple[int, ...]
"""The tasks in the order in which they ran, each by its place among the names."""


@dataclass(frozen=True)
class Program(WithInvariant):
    """What is explored. Raises ArgumentError for what cannot be."""

    coroutines: Mapping[str, Coroutine]
    setup: Callable[[], Any] | None = None
    invariant: Callable[..., object] | None = None
    max_steps: int = MAX_STEPS
    names: tuple[str, ...] = field(init=False)
    takes_shared: tuple[bool, ...] = field(init=False, repr=False)
    """For each coroutine, whether it is called with the shared object that `setup` returns."""

    def __post_init__(self) -> None:
        Recorder.make_way()
        _check_coroutines(self.coroutines)
        object.__setattr__(self, "coroutines", dict(self.coroutines))
        object.__setattr__(self, "names", tuple(self.coroutines))
        check_options(self.max_steps, self.setup, self.invariant)
        given = self.setup is not None
        takes = tuple(
            count_arguments(function) > 0 or (given and takes_any(function)) for function in self.coroutines.values()
        )
        object.__setattr__(self, "takes_shared", takes)
        if any(takes) and not given:
            raise ArgumentError(
                f"Coroutine {self.names[takes.index(True)]!r} takes an argument, but nothing says what it is given.\n"
                "  Write: setup=..., a function that makes the shared object afresh for each run.",
                argument="setup",
                given="None",
            )

    def named(self, schedule: Sequence[int]) -> tuple[str, ...]:
        """A schedule as the names of its tasks."""
        return tuple(self.names[task] for task in schedule)

    def spell(self, schedule: Sequence[int], *, spaced: bool = True) -> str:
        """A schedule in the names of the tasks: 'A B A B', or 'ABAB' where each name is one character."""
        letters = not spaced and all(len(name) == 1 for name in self.names)
        return ("" if letters else " ").join(self.named(schedule))

    def abbreviate(self, schedule: Sequence[int]) -> str:
        """A schedule for a sentence: a long one counts the steps that one task takes in a row, as in 'A ×11 B ×7'."""
        if len(schedule) <= LONG:
            return self.spell(schedule)
        runs = [(self.names[task], len(list(steps))) for task, steps in groupby(schedule)]
        return " ".join(name if steps == 1 else f"{name} ×{steps}" for name, steps in runs)

    def parse(self, schedule: str | Sequence[str]) -> Schedule:
        """The schedule that `spell` wrote, or that is a sequence of names. ScheduleError for an unknown name."""
        if not isinstance(schedule, Sequence):
            given = describe(schedule)
            said = advice("A schedule is a name for each step.", given, '"ABBA" or ["A", "B"]')
            raise ArgumentError(said, argument="schedule", given=given)
        words = split_schedule(schedule, self.names) if isinstance(schedule, str) else schedule
        for turn, word in enumerate(words, 1):
            if word not in self.names:
                said = f"{word!r} takes no part here; the names are {', '.join(self.names)}."
                whole = tuple(map(str, words))
                raise ScheduleError(said, task=str(word), turn=turn, ready=self.names, schedule=whole)
        return tuple(self.names.index(word) for word in words)


def _check_coroutines(coroutines: object) -> None:
    if not isinstance(coroutines, Mapping):
        raise _unnamed_error(coroutines)
    if not coroutines:
        said = 'There is nothing to order.\n  Write: coroutines={"A": A, "B": B}'
        raise ArgumentError(said, argument="coroutines", given="{}")
    for name, function in coroutines.items():
        _check_coroutine(name, function)
        rest = f'"{name}": functools.partial({getattr(function, "__name__", "A")}, ...)'
        check_arguments(f"Coroutine {name!r}", function, 1, "one object, which setup makes", rest)


def check_name(name: object, function: Any) -> None:
    """ExplorationError for a name that cannot stand in a schedule."""
    if not (isinstance(name, str) and name and name.isprintable()):
        word = getattr(function, "__name__", "...")
        what = "A coroutine goes by a name in quotes, on one line."
        raise _coroutine_error(name, function, advice(what, f"{{{describe(name)}: {word}}}", f'{{"A": {word}}}'))


def _check_coroutine(name: object, function: Any) -> None:
    check_name(name, function)
    if inspect.isgenerator(function):
        what = "Every order begins afresh, so exploring needs the generator function, not a generator."
        wrote, instead = f'{{"{name}": {function.__name__}(...)}}', f'{{"{name}": {function.__name__}}}'
        raise _coroutine_error(name, function, advice(what, wrote, instead))
    if inspect.iscoroutinefunction(function):
        said = (
            f"{name!r} is an async def, which only explore, interleavings and replay take.\n"
            "  Write here a generator function, with a yield as switch point."
        )
        raise _coroutine_error(name, function, said)
    if not callable(function):
        said = f"{name!r} should be a generator function; it is {type(function).__name__}."
        raise _coroutine_error(name, function, said)


def _coroutine_error(name: object, function: object, said: str) -> ArgumentError:
    return ArgumentError(said, argument="coroutines", given=describe({name: function}))


def _unnamed_error(coroutines: object) -> ArgumentError:
    """The error for coroutines that are given without names: by themselves, or in a list."""
    given = coroutines if isinstance(coroutines, (list, tuple)) else [coroutines]
    words = [getattr(each, "__name__", "") for each in given]
    if not words or not all(map(callable, given)) or not all(map(str.isidentifier, words)):
        wrote, instead = describe(coroutines), '{"A": A, "B": B}'
    else:
        wrote = words[0] if given[0] is coroutines else f"[{', '.join(words)}]"
        instead = _in_a_dict(words)
    said = advice("Each coroutine needs a name.", wrote, instead)
    return ArgumentError(said, argument="coroutines", given=describe(coroutines))


def _in_a_dict(words: Sequence[str]) -> str:
    """A dict of these functions: by their own names, or by letters where two of them are the same."""
    names = words if len(set(words)) == len(words) else [chr(ord("A") + place % 26) for place in range(len(words))]
    return f"{{{', '.join(f'"{name}": {word}' for name, word in zip(names, words))}}}"


def in_one_dict[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """The same function; ArgumentError where coroutines are given one by one: `explore(A, B)`, `explore(A=A, B=B)`."""
    known = inspect.signature(function).parameters

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        loose: dict[str, Any] = {name: given for name, given in kwargs.items() if name not in known}
        if len(args) > 1 and not isinstance(args[0], Mapping):
            words = [getattr(given, "__name__", describe(given)) for given in args]
            wrote, instead = ", ".join(words), _in_a_dict(words)
        elif loose and not args and all(map(callable, loose.values())):
            words = [getattr(given, "__name__", "...") for given in loose.values()]
            wrote = ", ".join(f"{name}={word}" for name, word in zip(loose, words))
            instead = f"{{{', '.join(f'"{name}": {word}' for name, word in zip(loose, words))}}}"
        else:
            return function(*args, **kwargs)
        name = function.__name__
        said = advice("The coroutines stand in one dict, each with its name.", f"{name}({wrote})", f"{name}({instead})")
        raise ArgumentError(said, argument="coroutines", given=wrote)

    return checked
