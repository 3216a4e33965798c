"""Counts and other numbers that a caller gives, or that stand in a stored result.

Counts are of tasks, processes, coroutines, connections.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeGuard

from coro_lab.errors import ArgumentError
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.stored_document import Reader, each, number, whole


def is_count(given: object, least: int = 1) -> TypeGuard[int]:
    """Whether this is a whole number of at least `least`."""
    return isinstance(given, int) and given >= least


def are_counts(given: object) -> TypeGuard[Sequence[int]]:
    """Whether this is a list, or another sequence, of at least one count."""
    return isinstance(given, Sequence) and len(given) > 0 and all(map(is_count, given))


def check_count(argument: str, given: object, what: str, *, least: int = 1) -> None:
    """ArgumentError for anything but a whole number of at least `least`; `what` says what is counted."""
    if not is_count(given, least):
        wrote = describe(given)
        said = f"{argument} is {what}, so a whole number of at least {least}; you wrote {wrote}."
        raise ArgumentError(said, argument=argument, given=wrote)


def check_seconds(argument: str, given: object, what: str) -> None:
    """ArgumentError for anything but a number of seconds, at least 0; `what` says what takes so long."""
    if not isinstance(given, (int, float)) or not 0 <= given < math.inf:
        wrote = describe(given)
        said = f"{argument} is {what}, so a number of seconds of at least 0; you wrote {wrote}."
        raise ArgumentError(said, argument=argument, given=wrote)


# -- readers of a stored document


def counted(value: object) -> int:
    """A whole number from 1."""
    found = whole(value)
    if found < 1:
        raise ValueError(f"a whole number from 1 was expected, not {value!r:.40}")
    return found


def positive(value: object) -> float:
    """A number above 0."""
    found = number(value)
    if not 0 < found < math.inf:
        raise ValueError(f"a number above 0 was expected, not {value!r:.40}")
    return found


def some[T](read: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list of at least one item, which `read` reads."""

    def read_all(value: object) -> tuple[T, ...]:
        found = each(read)(value)
        if not found:
            raise ValueError("at least one was expected, not []")
        return found

    return read_all
