"""The hooks of split code: what it calls at the head of a `with`, before it looks into an object, and in a loop.

The one for calls is in `preemptible.py`, for it splits what is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from coro_lab.engine.explore.sync import Condition, Lock, Pending
from coro_lab.errors import PreemptionError

_FIXED = frozenset(
    {int, bool, float, complex, str, bytes, range, slice, type, type(None), type(...), type(NotImplemented)}
    | {FunctionType, BuiltinFunctionType, ModuleType}
)
"""What nobody changes, or what counts as fixed: see `Names.is_shared`."""


class Done:
    """What `yield from` takes for a call that is over at once: nothing is yielded, the call is its value."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __iter__(self) -> Done:
        return self

    def __next__(self) -> Any:
        raise StopIteration(self.value)


class _Held:
    """What a `with` gets for a lock that has been taken: it lets it go at the end."""

    def __init__(self, lock: Lock | Condition) -> None:
        self.lock = lock

    def __enter__(self) -> bool:
        return True

    def __exit__(self, *_: object) -> None:
        self.lock.release()


def entered(manager: Any, _switch: object = None) -> Any:
    """The head of a `with`: for one of our locks a wait, for anything else nothing special."""
    refuse_real_locks(manager, "with")
    return _hold(manager) if isinstance(manager, (Lock, Condition)) else Done(manager)


def _hold(lock: Lock | Condition) -> Pending[_Held]:
    yield from lock.acquire()
    return _Held(lock)


def refuse_real_locks(owner: Any, used: str) -> None:
    """PreemptionError for a real lock, condition or queue, which would stop everybody."""
    kind = type(owner)
    if kind.__module__ in ("_thread", "threading", "queue", "_queue") and used not in (
        "notify",
        "notify_all",
        "put_nowait",
    ):
        raise PreemptionError(
            f"A real {kind.__name__} would stop the one thread that explores, and with it everybody.\n"
            "  Leave the function as it is, and let `setup` make the lock: coro_lab has Lock, Condition and Queue."
        )


def seen(values: tuple[Any, ...], *methods: str) -> bool:
    """Whether an operation on these values looks into an object that others may change.

    With names of special methods, only if the object has one of them: whether a plain object is true, nobody changes.
    """
    left = list(values)
    while left:
        value = left.pop()
        kind = type(value)
        if kind is tuple or kind is frozenset:
            left.extend(value)
        elif kind not in _FIXED and (not methods or _has_one_of(kind, methods)):
            return True
    return False


def _has_one_of(kind: type, methods: tuple[str, ...]) -> bool:
    return any(name in vars(base) for base in kind.__mro__[:-1] for name in methods)


def walk(iterable: Any) -> Iterator[Any]:
    """What a loop asks for its items."""
    return iter(iterable)


def step(walk: Iterator[Any], _switch: object = None) -> tuple[Any] | None:
    """The next item, in a tuple; None at the end."""
    try:
        return (next(walk),)
    except StopIteration:
        return None
