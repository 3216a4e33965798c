"""A picture of the learner's event loop at work: in which of its boxes each task is, step by step.

The loop is watched from outside, through `ready`, `sleeping` and `selector`, so that it may be as unfinished as the
lesson has it. A loop keeps a task in one place only; while the task runs, that place is the processor.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from coro_lab.trace.safe_repr import describe
from coro_lab.views.palette import GREY, PAPER, mixed, style
from coro_lab.views.plots.chart import Axis, Chart, ChartBar, Line, side_room
from coro_lab.views.plots.pictures import draw
from coro_lab.views.plots.svg.drawing import whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RUNS, READY, ASLEEP, SOCKET = "runs", "ready queue", "asleep", "at a socket"
BOXES = (SOCKET, ASLEEP, READY, RUNS)  # from below
HIGH, KEY = 44.0, 34.0  # in points: one box, and the lines in front of the names


class Glance(NamedTuple):
    """Where each task is at one moment."""

    step: float  # k where step k begins, and k + 0.5 where it has ended
    boxes: dict[str, str]  # by the name of the task


def watch(loop: Any) -> list[Glance]:
    """Run the learner's loop until no task is left: where its tasks are at the beginning and at the end of each step.

    A task goes by its call, `nap('slow', 0.1)`, with a number behind it where another one has the same.
    """
    names = dict[int, tuple[str, Any]]()  # by id, with the task, so that no other task gets the id
    glances = list[Glance]()
    step = loop.step

    def look(ended: float) -> None:
        runs = loop.ready[0] if loop.ready and not ended else None
        where = {_name(task, names): RUNS if task is runs else box for task, box in _tasks(loop)}
        glances.append(Glance(len(glances) // 2 + ended, where))

    def watched_step() -> None:
        look(0)
        step()
        look(0.5)

    loop.step = watched_step
    try:
        loop.run()
    finally:
        del loop.step
    return glances


def boxes(loop: Any) -> Axes:
    """Run the learner's loop, and draw in which box each task is at each step: one line a task. Returns the Axes."""
    glances = watch(loop)
    names = list(dict.fromkeys(name for glance in glances for name in glance.boxes))
    used = [box for box in BOXES if any(box in glance.boxes.values() for glance in glances)]
    lines = [_way(glances, name, 0.6 * ((at + 0.5) / len(names) - 0.5), used) for at, name in enumerate(names)]
    first, last = -0.4, len(glances) / 2 - 0.1
    shades = {box: mixed(PAPER, 0.2 if box == RUNS else 0.1, GREY.colour) for box in used}
    chart = Chart(
        title="In each step one task runs; the others are in a box", high=HIGH * len(used),
        left=side_room(BOXES), right=side_room(names) + KEY,
        x=Axis(first, last, [(step, str(step)) for step in whole_ticks(first, last)], "step"),
        y=Axis(-0.5, len(used) - 0.5, list(enumerate(used)), line=False),
        bars=[ChartBar(first, last, at, 0.92, shades[box]) for at, box in enumerate(used)],
        lines=[*lines, *(Line(line.points[-1:], line.colour, marker="s", size=8) for line in lines)], key=lines,
    )  # fmt: skip
    return draw(chart)


def _way(glances: list[Glance], name: str, beside: float, used: list[str]) -> Line:
    """The way of one task through the boxes; a square is its last step."""
    seen = [(glance.step, used.index(glance.boxes[name]) + beside) for glance in glances if name in glance.boxes]
    return Line(seen, style(name).colour, marker="o", size=3, name=name)


def _tasks(loop: Any) -> Iterator[tuple[Any, str]]:
    """Every task that the loop keeps, with its box."""
    for task in loop.ready:
        yield task, READY
    for _, task in getattr(loop, "sleeping", ()):
        yield task, ASLEEP
    if selector := getattr(loop, "selector", None):
        for key in (selector.get_map() or {}).values():
            yield key.data, SOCKET


def _name(task: Any, names: dict[int, tuple[str, Any]]) -> str:
    if id(task) not in names:
        given = [describe(value) for value in task.cr_frame.f_locals.values() if isinstance(value, str | int | float)]
        call = f"{task.__name__}({', '.join(given)})" if given else task.__name__
        taken, number, free = {name for name, _ in names.values()}, 1, call
        while free in taken:
            number += 1
            free = f"{call} {number}"
        names[id(task)] = free, task
    return names[id(task)][0]
