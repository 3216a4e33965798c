"""Who cancels whom: calls of `Task.cancel` and `Task.uncancel`, in the learner's code and in that of libraries.

Both are written in C, so they have no frame to see. The interpreter reports calls where it is asked to: in each code
object in which the name `cancel` or `uncancel` occurs, and in the loop's `Handle._run` once a learner's code hands out
`task.cancel` as a value, as for `call_later`. The report comes before the call, and again after it with the message.

A task that awaits another task passes its own cancellation on, inside C. So what is asked of a task is followed along
the tasks that it awaits; `gather` passes it on in Python, which is reported.
"""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Callable, Iterator
from threading import get_ident
from types import BuiltinFunctionType, CodeType, FrameType
from typing import Any, NamedTuple

from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.code_info import VERBS, may_be_calling
from coro_lab.engine.recorder.control import Control
from coro_lab.engine.recorder.journal import Journal, line_in
from coro_lab.engine.recorder.lane_table import LaneTable
from coro_lab.engine.recorder.lanes import Activation, ThreadState
from coro_lab.engine.recorder.monitor import DISABLE
from coro_lab.engine.recorder.suspendables import chain_of, frame_of
from coro_lab.engine.recorder.tasks import coroutine_of
from coro_lab.engine.recorder.threads import RecordedThreads
from coro_lab.engine.recorder.watched_code import WatchedCode
from coro_lab.trace.events import BY_GROUP, PASSED_ON, RUN_ENDS, TIME_LIMIT, Kind
from coro_lab.trace.introspection import class_name
from coro_lab.trace.own_builtins import keep_builtins, with_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

# code of libraries with such calls, from all recordings; by its id, as code of two files can be equal
_foreign: weakref.WeakValueDictionary[int, CodeType] = weakref.WeakValueDictionary()


@with_builtins
class _Asked(NamedTuple):
    """A task is being asked to end: the call has begun, and its message is not known yet."""

    task: Any
    last: Activation | None  # the lane of the last task to which the cancellation is passed on; None: not a lane
    value: int | None  # where in the journal the words for it stand, if its message belongs to them


class Cancelling:
    """The callbacks for calls of `cancel` and `uncancel`."""

    def __init__(
        self,
        journal: Journal,
        codes: WatchedCode,
        lanes: LaneTable,
        checks: Checks,
        threads: RecordedThreads,
        control: Control,
    ) -> None:
        self._journal = journal
        self._codes = codes
        self._lanes = lanes
        self._checks = checks
        self._threads = threads
        self._control = control
        self._asked: list[_Asked] = []  # calls that have not returned, the innermost last

    def begin(self) -> None:
        """Ask for the calls in the libraries' code that is known from earlier recordings."""
        for code in list(_foreign.values()):
            self._codes.watch_calls(code)

    def on_call(
        self, code: CodeType, offset: int, called: object, first: object, frame: FrameType | None = None
    ) -> object:
        """A call begins; `first` is its first argument, for a method the object."""
        try:
            task = _task_of(called, first, "cancel")
            if task is None:
                return DISABLE if id(code) in _foreign and not may_be_calling(code, offset, VERBS) else None
            if not task.done():
                self._in_turn(self._ask, task, frame or sys._getframe(1))
        except Exception as error:
            if not self._checks.ends_by(error):
                raise
        return None

    def on_called(
        self, code: CodeType, offset: int, called: object, first: object, frame: FrameType | None = None
    ) -> None:
        """A function written in C has returned."""
        try:
            task = _task_of(called, first, "cancel")
            if task is not None:
                self._is_asked(task)
            elif (task := _task_of(called, first, "uncancel")) is not None:
                self._in_turn(self._takes_back, task, frame or sys._getframe(1))
        except Exception as error:
            if not self._checks.ends_by(error):
                raise

    def _in_turn(self, act: Callable[[Any, FrameType, ThreadState], None], task: Any, frame: FrameType) -> None:
        """Do this for a task, unless the calling thread is not the program's, or the program is stopped."""
        threads, state = self._threads, self._threads.state(frame)
        if state is None or self._checks.cut:
            return

        def acts() -> None:
            if state.waiting and not state.stack:
                self._control.end_loop_unless(frame)
            act(task, frame, state)

        if threads.alone and get_ident() == threads.home:
            acts()
        else:
            threads.output_in_turn(state, acts)

    def _ask(self, task: Any, frame: FrameType, state: ThreadState) -> None:
        lane, passing = self._lane_of(task), self._asked[-1].last if self._asked else None
        if lane is None:
            self._asked.append(_Asked(task, None, None))
            return
        how, owner = _how(frame, self._lanes.name_of)
        if how == PASSED_ON and passing is None:  # the program itself cancels what `gather` gave
            how = "cancel()"
        by = passing or (self._lane_of(owner) if owner is not None else state.stack[-1] if state.stack else None)
        value = self._add(lane, how, by, frame, state)
        last = lane
        for inner in _awaited_tasks(task):
            if (its_lane := self._lane_of(inner)) is not None:
                self._add(its_lane, PASSED_ON, last, frame, state)
                last = its_lane
        self._asked.append(_Asked(task, last, value if how == "cancel()" else None))

    def _add(self, lane: Activation, how: str, by: Activation | None, frame: FrameType, state: ThreadState) -> int:
        """Add the event; returns where its value stands in the journal."""
        self._checks.check(lane)
        at, by_at = self._line_of(lane, frame, state), None if by is None else self._line_of(by, frame, state)
        return self._journal.ask(lane.index, at, how, None if by is None else by.index, by_at)

    def _line_of(self, lane: Activation, frame: FrameType, state: ThreadState) -> int | None:
        """Where a lane is, while this frame runs; None: it has not begun."""
        if lane in state.stack:
            return line_in(lane, frame)
        return None if self._lanes.unbegun.get(lane.frame) is lane else lane.line

    def _is_asked(self, task: Any) -> None:
        """The call has returned, and the message can be read."""
        if all(asked.task is not task for asked in self._asked):
            return  # it had ended before the call
        while self._asked:
            asked = self._asked.pop()
            if asked.task is task:
                if asked.value is not None and (message := _message_of(task)) is not None:
                    self._journal.fields[asked.value] = f"cancel({describe(message)})"
                return

    def _takes_back(self, task: Any, frame: FrameType, state: ThreadState) -> None:
        lane = self._lane_of(task)
        if lane is not None:
            self._checks.check(lane)
            self._journal.inside(lane.index, Kind.UNCANCEL, self._line_of(lane, frame, state), str(task.cancelling()))

    def _lane_of(self, task: Any) -> Activation | None:
        """The outermost lane of this task; one that has not begun is made. None: it runs none of the learner's code."""
        coroutine = coroutine_of(task)
        for made in chain_of(coroutine):
            frame = frame_of(made)
            if frame is not None and self._codes.is_users(frame.f_code):
                lane = self._lanes.by_frame.get(id(frame))
                is_known = lane is not None and lane.code is frame.f_code
                return lane if is_known else self._control.met_in_task(made, task)
        return None


def meets(code: CodeType, codes: WatchedCode) -> None:
    """Code of a library starts: its calls are reported from now on, if it may cancel tasks."""
    if not VERBS.isdisjoint(code.co_names) and id(code) not in _foreign:
        _foreign[id(code)] = code
        codes.watch_calls(code)


def _task_of(called: object, first: object, verb: str) -> Any:
    """The task whose method of this name is called; None for any other call."""
    Task = getattr(sys.modules.get("asyncio"), "Task", None)  # noqa: N806 - none while asyncio is being imported
    if Task is None:
        return None
    method: object = called
    if type(called) is BuiltinFunctionType and called.__name__ == "run":  # `Context.run`, by which a loop calls back
        method = first
    while type(method) is functools.partial:
        first = method.args[0] if method.args else first
        method = method.func
    if method is getattr(Task, verb):
        return first if issubclass(type(first), Task) else None
    if type(method) is not BuiltinFunctionType or method.__name__ != verb:
        return None
    return method.__self__ if issubclass(type(method.__self__), Task) else None


def _awaited_tasks(task: Any) -> Iterator[Any]:
    """The task that this task awaits, then the task which that awaits, and so on; in a circle, each task once."""
    asyncio = sys.modules["asyncio"]
    inner, seen = task._fut_waiter, {id(task)}
    while issubclass(type(inner), asyncio.Task) and not inner.done() and id(inner) not in seen:
        seen.add(id(inner))
        yield inner
        inner = inner._fut_waiter


def _message_of(future: Any) -> Any:
    """The message with which this future was just cancelled: it is where the request was passed on to."""
    seen: set[int] = set()
    while id(future) not in seen and not getattr(future, "_must_cancel", False):
        seen.add(id(future))
        children = getattr(future, "_children", None)
        undone = [each for each in children or () if not each.done()]
        inner = (undone or children)[-1] if children else getattr(future, "_fut_waiter", None)
        if inner is None:
            break
        future = inner
    return getattr(future, "_cancel_message", None)


def _how(frame: FrameType, name_of: Callable[[Any], str]) -> tuple[str, Any]:
    """How this frame asks a task to end, in words, and the task for which it does so; None: for the one that runs."""
    module, name = str(frame.f_globals.get("__name__")), frame.f_code.co_name
    words = {
        ("asyncio.timeouts", "_on_timeout"): TIME_LIMIT,
        ("asyncio.runners", "_cancel_all_tasks"): RUN_ENDS,
        ("asyncio.tasks", "cancel"): PASSED_ON,
    }
    if module == "asyncio.taskgroups":
        return _by_group(frame, name_of)
    return words.get((module, name), "cancel()"), None


def _by_group(frame: FrameType, name_of: Callable[[Any], str]) -> tuple[str, Any]:
    """A TaskGroup asks one of its tasks to end, or the task whose `async with` it is.

    `_abort` is called when a task of the group has failed, and by `__aexit__` when the `async with` itself has.
    """
    is_abort, back = frame.f_code.co_name == "_abort", frame.f_back
    caller = back if is_abort and back is not None else frame
    known = caller.f_locals
    owner = getattr(known.get("self"), "_parent_task", None)
    failed = known.get("task")
    if failed is None:
        error = known.get("ex") or known.get("exc")
        return (
            f"{BY_GROUP}, as its owner got {class_name(type(error))}" if is_abort else f"{BY_GROUP}, to keep the count",
            owner,
        )
    return f"{BY_GROUP}, as {name_of(failed)} raised {class_name(type(known.get('exc')))}", owner if is_abort else None
