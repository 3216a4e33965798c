"""A program to be explored, and one live run of it.

1. A coroutine is the learner's generator function, called with what `setup` returns (or with nothing, if it takes
   nothing).
2. A *step* goes from one start or resume to the next suspension: a body with k yields takes k + 1 steps.
3. A task that yields a `Wait` cannot go on until that wait is over; whatever else it yields only marks a switch point.
4. A generator cannot be copied. A state is reached again by running its schedule again, from a fresh `setup`.
"""

from __future__ import annotations

import gc
import inspect
import io
import math
import re
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from coro_lab.description import describe
from coro_lab.interleaving.faults import (
    EndlessError,
    ExplorationError,
    InvariantError,
    NotDeterministicError,
    PreemptionError,
)
from coro_lab.interleaving.patience import MOST_JUMPS, OutOfPatience, budget, patience
from coro_lab.interleaving.sync import Wait, running

MAX_STEPS = 1_000
ENDED: Any = type("Ended", (), {"__repr__": lambda self: "ENDED"})()
_ONE_AT_A_TIME = threading.RLock()  # sys.stdout is one for all threads

type Step = tuple[int, ...]
"""A schedule inside the engine: the places of the tasks, in the order in which they ran."""


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
            raise ExplorationError(_no_mapping(self.coroutines))
        object.__setattr__(self, "coroutines", dict(self.coroutines))
        object.__setattr__(self, "names", tuple(self.coroutines))
        if not self.coroutines:
            raise ExplorationError('There is nothing to order.\n  Write: coroutines={"A": A, "B": B}')
        for name, function in self.coroutines.items():
            _check(name, function)
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
        if not (self.invariant is None or callable(self.invariant)):
            raise InvariantError(
                "invariant is a function that says whether all is well at the end of an order.\n"
                f"  You wrote: invariant={describe(self.invariant)}\n"
                "  Write:     invariant=lambda shared: shared.value == 2"
            )
        makers = tuple((function, _arguments(function) > 0) for function in self.coroutines.values())
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
        return self.invariant is not None and (self.setup is None or _arguments(self.invariant) > 1)

    def start(self) -> World:
        """A fresh run in which nothing has happened yet; to be called in `quietly`."""
        out = sys.stdout = io.StringIO()
        shared = None if self.setup is None else self.setup()
        tasks = [make(shared) if takes else make() for make, takes in self._makers]  # type: ignore[attr-defined]
        return World(self, shared, tasks, out)

    def play(self, schedule: Sequence[int]) -> World:
        """A fresh run after these steps."""
        return self.start().run(schedule)

    def holds(self, world: World) -> bool:
        """Whether the invariant holds at the end of this run; InvariantError if it does not say."""
        if self.invariant is None:
            return True
        shown = (world.output,) if self.setup is None else (world.shared, world.output)[: _arguments(self.invariant)]
        try:
            verdict = self.invariant(*shown)
        except Exception as error:
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


class World:
    """One run: its shared object, its tasks, and who of them can go on."""

    __slots__ = ("alive", "error", "out", "program", "schedule", "shared", "tasks", "waited", "waits")

    def __init__(self, program: Program, shared: Any, tasks: list[Generator[Any, Any, Any]], out: io.StringIO) -> None:
        self.program = program
        self.shared = shared
        self.tasks = tasks
        self.alive: tuple[int, ...] = tuple(range(len(tasks)))
        self.waits: dict[int, Wait] = {}  # what a suspended task waits for, if for anything
        self.waited = False  # some task had to wait at some time
        self.schedule: list[int] = []
        self.error: tuple[int, Exception] | None = None  # which task raised, and what
        self.out = out

    @property
    def output(self) -> str:
        """What was printed so far."""
        return self.out.getvalue()

    @property
    def ready(self) -> tuple[int, ...]:
        """The tasks that can go on now, in the order of their names in the program."""
        if self.error is not None:
            return ()
        if self.waits:
            return tuple(t for t in self.alive if (wait := self.waits.get(t)) is None or wait.is_over())
        return self.alive

    def run(self, schedule: Sequence[int]) -> World:
        """Let the tasks of this schedule take a step each. NotDeterministicError if one of them cannot."""
        tasks, waits, names = self.tasks, self.waits, self.program.names
        sys.stdout = self.out
        steps = iter(schedule)
        budget.left = MOST_JUMPS
        try:
            for task in steps:
                running.name = names[task]
                if waits:
                    waits.pop(task, None)
                got = next(tasks[task], ENDED)
                if got is not None:
                    self._note(task, got)
        except (NotDeterministicError, EndlessError, PreemptionError):
            raise
        except OutOfPatience as found:
            budget.left = math.inf
            done = [*self.schedule, *schedule[: len(schedule) - len(list(steps))]]
            raise self._stuck(str(found), done).with_traceback(found.__traceback__) from None
        except Exception as error:
            self.error = (task, error)
            if list(steps):
                raise self.otherwise() from error
        finally:
            budget.left = math.inf
        self.schedule.extend(schedule)
        return self

    def finish(self, later: list[Step] | None = None) -> World:
        """Go on to the end, always with the first task that can; `later` is given the other ones of each step."""
        limit = self.program.max_steps
        while ready := self.ready:
            if len(self.schedule) >= limit:
                raise self._endless()
            if later is not None:
                later.append(ready[1:])
            self.run(ready[:1])
        return self

    def _note(self, task: int, got: Any) -> None:
        if got is ENDED:
            if task not in self.alive:
                raise self.otherwise()
            self.alive = tuple(other for other in self.alive if other != task)
        elif type(got) is Wait:
            self.waits[task] = got
            self.waited = True

    def otherwise(self) -> NotDeterministicError:
        """The error that says that this run did something else than an earlier one under the same schedule."""
        return NotDeterministicError(
            f"The program is not deterministic: the schedule {self.program.spell(self.schedule[:8])} did one thing the "
            "first time and another the second.\n"
            "  What it does may depend on its schedule alone: no random numbers, times, input or sets of objects,\n"
            "  and nothing that lives on from run to run; `setup` makes all of it afresh."
        )

    def _endless(self) -> EndlessError:
        program, schedule = self.program, self.schedule
        return EndlessError(
            f"{program.names[schedule[-1]]} did not come to its end within {program.max_steps:,} steps "
            f"(the order begins {program.spell(schedule[:8])} ...).\n"
            "  A coroutine to be explored has to end. If it waits in a loop for another one, let it wait instead:\n"
            "  yield from lock.acquire(), condition.wait() or queue.get(). If it is only long: max_steps=..."
        )

    def _stuck(self, function: str, schedule: list[int]) -> EndlessError:
        return EndlessError(
            f"{function} runs in a loop and never comes to a yield, so nobody else can go on "
            f"(the order begins {self.program.tell(schedule)}).\n"
            "  A coroutine gives up its turn only at a yield. If it waits in this loop for another one, write\n"
            "  yield from lock.acquire(), condition.wait() or queue.get()."
        )

    def close(self) -> None:
        """Let go of tasks that are still suspended, and of what their finalisers print."""
        for task in self.alive:
            budget.left = MOST_JUMPS // 10
            try:
                self.tasks[task].close()
            except (Exception, OutOfPatience):  # the run is over and judged: what its end raises concerns nobody
                continue
            finally:
                budget.left = math.inf


@contextmanager
def quietly() -> Iterator[None]:
    """Runs of programs print into their own worlds in here, not on the page, and no step runs for ever; one thread at
    a time.

    Runs leave no rings of references behind, or few; looking for them after every few hundred objects would take a
    fifth of the time, so it is done less often.
    """
    with _ONE_AT_A_TIME, patience():
        page, often = sys.stdout, gc.get_threshold()
        try:
            gc.set_threshold(max(often[0], 50_000) if often[0] else 0, *often[1:])
            yield
        finally:
            sys.stdout = page
            gc.set_threshold(*often)
            running.name = None


def _no_mapping(coroutines: object) -> str:
    return (
        "Each coroutine takes part under a name of its own.\n"
        f"  You wrote: {describe(coroutines)}\n"
        '  Write:     {"A": A, "B": B}'
    )


def _check(name: str, function: Any) -> None:
    if not (isinstance(name, str) and name and name.isprintable()):
        raise ExplorationError(
            "A coroutine goes by a name in quotes, on one line.\n"
            f"  You wrote: {{{describe(name)}: {getattr(function, '__name__', '...')}}}\n"
            f'  Write:     {{"A": {getattr(function, "__name__", "...")}}}'
        )
    if inspect.isgenerator(function):
        raise ExplorationError(
            f"Every order begins afresh, so exploring needs the generator function, not a generator.\n"
            f'  You wrote: {{"{name}": {function.__name__}(...)}}\n'
            f'  Write:     {{"{name}": {function.__name__}}}'
        )
    if inspect.iscoroutinefunction(function):
        raise ExplorationError(
            f"{name!r} is an async def; exploring takes generator functions, with a yield as switch point."
        )
    if not callable(function):
        raise ExplorationError(f"{name!r} should be a generator function; it is {type(function).__name__}.")


def check_tasks(world: World) -> None:
    """ExplorationError where something that was called did not return a generator."""
    for name, task, function in zip(world.program.names, world.tasks, world.program.coroutines.values(), strict=True):
        if not inspect.isgenerator(task):
            word = getattr(function, "__name__", "f").replace("<lambda>", "f")
            raise ExplorationError(
                f"{name!r} is a plain function without a yield, so nobody can be switched to inside it.\n"
                f'  Write a yield where it may be left, or explore it as a thread: {{"{name}": preemptible({word})}}'
            )


def _arguments(function: Callable[..., Any]) -> int:
    """How many arguments without a default a function takes by position (one, if it does not say)."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in by_position and p.default is p.empty for p in parameters)


def told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
