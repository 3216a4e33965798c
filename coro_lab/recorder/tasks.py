"""What asyncio adds to a lane: the task it belongs to, and what it waits for when it gives way to the event loop."""

from __future__ import annotations

import gc
import re
import sys
import weakref
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from coro_lab.description import describe

_UNNAMED = re.compile(r"Task-\d+|None")  # None: from a task factory under Python 3.13.0
_IN_A_CHAIN = (CoroutineType, GeneratorType, AsyncGeneratorType)


class Tasks:
    """The tasks of one recording. asyncio numbers tasks over the whole process; here each run begins with Task-1."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Any], str, str]] = {}  # by id: itself, its name, and how it is told
        self._numbered = 0

    def current(self) -> Any:
        """The task that runs in this thread, if any."""
        asyncio = sys.modules.get("asyncio")
        return asyncio.current_task() if asyncio is not None and asyncio._get_running_loop() is not None else None

    def name_of_current(self) -> str | None:
        """The name of the task that runs in this thread."""
        task = self.current()
        return None if task is None else self._name(task)

    def _name(self, task: Any) -> str:
        name = str(task.get_name())
        known = self._known.get(id(task))
        if known is not None and known[0]() is task and known[1] == name:
            return known[2]
        told = name
        if _UNNAMED.fullmatch(name):
            self._numbered += 1
            told = f"Task-{self._numbered}"
        self._known[id(task)] = weakref.ref(task), name, told
        return told

    def describe_wait(self, future: object) -> str:
        """What a task waits for: the task or future it was given, with the innermost coroutine that waits for it."""
        asyncio = sys.modules.get("asyncio")
        if asyncio is None or not asyncio.isfuture(future):
            return describe(future)
        if isinstance(future, asyncio.Task):
            return f"<Task {self._name(future)}>"
        kind = type(future).__name__.lstrip("_")
        innermost = self._innermost(self.current())
        return f"<{kind} of {innermost}>" if innermost else f"<{kind}>"

    def _innermost(self, task: Any) -> str | None:
        """The name of the coroutine at the end of a task's chain of awaits.

        The outer ones are running, so that `cr_await` does not name the next; it lies on top of their stacks, where the
        garbage collector sees it.
        """
        link, name = None if task is None else task.get_coro(), None
        while link is not None:
            name = getattr(link, "__qualname__", None)
            inside = [thing for thing in gc.get_referents(link) if isinstance(thing, _IN_A_CHAIN)]
            link = inside[-1] if inside else None
        return name

    def cancel_all(self) -> None:
        """Ask every task seen here to end, as soon as its loop runs again."""
        for task in [known[0]() for known in self._known.values()]:
            if task is not None:
                task.get_loop().call_soon_threadsafe(task.cancel)


def is_cancellation(error: BaseException) -> bool:
    """Whether this is how asyncio ends a task."""
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and isinstance(error, asyncio.CancelledError)
