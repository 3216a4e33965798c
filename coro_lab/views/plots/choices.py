"""What a tree of choices shows: which beginnings of orders, and in which row each. Nothing is drawn here."""

from __future__ import annotations

from coro_lab.engine.explore.lattice_counts import Passage, Ways
from coro_lab.engine.explore.program import Schedule

MOST = 48
"""Ends of branches in one picture; a larger tree is folded."""
LETTERS = 2
"""The longest name that is written into its mark."""


def shown(counted: Ways, chosen: Schedule) -> list[Schedule]:
    """The beginnings of orders that are drawn: the levels for which there is room, and all choices along `chosen`."""
    deepest = max(map(len, counted.beginnings))
    depth = max(
        at for at in range(deepest + 1) if sum(len(node) == at for node in counted.beginnings) <= MOST or at <= 1
    )
    return sorted(node for node in counted.beginnings if len(node) <= depth or (node[:-1] == chosen[: len(node) - 1]))


def below(counted: Ways, node: Schedule, shown: list[Schedule]) -> list[Schedule]:
    """The beginnings that are shown with one step more."""
    there = set(shown)
    return [child for task in range(len(counted.names)) if (child := (*node, task)) in there]


def rows(counted: Ways, shown: list[Schedule]) -> dict[Schedule, float]:
    """The row of each beginning: a separate row for an end, otherwise the middle of the first and last child."""
    rows: dict[Schedule, float] = {}
    ends = 0
    for node in sorted(shown, key=lambda node: (*node, -1)):
        if not below(counted, node, shown):
            rows[node] = ends
            ends += 1
    for node in sorted(shown, key=len, reverse=True):
        if later := below(counted, node, shown):
            rows[node] = (rows[later[0]] + rows[later[-1]]) / 2
    return rows


def folded(passage: Passage) -> str:
    """The words for the orders that are not drawn behind this beginning."""
    orders = f"{passage.orders:,} order{'' if passage.orders == 1 else 's'}"
    return f"... {orders}, {passage.broken:,} broken" if passage.broken else f"... {orders}"
