"""What asyncio adds to a lane: the task it belongs to, and what it waits for when it gives way to the event loop.

An eager task (`asyncio.eager_task_factory`) begins while it is being created, inside the lane that creates it. Two
things follow. It has no name yet: `create_task` holds the name in a local variable. And until its coroutine waits for
the first time, what it yields, returns or raises goes to the task alone; the lane that creates the task gets control
back, and no value.
"""

from __future__ import annotations

import contextlib
import sys
import weakref
from types import CodeType, FrameType
from typing import Any

from coro_lab.engine.recorder.code_info import name_of
from coro_lab.engine.recorder.suspendables import Reference, chain_of, code_of, frame_of, is_suspendable
from coro_lab.engine.recorder.user_code import is_learners_file
from coro_lab.trace.introspection import class_attribute, class_name
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

# the functions by which a loop resumes tasks and calls back, by their names and modules
_LOOPS = ("_run", "asyncio.events"), ("run", "asyncio.runners"), ("unrolled_run", "trio._core._run")


class FutureFacts:
    """What is known of one task, or of another future that belongs to a family."""

    __slots__ = ("ended", "lane", "name", "outcome", "ref", "shown", "without_lane")

    def __init__(self, future: Any) -> None:
        self.ref: weakref.ref[Any] = weakref.ref(future)
        self.name: str | None = None  # the last name of a task, once it was asked for
        self.shown = ""
        self.lane: int | None = None  # the number of its first lane
        self.without_lane = ""  # what a member of a family is called if it has no lane
        self.ended: int | None = None  # the step at which its family was called back
        self.outcome: str | None = None


class Tasks:
    """The tasks of one recording. asyncio numbers tasks over the whole process; here each run begins with Task-1."""

    def __init__(self) -> None:
        self._known: dict[int, FutureFacts] = {}  # by id
        self._numbered = 0

    def current(self) -> Any:
        """The task that runs in this thread, if any."""
        asyncio = sys.modules.get("asyncio")
        if asyncio is None:
            return None
        loop = asyncio._get_running_loop()
        return None if loop is None else asyncio.current_task(loop)

    def lane_of(self, task: Any, *, is_finalised: bool = False) -> int | None:
        """The number of the outermost lane of this task; `is_finalised`: weak references to it are gone already."""
        known = self._known.get(id(task))
        if known is None:
            return None
        same = known.ref()
        return known.lane if same is task or (is_finalised and same is None) else None

    def met(self, task: Any, frame: FrameType, below: int | None, lane: int) -> tuple[str, bool]:
        """The name of the task that runs in this thread, and whether it begins eagerly in this frame of a new lane.

        `below` is the id of the frame of the lane inside which the frame runs, if there is one.
        """
        facts, name = self.facts(task), str(task.get_name())
        if facts.lane is None:
            facts.lane = lane
        if facts.name == name:
            return facts.shown, False
        if below is None or facts.name is not None:
            return self._shown(facts, name), False
        creating = [back for back in _frames_above(frame.f_back, below) if _creates_task(back)]
        names = [given for back in creating if (given := back.f_locals.get("name")) is not None]
        return self._shown(facts, str(names[0]) if names else name), bool(creating)

    def begins(self, task: Any, lane: int) -> None:
        """A lane, given by its number, begins in this task; the first one is the outermost."""
        facts = self.facts(task)
        if facts.lane is None:
            facts.lane = lane

    def name(self, task: Any) -> str:
        """The name shown for this task."""
        return self._shown(self.facts(task), str(task.get_name()))

    def facts(self, future: Any) -> FutureFacts:
        """What is known of this task, or of another future."""
        known = self._known.get(id(future))
        if known is None or known.ref() is not future:
            known = self._known[id(future)] = FutureFacts(future)
        return known

    def _shown(self, facts: FutureFacts, name: str) -> str:
        """The name shown for the task of these facts, which is called `name` now."""
        before = facts.name
        if before != name:
            facts.name = name
            if not is_unnamed(name):
                facts.shown = name
            elif before is None or not is_unnamed(before):
                self._numbered += 1
                facts.shown = f"Task-{self._numbered}"
        return facts.shown

    def is_loop_between(self, frame: FrameType, below: int) -> bool:
        """Whether an event loop runs this frame, inside the frame with the id `below`.

        uvloop runs no Python code between the two; there the frame is that of the coroutine that is the current task.
        """
        task = self.current()
        coroutine = None if task is None else coroutine_of(task)
        root = frame_of(coroutine) if is_suspendable(coroutine) else None
        back: FrameType | None = frame
        is_loop = False
        while back is not None and id(back) != below:
            is_loop = is_loop or back is root or (back.f_code.co_name, back.f_globals.get("__name__")) in _LOOPS
            back = back.f_back
        return is_loop and back is not None

    def describe_wait(self, future: object, waits: Reference | None) -> str:
        """What a task waits for: a task or a future, with the innermost coroutine that waits for it.

        `waits` refers to the learner's outermost coroutine that is suspended for it.
        """
        asyncio = sys.modules.get("asyncio")
        if asyncio is None or class_attribute(type(future), "_asyncio_future_blocking") is None:
            return describe(future)
        if issubclass(type(future), asyncio.Task):
            return f"<Task {self.name(future)}>"
        kind = class_name(type(future)).lstrip("_")
        chain = [code_of(made) for made in chain_of(waits and waits())]
        known = [code for code in chain if not _is_private(code)] or chain
        return f"<{kind} of {name_of(known[-1])}>" if known else f"<{kind}>"

    def cancel_all(self) -> None:
        """Ask every task seen here to end, as soon as its loop runs again."""
        for task in [known.ref() for known in self._known.values() if known.name is not None]:
            if task is not None:
                with contextlib.suppress(RuntimeError):  # its loop is closed, so the task never runs again
                    task.get_loop().call_soon_threadsafe(task.cancel)


def is_unnamed(name: str) -> bool:
    """Whether asyncio has numbered this task. "None" comes from a task factory under Python 3.13.0."""
    return (name[:5] == "Task-" and name[5:].isdecimal()) or name == "None"


def coroutine_of(task: Any) -> Any:
    """The coroutine of a task; None if it is gone.

    CPython 3.12.1 crashes at `get_coro` of an eager task that has ended without waiting.
    """
    return getattr(task, "_coro", None)


def _frames_above(frame: FrameType | None, below: int) -> list[FrameType]:
    """The frames from this one down to the one with this id, which is left out."""
    frames = []
    while frame is not None and id(frame) != below:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _creates_task(frame: FrameType) -> bool:
    """Whether this is a `create_task` of asyncio: the function, or the method of a loop or a group."""
    return frame.f_code.co_name == "create_task" and str(frame.f_globals.get("__name__")).startswith("asyncio.")


def _is_private(code: CodeType) -> bool:
    """Whether this is a library's function that only the library calls; each version of Python may have others."""
    name = code.co_name
    return name.startswith("_") and not name.startswith("__") and not is_learners_file(code.co_filename)


def name_of_future(future: Any) -> str:
    """What a task is called, or its coroutine; or what kind of future it is."""
    task_class = sys.modules["asyncio"].Task
    name = task_class.get_name(future) if issubclass(type(future), task_class) else None
    if name is not None and is_unnamed(name):
        name = getattr(coroutine_of(future), "__name__", None)
    if isinstance(name, str):
        return str.__str__(name)
    kind = class_name(type(future)).lstrip("_")
    return "gather" if kind == "GatheringFuture" else kind


def cancellation() -> BaseException | None:
    """A new CancelledError; None where asyncio was not imported."""
    asyncio = sys.modules.get("asyncio")
    return None if asyncio is None else asyncio.CancelledError()


def is_cancellation(error: BaseException) -> bool:
    """Whether this is a CancelledError of asyncio."""
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and issubclass(type(error), asyncio.CancelledError)
