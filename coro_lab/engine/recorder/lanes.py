"""What a recorder knows of a lane, and of a thread, while they run."""

from __future__ import annotations

import threading
from types import CodeType
from typing import NamedTuple

from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.engine.recorder.locals import LocalsWatch
from coro_lab.engine.recorder.suspendables import Reference
from coro_lab.trace.events import Kind
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


class LaneFacts(NamedTuple):
    """What a Lane is made of at the end."""

    code: CodeInfo | str  # a name, where there is no code of the learner's
    given_name: str | None  # by a driver
    thread: str
    task: str | None


class Activation:
    """One lane. It knows its frame by the id alone: whoever holds a frame holds all that its locals hold."""

    __slots__ = (
        "closing",
        "code",
        "delegates",
        "early",
        "frame",
        "hears",
        "index",
        "info",
        "is_eager",
        "is_unheard",
        "line",
        "lines",
        "made",
        "only_none",
        "outer",
        "peer_line",
        "relayed",
        "watch",
    )

    def __init__(
        self, index: int, info: CodeInfo, frame: int, watch: LocalsWatch | None, made: Reference | None
    ) -> None:
        self.index = index
        self.info = info
        self.code: CodeType = info.code
        self.lines = info.lines
        self.frame = frame
        self.line: int = info.code.co_firstlineno
        self.peer_line: int | None = None  # where the one that has resumed it waits
        self.watch = watch
        self.early = None if watch is None else info.early  # what is bound before others run, by line; mostly nothing
        self.made = made  # its generator
        self.outer: Activation | None = None  # the lane that last passed on what this one yielded
        self.hears = info.hears  # each resume is told by the value that it receives
        self.delegates = False  # suspended in a `yield from` or `await`
        self.only_none = False  # delegates to an iterator that cannot receive, so only None can arrive
        self.is_unheard = False  # delegates to what does not report what it receives
        self.relayed: Kind | None = None  # running only because the one inside is closed, or is thrown into
        self.closing = False
        self.is_eager = False  # its task begins with it, inside the lane that creates the task, and has not waited yet

    @property
    def is_dropped(self) -> bool:
        """Whether it is closed because nothing refers to its generator any more."""
        return self.closing and self.made is not None and self.made() is None

    def gives(self, value: str) -> str:
        """How the first value is told that leaves an eager lane; a None carries nothing to anybody."""
        self.is_eager = False  # from here on it is the event loop that resumes it
        return value if value == "None" else f"{value} (for its task)"


class ThreadState:
    """One thread of the program: who runs in it, each having called or resumed the next."""

    __slots__ = ("_name", "pending", "stack", "waiting")

    def __init__(self) -> None:
        self._name: str | None = None
        self.stack: list[Activation] = []
        self.waiting: list[list[Activation]] = []  # the same of the lanes that have run an event loop, which runs now
        self.pending: tuple[int, ...] = ()  # where in the journal the value belongs that is heard next

    @property
    def name(self) -> str:
        """The name of the calling thread, which is this one; asked for late, for a thread has none while it begins, and
        again where nothing runs in it: then it can be another one, which has got the id of one that has ended."""
        if self._name is None or not self.stack:
            self._name = threading.current_thread().name
        return self._name
