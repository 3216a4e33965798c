"""ProgramRun: runs a recorded program and makes its Trace, however the program ends.

A learner interrupts at any moment: while the recording opens, while the program runs, while the recording closes, while
its Trace is made. So the caller of a ProgramRun calls `keep` for a KeyboardInterrupt.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import Any

from coro_lab.engine.recorder.advice import instead_of_a_second_loop, note_of
from coro_lab.engine.recorder.limits import LimitReached
from coro_lab.engine.recorder.recorder import Recorder
from coro_lab.engine.recorder.tasks import is_cancellation
from coro_lab.engine.recorder.tracebacks import without_recorder
from coro_lab.trace.own_builtins import keep_builtins, undisturbed
from coro_lab.trace.trace import Trace

keep_builtins(globals())

_ROOM = 200  # frames for the recorder, where the program leaves less room on the stack


class ProgramRun:
    """One program, from its call to its Trace."""

    _recorder: Recorder | None = None
    _result: Any = None
    _error: BaseException | None = None
    _advice: str | None = None
    _left: int | None = None  # the limit of recursion that the program has left

    def trace(
        self,
        call: Callable[[], Any],
        program: Callable[..., Any],
        lines: bool,
        max_events: int,
        driver: str | None = None,
        *,
        runs_on: bool = False,
    ) -> Trace:
        """Call `program` and return its Trace. Raises the KeyboardInterrupt that ended it.

        With `runs_on`, the limit ends the recording and not the program.
        """
        self._left = sys.getrecursionlimit()
        try:
            sys.setrecursionlimit(self._left + _ROOM)
            recorder = self._recorder = Recorder(lines=lines, max_events=max_events, driver=driver, runs_on=runs_on)
            with recorder:
                try:
                    sys.setrecursionlimit(self._left)
                    try:
                        self._result = call()
                    finally:
                        self._left = sys.getrecursionlimit()  # the program may have set another
                        sys.setrecursionlimit(self._left + _ROOM)
                except LimitReached:
                    pass
                except BaseException as raised:
                    self._end_by(raised)
            return self._finished(program)
        finally:
            sys.setrecursionlimit(self._left)

    async def trace_in_loop(self, program: Coroutine[Any, Any, Any], lines: bool, max_events: int) -> Trace:
        """The Trace of a coroutine, run as a task of the running loop. Also raises what ends the awaiting task."""
        import asyncio

        this = asyncio.current_task()
        cancelled_before = this.cancelling() if this else 0
        task: asyncio.Task[Any] | None = None
        try:
            recorder = self._recorder = Recorder(lines=lines, max_events=max_events, driver="event loop")
            with recorder:
                try:
                    task = asyncio.get_running_loop().create_task(_named_as(program, _without_exits(program)))
                    self._result, error = await task
                    if error is not None:
                        raise error
                except LimitReached:
                    pass
                except BaseException as raised:
                    self._end_by(raised)
                    is_cancelled = is_cancellation(raised) and this is not None and this.cancelling() > cancelled_before
                    if is_cancelled or (task is not None and not task.done()):  # it is thrown into this coroutine
                        raise
            return self._finished(program)
        except BaseException as raised:
            if not isinstance(raised, Exception):  # a recording that cannot begin raises an Exception
                self.keep(raised)
            raise
        finally:
            program.close()  # where the recording could not begin, nobody has awaited it

    def keep(self, raised: BaseException) -> None:
        """Close the recording, and keep the Trace so far as an attribute of the exception."""
        recorder = self._recorder
        while True:
            try:
                if recorder is not None and Recorder._open is recorder:
                    recorder.__exit__()
                if self._left is not None:
                    sys.setrecursionlimit(self._left)
                error = raised if self._error is None else self._error
                trace = (
                    Trace((), (), error=error) if recorder is None else recorder.trace(result=self._result, error=error)
                )
                raised.trace = trace  # type: ignore[attr-defined]
                return
            except KeyboardInterrupt:
                continue

    def _end_by(self, raised: BaseException) -> None:
        """Keep the exception of the program; a cancellation after the limit is the recorder's."""
        assert self._recorder is not None
        self._error = raised
        self._advice = instead_of_a_second_loop(raised)
        self._error = None if self._recorder.has_stopped_it and is_cancellation(raised) else without_recorder(raised)

    @undisturbed
    def _finished(self, program: object) -> Trace:
        assert self._recorder is not None
        if self._error is not None and issubclass(type(self._error), KeyboardInterrupt):
            raise self._error
        trace = self._recorder.trace(result=self._result, error=self._error)
        note = self._advice or note_of(program, trace, self._recorder.has_seen)
        vars(trace)["note"] = note or self._recorder.note(self._error)  # nobody has the trace yet
        return trace


def _named_as(program: Any, made: Any) -> Any:
    """`made`, with the name of `program`: asyncio and `waits` call its task by the learner's name."""
    made.__name__, made.__qualname__ = program.__name__, program.__qualname__
    return made


async def _without_exits(program: Coroutine[Any, Any, Any]) -> tuple[Any, BaseException | None]:
    """The result of a coroutine, and what asyncio would otherwise raise out of the loop that everybody shares."""
    try:
        return await program, None
    except (KeyboardInterrupt, SystemExit) as error:
        return None, error
