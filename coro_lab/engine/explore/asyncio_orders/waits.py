"""Who waits for what where nobody can go on: the wait-for graph of asyncio's tasks in an order.

What a task awaits, and by which name that goes, is read in `engine/waits`, which asks a running loop the same.
"""

from __future__ import annotations

import asyncio
from types import FrameType
from typing import Any

from coro_lab.engine.explore.asyncio_orders.names import TaskNames
from coro_lab.engine.explore.asyncio_orders.run import AsyncRun
from coro_lab.engine.explore.asyncio_orders.watch import Watch
from coro_lab.engine.explore.verdict import TaskWait
from coro_lab.engine.waits.awaited import Awaited, awaited_by, frames_of, seconds_of_sleep
from coro_lab.engine.waits.naming import Places, name_of, variables_of, wording


class WaitGraph:
    """The wait-for graph of a run in which nobody can go on."""

    def __init__(self, run: AsyncRun, watch: Watch) -> None:
        self._run = run
        self._watch = watch
        self._names = TaskNames(run.loop)
        self._places = Places()
        self._awaited = {task: awaited_by(task, self._frames(task)) for task in run.pending}

    def waits(self) -> tuple[TaskWait, ...]:
        """One entry for each task that waits."""
        return tuple(self._wait(task, awaited) for task, awaited in self._awaited.items())

    def lost(self) -> tuple[str, str, str] | None:
        """Who did what to which object while nobody waited; None if no task waits for a wake-up that came too early."""
        for task, awaited in self._awaited.items():
            by = [other for other in self._watch.lost_wake_ups.get(id(awaited.on), ()) if other is not task]
            if by:
                who = "nobody's callback" if by[0] is None else self._names.of(by[0])
                did = "set" if isinstance(awaited.on, asyncio.Event) else "notified"
                return who, did, self.name_of(awaited.on, task)
        return None

    def _wait(self, task: asyncio.Task[Any], awaited: Awaited) -> TaskWait:
        mine, name = self._names.of(task), self.name_of(awaited.on, task)
        if isinstance(awaited.on, asyncio.Lock):
            holder = self._watch.holders.get(id(awaited.on))
            held_by = None if holder is None else self._names.of(holder)
            return TaskWait(mine, name, (held_by,) if holder in self._awaited and held_by else (), held_by)
        if awaited.by:
            which = tuple(self._names.of(each) for each in self._awaited if each in awaited.by)
            what = ", ".join(which) if len(which) == len(awaited.by) else f"{len(awaited.by)} futures"
            return TaskWait(mine, what, which)
        others = tuple(self._names.of(other) for other in self._awaited if not self._needs(other, task))
        return TaskWait(mine, wording(awaited, name), others)

    def _needs(self, one: asyncio.Future[Any], other: asyncio.Task[Any]) -> bool:
        """Whether this task cannot go on before that other one is done."""
        todo, seen = [one], set[Any]()
        while todo:
            task = todo.pop()
            if task is other:
                return True
            if task not in seen:
                seen.add(task)
                todo += self._awaited[task].by if task in self._awaited else ()
        return False

    # -- names of asyncio's objects

    def name_of(self, wanted: Any, task: asyncio.Task[Any]) -> str:
        """The name of the variable, attribute or place that holds this object; 'a lock' and the like if none does."""
        shared = [(None, self._run.shared)] if self._run.shared is not None else []
        began = [one for one in self._run.loop.tasks if one in self._awaited][:1]
        frames = (frame for each in (*began, task) for frame in self._frames(each))
        return name_of(wanted, (*shared, *variables_of(frames)), self._places)

    def _frames(self, task: asyncio.Task[Any]) -> list[FrameType]:
        return frames_of(self._run.loop.coroutine_of(task))


def sleep_of(name: str, coroutine: Any) -> str:
    """How long a task sleeps, as a sentence; empty if it does not."""
    seconds = seconds_of_sleep(frames_of(coroutine))
    return "" if seconds is None else f"{name} sleeps for {seconds:g} s"
