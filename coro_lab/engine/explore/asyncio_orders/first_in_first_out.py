"""The loop that keeps asyncio's own order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from coro_lab.engine.explore.asyncio_orders.callbacks import only_wakes, woken_by
from coro_lab.engine.explore.asyncio_orders.entries import TIME, DueTimer, Entry
from coro_lab.engine.explore.asyncio_orders.loop import Choices, ChosenLoop

_QUIET = ("quiet",)
"""Marks a callback that only wakes, and is not counted among what has gone on."""

TURNS_AT_END = 4
"""Turns of its loop that asyncio.run takes behind a program, to close what is left."""


class FirstInFirstOutLoop(ChosenLoop):
    """asyncio's own order: what is ready first goes on first. Only the order of timers that are due together is open.

    A function for a thread may also end before any step.
    """

    def __init__(self, choices: Choices, max_steps: int) -> None:
        super().__init__(choices, max_steps)
        self._threads: list[Entry] = []

    def go(self, main: asyncio.Future[Any]) -> None:
        """Go on until `main` is done, or nothing can go on. TooManySteps beyond the limit."""
        while not main.done():
            if not self._open and not self._end_a_thread() and not self._fire():
                return
            self._turn()
        self.ended_at = len(self.chosen)
        self._turn()  # asyncio stops its loop one turn later
        if all(task.done() for task in self.tasks):
            self._take_last_turns()

    def drain(self, tasks: Sequence[asyncio.Task[Any]], steps: int) -> None:
        """Go on, first in, first out, until these tasks are done, for about `steps` steps."""
        self._open += self._threads
        self._threads.clear()
        until = len(self.chosen) + steps
        while not all(task.done() for task in tasks) and len(self.chosen) < until and (self._open or self._fire()):
            self._turn()
        self._take_last_turns()

    def _take_last_turns(self) -> None:
        for _ in range(TURNS_AT_END):
            if self._open:
                self._turn()

    def _turn(self) -> None:
        """One turn of the loop: everything that is ready when it begins."""
        if self._has_due:
            self._fire()
        for _ in range(len(self._open)):
            while self._threads and self._end_a_thread():
                pass
            entry = self._open.pop(0)
            handle = entry[0]
            if entry[2] is _QUIET:
                handle._run()
            elif not (isinstance(handle, asyncio.Handle) and handle.cancelled()):
                self._run(entry)

    def _end_a_thread(self) -> bool:
        """Let one function for threads end now, or none, if something else can go on. Returns whether one did."""
        may_wait = bool(self._open or self._timers)
        options = [*([TIME] if may_wait else []), *self._threads]
        at = self._choices.take(self, options) if len(options) > 1 else 0
        if not self._threads or options[at] is TIME:
            return False
        self._threads.remove(options[at])
        self._run(options[at])
        return True

    def _fire(self) -> bool:
        """Let the next timers be due, those that are due together in a chosen order; False if no timer is set."""
        due = [self._due_timer(handle) for handle in self._due()]
        found = bool(due)
        while due:
            at = self._choices.take(self, due) if len(due) > 1 else 0
            if len(due) > 1:
                self.chosen.append(due[at][0])
            self._add(due.pop(at)[0].handle)
        return found

    @staticmethod
    def _due_timer(handle: Any) -> Entry:
        quiet = only_wakes(handle)
        return DueTimer(handle, woken_by(handle), None if quiet else handle._callback), handle._run, (), None

    def _add(self, handle: asyncio.Handle) -> None:
        if only_wakes(handle):
            self._open.append((handle, handle._run, _QUIET, None))
        else:
            self._open.append(self._offer(handle))

    def _add_thread(self, handle: asyncio.Handle) -> None:
        self._threads.append(self._offer(handle))

    def _drop(self, handle: asyncio.Handle) -> None:
        """It is passed over when its turn comes."""
