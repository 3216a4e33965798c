"""What a suspended task awaits, read from its frames: a frame of `Lock.acquire` has the lock as its `self`.

Nothing here runs code of the program, and nothing is left in it: attributes are read past what their class could
overrule, and variables one by one.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
from asyncio import locks, queues, taskgroups, tasks
from types import FrameType, FunctionType, GeneratorType
from typing import Any, NamedTuple

from coro_lab.engine.recorder.locals import variable
from coro_lab.engine.recorder.suspendables import chain_of, frame_of, suspendable_of
from coro_lab.trace.own_builtins import keep_builtins, with_builtins

keep_builtins(globals())

ASYNCIO_FILES = frozenset(str(module.__file__) for module in (locks, queues, taskgroups, tasks))
LOCKS = (asyncio.Lock, asyncio.Condition, asyncio.Semaphore, asyncio.Event, asyncio.Queue, asyncio.Barrier)
_WAIT: Any = tasks._wait  # type: ignore[attr-defined]
_AS_COMPLETED: Any = tasks.as_completed.__code__
_GATHERING: Any = tasks._GatheringFuture  # type: ignore[attr-defined]


@with_builtins
class Awaited(NamedTuple):
    """What a task awaits: one of asyncio's objects, or tasks and futures; `how` is the method it waits in."""

    on: Any
    how: str = ""
    by: tuple[asyncio.Future[Any], ...] = ()  # what has to be done first
    any_of: bool = False  # one of `by` is enough


def frames_of(coroutine: Any) -> list[FrameType]:
    """The frames of a suspended coroutine, the outermost first."""
    return [frame for made in chain_of(coroutine) if (frame := frame_of(made)) is not None]


def waiter_of(task: Any) -> Any:
    """The future that the task waits for, part of which may be done; None: the task is ready or runs."""
    return task._fut_waiter if issubclass(type(task), asyncio.Task) else None


def awaited_by(task: Any, frames: list[FrameType]) -> Awaited:
    """What a suspended task with these frames awaits."""
    future = waiter_of(task)
    inside = [frame for frame in frames if frame.f_code.co_filename in ASYNCIO_FILES]
    for frame in inside:
        if frame.f_code.co_name == "_wait_for_one" and (todo := _left_of_as_completed(frame, frames)):
            return Awaited(future, by=todo, any_of=True)
        owner = variable(frame, "self")
        if issubclass(type(owner), LOCKS):
            innermost = variable(inside[-1], "self")
            if issubclass(type(owner), asyncio.Condition) and issubclass(type(innermost), asyncio.Lock):
                return Awaited(innermost, "acquire")
            return Awaited(owner, _method(inside, owner))
        if issubclass(type(owner), taskgroups.TaskGroup):
            return Awaited(owner, by=tuple(owner._tasks))
        if frame.f_code is _WAIT.__code__:
            any_of = variable(frame, "return_when") != tasks.ALL_COMPLETED
            return Awaited(future, by=_undone(variable(frame, "fs")), any_of=any_of)
    if issubclass(type(future), _GATHERING):
        return Awaited(future, by=_undone(future._children))
    shielded = _shielded(future)
    inner = future if shielded is None else shielded
    return Awaited(future, by=(inner,)) if issubclass(type(inner), asyncio.Task) else Awaited(inner)


def _left_of_as_completed(frame: FrameType, frames: list[FrameType]) -> tuple[Any, ...]:
    """The tasks of which `as_completed` waits for the next; an object holds them, before Python 3.13 a generator."""
    iterator = variable(frame, "self")
    if iterator is not None:
        return tuple(iterator._todo)
    caller = suspendable_of(frames[frames.index(frame) - 1])
    made = [each.gi_frame for each in gc.get_referents(caller) if type(each) is GeneratorType]
    return next((tuple(variable(each, "todo")) for each in made if each and each.f_code is _AS_COMPLETED), ())


def _shielded(future: Any) -> Any:
    """The task or future around which `shield` has put this future; None: it has not."""
    for called, _ in (future._callbacks or ()) if issubclass(type(future), asyncio.Future) else ():
        if type(called) is FunctionType and called.__qualname__ == "shield.<locals>._outer_done_callback":
            return inspect.getclosurevars(called).nonlocals.get("inner")
    return None


def _undone(futures: Any) -> tuple[Any, ...]:
    return tuple(each for each in futures if not is_done(each))


def is_done(future: Any) -> bool:
    """Whether this future of asyncio has ended; False for anything else."""
    return bool(asyncio.Future.done(future)) if issubclass(type(future), asyncio.Future) else False


def _method(inside: list[FrameType], owner: Any) -> str:
    names = [frame.f_code.co_name for frame in inside if variable(frame, "self") is owner]
    return next((name for name in names if not name.startswith("_")), names[0])


def seconds_of_sleep(frames: list[FrameType]) -> float | None:
    """How long a task sleeps; None if it does not."""
    innermost = frames[-1:]
    if not innermost or innermost[0].f_code is not asyncio.sleep.__code__:
        return None
    delay = variable(innermost[0], "delay")
    return float(delay) if type(delay) in (int, float) else None
