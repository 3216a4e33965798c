"""Two loops: on one, whichever task is ready may go on next; on the other, time may pass meanwhile, too."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from coro_lab.engine.explore.asyncio_orders.callbacks import only_wakes
from coro_lab.engine.explore.asyncio_orders.entries import TIME, Entry
from coro_lab.engine.explore.asyncio_orders.loop import Choices, ChosenLoop


class AnyOrderLoop(ChosenLoop):
    """Any task that is ready may go on next.

    Of callbacks without a task, only the one that has waited longest may; of timers that are due, any one.
    A callback that only wakes a task is called at once.
    """

    def __init__(self, choices: Choices, max_steps: int) -> None:
        super().__init__(choices, max_steps)
        self._waking: deque[asyncio.Handle] = deque()
        self._line: deque[asyncio.Handle] = deque()  # the first of them is among the ready ones

    def go(self, main: asyncio.Future[Any]) -> None:
        """Go on until `main` is done, or nothing can go on. TooManySteps beyond the limit."""
        ready, waking, take = self._open, self._waking, self._choices.take
        while not main.done():
            if not ready and not self._let_time_pass():
                return
            if self._timers and self._may_time_pass():
                at = take(self, [*ready, TIME])
                if at == len(ready):
                    self.chosen.append(TIME[0])
                    self._fire()
                    continue
            else:
                at = take(self, ready) if len(ready) > 1 else 0
            self._go_on(ready.pop(at))
            while waking:
                waking.popleft()._run()
            if self._has_due:
                self._fire()

    def drain(self, tasks: Sequence[asyncio.Task[Any]], steps: int) -> None:
        """Go on, first in, first out, until these tasks are done, for at most this many steps."""
        for _ in range(steps):
            if all(task.done() for task in tasks) or not (self._open or self._let_time_pass()):
                return
            self._go_on(self._open.pop(0))
            self._wake()

    def _go_on(self, entry: Entry) -> None:
        if self._line and entry[0] is self._line[0]:
            self._next_in_line()
        self._run(entry)

    def _wake(self) -> None:
        while self._waking:
            self._waking.popleft()._run()

    def _may_time_pass(self) -> bool:
        """Whether time may pass though something can go on: where only functions for threads can."""
        return len(self._open) == self._thread_calls

    def _let_time_pass(self) -> bool:
        """Whether something can go on at the time of the next timers, or of those after them."""
        while not self._open:
            if not self._fire():
                return False
        return True

    def _fire(self) -> bool:
        """Let the next timers be due; False if no timer is set."""
        due = self._due()
        for handle in due:
            if only_wakes(handle):
                handle._run()
            else:
                self._open.append(self._offer(handle))
        self._wake()
        return bool(due)

    def _add(self, handle: asyncio.Handle) -> None:
        if not self._line and only_wakes(handle):  # callbacks keep their order
            self._waking.append(handle)
            return
        self._line.append(handle)
        if len(self._line) == 1:
            self._open.append(self._offer(handle))

    def _add_thread(self, handle: asyncio.Handle) -> None:
        self._open.append(self._offer(handle))

    def _next_in_line(self) -> None:
        self._line.popleft()
        if self._line:
            self._open.append(self._offer(self._line[0]))

    def _drop(self, handle: asyncio.Handle) -> None:
        self._open[:] = [entry for entry in self._open if entry[0] is not handle]
        if self._line and self._line[0] is handle:
            self._next_in_line()
        for line in (self._line, self._waking):
            if handle in line:
                line.remove(handle)


class AnyTimeLoop(AnyOrderLoop):
    """Any task that is ready may go on next, and time may pass meanwhile: a timer may be due before any step.

    The callbacks of timers keep the order of their times, as on any loop.
    """

    def _may_time_pass(self) -> bool:
        return not any(isinstance(entry[0], asyncio.TimerHandle) for entry in self._open)
