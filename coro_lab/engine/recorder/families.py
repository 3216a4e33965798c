"""Which tasks belong together: the TaskGroups of asyncio and anyio, `gather`, `wait` and `as_completed`.

All of them are written in Python. So the interpreter reports where a few of their functions start and end, and their
arguments say the rest. Nothing is wrapped, and no reference to a task or a group is kept. For most programs this costs
nothing: a function of a library is looked at when it first starts, and only these are looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

from coro_lab.engine.recorder.checks import Checks
from coro_lab.engine.recorder.family_facts import FamilyFacts, FamilyTable, is_future
from coro_lab.engine.recorder.locals import library_variables, variable
from coro_lab.engine.recorder.lock_records import LockRecords
from coro_lab.engine.recorder.lost_exceptions import LostExceptions
from coro_lab.engine.recorder.threads import RecordedThreads
from coro_lab.trace.events import LaneIndex
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
    ("asyncio.locks", "Lock.acquire"): "acquire",
    ("asyncio.locks", "Lock.release"): "release",
    ("asyncio.locks", "Semaphore.acquire"): "acquire",
    ("asyncio.locks", "Semaphore.release"): "release",
    ("asyncio.tasks", "gather"): "gather",
    ("asyncio.tasks", "gather.<locals>._done_callback"): "gathered",
    ("asyncio.tasks", "_wait"): "wait",
    ("asyncio.tasks", "_wait.<locals>._on_completion"): "done",
    ("asyncio.tasks", "as_completed"): "hands out",
    ("asyncio.tasks", "as_completed.<locals>._wait_for_one"): "next",
    ("asyncio.tasks", "as_completed.<locals>._on_completion"): "completed",
    ("asyncio.tasks", "as_completed.<locals>._on_timeout"): "timeout",
    ("asyncio.tasks", "_AsCompletedIterator._wait_for_one"): "next",  # since Python 3.13
    ("asyncio.tasks", "_AsCompletedIterator._handle_completion"): "completed",
    ("asyncio.tasks", "_AsCompletedIterator._handle_timeout"): "timeout",
    ("asyncio.base_events", "BaseEventLoop.call_exception_handler"): "lost",
}
_AT_THE_END = frozenset(  # the functions by which asyncio ends what the program has left
    {("asyncio.runners", "_cancel_all_tasks"), ("asyncio.base_events", "shutdown_asyncgens")}
)
_NAMES = frozenset(name for _, name in _HOOKS)
_hooked: dict[int, tuple[CodeType, str]] = {}  # by the id of the code, from all recordings: the code and what it does


class FamilyRecords:
    """The families of one recording, and the callbacks that notice them."""

    def __init__(
        self, table: FamilyTable, locks: LockRecords, lost: LostExceptions, checks: Checks, threads: RecordedThreads
    ) -> None:
        self.table = table
        self.locks = locks
        self._checks = checks
        self._threads = threads
        self.lost = lost
        # by the id of its frame, a call that runs: the family, and the future that stands for it
        self._calls: dict[int, tuple[FamilyFacts, Any]] = {}

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

    def found(self, lanes: tuple[LaneIndex, ...]) -> dict[str, Any]:
        """What stands beside the events in a Trace; `lanes` are the numbers of its lanes."""
        return {"families": self.table.found(lanes), "locks": self.locks.found(lanes)}

    # -- what the interpreter reports ---------------------------------------------------------------------------------

    def on_start(self, code: CodeType, frame: FrameType) -> bool:
        """Code of a library that `meets` has named starts; False if only its ends matter."""
        does = _hooked[id(code)][1]
        act = _ON_START.get(does)
        if act is not None and self._is_ours(frame, also_collected=does == "lost"):
            act(self, frame)
        return act is not None

    def on_end(self, code: CodeType, frame: FrameType, value: object, error: BaseException | None) -> None:
        """It returns or yields this value, or raises this error."""
        act = _ON_END.get(_hooked[id(code)][1])
        if act is not None and self._is_ours(frame):
            act(self, frame, value, error)

    def awaited(self, future: object) -> None:
        """A task gives way to its loop, and waits for this."""
        self.table.waits(self.table.family(future))

    def _is_ours(self, frame: FrameType, *, also_collected: bool = False) -> bool:
        threads = self._threads
        if self._checks.cut:
            return False
        if threads.alone:
            ident = get_ident()
            if ident == threads.ident:  # and the garbage collector is not at work
                return True
            if ident != threads.home:
                return False
        return threads.state(frame) is not None or (also_collected and threads.is_collecting())

    # -- TaskGroup ----------------------------------------------------------------------------------------------------

    def _opened(self, frame: FrameType, _: object, error: BaseException | None) -> None:
        group = variable(frame, "self")
        if error is None and group is not None:
            self.table.begin(class_name(type(group)), frame, group)

    def _joined(self, frame: FrameType, task: object, error: BaseException | None) -> None:
        family = self.table.family(variable(frame, "self"))
        task = task if is_future(task) else variable(frame, "task")
        if family is not None and error is None and is_future(task):
            self.table.join(family, task)

    def _closes(self, frame: FrameType) -> None:
        family = self.table.family(variable(frame, "self"))
        if family is not None:
            body = next((each for name in ("exc", "exc_val") if (each := variable(frame, name)) is not None), None)
            family.block = None if body is None else describe(body)
            if getattr(variable(frame, "self"), "_tasks", None):
                self.table.waits(family)

    def _closed(self, frame: FrameType, _: object, error: BaseException | None) -> None:
        family = self.table.family(variable(frame, "self"))
        if family is not None:
            self.table.end(family, "ended", error, for_owner=True)

    def _done(self, frame: FrameType, note: str = "") -> None:
        """A member has ended: the family is called back with it; `note` is added to an exception."""
        names = frame.f_code.co_varnames  # since Python 3.14, some of these functions take more than the member
        (future,) = library_variables(frame, names[names[0] == "self"])
        if is_future(future):
            self.table.done(future, note)

    # -- gather and wait ----------------------------------------------------------------------------------------------

    def _gathers(self, frame: FrameType, outer: Any, error: BaseException | None) -> None:
        children = getattr(outer, "_children", None)
        back = frame.f_back
        ends_what_is_left = back is not None and (_module_of(back), back.f_code.co_name) in _AT_THE_END
        if error is None and children and not ends_what_is_left:
            members = {id(child): child for child in children}.values()
            self._end_if_done(outer, self.table.begin("gather", frame, outer, members=members))

    def _gather_done(self, frame: FrameType) -> None:
        future, outer = library_variables(frame, frame.f_code.co_varnames[0], "outer")
        family = self.table.family(outer)
        had_ended = family is not None and family.ended is not None
        if family is not None and not had_ended:
            self._calls[id(frame)] = family, outer
        self.table.done(future, ", after gather had raised" if had_ended else "")

    def _gathered(self, frame: FrameType, *_: object) -> None:
        family, outer = self._calls.pop(id(frame), (None, None))
        if family is not None:
            self._end_if_done(outer, family)

    def _end_if_done(self, outer: Any, family: FamilyFacts) -> None:
        if outer.done():
            self.table.end(family, "was cancelled" if outer.cancelled() else "returned", outer._exception)

    def _waits(self, frame: FrameType) -> None:
        family = self.table.begin("wait", frame, members=variable(frame, "fs") or ())
        self._calls[id(frame)] = family, None
        self.table.waits(family)

    def _waited(self, frame: FrameType, result: Any, error: BaseException | None) -> None:
        family, _ = self._calls.pop(id(frame), (None, None))
        if family is not None:
            told = "ended" if result is None else f"returned, {len(result[0])} done and {len(result[1])} pending,"
            self.table.end(family, told, error, for_owner=True)

    # -- as_completed: a generator, since Python 3.13 an object; its set and its queue stand for the family -----------

    def _hands_out(self, frame: FrameType, made: Any, error: BaseException | None) -> None:
        todo, queue = (_part(frame, made, name) for name in ("todo", "done"))
        if error is None and todo and self.table.family(queue) is None:
            self.table.begin("as_completed", frame, todo, queue, members=todo)

    def _next(self, frame: FrameType) -> None:
        queue = _part(frame, variable(frame, "self"), "done")
        if queue is not None and queue.empty():
            self.table.waits(self.table.family(queue))

    def _completed(self, frame: FrameType, *_: object) -> None:
        todo = _part(frame, variable(frame, "self"), "todo")
        family = self.table.family(todo)
        if family is not None and not todo:
            self.table.end(family, "ended")

    def _timed_out(self, frame: FrameType) -> None:
        todo = _part(frame, variable(frame, "self"), "todo")
        family = self.table.family(todo)
        if family is not None:
            self.table.end(family, f"timed out, {len(todo)} pending,")


_ON_START: dict[str, Callable[[FamilyRecords, FrameType], None]] = {
    "close": FamilyRecords._closes,
    "done": FamilyRecords._done,
    "gathered": FamilyRecords._gather_done,
    "wait": FamilyRecords._waits,
    "next": FamilyRecords._next,
    "completed": FamilyRecords._done,
    "timeout": FamilyRecords._timed_out,
    "acquire": lambda records, frame: records.locks.asks(frame),
    "lost": lambda records, frame: records.lost.reported(frame),
}
_ON_END: dict[str, Callable[[FamilyRecords, FrameType, Any, BaseException | None], None]] = {
    "open": FamilyRecords._opened,
    "join": FamilyRecords._joined,
    "close": FamilyRecords._closed,
    "gather": FamilyRecords._gathers,
    "gathered": FamilyRecords._gathered,
    "wait": FamilyRecords._waited,
    "hands out": FamilyRecords._hands_out,
    "completed": FamilyRecords._completed,
    "acquire": lambda records, *of: records.locks.takes(*of),
    "release": lambda records, *of: records.locks.gives(*of),
}


def _part(frame: FrameType, iterator: Any, name: str) -> Any:
    """A variable of `as_completed`, or the attribute of its iterator that has taken the place of it."""
    return variable(frame, name) if iterator is None else getattr(iterator, f"_{name}", variable(frame, name))


def _module_of(frame: FrameType | None) -> str:
    return "" if frame is None else str(frame.f_globals.get("__name__"))
