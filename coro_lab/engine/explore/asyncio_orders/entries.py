"""What can go on in a loop: steps of tasks, callbacks, timers that are due, and functions for threads."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from coro_lab.engine.explore.jump_budget import StepLimitReached
from coro_lab.trace.own_builtins import with_builtins

type Entry = tuple[Any, Callable[..., Any], tuple[Any, ...], contextvars.Context | None]
"""What can go on: a task with its next step, or a handle with its method `_run`."""


def _pass() -> None:
    """Let time pass."""


TIME: Entry = ("time", _pass, (), None)
"""The choice to let a timer be due before anything that can go on."""


@with_builtins
class DueTimer(NamedTuple):
    """A timer that is due together with others."""

    handle: asyncio.TimerHandle
    wakes: asyncio.Task[Any] | None
    callback: Any  # None if it only wakes


class NumberedTask(asyncio.Task[Any]):
    """A task whose hash is its number, so that a set of tasks, as a TaskGroup has one, is the same in each run."""

    number: int

    def __hash__(self) -> int:
        return self.number

    def set_name(self, value: object) -> None:
        """Change its name; the first given is also its name in a schedule."""
        super().set_name(value)
        loop = self.get_loop()
        if value is not None and hasattr(loop, "name_given_later"):
            loop.name_given_later(self, str(value))


NumberedTask.__name__ = NumberedTask.__qualname__ = "Task"  # as it is shown


class SoonHandle(asyncio.Handle):
    """A callback that is to be called soon; its loop learns when it is cancelled."""

    _loop: Any

    def cancel(self) -> None:
        """Do not call it."""
        super().cancel()
        self._loop._drop(self)


class ThreadCall:
    """A call that the program would make in a thread: its result goes to a future."""

    def __init__(self, future: asyncio.Future[Any], func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._future = future
        self._func = func
        self._args = args
        inner = func
        while isinstance(inner, functools.partial):  # to_thread wraps what it calls in `context.run`
            inner = inner.args[0] if getattr(inner.func, "__name__", "") == "run" else inner.func
        self.inner = inner
        self.__name__ = f"thread {getattr(inner, '__name__', 'call')}"

    def __call__(self) -> None:
        if self._future.cancelled():
            return
        try:
            self._future.set_result(None if self.inner is time.sleep else self._func(*self._args))
        except (KeyboardInterrupt, SystemExit, StepLimitReached):
            raise
        except BaseException as error:
            self._future.set_exception(error)
