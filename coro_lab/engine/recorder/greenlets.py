"""Greenlets: each has a separate stack, and control goes from one to another by `switch`.

The package greenlet (gevent and SQLAlchemy build on it) reports each switch, with the greenlet left and the greenlet
that goes on, to a function given to `greenlet.settrace`. So each greenlet gets separate lanes, as a thread does. The
value that a switch carries is not reported.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from threading import get_ident
from typing import Any

from coro_lab.engine.recorder.lanes import ThreadState
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_MISSING: Any = object()


class Greenlets:
    """The greenlets of one recording, in all its threads."""

    def __init__(self, switch: Callable[[ThreadState, Any, ThreadState], None]) -> None:
        self._switch = switch  # takes the stack that is left, the frame asleep there, and the stack that goes on
        self._threads: weakref.WeakKeyDictionary[Any, ThreadState] = weakref.WeakKeyDictionary()
        self._tracers: dict[int, Any] = {}  # by the thread's id: the function that the program has given to settrace
        self._current: dict[int, ThreadState] = {}  # by the thread's id
        self._has_ended = False

    def begin(self, thread: ThreadState) -> None:
        """Hear of the switches in this thread, which runs these lanes now, if the package was imported."""
        package = sys.modules.get("greenlet")
        ident = get_ident()
        if package is not None and ident not in self._tracers:
            self._has_ended = False
            self._current[ident] = thread
            self._tracers[ident] = package.gettrace()  # first, so that `end` can undo it after an interrupt in between
            package.settrace(self._traced)

    def begin_within(self, thread: ThreadState) -> None:
        """The same where the first switch has been made already: control has left these lanes for a new greenlet."""
        if get_ident() not in self._tracers and "greenlet" in sys.modules:
            self.begin(thread)
            current = sys.modules["greenlet"].getcurrent()
            if current.parent is not None:
                self._traced("switch", (current.parent, current))

    def end(self) -> None:
        """Stop listening; may be called again, and in each thread. In the others, reported switches have no effect."""
        self._has_ended = True
        tracer = self._tracers.get(get_ident(), _MISSING)
        package = sys.modules.get("greenlet")
        if tracer is not _MISSING and package is not None and package.gettrace() == self._traced:
            package.settrace(tracer)
        self._tracers.pop(get_ident(), None)  # last, so that an interrupted end can be made again

    def _traced(self, event: str, switch: tuple[Any, Any]) -> None:
        ident = get_ident()
        tracer = self._tracers.get(ident, _MISSING)
        if tracer is _MISSING:
            return
        if event in ("switch", "throw") and not self._has_ended:
            left, goes_on = switch
            thread = self._threads[left] = self._current[ident]
            self._current[ident] = self._threads.setdefault(goes_on, ThreadState())
            self._switch(thread, left.gr_frame, self._current[ident])
        if tracer is not None:
            tracer(event, switch)
