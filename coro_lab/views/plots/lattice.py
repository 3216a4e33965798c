"""lattice(): every order of two coroutines as a path; with more of them, a tree of choices.

To the right go the steps of the first coroutine, upwards those of the second. An order is a path from the lower left
corner; Dijkstra drew two processes like this in the 1960s ("progress graph"). Where every order that passes is
broken, the place is shaded: that is the forbidden region. Where no order passes at all, because somebody waits, it is
crossed out with dots.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from coro_lab.engine.explore.findings import VERBS, judge
from coro_lab.engine.explore.lattice_counts import Ways, ways
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.errors import ExplorationError
from coro_lab.trace.safe_repr import describe

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class HasProgram(Protocol):
    """What `interleavings` and `explore` return."""

    @property
    def program(self) -> Program:
        """The coroutines, their setup and the invariant."""


def lattice(orders: HasProgram, schedule: str | Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """The orders as paths, and the one of `schedule` drawn boldly. Returns the Axes.

    `orders` is what `interleavings` or `explore` returned; for the latter the counterexample is drawn if no schedule
    is given. A thin line is a step that some good order takes, a dashed one is taken by broken orders alone. A path
    ends in a square, or in a cross if the order is broken. Raises ExplorationError for more than 50,000 orders, and
    for anything else than orders.
    """
    program = getattr(orders, "program", None)
    if not isinstance(program, Program):
        raise ExplorationError(
            "lattice shows what interleavings or explore returned.\n"
            f"  You wrote: lattice({describe(orders)})\n"
            '  Write:     lattice(interleavings({"A": A, "B": B}))'
        )
    counted = ways(program)
    chosen = program.parse(schedule if schedule is not None else getattr(orders, "schedule", None) or ())
    title = _title(program, counted, chosen)
    from coro_lab.views.plots import lattice_grid, lattice_tree  # matplotlib; see coro_lab.views.plots

    draw = lattice_grid.draw if len(program.names) == 2 else lattice_tree.draw
    return draw(program, counted, chosen, title, ax)


def _title(program: Program, counted: Ways, chosen: Schedule) -> str:
    orders = f"{counted.total.orders:,} orders"
    if not chosen:
        return f"{orders}, {counted.total.broken:,} of them broken" if counted.total.broken else orders
    spelled = program.abbreviate(chosen)
    if chosen not in counted.beginnings:
        return f"{spelled} is none of the {orders}"
    if not counted.is_whole(chosen):
        return f"{spelled} ...: {counted.beginnings[chosen].orders:,} of {orders} begin like this"
    with quietly():
        run = LiveRun(program).follow(chosen)
        found = judge(run)
        run.close()
    if found is None:
        said = " ".join(run.output.split())
        return f"{spelled} prints {said}" if said else f"{spelled}: all is well"
    first, _, rest = VERBS[found.kind].partition(" ")
    return f"{spelled} {first}s {rest}; {counted.total.broken:,} of {orders} are broken"
