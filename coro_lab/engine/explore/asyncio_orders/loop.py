"""An event loop on which the order is chosen from outside, and time is simulated.

1. Everything else is asyncio's own: tasks, futures, locks, queues, groups and time limits run here as they are.
2. A step of a task goes from one `await` that suspends to the next. One step runs at a time; the *choices* say whose.
3. Time stands still while anything can go on. Then it jumps to the next timer, so a sleep of an hour takes none.
4. The loop has no threads, sockets or signals. A function for a thread is one step, which may come at any time.
"""

from __future__ import annotations

import asyncio
import heapq
import inspect
import math
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import get_ident
from typing import Any, Protocol

from coro_lab.engine.explore.asyncio_orders.callbacks import task_of
from coro_lab.engine.explore.asyncio_orders.entries import Entry, NumberedTask, SoonHandle, ThreadCall
from coro_lab.engine.explore.asyncio_orders.refused import outside_error, refuse_outside, waits_for_a_thread
from coro_lab.engine.explore.jump_budget import StepLimitReached, budget
from coro_lab.errors import OutsideError

RESOLUTION = 1e-9
"""Seconds; timers that are no further apart are due at the same time."""


class Choices(Protocol):
    """Who decides what goes on next; `taken` is what was decided."""

    taken: list[int]

    def take(self, loop: ChosenLoop, entries: Sequence[Entry]) -> int:
        """The place of the entry that goes on; asked only where two or more can."""


def _as_begun() -> dict[str, Any]:
    """What `BaseEventLoop.__init__` makes; to make it anew for each order would take a tenth of the time."""
    loop = asyncio.BaseEventLoop()
    loop.close()
    return {**vars(loop), "_closed": False, "_debug": False}


_BEGUN = _as_begun()


class TooManySteps(Exception):  # noqa: N818 - it ends a run, and is not an error of the program
    """An order is longer than its limit; the argument names the task that went on last."""


@refuse_outside
class ChosenLoop(asyncio.BaseEventLoop):
    """The event loop of one order. `chosen` is what has gone on so far: tasks, and handles of callbacks."""

    _asyncgens: weakref.WeakSet[Any]
    _task_factory: Any
    _task_class: type[NumberedTask] = NumberedTask

    def __init__(self, choices: Choices, max_steps: int) -> None:
        vars(self).update(_BEGUN)
        self._asyncgens = weakref.WeakSet()
        self._choices = choices
        self._max_steps = max_steps
        self._now = 0.0
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []  # a heap; its first is not cancelled
        self._has_due = False  # a timer that is due already
        self._numbers = count()
        self._open: list[Entry] = []  # what can go on, the first to be ready first
        self._thread = get_ident()
        self._thread_calls = 0
        self._is_in_thread = False
        self.chosen: list[Any] = []
        self.ended_at: int | None = None  # how many steps were taken when main ended, if others follow
        # callbacks that could go on, each with what it calls and the task of that group, which a group forgets
        self.offered: list[tuple[asyncio.Handle, Any, Any]] = []
        self.closings: list[Any] = []  # each `aclose()` of a stream that nobody holds any more
        self.tasks: list[asyncio.Task[Any]] = []  # in the order in which they were made
        self.given_names: dict[asyncio.Task[Any], str] = {}
        self.made_by_factory: dict[asyncio.Task[Any], Any] = {}  # with their coroutines
        self.errors: list[dict[str, Any]] = []  # what nobody else received
        self.refused: OutsideError | None = None
        self.is_ending = False

    # -- what asyncio asks of a loop

    def time(self) -> float:
        """The simulated time in seconds; it begins at 0."""
        return self._now

    def is_running(self) -> bool:
        """Whether it has not been closed."""
        return not self._closed

    def create_task(self, coro: Any, *, name: Any = None, context: Any = None, **options: Any) -> asyncio.Task[Any]:
        """Make a task. Without a name it is Task-1, Task-2 and so on, as in a fresh process."""
        shown = f"Task-{len(self.tasks) + 1}" if name is None else name
        if self._task_factory is None:
            task: asyncio.Task[Any] = self._task_class.__new__(self._task_class)
            task.number = len(self.tasks)  # type: ignore[attr-defined]
            task.__init__(coro, loop=self, name=shown, context=context, **options)  # type: ignore[misc]
        else:
            task = super().create_task(coro, name=shown, context=context, **options)
            self.made_by_factory[task] = coro
        self.tasks.append(task)
        if name is not None:
            self.given_names[task] = str(name)
        return task

    def name_given_later(self, task: asyncio.Task[Any], name: str) -> None:
        """A task that has not begun gets a name, as a TaskGroup gives it."""
        made = self.coroutine_of(task)
        if inspect.iscoroutine(made) and inspect.getcoroutinestate(made) == inspect.CORO_CREATED:
            self.given_names.setdefault(task, name)

    def coroutine_of(self, task: asyncio.Task[Any]) -> Any:
        """The coroutine of a task; `get_coro` of an eager task that has ended crashes Python 3.12.1."""
        return self.made_by_factory.get(task) or task.get_coro()

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        """Have this called when its turn comes."""
        task = task_of(callback)
        if task is not None:
            self._open.append((task, callback, args, context))
            return None  # tasks do not look at it
        handle = SoonHandle(callback, args, self, context)
        self._add(handle)
        return handle

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        """The same; from another thread it is refused."""
        if get_ident() != self._thread:
            instead = "await asyncio.to_thread(...), and start no threads"
            raise self.refuse(outside_error("call_soon_threadsafe, from a thread,", instead))
        name = str(getattr(callback, "__qualname__", ""))
        if self._is_in_thread and name.startswith("run_coroutine_threadsafe."):
            instead = "await the coroutine in the task that awaits asyncio.to_thread(...), before or after it"
            raise self.refuse(outside_error("run_coroutine_threadsafe, from a thread,", instead))
        return self.call_soon(callback, *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:  # type: ignore[override]
        """Have this called when the simulated time is `when`."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        if when < math.inf:  # an infinite sleep never ends
            heapq.heappush(self._timers, (when, next(self._numbers), handle))
        self._has_due = self._has_due or when <= self._now + RESOLUTION
        return handle

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:  # type: ignore[override]
        """Have this called after `delay` seconds of simulated time."""
        if delay is None:
            raise TypeError("delay must not be None")
        return self.call_at(self._now + delay, callback, *args, context=context)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:  # type: ignore[override]
        """The future of this call, which is made in one step at an open time."""
        if not (executor is None or isinstance(executor, ThreadPoolExecutor)):
            instead = "asyncio.to_thread(...), which is explored as one step at an open time"
            raise self.refuse(outside_error(f"run_in_executor({type(executor).__name__})", instead))
        future = self.create_future()
        call = ThreadCall(future, func, args)
        if waits_for_a_thread(call.inner):
            instead = "an asyncio.Queue, Event, Condition or Lock in its place, and await it without a thread"
            raise self.refuse(outside_error(f"{call.__name__}, which waits for another thread, by way", instead))
        self._add_thread(SoonHandle(call, (), self, None))
        self._thread_calls += 1
        return future

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep what asyncio would log."""
        if not self.is_ending:
            self.errors.append(context)

    def set_debug(self, enabled: bool) -> None:
        """As in asyncio, but without a callback that changes how coroutines are made everywhere."""
        self._debug = enabled

    def refuse(self, error: OutsideError) -> OutsideError:
        """Keep this error: it ends the exploration, even if the program catches it."""
        self.refused = self.refused or error
        return error

    def _asyncgen_finalizer_hook(self, agen: Any) -> None:
        """As in asyncio; the order may end before the stream is closed."""
        self._asyncgens.discard(agen)
        if not self.is_closed():
            self.closings.append(agen.aclose())
            self.call_soon_threadsafe(self.create_task, self.closings[-1])

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Drop a timer that nobody waits for any more, so that time does not pass for it."""
        self._forget_cancelled(handle)
        self._has_due = bool(self._timers) and self._timers[0][0] <= self._now + RESOLUTION
        self._drop(handle)

    def _forget_cancelled(self, now: asyncio.TimerHandle | None = None) -> None:
        """Remove cancelled timers, and the one that is cancelled now, from the front; others stay where they are."""
        timers = self._timers
        while timers and (timers[0][2] is now or timers[0][2].cancelled()):
            heapq.heappop(timers)

    # -- the order

    def go(self, main: asyncio.Future[Any]) -> None:
        """Go on until `main` is done, or nothing can go on. TooManySteps beyond the limit."""
        raise NotImplementedError

    def drain(self, tasks: Sequence[asyncio.Task[Any]], steps: int) -> None:
        """Go on, first in, first out, until these tasks are done, for at most this many steps."""
        raise NotImplementedError

    def _add(self, handle: asyncio.Handle) -> None:
        """A callback that belongs to no task is ready."""
        raise NotImplementedError

    def _add_thread(self, handle: asyncio.Handle) -> None:
        """A call of a function for a thread is ready."""
        raise NotImplementedError

    def _drop(self, handle: asyncio.Handle) -> None:
        """A callback that may be ready has been cancelled."""
        raise NotImplementedError

    def _offer(self, handle: asyncio.Handle) -> Entry:
        """This callback as something that can go on."""
        callback = handle._callback  # type: ignore[attr-defined]
        self.offered.append((handle, callback, getattr(getattr(callback, "__self__", None), "_parent_task", None)))
        return handle, handle._run, (), None

    def _run(self, entry: Entry) -> None:
        """One step of a task, or one callback."""
        self.chosen.append(entry[0])
        if len(self.chosen) > self._max_steps:
            raise TooManySteps(entry[0])
        _, callback, args, context = entry
        if context is None:
            self._is_in_thread = type(entry[0]._callback) is ThreadCall
            self._thread_calls -= self._is_in_thread
            callback()
            self._is_in_thread = False
        else:
            context.run(callback, *args)
        if budget.left < 0:
            raise budget.waits or StepLimitReached(entry[0])

    def _due(self) -> list[asyncio.TimerHandle]:
        """Let time jump to the next timer; the timers that are due then, the first to be set first."""
        self._has_due = False
        due: list[asyncio.TimerHandle] = []
        timers = self._timers
        while timers and (not due or timers[0][0] <= self._now + RESOLUTION):
            when, _, handle = heapq.heappop(timers)
            if not due:
                self._now = max(self._now, when)
            due.append(handle)
            self._forget_cancelled()
        return due

    def end(self) -> None:
        """Forget everything, so that nothing of this order is left when the next begins, and no cycle of references."""
        self._closed = True
        for kept in (self._open, self._timers, self.closings, self.tasks, self.chosen, self.offered, self.errors):
            kept.clear()
        self.given_names.clear()
        self.made_by_factory.clear()

    def __del__(self) -> None:
        """No warning after an interrupted run, because nothing has to be closed."""
