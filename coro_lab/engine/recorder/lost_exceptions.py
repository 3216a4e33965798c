"""What is lost: a task, or another future, is gone, and nobody has fetched its exception; or a task has not ended.

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
from coro_lab.trace.events import PENDING, Kind
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

_LOST, _PENDING = "exception was never retrieved", "was destroyed but it is pending!"


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
        message = str(context.get("message")) if type(context) is dict else ""
        if not message.endswith((_LOST, _PENDING)):
            return
        future, error = context.get("future", context.get("task")), describe(context.get("exception"))
        number = self._tasks.lane_of(future, is_finalised=True)
        lane = None if number is None else self._lanes.activations[number]
        peer = self._journal.stack[-1] if self._journal.stack else None
        if lane is not None:
            self._checks.check(lane)
            value = PENDING if message.endswith(_PENDING) else error
            self._journal.happens_to(lane, Kind.LOST, value, peer, frame)
        elif is_future(future) and message.endswith(_LOST):
            by = self._lanes.outside(self._journal.thread) if peer is None else peer.index
            line = None if peer is None else line_in(peer, frame)
            self._journal.drop_future(by, line, f"{error} of {name_of_future(future)}")
