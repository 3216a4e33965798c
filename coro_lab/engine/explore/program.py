"""A program to be explored: its coroutines by name, how a run of it begins, and what must hold when a run has ended.

A coroutine is a generator function. It is called with what `setup` returns, or with nothing if it takes no argument.
A Program only describes; `run.py` starts it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from coro_lab.errors import ExplorationError, InvariantError
from coro_lab.trace.safe_repr import describe

MAX_STEPS = 1_000
LONG = 16  # steps of a schedule, beyond which a sentence counts them

type Coroutine = Callable[..., Generator[Any, Any, Any]]

type Schedule = tuple[int, ...]
"""The tasks in the order in which they ran, each by its place among the names."""


@dataclass(frozen=True)
class Program:
    """What is explored. Raises ExplorationError or InvariantError for what cannot be explored."""

    coroutines: Mapping[str, Coroutine]
    setup: Callable[[], Any] | None = None
    invariant: Callable[..., object] | None = None
    max_steps: int = MAX_STEPS
    names: tuple[str, ...] = field(init=False)
    takes_shared: tuple[bool, ...] = field(init=False, repr=False)
    """For each coroutine, whether it is called with the shared object that `setup` returns."""

    def __post_init__(self) -> None:
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
            raise ExplorationError(
                f"Coroutine {self.names[takes.index(True)]!r} takes an argument, but nothing says what it is given.\n"
                "  Write: setup=..., a function that makes the shared object afresh for each run."
            )

    @property
    def judges_output(self) -> bool:
        """Whether the invariant is called with what was printed."""
        return self.invariant is not None and (self.setup is None or count_arguments(self.invariant) > 1)

    def spell(self, schedule: Sequence[int], *, spaced: bool = True) -> str:
        """A schedule in the names of the tasks: 'A B A B', or 'ABAB' where each name is one character."""
        letters = not spaced and all(len(name) == 1 for name in self.names)
        return ("" if letters else " ").join(self.names[task] for task in schedule)

    def abbreviate(self, schedule: Sequence[int]) -> str:
        """A schedule for a sentence: a long one counts the steps that one task takes in a row, as in 'A ×11 B ×7'."""
        if len(schedule) <= LONG:
            return self.spell(schedule)
        runs = [(self.names[task], len(list(steps))) for task, steps in groupby(schedule)]
        return " ".join(name if steps == 1 else f"{name} ×{steps}" for name, steps in runs)

    def parse(self, schedule: str | Sequence[str]) -> Schedule:
        """The schedule that `spell` wrote, or that is a sequence of names. ExplorationError for an unknown name."""
        words = self._split(schedule) if isinstance(schedule, str) else schedule
        for word in words:
            if word not in self.names:
                raise ExplorationError(f"{word!r} takes no part here; the names are {', '.join(self.names)}.")
        return tuple(self.names.index(word) for word in words)

    def _split(self, schedule: str) -> list[str]:
        """The names in a text. Without spaces each letter is a name; names with spaces are found longest first."""
        words = schedule.split()
        if any(" " in name for name in self.names):
            any_name = "|".join(re.escape(name) for name in sorted(self.names, key=len, reverse=True))
            parts = re.split(f"({any_name})", schedule)
            return [part.strip() for part in parts if part.strip()]
        return words if set(words) <= set(self.names) else [letter for word in words for letter in word]


def _check_coroutines(coroutines: object) -> None:
    if not isinstance(coroutines, Mapping):
        raise ExplorationError(
            f'Each coroutine needs a name.\n  You wrote: {describe(coroutines)}\n  Write:     {{"A": A, "B": B}}'
        )
    if not coroutines:
        raise ExplorationError('There is nothing to order.\n  Write: coroutines={"A": A, "B": B}')
    for name, function in coroutines.items():
        _check_coroutine(name, function)
        rest = f'"{name}": functools.partial({getattr(function, "__name__", "A")}, ...)'
        check_arguments(f"Coroutine {name!r}", function, 1, "one object, which setup makes", rest)


def check_name(name: object, function: Any) -> None:
    """ExplorationError for a name that cannot stand in a schedule."""
    if not (isinstance(name, str) and name and name.isprintable()):
        raise ExplorationError(
            "A coroutine goes by a name in quotes, on one line.\n"
            f"  You wrote: {{{describe(name)}: {getattr(function, '__name__', '...')}}}\n"
            f'  Write:     {{"A": {getattr(function, "__name__", "...")}}}'
        )


def _check_coroutine(name: object, function: Any) -> None:
    check_name(name, function)
    if inspect.isgenerator(function):
        raise ExplorationError(
            f"Every order begins afresh, so exploring needs the generator function, not a generator.\n"
            f'  You wrote: {{"{name}": {function.__name__}(...)}}\n'
            f'  Write:     {{"{name}": {function.__name__}}}'
        )
    if inspect.iscoroutinefunction(function):
        raise ExplorationError(
            f"{name!r} is an async def, which only explore, interleavings and replay take.\n"
            "  Write here a generator function, with a yield as switch point."
        )
    if not callable(function):
        raise ExplorationError(f"{name!r} should be a generator function; it is {type(function).__name__}.")


def check_options(max_steps: object, setup: Any, invariant: Any) -> None:
    """ExplorationError or InvariantError for options that cannot be meant."""
    if not isinstance(max_steps, int) or max_steps < 1:
        raise ExplorationError(
            f"max_steps is how many steps an order may take, at least 1; you wrote {describe(max_steps)}."
        )
    if not (setup is None or callable(setup)):
        raise ExplorationError(
            "setup is a function that makes the shared object afresh for each run.\n"
            f"  You wrote: setup={describe(setup)}\n"
            "  Write:     setup=lambda: [0], or setup=Tally with the name of a class"
        )
    if setup is not None:
        instead = f"setup=lambda: {getattr(setup, '__name__', 'setup')}(...) with all that it needs"
        check_arguments("setup", setup, 0, "nothing", instead)
    if not (invariant is None or callable(invariant)):
        raise InvariantError(
            "invariant is a function that says whether all is well at the end of an order.\n"
            f"  You wrote: invariant={describe(invariant)}\n"
            "  Write:     invariant=lambda shared: shared.value == 2"
        )
    if invariant is not None:
        given = "what setup has made, and what was printed"
        check_arguments("invariant", invariant, 2, given, "invariant=lambda shared, output: ...")


def check_arguments(who: str, function: Callable[..., Any], most: int, given: str, instead: str) -> None:
    """ExplorationError where a function needs more arguments than the `most` that it can be given."""
    try:  # the wrapper that a decorator returns may give further arguments to the function inside it
        parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    except (TypeError, ValueError):
        return
    collecting = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needs = [p.name for p in parameters if p.default is p.empty and p.kind not in collecting]
    if len(needs) > most or any(p.kind is p.KEYWORD_ONLY and p.name in needs for p in parameters):
        raise ExplorationError(f"{who} needs {', '.join(needs)}, and is given {given}.\n  Write: {instead}")


def count_arguments(function: Callable[..., Any]) -> int:
    """How many arguments without a default a function takes by position; 1 where Python does not know."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in by_position and p.default is p.empty for p in parameters)


def takes_any(function: Callable[..., Any]) -> bool:
    """Whether a function has an `*args`, as the wrapper that a decorator returns often has."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)
