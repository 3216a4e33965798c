"""A program to be explored: who takes part, how a run of it begins, and what must hold when it has ended.

A coroutine is the learner's generator function, called with what `setup` returns (or with nothing, if it takes
nothing).
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from coro_lab.engine.explore.admission import arguments, check, check_arguments, no_mapping, takes_any
from coro_lab.engine.explore.faults import EndlessError, ExplorationError, InvariantError
from coro_lab.engine.explore.run import Step, World, within_limit
from coro_lab.trace.safe_repr import describe

MAX_STEPS = 1_000


@dataclass(frozen=True)
class Program:
    """What is explored: how a run begins, who takes part, and what must hold when it has ended."""

    coroutines: Mapping[str, Callable[..., Generator[Any, Any, Any]]]
    setup: Callable[[], Any] | None = None
    invariant: Callable[..., object] | None = None
    max_steps: int = MAX_STEPS
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not isinstance(self.coroutines, Mapping):
            raise ExplorationError(no_mapping(self.coroutines))
        object.__setattr__(self, "coroutines", dict(self.coroutines))
        object.__setattr__(self, "names", tuple(self.coroutines))
        if not self.coroutines:
            raise ExplorationError('There is nothing to order.\n  Write: coroutines={"A": A, "B": B}')
        for name, function in self.coroutines.items():
            check(name, function)
            rest = f'"{name}": functools.partial({getattr(function, "__name__", "A")}, ...)'
            check_arguments(f"Coroutine {name!r}", function, 1, "one object, which setup makes", rest)
        if not isinstance(self.max_steps, int) or self.max_steps < 1:
            raise ExplorationError(
                f"max_steps is how many steps an order may take, at least 1; you wrote {describe(self.max_steps)}."
            )
        if not (self.setup is None or callable(self.setup)):
            raise ExplorationError(
                "setup is a function that makes the shared object afresh for each run.\n"
                f"  You wrote: setup={describe(self.setup)}\n"
                "  Write:     setup=lambda: [0], or setup=Tally with the name of a class"
            )
        if self.setup is not None:
            instead = f"setup=lambda: {getattr(self.setup, '__name__', 'setup')}(...) with all that it needs"
            check_arguments("setup", self.setup, 0, "nothing", instead)
        if not (self.invariant is None or callable(self.invariant)):
            raise InvariantError(
                "invariant is a function that says whether all is well at the end of an order.\n"
                f"  You wrote: invariant={describe(self.invariant)}\n"
                "  Write:     invariant=lambda shared: shared.value == 2"
            )
        if self.invariant is not None:
            given = "what setup has made, and what was printed"
            check_arguments("invariant", self.invariant, 2, given, "invariant=lambda shared, output: ...")
        has_setup = self.setup is not None
        makers = tuple(
            (function, arguments(function) > 0 or (has_setup and takes_any(function)))
            for function in self.coroutines.values()
        )
        object.__setattr__(self, "_makers", makers)
        wanting = [name for name, (_, takes) in zip(self.names, makers, strict=True) if takes]
        if wanting and self.setup is None:
            raise ExplorationError(
                f"Coroutine {wanting[0]!r} takes an argument, but nothing says what it is given.\n"
                "  Write: setup=..., a function that makes the shared object afresh for each run."
            )

    @property
    def judges_output(self) -> bool:
        """Whether the invariant is shown what was printed."""
        return self.invariant is not None and (self.setup is None or arguments(self.invariant) > 1)

    def start(self) -> World:
        """A fresh run in which nothing has happened yet; to be called in `quietly`."""
        out = sys.stdout = io.StringIO()
        shared = None if self.setup is None else within_limit("setup", self.setup)
        tasks = within_limit("a coroutine", self._make, shared)
        return World(self, shared, tasks, out)

    def _make(self, shared: Any) -> list[Generator[Any, Any, Any]]:
        return [make(shared) if takes else make() for make, takes in self._makers]  # type: ignore[attr-defined]

    def play(self, schedule: Sequence[int]) -> World:
        """A fresh run after these steps."""
        return self.start().run(schedule)

    def holds(self, world: World) -> bool:
        """Whether the invariant holds at the end of this run; InvariantError if it does not say."""
        if self.invariant is None:
            return True
        shown = (world.output,) if self.setup is None else (world.shared, world.output)[: arguments(self.invariant)]
        try:
            verdict = within_limit("invariant", self.invariant, *shown)
        except EndlessError:
            raise
        except (Exception, SystemExit, GeneratorExit) as error:
            raise InvariantError(
                f"The invariant raised {told(error)} after {self.spell(world.schedule)}.\n"
                "  It is called once at the end of each order, and must return True or False."
            ) from error
        if verdict is None:
            raise InvariantError(
                "The invariant returned None, which says neither yes nor no.\n"
                "  Write: invariant=lambda shared: shared.value == 2   (an expression, not an assert)"
            )
        return bool(verdict)

    def spell(self, schedule: Sequence[int], *, spaced: bool = True) -> str:
        """A schedule in the names of the tasks: 'A B A B', or 'ABAB' where each name is one character."""
        letters = not spaced and all(len(name) == 1 for name in self.names)
        return ("" if letters else " ").join(self.names[task] for task in schedule)

    def tell(self, schedule: Sequence[int]) -> str:
        """A schedule for a sentence: as it is spelled, or in numbers of steps where it is long: 'A ×11 B ×7'."""
        if len(schedule) <= 16:
            return self.spell(schedule)
        runs = [(self.names[task], len(list(steps))) for task, steps in groupby(schedule)]
        return " ".join(name if steps == 1 else f"{name} ×{steps}" for name, steps in runs)

    def read(self, schedule: str | Sequence[str]) -> Step:
        """The schedule that `spell` wrote, or a sequence of names. ExplorationError for a name that takes no part."""
        words = self._words(schedule) if isinstance(schedule, str) else schedule
        for word in words:
            if word not in self.names:
                raise ExplorationError(f"{word!r} takes no part here; the names are {', '.join(self.names)}.")
        return tuple(self.names.index(word) for word in words)

    def _words(self, schedule: str) -> list[str]:
        """The names in a text: words, letters where these are none, and longer ones first where a name has a space."""
        words = schedule.split()
        if any(" " in name for name in self.names):
            any_name = "|".join(re.escape(name) for name in sorted(self.names, key=len, reverse=True))
            parts = re.split(f"({any_name})", schedule)
            return [part.strip() for part in parts if part.strip()]
        return words if set(words) <= set(self.names) else [letter for word in words for letter in word]


def told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
