"""The loop on which any ready task may go on, and on which it is noted what each step touches and what makes it ready.

1. A step that ends a task, or sets a future, is needed by the step of a task that waited for it. A future that waits
   for several, as those of `gather` and of a TaskGroup, takes them in any order: each adds to it in a separate place,
   and the task that waits reads all of it.
2. Time passes only where nobody can go on. So what is ready then needs all steps before.
3. A callback without a task may touch everything; such callbacks keep their order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from coro_lab.engine.explore.asyncio_orders.any_order import AnyOrderLoop
from coro_lab.engine.explore.asyncio_orders.callbacks import fails, needs_all, passed_on_to
from coro_lab.engine.explore.asyncio_orders.entries import Entry
from coro_lab.engine.explore.asyncio_orders.loop import Choices
from coro_lab.engine.explore.asyncio_orders.noted_futures import STATE, NotedFuture, NotedTask, seen
from coro_lab.engine.explore.reduction.footprint import ALL, Footprint
from coro_lab.engine.explore.reduction.numbers import LINE, TASKS

type Ids = dict[tuple[int, int], int]
"""The number of each task and callback, by the number of what made it, and how many that had made before."""

_NOBODY = -1  # makes what a run begins with, and what is made when time passes


class NotedLoop(AnyOrderLoop):
    """Any task that is ready may go on next, step by step."""

    _task_class = NotedTask

    def __init__(self, choices: Choices, max_steps: int, ids: Ids) -> None:
        super().__init__(choices, max_steps)
        self.needs: dict[Any, tuple[int, ...]] = {}  # the steps that made a task or a callback ready
        self._ids = ids
        self._numbers_of: dict[int, int] = {}  # of tasks and callbacks, by id
        self._made: dict[int, int] = {}  # how many tasks and callbacks each has made
        self._by = _NOBODY  # who takes the step that runs
        self._at: tuple[int, ...] = ()  # the step that runs; all steps where time passes
        self._steps = 0
        self._added: dict[int, tuple[int, ...]] = {}  # the step that has added a callback, by id
        self._joined: dict[Any, list[int]] = {}  # the steps that have added to a future that waits for several
        self._targets: dict[int, Any] = {}  # the future to which a callback passes on, by id
        self._joining: tuple[Any, tuple[int, ...]] = None, ()  # such a future, and what its waking needs

    # -- step by step

    def options(self) -> Sequence[Entry]:
        """What can go on; first, time passes if nothing can."""
        if not self._open:
            self._by, self._at, seen.step = _NOBODY, tuple(range(self._steps - 1, -1, -1)), Footprint()
            self._let_time_pass()
        elif self._timers and self._may_time_pass():
            seen.give_up("time may pass while a function runs in a thread")
        return self._open

    def step(self, at: int) -> None:
        """Let this one go on."""
        entry = self._open.pop(at)
        self._by, self._at, self._steps = self.number_of(entry[0]), (self._steps,), self._steps + 1
        if isinstance(entry[0], asyncio.Task):
            self._read_what_woke(entry)
        else:
            seen.everything()
            seen.step.note(LINE, None, True)
        self._go_on(entry)
        if isinstance(entry[0], asyncio.Task) and asyncio.Future.done(entry[0]):
            seen.touch(entry[0], STATE, writes=True)
        self._wake()
        if self._has_due:
            self._fire()

    def number_of(self, one: Any) -> int:
        """The number of a task or a callback, the same in each run."""
        return self._numbers_of[id(one)]

    def ready(self) -> tuple[int, ...]:
        """The numbers of what can go on."""
        numbers = self._numbers_of
        return tuple([numbers[id(entry[0])] for entry in self.options()])

    def _read_what_woke(self, entry: Entry) -> None:
        task, _, args, _ = entry
        seen.touch(task, STATE)
        for future in args[:1]:
            seen.touch(future, ALL if future in self._joined else STATE)

    # -- what is made, and made ready

    def create_future(self) -> asyncio.Future[Any]:
        """A future that notes what is asked of it."""
        return NotedFuture(loop=self)

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        """Make a task; which number it gets depends on how many there were before."""
        if self._task_factory is not None:
            seen.give_up("the program sets a task factory")
        seen.step.note(TASKS, None, True)
        frame = getattr(coro, "cr_frame", None)
        if frame is not None:
            seen.numbers.add_all(frame.f_locals.values())
        return super().create_task(coro, **options)

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        """Have this called when its turn comes; a task becomes ready."""
        handle = super().call_soon(callback, *args, context=context)
        if handle is None:
            task = self._open[-1][0]
            if task not in self.needs:
                self._number(task)
            future, needed = self._joining
            self.needs[task] = needed if args and args[0] is future else self._at
        return handle

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:  # type: ignore[override]
        """Have this called at this time."""
        handle = super().call_at(when, callback, *args, context=context)
        self._number(handle)
        return handle

    def _number(self, made: Any) -> None:
        many = self._made[self._by] = self._made.get(self._by, -1) + 1
        self._numbers_of[id(made)] = self._ids.setdefault((self._by, many), len(self._ids))

    def _offer(self, handle: asyncio.Handle) -> Entry:
        self.needs[handle] = (*self._at, *self._added.get(id(handle), ()))
        return super()._offer(handle)

    def _add(self, handle: asyncio.Handle) -> None:
        self._number(handle)
        self._added[id(handle)] = self._at
        waking = len(self._waking)
        super()._add(handle)
        seen.step.note(LINE, None, len(self._waking) == waking)
        self._join(handle)

    def _add_thread(self, handle: asyncio.Handle) -> None:
        self._number(handle)
        super()._add_thread(handle)

    def _drop(self, handle: asyncio.Handle) -> None:
        seen.step.note(LINE, None, True)
        super()._drop(handle)

    def end(self) -> None:
        """Forget everything, without a cycle of references."""
        super().end()
        self._joining = None, ()
        for kept in (self.needs, self._joined, self._targets):
            kept.clear()

    # -- futures that wait for several

    def _join(self, handle: Any) -> None:
        """Note that a future that waits for several has one less to wait for."""
        target = self._targets[id(handle)] = passed_on_to(handle)
        group = getattr(handle._callback, "__self__", None)
        if target is None:
            if isinstance(group, asyncio.TaskGroup):  # if it were waited for, this would only count
                seen.touch(group, "_on_completed_fut")
            return
        source = handle._args[0]
        seen.touch(source, STATE)
        self._joined.setdefault(target, []).extend(self._at)
        is_last = fails(handle) or getattr(target, "_cancel_requested", False)
        seen.touch(target, ALL if is_last else ("from", self._number_in(source)), writes=True)
        if group is not None:
            seen.touch(group._tasks, ("from", self._number_in(source)), writes=True)

    def _number_in(self, source: Any) -> int:
        return self._numbers_of.get(id(source), id(source))

    def _wake(self) -> None:
        while self._waking:
            handle: Any = self._waking.popleft()
            target = self._targets[id(handle)]
            if target is None:
                handle._run()
                continue
            step, seen.step = seen.step, Footprint()  # what it touches is noted already
            needed = self._at if fails(handle) else tuple(self._joined[target]) if needs_all(handle) else ()
            self._joining = target, needed
            try:
                handle._run()
            finally:
                seen.step, self._joining = step, (None, ())
