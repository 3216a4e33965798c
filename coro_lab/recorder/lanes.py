"""What a recorder knows of a lane, and of a thread, while they run."""

from __future__ import annotations

import threading
from types import CodeType, FrameType
from typing import NamedTuple

from coro_lab.recorder.code import CodeInfo
from coro_lab.recorder.locals import Changes, LocalsWatch


class LaneFacts(NamedTuple):
    """What a Lane is made of at the end."""

    code: CodeInfo | str  # a name, where there is no code of the learner's
    given_name: str | None  # by a driver
    thread: str
    task: str | None


class Activation:
    """One lane. It knows its frame by the id alone: whoever holds a frame holds all that its locals hold."""

    __slots__ = (
        "bound",
        "closing",
        "code",
        "delegates",
        "frame",
        "index",
        "info",
        "line",
        "only_none",
        "relayed",
        "reports",
        "strand",
        "watch",
    )

    def __init__(
        self, index: int, info: CodeInfo, frame: int, strand: Strand, watch: LocalsWatch | None, reports: bool
    ) -> None:
        self.index = index
        self.strand = strand
        self.info = info
        self.code: CodeType = info.code
        self.frame = frame
        self.line: int = info.code.co_firstlineno
        self.watch = watch
        self.bound = info.bound
        self.reports = reports  # it runs from rewritten code, and says itself what it receives
        self.delegates = False  # suspended in a `yield from` or `await`
        self.only_none = False  # delegates to an iterator that cannot receive, so only None can arrive
        self.relayed = False  # running only because an exception passes through it to the one inside
        self.closing = False

    def changes(self, frame: FrameType) -> Changes:
        """The locals that have changed since its last event, of which only its present line has run."""
        names = self.bound[self.line]
        return self.watch.changes(frame, names) if self.watch is not None and (names or self.watch.open) else ()


class Strand:
    """One thread of the program: who runs in it, each having called or resumed the next."""

    __slots__ = ("_name", "pending", "stack")

    def __init__(self) -> None:
        self._name: str | None = None
        self.stack: list[Activation] = []
        self.pending: list[int] = []  # the numbers of the resumes whose value the next `received` tells

    @property
    def name(self) -> str:
        """The name of the calling thread, which is this one; asked for late, for a thread has none while it begins."""
        if self._name is None:
            self._name = threading.current_thread().name
        return self._name
