"""Which runs are made while some code runs. A prediction looks at them: they say why its answer is right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_open: list[list[Any]] = []


@contextmanager
def noticing() -> Iterator[list[Any]]:
    """A list that each Trace, Stepper and Exploration made in the block is added to, in the order of their making."""
    runs: list[Any] = []
    _open.append(runs)
    try:
        yield runs
    finally:
        _open.pop()


def notice[Run](run: Run) -> Run:
    """The same run, after it was added to the list of each block of `noticing` that is open."""
    for runs in _open:
        runs.append(run)
    return run
