"""The Trace of one order of an asyncio program, recorded like any asyncio program."""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from coro_lab.engine.explore.asyncio_orders.names import Spelled, TaskNames
from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.asyncio_orders.run import AsyncRun, own_loop
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.recorder import MAX_EVENTS
from coro_lab.engine.recorder.run import ProgramRun
from coro_lab.errors import CoroLabError
from coro_lab.trace.events import Lane, with_lane_names
from coro_lab.trace.trace import Trace

_BASE = re.compile(r" \d+$")


def async_trace_of(program: AsyncProgram, schedule: str) -> Trace:
    """What happens in the order of this schedule. Tasks that have not ended stay suspended.

    Raises ScheduleError for a schedule that names what cannot go on.
    """
    choices = Spelled(schedule)
    with quietly(), own_loop():
        run = AsyncRun(program, choices)
        begun = program.main or next(iter(program.tasks.values()))
        ours: CoroLabError | None = None

        def go() -> Any:
            nonlocal ours
            try:
                run.go()
            except CoroLabError as error:  # not the program's error
                ours = error
                raise
            return run.result()

        trace = ProgramRun().trace(go, begun, True, MAX_EVENTS, driver="event loop")
        if ours is not None:
            raise ours
        lanes = tuple(_as_in_schedule(trace.lanes, run))
        choices.check_end(run.loop)
        sys.stdout = run.out  # for what the tasks print while they are closed
        run.close()
    return replace(trace, events=with_lane_names(trace.events, lanes), lanes=lanes)


def _as_in_schedule(lanes: tuple[Lane, ...], run: AsyncRun) -> Iterator[Lane]:
    """The lanes; the first lane of each task gets the name of the task."""
    names = TaskNames(run.loop)
    begun = [one for one in dict.fromkeys(run.loop.chosen) if isinstance(one, asyncio.Task)]
    met: set[str | None] = {None}
    own: dict[int, str] = {}  # by the number of the lane
    for number, lane in enumerate(lanes):
        if lane.task not in met:
            met.add(lane.task)
            fitting = [task for task in begun if _is_lane_of(run.loop.coroutine_of(task), lane)]
            if fitting:
                own[number] = names.of(fitting[0])
                begun.remove(fitting[0])
    taken = Counter(own.values())
    for number, lane in enumerate(lanes):
        name = own.get(number) or _free(lane.name, taken)
        taken[name] += 1
        yield lane._replace(name=name)


def _is_lane_of(coroutine: Any, lane: Lane) -> bool:
    code = getattr(coroutine, "cr_code", None)
    return lane.kind == "coroutine" and code is not None and _BASE.sub("", lane.name) == code.co_name


def _free(name: str, taken: Counter[str]) -> str:
    """This name, or the same with the next number that is free."""
    base, number = _BASE.sub("", name), 1
    while name in taken:
        number += 1
        name = f"{base} {number}"
    return name
