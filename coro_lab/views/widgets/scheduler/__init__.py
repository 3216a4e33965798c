"""SchedulerWidget: the learner is the scheduler, and chooses who takes each next step.

Every state that can be reached is computed in advance, so the front end (`scheduler.js`) needs no kernel: it works
while a cell runs, after the kernel has died and in a saved page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import traitlets

from coro_lab.engine.explore import Exploration, Interleavings
from coro_lab.engine.explore.asyncio_orders.program import program_of
from coro_lab.engine.explore.program import MAX_STEPS, Program
from coro_lab.errors import ArgumentError
from coro_lab.trace.trace import VIEWERS
from coro_lab.views.palette import styles
from coro_lab.views.widgets import frontend
from coro_lab.views.widgets.base import LabWidget
from coro_lab.views.widgets.scheduler.shown import shown as states_of

MODULES = (
    *frontend.PAGE,
    "field.js",
    *frontend.CODE,
    *(f"scheduler/{name}.js" for name in ("orders", "colours", "source", "lattice", "scheduler")),
)
GOALS = {"broken": "find an order that goes wrong", "deadlock": "bring them into a deadlock"}


class SchedulerWidget(LabWidget):
    """A button for each coroutine or task that can take a step; the path, the output and the shared object so far.

    `coroutines`, `setup`, `invariant` and `order` are those of `explore`, so an asyncio program is given by the async
    function that begins it; a result of `interleavings` or `explore` is accepted as well. `goal` makes a puzzle:
    'broken', 'deadlock', or the words that the learner should make the program print. `impossible` is a list of
    outputs, of which exactly one is printed by no order. `title` stands above the widget, and a puzzle that was solved
    is kept with the learner's progress under it. `schedule` holds the names chosen so far; joined by spaces, they are a
    schedule for `replay`. `solved` says whether the puzzle is solved. `program` and `looks` are what the browser gets
    of it. Raises TooManyOrdersError for a program with too many orders to choose by hand, ArgumentError for a goal that
    no order reaches, for a list without exactly one impossible output, and for asyncio's own order, in which there is
    nothing to choose.

    >>> def A():
    ...     print(1)
    ...     yield
    ...     print(2)
    >>> SchedulerWidget({"A": A, "B": A}, goal="1 1 2 2")
    SchedulerWidget(A, B: 6 orders; puzzle: print 1 1 2 2)
    """

    _esm = frontend.joined(*MODULES)
    _css = frontend.joined_styles("player/code.css", "scheduler/scheduler.css")

    program = traitlets.Dict().tag(sync=True)
    looks: traitlets.List[dict[str, str]] = traitlets.List().tag(sync=True)
    goal = traitlets.Unicode("").tag(sync=True)
    impossible: traitlets.List[str] = traitlets.List().tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    schedule: traitlets.List[str] = traitlets.List().tag(sync=True)
    solved = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        coroutines: Mapping[str, Callable[..., Any]] | Callable[..., Any] | Interleavings | Exploration,
        *,
        setup: Callable[[], Any] | None = None,
        invariant: Callable[..., object] | None = None,
        goal: str = "",
        impossible: Sequence[str] = (),
        order: str = "tasks",
        title: str = "",
    ) -> None:
        if isinstance(coroutines, (Interleavings, Exploration)):
            program = coroutines.program
        else:
            asynchronous = program_of(coroutines, setup, invariant, MAX_STEPS, order)
            program = asynchronous or Program(coroutines, setup, invariant)  # type: ignore[arg-type]
        shown = states_of(program)
        _check(shown, goal, list(impossible))
        super().__init__(
            program=shown,
            looks=[look._asdict() for look in styles(shown["names"])],
            goal=goal,
            impossible=list(impossible),
            title=title,
        )

    @traitlets.observe("solved")
    def _keep(self, _: object) -> None:
        if self.solved and self.title:
            VIEWERS["solved"](self.title)

    def __repr__(self) -> str:
        names, orders = ", ".join(self.program["names"]), self.program["states"][""]["orders"]
        puzzle = f"; puzzle: {GOALS.get(self.goal) or f'print {self.goal}'}" if self.goal else ""
        puzzle += "; puzzle: which of these is impossible?" if self.impossible else ""
        return f"SchedulerWidget({names}: {orders:,} orders{puzzle})"


def _check(shown: dict[str, Any], goal: str, impossible: list[str]) -> None:
    ends = [state for state in shown["states"].values() if "finding" in state]
    printed = {" ".join(end["output"].split()) for end in ends}
    kinds = {end["finding"]["kind"] for end in ends if end["finding"]}
    reached = {"": True, "broken": bool(kinds), "deadlock": "deadlock" in kinds}
    if not reached.get(goal, " ".join(goal.split()) in printed):
        said = f"This puzzle has no solution: no order reaches {goal!r}."
        raise ArgumentError(said, argument="goal", given=repr(goal))
    without = [words for words in impossible if " ".join(words.split()) not in printed]
    if impossible and len(without) != 1:
        raise ArgumentError(
            f"Of the outputs in impossible=, exactly one should be impossible; here {len(without)} are: {without}.",
            argument="impossible",
            given=repr(impossible),
        )
