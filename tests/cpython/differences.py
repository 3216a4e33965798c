"""The known differences: each test whose verdict is not the same recorded as alone, and why."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One test that ends otherwise while it is recorded, with lines and without."""

    test: str
    alone: str
    recorded: str
    why: str
    pythons: tuple[tuple[int, int], ...] = ((3, 12), (3, 13))

    def applies(self) -> bool:
        """Whether the difference is known of this version of Python."""
        return sys.version_info[:2] in self.pythons


KNOWN = (
    Difference(
        test="test_generators.SignalAndYieldFromTest.test_raise_and_yield_from",
        alone="ok",
        recorded="fail",
        why="A signal is pending when a delegating generator is resumed. Alone, Python looks at signals only in the "
        "innermost generator; recorded, it does so in the callback that is told of the outer one's resume.",
    ),
)
