"""Paths: all orders of two coroutines as paths on one lattice, each described when it is pointed at or chosen."""

from __future__ import annotations

import traitlets

from coro_lab.engine.explore import Exploration, Interleavings
from coro_lab.errors import ArgumentError, TooManyOrdersError, advice
from coro_lab.trace.safe_repr import describe
from coro_lab.views.palette import styles
from coro_lab.views.widgets import frontend
from coro_lab.views.widgets.base import LabWidget
from coro_lab.views.widgets.scheduler.shown import shown

MOST_PATHS = 70
"""Paths in one picture: those of two coroutines with four steps each."""
MODULES = (*frontend.PAGE, *(f"scheduler/{name}.js" for name in ("orders", "colours", "lattice", "paths")))


class Paths(LabWidget):
    """Every order of two coroutines as a path on their lattice, and in a list, with what it prints.

    `orders` is a result of `interleavings` or `explore`. A path is described when it is pointed at, or chosen by a
    click or with the arrow keys in the list; `schedule` holds the names of the chosen one. The path of a broken order
    is dashed. `program` and `looks` are what the browser gets of it. Raises ArgumentError unless two take turns, and
    TooManyOrdersError for more than 70 orders; `lattice` draws those.

    >>> from coro_lab import interleavings
    >>> def A():
    ...     print(1)
    ...     yield
    ...     print(2)
    >>> Paths(interleavings({"A": A, "B": A}))
    Paths(A, B: 6 orders)
    """

    _esm = frontend.joined(*MODULES)
    _css = frontend.joined_styles("scheduler/scheduler.css", "scheduler/paths.css")

    program = traitlets.Dict().tag(sync=True)
    looks: traitlets.List[dict[str, str]] = traitlets.List().tag(sync=True)
    schedule: traitlets.List[str] = traitlets.List().tag(sync=True)

    def __init__(self, orders: Interleavings | Exploration) -> None:
        if not isinstance(orders, Interleavings | Exploration):
            what, wrote = "Paths shows what interleavings or explore returned.", describe(orders)
            said = advice(what, f"Paths({wrote})", 'Paths(interleavings({"A": A, "B": B}))')
            raise ArgumentError(said, argument="orders", given=wrote)
        program = shown(orders.program)
        names, number = program["names"], program["states"][""]["orders"]
        if len(names) != 2:
            said = f"The paths are those of two that take turns; here it is {len(names)}: {', '.join(names)}."
            raise ArgumentError(f"{said}\n  Write: lattice(orders)", argument="orders", given=describe(orders))
        if number > MOST_PATHS:
            said = f"There are {number:,} orders, and room for {MOST_PATHS} paths.\n  Write: lattice(orders)"
            raise TooManyOrdersError(said, limit=MOST_PATHS)
        super().__init__(program=program, looks=[look._asdict() for look in styles(names)])

    def __repr__(self) -> str:
        return f"Paths({', '.join(self.program['names'])}: {self.program['states']['']['orders']:,} orders)"
