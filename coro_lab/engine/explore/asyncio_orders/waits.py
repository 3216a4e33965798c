"""Who waits for what where nobody can go on: the wait-for graph of asyncio's tasks.

The frames of a suspended coroutine say what it awaits: a frame of `Lock.acquire` has the lock as its `self`. asyncio's
objects have no names, so each goes by a variable in which the program keeps it.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
from asyncio import locks, queues, taskgroups, tasks
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NamedTuple

from coro_lab.engine.explore.asyncio_orders.names import TaskNames
from coro_lab.engine.explore.asyncio_orders.run import AsyncRun
from coro_lab.engine.explore.asyncio_orders.watch import Watch
from coro_lab.engine.explore.verdict import TaskWait
from coro_lab.trace.own_builtins import with_builtins

_FILES = {module.__file__ for module in (locks, queues, taskgroups, tasks)}
_LOCKS = (asyncio.Lock, asyncio.Condition, asyncio.Semaphore, asyncio.Event, asyncio.Queue, asyncio.Barrier)
_DEEP = 2  # attributes and places in containers, on the way from a variable to an object


@with_builtins
class Awaited(NamedTuple):
    """What a task awaits: one of asyncio's objects, or tasks and futures; `how` is the method it waits in."""

    on: Any
    how: str = ""
    by: tuple[asyncio.Future[Any], ...] = ()  # what has to be done first


def frames_of(coroutine: Any) -> list[FrameType]:
    """The frames of a suspended coroutine, the outermost first."""
    frames: list[FrameType] = []
    while coroutine is not None:
        frames += [found for name in ("cr_frame", "gi_frame", "ag_frame") if (found := getattr(coroutine, name, None))]
        coroutine = _inner(coroutine)
    return frames


def _inner(coroutine: Any) -> Any:
    for name in ("cr_await", "gi_yieldfrom", "ag_await"):
        if hasattr(coroutine, name):
            return getattr(coroutine, name)
    if type(coroutine).__name__.startswith(("async_generator_a", "anext_awaitable", "coroutine_wrapper")):
        inside = [each for each in gc.get_referents(coroutine) if inspect.isasyncgen(each) or inspect.iscoroutine(each)]
        return inside[0] if inside else None
    return None


def awaited_by(task: asyncio.Task[Any], coroutine: Any) -> Awaited:
    """What this suspended task awaits."""
    future = task._fut_waiter  # type: ignore[attr-defined]
    inside = [frame for frame in frames_of(coroutine) if frame.f_code.co_filename in _FILES]
    for frame in inside:
        owner = frame.f_locals.get("self")
        if isinstance(owner, _LOCKS):
            innermost = inside[-1].f_locals.get("self")
            if isinstance(owner, asyncio.Condition) and isinstance(innermost, asyncio.Lock):
                return Awaited(innermost, "acquire")
            return Awaited(owner, _method(inside, owner))
        if isinstance(owner, taskgroups.TaskGroup):
            return Awaited(owner, by=tuple(owner._tasks))
        if frame.f_code is tasks._wait.__code__:  # type: ignore[attr-defined]
            return Awaited(future, by=tuple(each for each in frame.f_locals["fs"] if not each.done()))
    children = getattr(future, "_children", None)
    if children is not None:
        return Awaited(future, by=tuple(each for each in children if not each.done()))
    return Awaited(future, by=(future,) if isinstance(future, asyncio.Task) else ())


def _method(inside: list[FrameType], owner: Any) -> str:
    names = [frame.f_code.co_name for frame in inside if frame.f_locals.get("self") is owner]
    return next((name for name in names if not name.startswith("_")), names[0])


class WaitGraph:
    """The wait-for graph of a run in which nobody can go on."""

    def __init__(self, run: AsyncRun, watch: Watch) -> None:
        self._run = run
        self._watch = watch
        self._names = TaskNames(run.loop)
        self._awaited = {task: awaited_by(task, run.loop.coroutine_of(task)) for task in run.pending}

    def waits(self) -> tuple[TaskWait, ...]:
        """One entry for each task that waits."""
        return tuple(self._wait(task, awaited) for task, awaited in self._awaited.items())

    def lost(self) -> tuple[str, str, str] | None:
        """Who did what to which object while nobody waited; None if no task waits for a wake-up that came too early."""
        for task, awaited in self._awaited.items():
            by = [other for other in self._watch.unheard.get(id(awaited.on), ()) if other is not task]
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
        return TaskWait(mine, _wording(awaited, name), others)

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
        for path, value in [*shared, *self._variables(task)]:
            if (found := _path_to(wanted, path, value, _DEEP)) is not None:
                return found
        kind = type(wanted).__name__.lstrip("_").lower()
        return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"

    def _variables(self, task: asyncio.Task[Any]) -> Iterator[tuple[str, Any]]:
        """Those of the task that began first, then those of the waiting one."""
        for each in (*[one for one in self._run.loop.tasks if one in self._awaited][:1], task):
            for frame in frames_of(self._run.loop.coroutine_of(each)):
                if frame.f_code.co_filename not in _FILES:
                    yield from frame.f_locals.items()
                    names = frame.f_code.co_names
                    yield from ((name, frame.f_globals[name]) for name in names if name in frame.f_globals)


def _path_to(wanted: Any, path: str | None, value: Any, deep: int) -> str | None:
    """How the object is reached from this variable; None if it is not."""
    if value is wanted:
        return path
    if deep == 0 or isinstance(value, (str, bytes, type, asyncio.Future, *_LOCKS)) or inspect.ismodule(value):
        return None
    for step, inner in _inside(value):
        if (found := _path_to(wanted, step(path), inner, deep - 1)) is not None:
            return found
    return None


def _inside(value: Any) -> Iterator[tuple[Callable[[str | None], str], Any]]:
    """What is directly in a value, each with the way there."""
    if isinstance(value, (list, tuple)):
        yield from ((lambda path, at=at: f"{path or ''}[{at}]", each) for at, each in enumerate(value[:100]))
    elif isinstance(value, dict):
        yield from ((lambda path, key=key: f"{path or ''}[{key!r}]", each) for key, each in list(value.items())[:100])
    else:
        for name, each in getattr(value, "__dict__", {}).items():
            yield (lambda path, name=name: f"{path}.{name}" if path and path != "self" else name), each  # type: ignore[misc]


def _wording(awaited: Awaited, name: str) -> str:
    on = awaited.on
    if isinstance(on, asyncio.Queue):
        other = {"put": f"room in {name}", "join": f"the end of the work in {name}"}
        return other.get(awaited.how, f"an item in {name}")
    if isinstance(on, asyncio.Condition):
        return f"a notify of {name}"
    if isinstance(on, asyncio.Event):
        return f"a set of {name}"
    if isinstance(on, asyncio.Semaphore):
        return f"a permit of {name}"
    if isinstance(on, asyncio.Barrier):
        return f"the others at {name}, where {on.n_waiting} of {on.parties} are"
    return f"the result of {name}"


def sleep_of(name: str, coroutine: Any) -> str:
    """How long a task sleeps, as a sentence; empty if it does not."""
    innermost = frames_of(coroutine)[-1:]
    if not innermost or innermost[0].f_code is not asyncio.sleep.__code__:
        return ""
    return f"{name} sleeps for {innermost[0].f_locals['delay']:g} s"
