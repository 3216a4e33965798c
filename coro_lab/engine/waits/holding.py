"""Who holds which lock: a suspended `async with` keeps the `__aexit__` of its lock, which the garbage collector sees.

asyncio's locks do not know who holds them. So a lock that was taken by `await lock.acquire()` has no holder here.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from types import AsyncGeneratorType, FunctionType, MethodType
from typing import Any

from coro_lab.engine.recorder.locals import variable
from coro_lab.engine.recorder.suspendables import chain_of, frame_of
from coro_lab.engine.waits.awaited import ASYNCIO_FILES
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_HELD = (asyncio.Lock, asyncio.Condition, asyncio.Semaphore)
_MANAGER: Any = contextlib._AsyncGeneratorContextManager


def held_by(chain: Iterable[Any]) -> set[int]:
    """The ids of the locks and semaphores that a suspended coroutine is inside of; `chain`: it and what it awaits."""
    entered: Counter[int] = Counter()
    chains, seen = [chain], set[int]()
    while chains:
        for made in chains.pop():
            if id(made) in seen:
                continue
            seen.add(id(made))
            for lock in _entered(gc.get_referents(made), chains):
                entered[id(_lock_of(lock))] += 1
            if (waits_in := _waits_in(made)) is not None:
                entered[id(waits_in)] -= 1
    return {lock for lock, times in entered.items() if times > 0}


def _entered(kept: list[Any], chains: list[Iterable[Any]]) -> Iterator[Any]:
    """The locks whose `__aexit__` is among these values; the chain of a generator that may hold one is added."""
    for at, value in enumerate(kept):
        kind = type(value)
        if kind is AsyncGeneratorType:
            chains.append(chain_of(value))
        elif kind is contextlib.AsyncExitStack:
            yield from _entered([callback for _, callback in value._exit_callbacks], chains)
        elif kind is MethodType and _is_exit(value.__func__):
            yield from _inside(value.__self__, chains)
        elif kind is FunctionType and _is_exit(value):  # since Python 3.14, the object lies beside the function
            yield from _inside(kept[at + 1] if at + 1 < len(kept) else None, chains)


def _inside(manager: Any, chains: list[Iterable[Any]]) -> Iterator[Any]:
    """This lock; or the chain of the generator in this manager."""
    if issubclass(type(manager), _HELD):
        yield manager
    elif issubclass(type(manager), _MANAGER):
        chains.append(chain_of(manager.gen))


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
