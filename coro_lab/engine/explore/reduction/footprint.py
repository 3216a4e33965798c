"""What one step reads and writes, and whether two steps have to do with each other.

A place is an object, by its number in the run, and in it an attribute, an item, its size, or all of it. Two steps are
in conflict if both touch one place and one of them writes there; then their order can matter. Otherwise they commute:
either order leads to the same state.
"""

from __future__ import annotations

from collections.abc import Hashable

ALL: Hashable = type("All", (), {"__repr__": lambda self: "ALL"})()
SIZE: Hashable = type("Size", (), {"__repr__": lambda self: "SIZE"})()
"""As the key of a place: the whole object, and how many items it has."""

type Place = tuple[int, Hashable]


class Footprint:
    """What a step reads and writes, written place by place."""

    __slots__ = ("everything", "is_certain", "last", "needs", "touched", "whole", "written")

    def __init__(self, needs: tuple[int, ...] = ()) -> None:
        self.needs = needs  # the steps of the run without which it could not be taken
        self.touched: set[Place] = set()
        self.written: set[Place] = set()  # these are touched, too
        self.whole: set[int] = set()  # the objects of which it touches ALL
        self.last = -1  # the highest number of an object that it touches
        self.everything = False  # it may touch anything, because what it calls cannot be seen
        self.is_certain = True  # it touches the same wherever the step is taken

    @property
    def is_empty(self) -> bool:
        """Whether it touches nothing that others can see."""
        return not self.touched and not self.everything

    def note(self, number: int, key: Hashable, writes: bool) -> None:
        """Add one place."""
        place = number, key
        self.touched.add(place)
        if writes:
            self.written.add(place)
        if key is ALL:
            self.whole.add(number)
        if number > self.last:
            self.last = number

    def conflicts(self, other: Footprint, known: int | None = None) -> bool:
        """Whether the order of the two steps can matter.

        Two footprints of different runs number only the first `known` objects alike: then two others may be the same.
        """
        if self.everything or other.everything:
            return not (self.is_empty or other.is_empty)
        if known is not None and self.last >= known and other.last >= known:
            return True
        if not (self.written.isdisjoint(other.touched) and other.written.isdisjoint(self.touched)):
            return True
        return _meet(self, other) or _meet(other, self)


class NoFootprint(Footprint):
    """A footprint for a step whose footprint is known already: it notes nothing."""

    __slots__ = ()

    def note(self, number: int, key: Hashable, writes: bool) -> None:
        """Pass it over."""


def _meet(one: Footprint, other: Footprint) -> bool:
    """Whether one touches ALL of an object and the other a part of it, and one of them writes."""
    for at in one.whole:
        is_written = (at, ALL) in one.written
        for place in other.touched if is_written else other.written:
            if place[0] == at:
                return True
    return False
