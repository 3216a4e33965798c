"""Exceptions that are thrown into a lane, and lanes that are closed.

`throw()` goes straight to the innermost generator, and the interpreter reports no event of the generators around it.
Their part is recorded here, and in `Leaving` when the inner generator yields again.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from threading import get_ident
from types import CodeType, FrameType

from coro_lab.engine.recorder.abandoning import how_loop_closes
from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.code_info import is_calling
from coro_lab.engine.recorder.control import Control
from coro_lab.engine.recorder.journal import Journal
from coro_lab.engine.recorder.lane_table import LaneTable
from coro_lab.engine.recorder.lanes import Activation
from coro_lab.engine.recorder.monitor import EVENTS, ByEvent
from coro_lab.engine.recorder.suspendables import gone, is_only_finalised, is_running
from coro_lab.engine.recorder.tasks import Tasks, is_cancellation
from coro_lab.engine.recorder.threads import RecordedThreads
from coro_lab.engine.recorder.watched_code import WatchedCode
from coro_lab.trace.events import BEFORE, COLLECTED, DROPPED, Kind
from coro_lab.trace.introspection import class_name
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())


class Throwing:
    """The callback for an exception that is thrown into a lane."""

    def __init__(
        self,
        journal: Journal,
        codes: WatchedCode,
        lanes: LaneTable,
        checks: Checks,
        tasks: Tasks,
        threads: RecordedThreads,
        control: Control,
        become_multithreaded: Callable[[], ByEvent],
    ) -> None:
        self._journal = journal
        self._codes = codes
        self._lanes = lanes
        self._checks = checks
        self._tasks = tasks
        self._threads = threads
        self._control = control
        self._become_multithreaded = become_multithreaded

    def on_throw(self, code: CodeType, offset: int, error: BaseException, *, frame: FrameType) -> object:
        info = self._codes.by_id.get(id(code)) or self._codes.learn(code)
        if info is None:
            return None
        if get_ident() != self._threads.ident:
            return self._become_multithreaded()[EVENTS.PY_THROW](code, offset, error, frame=frame)
        self._control.goes_on(frame)
        lane = self._lanes.by_frame.get(id(frame))
        if is_met := lane is None or lane.info is not info:
            lane = self._control.met(info, frame, is_finalised=type(error) is GeneratorExit)
        if self._lanes.unbegun:
            self._lanes.begins(frame)
        lane.delegates = False  # what it delegated to has ended, and the lane itself gets the exception
        if lane in self._journal.stack:
            return None  # the exception came out of the inner generator, and nobody threw it in
        # since 3.13 the frame stands behind its yield, at the RESUME
        delegates = offset in info.delegations or info.resumes.get(offset, 0) > 1
        if type(error) is StopIteration and delegates:
            self._goes_on(lane, info.lines[offset], frame)
        else:
            is_from_before = is_met and offset >= min(info.resumes, default=offset) - 2  # the first yield
            self._throw(lane, info.lines[offset], error, frame, is_from_before=is_from_before)
        return None

    def _goes_on(self, lane: Activation, line: int, frame: FrameType) -> None:
        """Record that a lane goes on behind its delegation.

        Something was thrown into the library's generator that it delegated to, which has caught it and returned: the
        interpreter hands over the result as StopIteration.
        """
        for outer in self._delegating_to(lane):
            self._control.enter(outer, Kind.RESUME, outer.line, None, frame)
            outer.relayed = Kind.THROW
        self._control.enter(lane, Kind.RESUME, line, None, frame)
        self._journal.thread.pending = ()

    def _throw(
        self, lane: Activation, line: int, error: BaseException, frame: FrameType, *, is_from_before: bool
    ) -> None:
        """Record that this is thrown into a lane, after the delegating lanes through which it comes.

        `is_from_before`: the lane was begun before the recording, which meets it here.
        """
        through = self._delegating_to(lane)
        is_exit = type(error) is GeneratorExit
        kind, value = self._how_closed(through[0] if through else lane, error, frame) if is_exit else _thrown(error)
        if kind is Kind.CLOSE and value is not None and is_from_before:
            value += BEFORE
        closing = is_exit or is_cancellation(error)
        self._checks.closes = lane if is_exit else None
        for outer in through:
            outer.closing = closing
            self._control.enter(outer, kind, outer.line, value, frame)
            outer.relayed = Kind.CLOSE if is_exit else Kind.THROW
            if is_exit:  # a generator that is closed, in any way, closes the generator that it delegates to
                kind, value = Kind.CLOSE, None
        lane.closing = closing
        if is_exit and value is not None:  # dropped: what it yields now reaches nobody, so `Leaving` has to look at it
            lane.hears = False
        self._control.enter(lane, kind, line, value, frame)
        self._checks.closes = None

    def _delegating_to(self, lane: Activation) -> list[Activation]:
        """The suspended lanes through which an exception is being thrown into this lane, the outermost first."""
        through: list[Activation] = []
        outer = lane.outer
        while outer is not None and outer.delegates and outer.made and outer not in self._journal.stack:
            made = outer.made()
            if made is not None and not is_running(made):
                break
            through.insert(0, outer)
            outer = outer.outer
        return through

    def _how_closed(self, lane: Activation, error: BaseException, frame: FrameType) -> tuple[Kind, str | None]:
        """How GeneratorExit comes into this lane, the outermost that it reaches; `frame` is that of the innermost."""
        is_dropped = self._is_dropped(lane, frame)
        by_loop = how_loop_closes(lane, self._tasks, is_dropped=is_dropped)
        if is_dropped:
            collected = COLLECTED if self._threads.is_collected(frame) else DROPPED
            return Kind.CLOSE, by_loop or collected
        is_thrown = is_calling(frame.f_back, "throw") or is_calling(frame.f_back, "athrow")
        is_thrown = is_thrown or (by_loop is None and self._is_thrown_by_kept(lane))
        return _thrown(error) if is_thrown else (Kind.CLOSE, by_loop)

    def _is_thrown_by_kept(self, lane: Activation) -> bool:
        """Whether what was kept of a call of `athrow()` is awaited now, and not what was kept of one of `aclose()`.

        All objects are looked through for it, so only where some recorded code has this name.
        """
        made = lane.made() if lane.made is not None and lane.info.yields_wrapped else None
        if made is None or all("athrow" not in info.code.co_names for info in self._codes.by_id.values()):
            return False
        kept = [each for each in gc.get_referrers(made) if class_name(type(each)) == "async_generator_athrow"]
        return bool(kept) and all(len(gc.get_referents(each)) > 1 for each in kept)  # the exception, too

    def _is_dropped(self, lane: Activation, frame: FrameType) -> bool:
        """Whether a lane is closed because nothing refers to it any more, not by a call of close()."""
        if lane.made is not None:
            return lane.made() is None
        # the recording meets it here for the first time, so no reference to its generator was kept
        is_held = not is_only_finalised(frame) or is_calling(frame.f_back, "close")
        if is_held and not self._threads.is_collected(frame):
            return False
        lane.made = gone
        return True


def _thrown(error: BaseException) -> tuple[Kind, str]:
    return Kind.THROW, describe(error)
