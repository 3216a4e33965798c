"""What bounds a search, and the words for how orders were judged."""

from __future__ import annotations

from dataclasses import dataclass

REDUCED, MERGED, EVERY = "equivalent orders judged once", "equal states merged", "every order run"
SAMPLE, PART = "a uniform random sample", "not all orders were judged"

FOUND_FIRST = "a broken order was found first; count=True judges all"
"""Why not all orders were judged."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a search."""

    orders: int  # how many are run at most
    counted: bool  # whether it goes on until all orders are counted
    reduces: bool = True  # whether orders may be judged without running each
