"""watch_loop(): a thread that finds where an event loop is blocked."""

from __future__ import annotations

import asyncio
import linecache
import threading
from types import TracebackType
from typing import Any

from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.engine.waits.live import look
from coro_lab.engine.waits.members import running_stack
from coro_lab.engine.waits.result import Waits
from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.safe_repr import describe


class watch_loop:  # noqa: N801 - it reads as what happens in the `with`
    """In this `with`, a thread watches the loop that runs here, and notes each call that blocks it for too long.

    `seconds` is how long the loop may take to go round. `found` then has one `Waits` for each time that it took longer;
    printed, it is these. The thread asks the loop for a sign by `call_soon_threadsafe`, and ends with the `with`.

    Raises ArgumentError for `seconds` that are not a positive number, or where no loop runs.

    >>> async def main():
    ...     with watch_loop(seconds=30) as watched:
    ...         await asyncio.sleep(0)
    ...     return watched.found
    >>> asyncio.run(main())
    []
    """

    def __init__(self, seconds: float = 0.1) -> None:
        if type(seconds) not in (int, float) or not 0 < seconds < threading.TIMEOUT_MAX:
            said = advice("seconds must be a positive number.", f"seconds={describe(seconds)}", "seconds=0.1")
            raise ArgumentError(said, argument="seconds", given=describe(seconds))
        self.found: list[Waits] = []
        self._seconds = seconds
        self._ends = False
        self._sign = threading.Event()

    def __enter__(self) -> watch_loop:
        loop = asyncio._get_running_loop()
        if loop is None:
            said = advice("No event loop runs here.", "with watch_loop():", "with watch_loop():   # in an async def")
            raise ArgumentError(said, argument="seconds", given="")
        self._loop, self._watched = loop, threading.get_ident()
        self._ends = False
        self._thread = threading.Thread(target=self._watch, name="watch_loop", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._ends = True
        self._sign.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ends:
            self._sign.clear()
            if not self._ask():
                return
            if not self._sign.wait(self._seconds) and not self._ends:
                self._note()
                self._sign.wait()
            self._rest()

    def _ask(self) -> bool:
        """Ask for a sign; False if the loop has been closed, or the `with` has ended meanwhile."""
        try:
            self._loop.call_soon_threadsafe(self._sign.set)
        except RuntimeError:
            return False
        return not self._ends

    def _rest(self) -> None:
        """Leave the loop alone for a while, but see the end of the `with`."""
        self._sign.clear()
        if not self._ends:
            self._sign.wait(self._seconds / 4)

    def _note(self) -> None:
        where = _line(running_stack(self._watched))
        self.found.append(look(self._loop, self._watched, f"the loop does not go round{where}"))

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.found)) or f"The loop was never blocked for {self._seconds:g} s."


def _line(frames: list[Any]) -> str:
    """Where these frames are: the innermost line of the learner's code, with its text."""
    users = [frame for frame in frames if is_learners(frame.f_code)]
    for frame in (users or frames)[-1:]:
        text = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
        return f"; {frame.f_code.co_name} is at line {frame.f_lineno}" + (f": {text}" if text else "")
    return ""
