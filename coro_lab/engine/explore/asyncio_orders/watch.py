"""Who holds each asyncio.Lock, and who has given a wake-up that nobody waited for.

asyncio itself does not keep either. So an order in which nobody can go on is run once more, in this `with`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class Watch:
    """In this `with`, asyncio's locks, conditions and events are watched; by id, as they live as long as the run."""

    def __init__(self) -> None:
        self.holders: dict[int, Any] = {}  # lock -> task
        self.lost_wake_ups: dict[int, list[Any]] = {}  # condition or event -> the tasks that woke nobody
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> Watch:
        self._replace(asyncio.Lock, "_locked", property(self._is_locked, self._set_locked))
        self._replace(asyncio.Condition, "notify", self._noting(asyncio.Condition.notify))
        self._replace(asyncio.Event, "set", self._noting(asyncio.Event.set))
        return self

    def forget(self) -> None:
        """Begin anew, with the objects of another order."""
        self.holders.clear()
        self.lost_wake_ups.clear()

    def __exit__(self, *_: object) -> None:
        while self._undo:
            self._undo[-1]()
            self._undo.pop()

    def _replace(self, cls: Any, name: str, ours: Any) -> None:
        had = vars(cls).get(name)
        self._undo.append(lambda: delattr(cls, name) if had is None else setattr(cls, name, had))
        setattr(cls, name, ours)

    def _is_locked(self, lock: asyncio.Lock) -> Any:
        return vars(lock)["_locked"]

    def _set_locked(self, lock: asyncio.Lock, value: bool) -> None:
        vars(lock)["_locked"] = value
        self.holders[id(lock)] = asyncio.current_task() if value else None

    def _noting(self, wakes: Callable[..., None]) -> Callable[..., None]:
        def wake(on: Any, *args: Any) -> None:
            if not any(not waiter.done() for waiter in on._waiters):
                self.lost_wake_ups.setdefault(id(on), []).append(asyncio.current_task())
            wakes(on, *args)

        return wake
