"""Which tasks belong together: the TaskGroups of asyncio and anyio, `gather` and `wait`, and exceptions that are lost.

All of them are written in Python. So the interpreter reports where a few functions of theirs start and end, and their
arguments say the rest. Nothing is wrapped, and no reference to a task or a group is kept. For most programs this costs
nothing: a function of a library is looked at when it first starts, and only these are looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.family_facts import FamilyFacts, FamilyTable, is_future, outcome_of
from coro_lab.engine.recorder.journal import Journal, line_in
from coro_lab.engine.recorder.lane_table import LaneTable
from coro_lab.engine.recorder.locals import variable
from coro_lab.engine.recorder.tasks import Tasks
from coro_lab.engine.recorder.threads import RecordedThreads
from coro_lab.trace.error_tree import error_tree
from coro_lab.trace.events import PENDING, Kind
from coro_lab.trace.introspection import class_name
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

_ASYNCIO, _ANYIO = "asyncio.taskgroups", "anyio._backends._asyncio"
_HOOKS = {
    (_ASYNCIO, "TaskGroup.__aenter__"): "open",
    (_ASYNCIO, "TaskGroup.create_task"): "join",
    (_ASYNCIO, "TaskGroup._on_task_done"): "done",
    (_ASYNCIO, "TaskGroup.__aexit__"): "close",
    (_ANYIO, "TaskGroup.__aenter__"): "open",
    (_ANYIO, "TaskGroup._spawn"): "join",
    (_ANYIO, "TaskGroup._spawn.<locals>.task_done"): "done",
    (_ANYIO, "TaskGroup.__aexit__"): "close",
    ("asyncio.tasks", "gather"): "gather",
    ("asyncio.tasks", "gather.<locals>._done_callback"): "gathered",
    ("asyncio.tasks", "_wait"): "wait",
    ("asyncio.tasks", "_wait.<locals>._on_completion"): "done",
    ("asyncio.base_events", "BaseEventLoop.call_exception_handler"): "lost",
}
_NAMES = frozenset(name for _, name in _HOOKS)
_LOST, _PENDING = "exception was never retrieved", "was destroyed but it is pending!"
_hooked: dict[int, tuple[CodeType, str]] = {}  # by the id of the code, from all recordings: the code and what it does


class FamilyRecords:
    """The families of one recording, and the callbacks that notice them."""

    def __init__(
        self, journal: Journal, lanes: LaneTable, checks: Checks, tasks: Tasks, threads: RecordedThreads
    ) -> None:
        self._journal = journal
        self._lanes = lanes
        self._checks = checks
        self._tasks = tasks
        self._threads = threads
        self.table = FamilyTable(tasks)
        self._waiting: dict[int, FamilyFacts] = {}  # calls of `wait`, by the id of their frame

    @staticmethod
    def is_hooked(code: CodeType) -> bool:
        """Whether `meets` has found that this code of a library makes, changes or ends a family."""
        return id(code) in _hooked

    @staticmethod
    def may_be_hooked(code: CodeType) -> bool:
        """Whether `meets` must look at this code when it starts, going by its name."""
        return code.co_qualname in _NAMES

    def meets(self, code: CodeType, frame: FrameType) -> bool:
        """Whether the start of this code, which is not the learner's, matters here, and will again."""
        if id(code) in _hooked:
            return True
        does = _HOOKS.get((_module_of(frame), code.co_qualname))
        if does is not None:
            _hooked[id(code)] = code, does
        return does is not None

    def codes(self) -> Iterator[CodeType]:
        """The code whose ends matter."""
        return (code for code, _ in list(_hooked.values()))

    # -- what the interpreter reports ---------------------------------------------------------------------------------

    def on_start(self, code: CodeType, frame: FrameType) -> None:
        """Code of a library that `meets` has named starts."""
        act = _ON_START.get(_hooked[id(code)][1])
        if act is not None and self._is_ours(frame, act is FamilyRecords._lost):
            act(self, frame)

    def on_end(self, code: CodeType, frame: FrameType, value: object, error: BaseException | None) -> None:
        """It returns this value, or raises this error."""
        act = _ON_END.get(_hooked[id(code)][1])
        if act is not None and self._is_ours(frame):
            act(self, frame, value, error)

    def _is_ours(self, frame: FrameType, also_collected: bool = False) -> bool:
        threads = self._threads
        if self._checks.cut or (threads.alone and get_ident() != threads.home):
            return False
        return threads.state(frame) is not None or (also_collected and threads.is_collecting())

    @property
    def _now(self) -> int:
        return max(self._journal.step, 0)

    def _begin(self, kind: str, frame: FrameType) -> FamilyFacts:
        stack = self._journal.stack
        owner = stack[-1] if stack else None
        line = None if owner is None else line_in(owner, frame)
        family = FamilyFacts(kind, None if owner is None else owner.index, line, self._now)
        self.table.families.append(family)
        return family

    def _join(self, family: FamilyFacts, future: Any) -> None:
        stack = self._journal.stack
        by = stack[-1].index if stack else None
        family.members.append((self.table.member(future), None if by == family.owner else by))

    def _end(self, family: FamilyFacts, outcome: str, error: BaseException | None = None) -> None:
        if family.ended is None:
            family.ended = self._now
            family.outcome = outcome if error is None else f"raised {describe(error)}"
            family.errors = () if error is None else error_tree(error)

    # -- TaskGroup ----------------------------------------------------------------------------------------------------

    def _opened(self, frame: FrameType, _: object, error: BaseException | None) -> None:
        group = variable(frame, "self")
        if error is None and group is not None:
            self.table.begin(self._begin(class_name(type(group)), frame), group)

    def _joined(self, frame: FrameType, task: object, error: BaseException | None) -> None:
        family = self.table.family(variable(frame, "self"))
        task = task if is_future(task) else variable(frame, "task")
        if family is not None and error is None and is_future(task):
            self._join(family, task)

    def _closes(self, frame: FrameType) -> None:
        family = self.table.family(variable(frame, "self"))
        if family is not None:
            body = next((each for name in ("exc", "exc_val") if (each := variable(frame, name)) is not None), None)
            family.block = None if body is None else describe(body)
            family.waits = self._now if getattr(variable(frame, "self"), "_tasks", None) else None

    def _closed(self, frame: FrameType, _: object, error: BaseException | None) -> None:
        family = self.table.family(variable(frame, "self"))
        if family is not None:
            self._end(family, "ended", error)

    def _done(self, frame: FrameType, unheard: str = "") -> None:
        """A member has ended: the family is called back with it; `unheard` is what to add to an exception."""
        future = variable(frame, frame.f_code.co_varnames[frame.f_code.co_argcount - 1])
        if not is_future(future):
            return
        member = self.table.member(future)
        if member.ended is None:
            member.ended, member.outcome = self._now, outcome_of(future, unheard)
            member.lane = self._tasks.lane_of(future) if member.lane is None else member.lane

    # -- gather and wait ----------------------------------------------------------------------------------------------

    def _gathers(self, frame: FrameType, outer: Any, error: BaseException | None) -> None:
        children = getattr(outer, "_children", None)
        ends_what_is_left = _module_of(frame.f_back) in ("asyncio.runners", "asyncio.base_events")
        if error is None and children and not ends_what_is_left:
            family = self._begin("gather", frame)
            self.table.begin(family, outer)
            for child in {id(child): child for child in children}.values():
                self._join(family, child)
            self._end_if_done(outer, family)

    def _gather_done(self, frame: FrameType) -> None:
        family = self.table.family(variable(frame, "outer"))
        self._done(frame, ", after gather had raised" if family is not None and family.ended is not None else "")

    def _gathered(self, frame: FrameType, *_: object) -> None:
        outer = variable(frame, "outer")
        family = self.table.family(outer)
        if family is not None:
            self._end_if_done(outer, family)

    def _end_if_done(self, outer: Any, family: FamilyFacts) -> None:
        if outer.done():
            self._end(family, "was cancelled" if outer.cancelled() else "returned", outer._exception)

    def awaited(self, future: object) -> None:
        """A task gives way to its loop, and waits for this."""
        family = self.table.family(future)
        if family is not None and family.waits is None:
            family.waits = self._now

    def _waits(self, frame: FrameType) -> None:
        futures: Iterable[Any] = variable(frame, "fs") or ()
        family = self._waiting[id(frame)] = self._begin("wait", frame)
        family.waits = family.opened
        for future in futures:
            self._join(family, future)

    def _waited(self, frame: FrameType, result: Any, error: BaseException | None) -> None:
        family = self._waiting.pop(id(frame), None)
        if family is not None:
            told = "ended" if result is None else f"returned, {len(result[0])} done and {len(result[1])} pending,"
            self._end(family, told, error)

    # -- exceptions that nobody fetches -------------------------------------------------------------------------------

    def _lost(self, frame: FrameType) -> None:
        """The loop is told that a task is gone and that nobody has fetched its exception."""
        context = variable(frame, "context")
        message = str(context.get("message")) if type(context) is dict else ""
        if not message.endswith((_LOST, _PENDING)):
            return
        future = context.get("future", context.get("task"))
        number = self._tasks.lane_of(future, is_finalised=True)
        lane = None if number is None else self._lanes.activations[number]
        if lane is not None:
            stack = self._journal.stack
            self._checks.check(lane)
            value = PENDING if message.endswith(_PENDING) else describe(context.get("exception"))
            self._journal.happens_to(lane, Kind.LOST, value, stack[-1] if stack else None, frame)


_ON_START: dict[str, Callable[[FamilyRecords, FrameType], None]] = {
    "close": FamilyRecords._closes,
    "done": FamilyRecords._done,
    "gathered": FamilyRecords._gather_done,
    "wait": FamilyRecords._waits,
    "lost": FamilyRecords._lost,
}
_ON_END: dict[str, Callable[[FamilyRecords, FrameType, Any, BaseException | None], None]] = {
    "open": FamilyRecords._opened,
    "join": FamilyRecords._joined,
    "close": FamilyRecords._closed,
    "gather": FamilyRecords._gathers,
    "gathered": FamilyRecords._gathered,
    "wait": FamilyRecords._waited,
}


def _module_of(frame: FrameType | None) -> str:
    return "" if frame is None else str(frame.f_globals.get("__name__"))
