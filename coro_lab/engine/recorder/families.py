"""Which tasks belong together: the TaskGroups of asyncio and anyio, `gather` and `wait`, and exceptions that are lost.

All of them are written in Python. So the interpreter reports where a few functions of theirs start and end, and their
arguments say the rest. Nothing is wrapped, and no reference to a task or a group is kept. For most programs this costs
nothing: a function of a library is looked at when it first starts, and only these are looked at again.
"""

from __future__ import annotations

import sys
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.journal import Journal, line_in
from coro_lab.engine.recorder.lane_table import LaneTable
from coro_lab.engine.recorder.suspendables import variable
from coro_lab.engine.recorder.tasks import Tasks, is_unnamed
from coro_lab.engine.recorder.threads import RecordedThreads
from coro_lab.trace.error_tree import error_tree
from coro_lab.trace.events import LaneIndex
from coro_lab.trace.family import Family, Member
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
_LOST = "exception was never retrieved"
_hooked: dict[int, tuple[CodeType, str]] = {}  # by the id of the code, from all recordings: the code and what it does


class _MemberFacts:
    """What is known of one task, or another future, that belongs to a family."""

    __slots__ = ("ended", "lane", "name", "outcome", "ref")

    def __init__(self, future: Any, lane: int | None) -> None:
        self.ref: weakref.ref[Any] = weakref.ref(future)
        self.name = _name_of(future)
        self.lane = lane
        self.ended: int | None = None
        self.outcome: str | None = None


class _FamilyFacts:
    """What is known of one family. Lanes go by their numbers."""

    __slots__ = ("block", "ended", "errors", "kind", "line", "members", "opened", "outcome", "owner", "waits")

    def __init__(self, kind: str, owner: int | None, line: int | None, opened: int) -> None:
        self.kind = kind
        self.owner = owner
        self.line = line
        self.opened = opened
        self.waits: int | None = None
        self.ended: int | None = None
        self.outcome: str | None = None
        self.block: str | None = None
        self.errors: tuple[tuple[int, str], ...] = ()
        self.members: list[tuple[_MemberFacts, int | None]] = []  # each with the number of the lane that has added it


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
        self._all: list[_FamilyFacts] = []
        self._by_id: dict[int, tuple[weakref.ref[Any], _FamilyFacts]] = {}  # by the id of the group or future
        self._waiting: dict[int, _FamilyFacts] = {}  # calls of `wait`, by the id of their frame
        self._members: dict[int, _MemberFacts] = {}  # by the id of the future

    @staticmethod
    def is_hooked(code: CodeType) -> bool:
        """Whether this is code of a library that makes, changes or ends a family."""
        return id(code) in _hooked

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

    def _begin(self, kind: str, frame: FrameType) -> _FamilyFacts:
        stack = self._journal.stack
        owner = stack[-1] if stack else None
        line = None if owner is None else line_in(owner, frame)
        family = _FamilyFacts(kind, None if owner is None else owner.index, line, self._now)
        self._all.append(family)
        return family

    def _family(self, thing: Any) -> _FamilyFacts | None:
        known = self._by_id.get(id(thing))
        return known[1] if known is not None and known[0]() is thing else None

    def _member(self, future: Any) -> _MemberFacts:
        known = self._members.get(id(future))
        if known is None or known.ref() is not future:
            known = self._members[id(future)] = _MemberFacts(future, self._tasks.lane_of(future))
        return known

    def _join(self, family: _FamilyFacts, future: Any) -> None:
        stack = self._journal.stack
        by = stack[-1].index if stack else None
        family.members.append((self._member(future), None if by == family.owner else by))

    def _end(self, family: _FamilyFacts, outcome: str, error: BaseException | None = None) -> None:
        if family.ended is None:
            family.ended = self._now
            family.outcome = outcome if error is None else f"raised {describe(error)}"
            family.errors = () if error is None else error_tree(error)

    # -- TaskGroup ----------------------------------------------------------------------------------------------------

    def _opened(self, frame: FrameType, _: object, error: BaseException | None) -> None:
        group = variable(frame, "self")
        if error is None and group is not None:
            self._by_id[id(group)] = weakref.ref(group), self._begin(class_name(type(group)), frame)

    def _joined(self, frame: FrameType, task: object, error: BaseException | None) -> None:
        family = self._family(variable(frame, "self"))
        task = task if _is_future(task) else variable(frame, "task")
        if family is not None and error is None and _is_future(task):
            self._join(family, task)

    def _closes(self, frame: FrameType) -> None:
        family = self._family(variable(frame, "self"))
        if family is not None:
            body = variable(frame, "exc") or variable(frame, "exc_val")
            family.block = None if body is None else describe(body)
            family.waits = self._now if getattr(variable(frame, "self"), "_tasks", None) else None

    def _closed(self, frame: FrameType, _: object, error: BaseException | None) -> None:
        family = self._family(variable(frame, "self"))
        if family is not None:
            self._end(family, "ended", error)

    def _done(self, frame: FrameType, unheard: str = "") -> None:
        """A member has ended: the family is called back with it; `unheard` is what to add to an exception."""
        future = variable(frame, frame.f_code.co_varnames[frame.f_code.co_argcount - 1])
        if not _is_future(future):
            return
        member = self._member(future)
        if member.ended is None:
            member.ended, member.outcome = self._now, _outcome_of(future, unheard)
            member.lane = self._tasks.lane_of(future) if member.lane is None else member.lane

    # -- gather and wait ----------------------------------------------------------------------------------------------

    def _gathers(self, frame: FrameType, outer: Any, error: BaseException | None) -> None:
        children = getattr(outer, "_children", None)
        if (
            error is None and children and _module_of(frame.f_back) != "asyncio.runners"
        ):  # which ends tasks that are left
            family = self._begin("gather", frame)
            self._by_id[id(outer)] = weakref.ref(outer), family
            for child in {id(child): child for child in children}.values():
                self._join(family, child)
            self._end_if_done(outer, family)

    def _gather_done(self, frame: FrameType) -> None:
        family = self._family(variable(frame, "outer"))
        self._done(frame, ", after gather had raised" if family is not None and family.ended is not None else "")

    def _gathered(self, frame: FrameType, *_: object) -> None:
        outer = variable(frame, "outer")
        family = self._family(outer)
        if family is not None:
            self._end_if_done(outer, family)

    def _end_if_done(self, outer: Any, family: _FamilyFacts) -> None:
        if outer.done():
            self._end(family, "was cancelled" if outer.cancelled() else "returned", outer._exception)

    def awaited(self, future: object) -> None:
        """A task gives way to its loop, and waits for this."""
        family = self._family(future) if self._by_id else None
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
        if type(context) is not dict or not str(context.get("message")).endswith(_LOST):
            return
        number = self._tasks.lane_of(context.get("future") or context.get("task"), is_finalised=True)
        lane = None if number is None else self._lanes.activations[number]
        if lane is not None:
            stack = self._journal.stack
            self._checks.check(lane)
            self._journal.lose(lane, describe(context.get("exception")), stack[-1] if stack else None, frame)

    # -- at the end ---------------------------------------------------------------------------------------------------

    def found(self, lanes: tuple[LaneIndex, ...]) -> tuple[Family, ...]:
        """All families of the recording so far; `lanes` are the numbers of its lanes."""
        counted: Counter[str] = Counter()
        names: dict[int, str] = {}
        for family in self._all:
            counted[family.kind] += 1
            number = counted[family.kind]
            names[id(family)] = family.kind if number == 1 else f"{family.kind} {number}"
        inner = {id(self._members.get(at)): names[id(family)] for at, (_, family) in self._by_id.items()}
        return tuple(self._told(family, names[id(family)], inner, lanes) for family in self._all)

    def _told(self, facts: _FamilyFacts, name: str, inner: dict[int, str], lanes: tuple[LaneIndex, ...]) -> Family:
        def lane(number: int | None) -> LaneIndex | None:
            return None if number is None else lanes[number]

        def member(each: _MemberFacts, by: int | None) -> Member:
            if each.lane is None:
                each.lane = self._tasks.lane_of(each.ref())
            its = lane(each.lane)
            shown = inner.get(id(each)) or (each.name if its is None else its.name)
            return Member(shown, its, lane(by), each.ended, each.outcome)

        members = [member(each, by) for each, by in facts.members]
        if facts.kind == "wait":  # it holds a set, which has no order
            members.sort(key=lambda each: (len(lanes) if each.lane is None else each.lane, each.name))
        owner = lane(facts.owner)
        return Family(
            name, owner, facts.line, facts.opened, facts.waits, facts.ended,
            facts.outcome, facts.block, facts.errors, tuple(members),
        )  # fmt: skip


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


def _is_future(thing: object) -> bool:
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and issubclass(type(thing), asyncio.Future)


def _name_of(future: Any) -> str:
    is_task = issubclass(type(future), sys.modules["asyncio"].Task)
    name = future.get_name() if is_task else None
    if name is not None and is_unnamed(name):
        name = getattr(future.get_coro(), "__name__", None)
    return str.__str__(name) if isinstance(name, str) else class_name(type(future)).lstrip("_")


def _outcome_of(future: Any, unheard: str) -> str:
    """How a future has ended. Its exception stays as unfetched as it is."""
    if future.cancelled():
        return "was cancelled"
    error = future._exception
    return f"returned {describe(future._result)}" if error is None else f"raised {describe(error)}{unheard}"
