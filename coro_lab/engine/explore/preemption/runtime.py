"""What split code calls: at the head of a `with`, before an operation, and in a loop.

What it calls for a call is in `preemptible.py`, because that splits the function that is called.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from coro_lab.engine.explore.sync import Condition, Lock, Pending
from coro_lab.errors import PreemptionError

_FIXED = frozenset(
    {*map(id, (int, bool, float, complex, str, bytes, range, slice, type, type(None), type(...), type(NotImplemented)))}
    | {*map(id, (FunctionType, BuiltinFunctionType, ModuleType))}
)
"""Classes of objects that cannot change, or that count as fixed: see `Names.is_shared`."""


def at_once(function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What a call returns that is one access. A sleep takes no time: meanwhile any other task may go on anyway."""
    return None if function is time.sleep else function(*arguments, **named)


class Done:
    """For a call that has returned already: `yield from Done(value)` yields nothing, and gives the value."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __iter__(self) -> Done:
        return self

    def __next__(self) -> Any:
        raise StopIteration(self.value)


class _Held:
    """The context manager of a lock that is held: releases it at the end of the `with`."""

    def __init__(self, lock: Lock | Condition) -> None:
        self.lock = lock

    def __enter__(self) -> bool:
        return True

    def __exit__(self, *_: object) -> None:
        self.lock.release()


def entered(manager: Any, _switch: object = None) -> Any:
    """The head of a `with`: a wait for one of our locks; any other manager as it is."""
    refuse_real_locks(manager, "with")
    return _hold(manager) if isinstance(manager, (Lock, Condition)) else Done(manager)


def _hold(lock: Lock | Condition) -> Pending[_Held]:
    yield from lock.acquire()
    return _Held(lock)


_IN_PLACE_OF = {
    "lock": "Leave the function as it is, and let `setup` make the lock: coro_lab has Lock, Condition and Queue.",
    "event": "Write: with condition: condition.wait_for(lambda: shared.is_set), with a Condition of coro_lab.",
    "semaphore": "Write: with condition: condition.wait_for(lambda: shared.free > 0), with a Condition of coro_lab.",
    "barrier": "Write: with condition: condition.wait_for(lambda: shared.came == 2), with a Condition of coro_lab.",
    "thread": "Name the function that it runs among the coroutines, beside this one: each is a thread already.",
}
_IN_PLACE_OF["boundedsemaphore"] = _IN_PLACE_OF["semaphore"]
_IN_PLACE_OF["timer"] = _IN_PLACE_OF["thread"]
"""What to write in place of these classes of threading, by their names in small letters."""


def refuse_real_locks(owner: Any, used: str) -> None:
    """PreemptionError for a lock, condition or queue of `threading` or `queue`, which would block every task."""
    kind = type(owner)
    if kind.__module__ in ("_thread", "threading", "queue", "_queue") and used not in (
        "notify",
        "notify_all",
        "put_nowait",
    ):
        instead = _IN_PLACE_OF.get(kind.__name__.lower(), _IN_PLACE_OF["lock"])
        raise PreemptionError(
            f"A real {kind.__name__} would stop the one thread that explores, and with it everybody.\n  {instead}",
            function=used,
        )


def seen(values: tuple[Any, ...], *methods: str) -> bool:
    """Whether an operation on these values looks into an object that others may change.

    With names of special methods, only if the object has one of them: a plain object, for example, is always true.
    """
    left = list(values)
    while left:
        value = left.pop()
        kind = type(value)
        if kind is tuple or kind is frozenset:
            left.extend(value)
        elif id(kind) not in _FIXED and (not methods or _has_one_of(kind, methods)):
            return True
    return False


def _has_one_of(kind: type, methods: tuple[str, ...]) -> bool:
    return any(name in vars(base) for base in kind.__mro__[:-1] for name in methods)


def walk(iterable: Any) -> Iterator[Any]:
    """The iterator of a loop."""
    return iter(iterable)


def step(walk: Iterator[Any], _switch: object = None) -> tuple[Any] | None:
    """The next item, in a tuple; None at the end."""
    try:
        return (next(walk),)
    except StopIteration:
        return None
