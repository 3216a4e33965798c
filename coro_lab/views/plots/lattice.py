"""lattice(): every order of two coroutines as a path; for more coroutines, a tree of choices.

Steps of the first coroutine go to the right, steps of the second upwards. An order is a path from the lower left
corner; Dijkstra drew two processes like this in the 1960s ("progress graph"). A place is in the forbidden region, and
shaded, if every order through it is broken. A place is dotted if no order reaches it, because a coroutine waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.lattice_counts import Ways, ways
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import VERBS, judge
from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.packages import needs
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.views.plots.arguments import check_ax

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class HasProgram(Protocol):
    """A result of `interleavings` or `explore`."""

    @property
    def program(self) -> Program:
        """The coroutines, their setup and the invariant."""


def lattice(orders: HasProgram, schedule: str | Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """The orders as paths, and the order of `schedule` drawn boldly. Returns the Axes.

    `orders` is a result of `interleavings` or `explore`; for `explore` the default of `schedule` is the counterexample.
    A thin line is a step that some good order takes; only broken orders take a dashed one. A path ends in a square, or
    in a cross if the order is broken. `ax` is a matplotlib Axes to draw in; without it a figure is made. Raises
    TooManyOrdersError for more than 50,000 orders, ScheduleError for a name that is not in the program, and
    ArgumentError if `orders` is not a result of `interleavings` or `explore`.

    >>> from coro_lab import interleavings
    >>> def A():
    ...     print(1)
    ...     yield
    ...     print(2)
    >>> lattice(interleavings({"A": A, "B": A}), "ABAB").get_title(loc="left")
    'A B A B prints 1 1 2 2'
    """
    program = getattr(orders, "program", None)
    if isinstance(program, AsyncProgram):
        said = (
            "lattice takes generators; the tasks of an asyncio program are made while it runs.\n"
            "  Write: timeline(explore(main).counterexample), or timeline(order.trace) for one of interleavings(main)"
        )
        raise ArgumentError(said, argument="orders", given=describe(orders))
    if not isinstance(program, Program):
        raise _no_orders_error(orders)
    check_ax("lattice", "orders", ax)
    counted = ways(program)
    chosen = program.parse(schedule if schedule is not None else getattr(orders, "schedule", None) or ())
    title = _title(program, counted, chosen)
    with needs("lattice"):
        from coro_lab.views.plots import lattice_grid, lattice_tree  # matplotlib; see coro_lab.views.plots

    draw = lattice_grid.draw if len(program.names) == 2 else lattice_tree.draw
    return draw(program, counted, chosen, title, ax)


def _no_orders_error(given: object) -> ArgumentError:
    instead = 'lattice(interleavings({"A": A, "B": B}))'
    if isinstance(given, Trace):
        what = "lattice shows all orders of a program, and a Trace is the run of one order."
        said = advice(what, "lattice(trace)", f"timeline(trace), or {instead}")
    else:
        said = advice("lattice shows what interleavings or explore returned.", f"lattice({describe(given)})", instead)
    return ArgumentError(said, argument="orders", given=describe(given))


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
        printed = " ".join(run.output.split())
        return f"{spelled} prints {printed}" if printed else f"{spelled}: all is well"
    first, _, rest = VERBS[found.kind].partition(" ")
    return f"{spelled} {first}s {rest}; {counted.total.broken:,} of {orders} are broken"
