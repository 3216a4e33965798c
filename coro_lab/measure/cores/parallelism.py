"""What the running Python offers for using several cores, in plain sentences."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

from coro_lab.measure.machine import has_gil
from coro_lab.trace.wrapping import fitted


@dataclass(frozen=True)
class Ability:
    """One way to use several cores in one process, and whether this Python offers it."""

    name: str  # free threading, or interpreters
    here: bool  # whether this Python offers it
    sentence: str  # what it is, or what it would take
    executor: Callable[[int], Executor] | None = None  # makes an executor of this many workers; None: not offered

    def __str__(self) -> str:
        return fitted(f"{self.name}: {'yes' if self.here else 'not here'}. {self.sentence}")


def abilities() -> tuple[Ability, ...]:
    """The two ways to use several cores in one process: free threading, and interpreters.

    Each says whether this Python offers it, and has the executor that uses it.

    >>> from coro_lab import cores
    >>> [ability.name for ability in cores.abilities()]
    ['free threading', 'interpreters']
    """
    free, interpreters = not has_gil(), getattr(concurrent.futures, "InterpreterPoolExecutor", None)
    return (
        Ability(
            "free threading",
            free,
            "Threads of this process run Python code on several cores at once."
            if free
            else "This Python has a global lock, the GIL: one thread at a time runs Python code. "
            "Python 3.13 and later also come as a build without it.",
            ThreadPoolExecutor if free else None,
        ),
        Ability(
            "interpreters",
            interpreters is not None,
            "Several interpreters, each with its own GIL, share this process."
            if interpreters
            else "From Python 3.14 on, InterpreterPoolExecutor in concurrent.futures runs several interpreters in one "
            "process, each with its own GIL.",
            interpreters,
        ),
    )
