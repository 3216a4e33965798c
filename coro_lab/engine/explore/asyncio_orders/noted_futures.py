"""Futures and tasks that note what is asked of them, and what is done to them."""

from __future__ import annotations

import asyncio
from asyncio import tasks
from collections.abc import Callable, Generator
from typing import Any

from coro_lab.engine.explore.asyncio_orders.callbacks import task_of
from coro_lab.engine.explore.asyncio_orders.entries import NumberedTask
from coro_lab.engine.explore.reduction.footprint import ALL
from coro_lab.engine.explore.reduction.notes import Notes

STATE, CALLBACKS, NAME = "state", "callbacks", "name"
"""Places of a future: whether it is done, and with what; who is called then; and the name of a task."""

seen = Notes()
"""What the steps of an asyncio program touch."""
seen.sees_methods = True


class _Noted(asyncio.Future[Any]):
    """What futures and tasks have in common."""

    def _read(self) -> None:
        seen.touch(self, STATE)

    def done(self) -> bool:
        self._read()
        return super().done()

    def cancelled(self) -> bool:
        self._read()
        return super().cancelled()

    def result(self) -> Any:
        self._read()
        return super().result()

    def exception(self) -> BaseException | None:
        self._read()
        return super().exception()

    def set_result(self, result: Any) -> None:
        seen.touch(self, STATE, writes=True)
        super().set_result(result)

    def set_exception(self, exception: Any) -> None:
        seen.touch(self, STATE, writes=True)
        super().set_exception(exception)

    def cancel(self, msg: Any = None) -> bool:
        """Cancel it, and all that it waits for."""
        seen.everything()
        return super().cancel(msg)

    def add_done_callback(self, callback: Callable[..., Any], *, context: Any = None) -> None:
        self._read()
        if task_of(callback) is None:  # the order in which tasks become ready does not matter
            seen.touch(self, CALLBACKS, writes=True)
        super().add_done_callback(callback, context=context)

    def remove_done_callback(self, callback: Callable[..., Any]) -> int:
        self._read()
        return super().remove_done_callback(callback)

    def __await__(self) -> Generator[Any, None, Any]:
        self._read()
        return super().__await__()

    __iter__ = __await__

    def __repr__(self) -> str:
        self._read()
        return super().__repr__()


class NotedFuture(_Noted):
    """A future."""


class NotedTask(_Noted, NumberedTask):
    """A task. What it is called, if the program does not say so, depends on how many tasks there were before."""

    def get_name(self) -> str:
        """Its name."""
        loop: Any = self.get_loop()
        if self not in loop.given_names:
            seen.give_up("the program uses the names that asyncio gives to tasks")
        seen.touch(self, NAME)
        return super().get_name()

    def set_name(self, value: object) -> None:
        """Change its name."""
        seen.touch(self, NAME, writes=True)
        super().set_name(value)

    def __repr__(self) -> str:
        self.get_name()
        return super().__repr__()


class NotedGathering(_Noted, tasks._GatheringFuture):  # type: ignore[name-defined, misc]
    """What `gather` returns."""

    def _read(self) -> None:
        seen.touch(self, ALL)


NOTED = (NotedFuture, NotedTask, NotedGathering)

NotedTask.__name__ = NotedTask.__qualname__ = "Task"  # as it is shown
NotedFuture.__name__ = NotedFuture.__qualname__ = "Future"
NotedGathering.__name__ = NotedGathering.__qualname__ = "_GatheringFuture"
