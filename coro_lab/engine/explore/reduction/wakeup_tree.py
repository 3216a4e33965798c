"""What is left to try at a place in the order that is run: beginnings, in a wake-up tree."""

from __future__ import annotations

from dataclasses import dataclass, field

from coro_lab.engine.explore.reduction.footprint import Footprint


@dataclass(slots=True)
class Move:
    """A step that was taken elsewhere, and may be taken here: what it touched, if that is certain.

    Only the first `known` objects have the same numbers here and there.
    """

    task: int
    footprint: Footprint | None
    known: int

    def conflicts(self, other: Move) -> bool:
        """Whether their order can matter."""
        if self.footprint is None or other.footprint is None:
            return True
        return self.footprint.conflicts(other.footprint, min(self.known, other.known))


@dataclass(slots=True)
class WakeUp:
    """A node of a wake-up tree: a move, and what is left to try after it."""

    move: Move
    later: list[WakeUp] = field(default_factory=list)


type Moves = list[tuple[int, int, Move]]
"""Moves in their order: the number of the step each was, and the steps that come before it, as bits."""


def insert(tree: list[WakeUp], moves: Moves) -> None:
    """Put moves into a wake-up tree, unless it has a beginning that leads to the same."""
    while moves:
        found = next((node for node in tree if can_begin(node.move, moves)), None)
        if found is None:
            for _, _, move in moves:
                node = WakeUp(move)
                tree.append(node)
                tree = node.later
            return
        if not found.later:
            return
        tree, moves = found.later, _without_first(found.move.task, moves)


def can_begin(move: Move, moves: Moves) -> bool:
    """Whether these moves can begin with this one, or are not in conflict with it."""
    seen = 0
    for at, before, each in moves:
        if each.task == move.task:
            return not before & seen
        seen |= 1 << at
    for _, _, each in moves:
        if move.conflicts(each):
            return False
    return True


def _without_first(task: int, moves: Moves) -> Moves:
    """The moves without the first of this task."""
    at = next((at for at, (_, _, move) in enumerate(moves) if move.task == task), len(moves))
    return moves[:at] + moves[at + 1 :]
