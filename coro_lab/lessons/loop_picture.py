"""A picture of the learner's event loop at work: in which of its boxes each task is, step by step.

The loop is watched from outside, through `ready`, `sleeping` and `selector`, so that it may be as unfinished as the
lesson has it. A loop keeps a task in one place only; while the task runs, that place is the processor.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from coro_lab.trace.safe_repr import describe
from coro_lab.views.palette import GREY, style
from coro_lab.views.plots.charts import caption, chart, side_room
from coro_lab.views.plots.figure import settings

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
    names = dict[int, tuple[str, Any]]()  # by id, with the task, which keeps the id its own
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
    title = "In each step one task runs; the others are in a box"
    left = side_room(BOXES)
    with settings():
        ax = chart(HIGH * len(used), left, side_room(names) + KEY, title)
        for place, box in enumerate(used):
            ax.axhspan(place - 0.46, place + 0.46, color=GREY.colour, alpha=0.2 if box == RUNS else 0.1, lw=0)
        for place, name in enumerate(names):
            _line(ax, glances, name, 0.6 * ((place + 0.5) / len(names) - 0.5), used)
        ax.set(xlim=(-0.4, len(glances) / 2 - 0.1), ylim=(-0.5, len(used) - 0.5), xlabel="step")
        ax.set_yticks(range(len(used)), used)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.tick_params(axis="y", length=0)
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, handlelength=1.5)
        caption(ax, title)
    return ax


def _line(ax: Axes, glances: list[Glance], name: str, beside: float, used: list[str]) -> None:
    """The way of one task through the boxes; a square is its last step."""
    seen = [(glance.step, used.index(glance.boxes[name]) + beside) for glance in glances if name in glance.boxes]
    colour = style(name).colour
    ax.plot(*zip(*seen, strict=True), color=colour, marker="o", ms=3, lw=1.5, label=name)
    ax.plot(*seen[-1], color=colour, marker="s", ms=8)


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
