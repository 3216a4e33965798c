"""What some orders, drawn at random, say of all orders.

An order that is drawn with the probability p stands for 1/p orders: that is its *weight*. The mean of the weights
estimates the number of all orders, and the weights of the broken ones their share (D. E. Knuth, "Estimating the
efficiency of backtrack programs", Mathematics of Computation 29, 1975). The more the weights differ, the fewer equally
likely orders the sample is worth: (sum of w)² / (sum of w²) (L. Kish, "Survey Sampling", 1965).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

PROBES = 16
"""Orders drawn first, to see how many steps each task takes, and about how many orders there are."""
MUCH = 20
"""If these suggest `MUCH` times more orders than may be run, the sample begins at once."""
LEAST_WORTH, LEAST_PART = 30, 0.1
"""A sample that is worth fewer equally likely orders, or a smaller part of those drawn, says nothing of all orders."""
_Z = 1.96  # standard errors, within which 95 % of all samples lie


@dataclass(slots=True)
class Weights:
    """Sums over the drawn orders. A weight is a whole number of units; `unit` of them are one order."""

    unit: int = 1
    drawn: int = 0
    all: int = 0
    squares: int = 0
    broken: int = 0
    broken_squares: int = 0

    def add(self, weight: int, *, is_broken: bool) -> None:
        """Add an order."""
        self.drawn += 1
        self.all += weight
        self.squares += weight * weight
        if is_broken:
            self.broken += weight
            self.broken_squares += weight * weight

    def merge(self, other: Weights) -> None:
        """Add the orders of another sample of the same program."""
        self.unit = other.unit
        self.drawn += other.drawn
        self.all += other.all
        self.squares += other.squares
        self.broken += other.broken
        self.broken_squares += other.broken_squares

    @property
    def are_equal(self) -> bool:
        """Whether all drawn orders were equally likely."""
        return self.squares * self.drawn == self.all * self.all

    @property
    def worth(self) -> float:
        """How many equally likely orders say as much."""
        return self.all * self.all / self.squares if self.drawn else 0.0

    def exceed(self, most: int) -> bool:
        """Whether there are likely to be far more orders than `most`; more, if all weights are equal."""
        return self.all > self.drawn * self.unit * most * (1 if self.are_equal else MUCH)

    @property
    def _speaks(self) -> bool:
        return self.worth >= max(LEAST_WORTH, LEAST_PART * self.drawn)

    @property
    def total(self) -> int | None:
        """About how many orders there are: two digits of it, if the drawn ones had different weights.

        None if the sample is too small to say.
        """
        if self.drawn and self.are_equal:
            return round_ratio(self.all, self.drawn * self.unit)
        if not self._speaks:
            return None
        whole = round_ratio(self.all, self.drawn * self.unit)
        scale: int = 10 ** max(0, len(str(whole)) - 2)
        return round_ratio(whole, scale) * scale

    @property
    def share(self) -> tuple[float, float] | None:
        """Between which shares of all orders are broken, with a confidence of 95 %; None if it cannot be told.

        It is the interval of E. B. Wilson (1927) for as many orders as the sample is worth.
        """
        if not self._speaks:
            return None
        share, worth = self.broken / self.all, self.worth
        unlike = (1 - share) ** 2 * self.broken_squares / self.squares
        unlike += share**2 * (self.squares - self.broken_squares) / self.squares
        if unlike:
            worth = min(worth, share * (1 - share) * worth / unlike)
        middle = (share + _Z**2 / (2 * worth)) / (1 + _Z**2 / worth)
        half = _Z / (1 + _Z**2 / worth) * math.sqrt(share * (1 - share) / worth + _Z**2 / (4 * worth**2))
        low, high = middle - half, middle + half
        return low if self.broken else 0.0, high if self.broken < self.all else 1.0


def round_ratio(number: int, by: int) -> int:
    """The whole number next to this ratio."""
    return (2 * number + by) // (2 * by)


def drawn_place(sizes: Sequence[int], chance: Random) -> int:
    """A place, drawn in proportion to these sizes."""
    number = chance.randrange(sum(sizes))
    for at, size in enumerate(sizes):
        number -= size
        if number < 0:
            return at
    raise AssertionError("the number is smaller than the sum of the sizes")
