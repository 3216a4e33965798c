"""Exceptions that are lost: a task, or another future, is gone, and nobody has fetched its exception.

Python finds that when the future is finalised, and tells its event loop; the call of the loop's
`call_exception_handler` is what is seen here. A future without a lane belongs to the lane that runs then, which is its
own peer.
"""

from __future__ import annotations

from types import FrameType

from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.family_facts import is_future
from coro_lab.engine.recorder.journal import Journal, line_in
from coro_lab.engine.recorder.lane_table import LaneTable
from coro_lab.engine.recorder.locals import variable
from coro_lab.engine.recorder.tasks import Tasks, name_of_future
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

_LOST = "exception was never retrieved"


class LostExceptions:
    """Notices the lost exceptions of one recording."""

    def __init__(self, journal: Journal, lanes: LaneTable, checks: Checks, tasks: Tasks) -> None:
        self._journal = journal
        self._lanes = lanes
        self._checks = checks
        self._tasks = tasks

    def reported(self, frame: FrameType) -> None:
        """The loop is told of something, in this frame of `call_exception_handler`."""
        context = variable(frame, "context")
        if type(context) is not dict or not str(context.get("message")).endswith(_LOST):
            return
        future, error = context.get("future"), describe(context.get("exception"))
        number = self._tasks.lane_of(future, is_finalised=True)
        lane = None if number is None else self._lanes.activations[number]
        stack = self._journal.stack
        runs = stack[-1] if stack else None
        by, at = (None, None) if runs is None else (runs.index, line_in(runs, frame))
        if lane is not None:
            self._checks.check(lane)
            self._journal.lose(lane.index, lane.line, error, by, at)
        elif is_future(future):
            here = self._lanes.outside(self._journal.thread) if by is None else by
            self._journal.lose(here, at, f"{error} of {name_of_future(future)}", here, at)
