"""The lanes of a recording: which frame belongs to which lane, and what each lane is made of."""

from __future__ import annotations

from types import FrameType
from typing import Any

from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.engine.recorder.contexts import ContextVariables
from coro_lab.engine.recorder.journal import Journal
from coro_lab.engine.recorder.lanes import Activation, LaneFacts, Naming, ThreadState
from coro_lab.engine.recorder.locals import LocalsWatch
from coro_lab.engine.recorder.suspendables import frame_of, reference_to
from coro_lab.engine.recorder.tasks import Tasks, coroutine_of, name_of_future
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


class LaneTable:
    """Every lane that has begun, by its number; those that have not ended also by their frame."""

    def __init__(self, journal: Journal, tasks: Tasks, *, lines: bool, outside: str) -> None:
        self.facts: list[LaneFacts] = []  # by the number of the lane
        self.activations: list[Activation | None] = []  # by the number of the lane; None: no frame runs there
        self.by_frame: dict[int, Activation] = {}  # by the id of the frame; never another dict
        self.unbegun: dict[int, Activation] = {}  # by the id of the frame: lanes known before they begin
        self.next_name: str | None = None  # the driver's name for the next lane that it starts
        self.below: frozenset[int] = frozenset()  # the ids of the frames that wait for the recording to end
        self._journal = journal
        self._tasks = tasks
        self._lines = lines
        self._contexts = ContextVariables()
        self._outside = outside
        self._naming = Naming()
        self._names: list[str] = []  # of the first lanes, as far as they were asked for

    def begin(self, frame: FrameType | None) -> None:
        """The recording begins; this frame, and those below it, wait for its end."""
        below = set()
        while frame is not None:
            below.add(id(frame))
            frame = frame.f_back
        self.below = frozenset(below)

    def add(
        self, info: CodeInfo, frame: FrameType, name: str | None, *, is_finalised: bool = False, task: Any = None
    ) -> Activation:
        """A new lane for this frame. `is_finalised`: its generator is being finalised, so nothing may refer to it.

        `task` is the task to which it belongs; None: the one that runs, if any.
        """
        journal, at = self._journal, id(frame)
        stack = journal.stack
        watch: LocalsWatch | None = None
        if self._lines:
            contexts = self._contexts
            is_plain = id(info.code) in contexts.seen and not contexts.found
            watch = LocalsWatch(info, frame) if is_plain else contexts.watch(info, frame)
        its_task: str | None = None
        running = self._tasks.current() if task is None else task
        likely = None if running is None else coroutine_of(running)
        made = reference_to(frame, likely) if info.is_suspendable and not is_finalised else None
        lane = self.by_frame[at] = Activation(len(self.facts), info, at, watch, made)
        self.activations.append(lane)
        if task is not None:
            its_task = self._tasks.name(task)
            self._tasks.begins(task, lane.index)
        elif running is not None:
            its_task, lane.is_eager = self._tasks.met(running, frame, stack[-1].frame if stack else None, lane.index)
        # no call of Python code: in it the collector may run, and a finaliser of the program would see other builtins
        self.facts.append(tuple.__new__(LaneFacts, (info, name, journal.thread.name, its_task)))
        return lane

    def add_unbegun(self, info: CodeInfo, frame: FrameType, task: Any) -> Activation:
        """A new lane for this frame of a task that has not begun."""
        lane = self.unbegun[id(frame)] = self.add(info, frame, None, task=task)
        return lane

    def begins(self, frame: FrameType) -> Activation | None:
        """The lane that was made for this frame before it began, if there is one."""
        lane = self.unbegun.pop(id(frame), None)
        made = None if lane is None or lane.made is None else lane.made()
        return lane if made is not None and frame_of(made) is frame else None

    def remove(self, lane: Activation) -> None:
        """The lane has ended; another frame may have its frame's id from now on."""
        self.by_frame.pop(lane.frame, None)
        lane.delegates, lane.watch = False, None

    def is_lane(self, frame: FrameType) -> bool:
        """Whether this is the frame of a lane that has not ended."""
        lane = self.by_frame.get(id(frame))
        return lane is not None and lane.code is frame.f_code

    def given_name(self) -> str | None:
        """The driver's name for the lane that it starts now, from outside."""
        name, self.next_name = self.next_name, None
        return name

    def name_of(self, task: Any) -> str:
        """The name of the first lane of this task, as in the Trace: a second `worker` is `worker 2`."""
        lane = self._tasks.lane_of(task)
        if lane is None:
            return name_of_future(task)
        while len(self._names) <= lane:
            self._names.append(self._naming.next(self.facts[len(self._names)]).name)
        return self._names[lane]

    def outside(self, thread: ThreadState) -> int:
        """The number of the lane to which output belongs that no lane has printed."""
        for index, facts in enumerate(self.facts):
            if isinstance(facts.code, str):
                return index
        self.facts.append(LaneFacts(self._outside, None, thread.name, None))
        self.activations.append(None)
        return len(self.facts) - 1
