"""Counts that a caller gives: of tasks, processes, coroutines, connections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from coro_lab.errors import ArgumentError
from coro_lab.trace.safe_repr import describe


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
