"""lattice(): every order of two coroutines or tasks as a path; for more of them, a tree of choices.

Steps of the first coroutine go to the right, steps of the second upwards. An order is a path from the lower left
corner; Dijkstra drew two processes like this in the 1960s ("progress graph"). A place is in the forbidden region, and
shaded, if every order through it is broken. A place is dotted if no order reaches it, because a coroutine waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

from coro_lab.engine.explore.asyncio_orders.names import places_of
from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.asyncio_orders.states import async_end, async_ways
from coro_lab.engine.explore.lattice_counts import Ways, ways
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import VERBS, Finding, judge
from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.packages import is_installed
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.views.plots.arguments import check_ax

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class HasProgram(Protocol):
    """A result of `interleavings` or `explore`."""

    @property
    def program(self) -> Program | AsyncProgram:
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
    if not isinstance(program, Program | AsyncProgram):
        raise _no_orders_error(orders)
    check_ax("lattice", "orders", ax)
    given = schedule if schedule is not None else getattr(orders, "schedule", None) or ()
    if isinstance(program, AsyncProgram):
        counted = async_ways(program)
        chosen = places_of(program, counted.names, given)
    else:
        counted, chosen = ways(program), program.parse(given)
    title = _title(program, counted, chosen)
    if not is_installed("matplotlib"):
        from coro_lab.views.plots.svg import lattice as svg

        return cast("Axes", svg.draw(counted, chosen, title))
    from coro_lab.views.plots.axes import lattice_grid, lattice_tree  # matplotlib; see coro_lab.views.plots.axes

    draw = lattice_grid.draw if len(counted.names) == 2 else lattice_tree.draw
    return draw(counted, chosen, title, ax)


def _no_orders_error(given: object) -> ArgumentError:
    instead = 'lattice(interleavings({"A": A, "B": B}))'
    if isinstance(given, Trace):
        what = "lattice shows all orders of a program, and a Trace is the run of one order."
        said = advice(what, "lattice(trace)", f"timeline(trace), or {instead}")
    else:
        said = advice("lattice shows what interleavings or explore returned.", f"lattice({describe(given)})", instead)
    return ArgumentError(said, argument="orders", given=describe(given))


def _title(program: Program | AsyncProgram, counted: Ways, chosen: Schedule) -> str:
    orders = f"{counted.total.orders:,} orders"
    if not chosen:
        return f"{orders}, {counted.total.broken:,} of them broken" if counted.total.broken else orders
    names = [counted.names[place] for place in chosen]
    spelled = program.abbreviate(names) if isinstance(program, AsyncProgram) else program.abbreviate(chosen)
    if chosen not in counted.beginnings:
        return f"{spelled} is none of the {orders}"
    if not counted.is_whole(chosen):
        return f"{spelled} ...: {counted.beginnings[chosen].orders:,} of {orders} begin like this"
    output, found = async_end(program, names) if isinstance(program, AsyncProgram) else _end(program, chosen)
    if found is None:
        printed = " ".join(output.split())
        return f"{spelled} prints {printed}" if printed else f"{spelled}: all is well"
    first, _, rest = VERBS[found.kind].partition(" ")
    return f"{spelled} {first}s {rest}; {counted.total.broken:,} of {orders} are broken"


def _end(program: Program, chosen: Schedule) -> tuple[str, Finding | None]:
    """What is printed in this order, and what is wrong at its end."""
    with quietly():
        run = LiveRun(program).follow(chosen)
        found = judge(run)
        run.close()
    return run.output, found
