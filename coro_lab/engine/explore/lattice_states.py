"""Every state that a learner can choose their way to, worked out once, so that a front end needs nobody to ask."""

from __future__ import annotations

import inspect
from typing import Any

from coro_lab.engine.explore.findings import judge, wait_graph
from coro_lab.engine.explore.lattice_counts import Ways, ways
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.sync import Condition, Lock, Queue
from coro_lab.errors import ExplorationError
from coro_lab.trace.safe_repr import describe

MOST_STATES = 4_000

type Told = dict[str, Any]
"""A part of the answer as JSON can carry it."""


def choices(program: Program) -> Told:
    """Each beginning of each order, by the places of its names ('0110'): what was printed, who can go on, what is left.

    ExplorationError for more than 4,000 of them.
    """
    counted = ways(program)
    if len(counted.beginnings) > MOST_STATES:
        raise ExplorationError(
            f"There are {counted.total.orders:,} orders, more than anybody could choose between by hand.\n"
            "  Take fewer steps or fewer coroutines here; explore(...) judges the large program."
        )
    with quietly():
        states = {spelled(schedule): _state(program, counted, schedule) for schedule in sorted(counted.beginnings)}
    return {
        "names": list(program.names),
        "sizes": list(counted.sizes),
        "states": states,
        "forbidden": [list(point) for point in counted.forbidden],
        "unreached": [list(point) for point in counted.unreached],
    }


def spelled(schedule: Schedule) -> str:
    """A schedule as the key of its state: one character a step, 0 to 9 and on through the letters."""
    return "".join("0123456789abcdefghijklmnopqrstuvwxyz"[task] for task in schedule)


def _state(program: Program, counted: Ways, schedule: Schedule) -> Told:
    world = LiveRun(program).follow(schedule)
    passage = counted.beginnings[schedule]
    told: Told = {
        "output": world.output,
        "shared": "" if program.setup is None else _shown(world.shared),
        "ready": list(world.ready),
        "tasks": [_task(world, task) for task in range(len(program.names))],
        "orders": passage.orders,
        "broken": passage.broken,
    }
    if not world.ready:
        finding = judge(world)
        told["finding"] = None if finding is None else {"kind": finding.kind, "text": finding.text}
    world.close()
    return told


def _shown(shared: Any) -> str:
    """The shared object in words: the attributes of an object, the items of a dict under names, else its value."""
    named = isinstance(shared, dict) and all(isinstance(name, str) for name in shared)
    attributes = shared if named else getattr(shared, "__dict__", None)
    if not attributes:
        return describe(shared)
    return "\n".join(
        f"{name} = {value!r}" if isinstance(value, (Lock, Condition, Queue)) else f"{name} = {describe(value)}"
        for name, value in attributes.items()
    )


def _task(world: LiveRun, task: int) -> Told:
    """What one task is doing: its state in the language's own word, its line, and what it waits for."""
    generator: Any = world.tasks[task]
    state = inspect.getgeneratorstate(generator).removeprefix("GEN_").lower()
    frame = generator.gi_frame
    waits = next((str(wait) for wait in wait_graph(world) if wait.task == world.program.names[task]), "")
    line = frame.f_lineno if frame is not None and state == "suspended" else None
    return {"state": state, "line": line, "waits": "" if task in world.ready else waits}
