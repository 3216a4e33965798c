"""Who holds which lock: a suspended `async with` keeps the `__aexit__` of its lock, which the garbage collector sees.

asyncio's locks do not know who holds them. So a lock that was taken by `await lock.acquire()` has no holder here.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections import Counter
from collections.abc import Iterator
from types import AsyncGeneratorType, FunctionType, MethodType
from typing import Any

from coro_lab.engine.recorder.locals import variable
from coro_lab.engine.recorder.suspendables import chain_of, frame_of
from coro_lab.engine.waits.awaited import ASYNCIO_FILES
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_HELD = (asyncio.Lock, asyncio.Condition, asyncio.Semaphore)
_MANAGER: Any = contextlib._AsyncGeneratorContextManager


def held_by(coroutine: Any) -> set[int]:
    """The ids of the locks and semaphores that this suspended coroutine, or what it awaits, is inside of."""
    entered: Counter[int] = Counter()
    todo, seen = [coroutine], set[int]()
    while todo:
        for made in chain_of(todo.pop()):
            if id(made) in seen:
                continue
            seen.add(id(made))
            entered.update(id(_lock_of(lock)) for lock in _entered(gc.get_referents(made), todo))
            if (waits_in := _waits_in(made)) is not None:
                entered[id(waits_in)] -= 1
    return {lock for lock, times in entered.items() if times > 0}


def _entered(kept: list[Any], todo: list[Any]) -> Iterator[Any]:
    """The locks whose `__aexit__` is among these values; a generator that may hold one is added to `todo`."""
    for before, value in zip([None, *kept], kept, strict=False):
        kind = type(value)
        manager: Any = value.__self__ if kind is MethodType and _is_exit(value.__func__) else None
        if _is_exit(before):  # since Python 3.14, the function and the object lie beside each other
            manager = value
        if issubclass(type(manager), _HELD):
            yield manager
        elif issubclass(type(manager), _MANAGER):
            todo.append(manager.gen)
        elif kind is AsyncGeneratorType:
            todo.append(value)
        elif kind is contextlib.AsyncExitStack:
            yield from _entered([callback for _, callback in value._exit_callbacks], todo)


def _is_exit(function: Any) -> bool:
    return type(function) is FunctionType and function.__name__ == "__aexit__"


def _waits_in(made: Any) -> Any:
    """The lock that this coroutine of asyncio has not entered yet, or of a Condition has left to wait."""
    frame = frame_of(made)
    if frame is None or frame.f_code.co_filename not in ASYNCIO_FILES:
        return None
    owner = variable(frame, "self")
    name, is_condition = frame.f_code.co_name, issubclass(type(owner), asyncio.Condition)
    leaves = name == "__aenter__" or (name == "wait" and is_condition)
    return _lock_of(owner) if leaves and issubclass(type(owner), _HELD) else None


def _lock_of(owner: Any) -> Any:
    return owner._lock if issubclass(type(owner), asyncio.Condition) else owner
