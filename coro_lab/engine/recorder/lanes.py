"""What a recorder knows of a lane and of a thread while they run, and the names of lanes in the Trace."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from types import CodeType
from typing import NamedTuple

from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.engine.recorder.locals import LocalsWatch
from coro_lab.engine.recorder.suspendables import Reference
from coro_lab.trace.events import Kind, Lane
from coro_lab.trace.own_builtins import keep_builtins, with_builtins

keep_builtins(globals())

_NUMBERED_THREAD = re.compile(r"Thread-\d+")


@with_builtins
class LaneFacts(NamedTuple):
    """What a Lane is made of at the end."""

    code: CodeInfo | str  # a name, where none of the learner's code runs
    given_name: str | None  # by a driver
    thread: str
    task: str | None


class Activation:
    """One lane. It keeps only the id of its frame: to hold the frame would keep all its locals alive."""

    __slots__ = (
        "at",
        "closing",
        "code",
        "delegates",
        "early",
        "frame",
        "hears",
        "index",
        "info",
        "is_eager",
        "is_unreported",
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
        self.peer_line: int | None = None  # the line at which the lane that resumed it waits
        self.watch = watch
        self.early = None if watch is None else info.early  # what is bound before others run, by line; mostly nothing
        self.made = made  # its generator
        self.at = 0  # the offset of the instruction in which a lane inside has last yielded to it
        self.outer: Activation | None = None  # the lane that last passed on what this one yielded
        self.hears = info.hears  # each resume is recorded when rewritten code reports the value
        self.delegates = False  # suspended in a `yield from` or `await`
        self.only_none = False  # delegates to an iterator that cannot receive, so only None can arrive
        self.is_unreported = False  # delegates to what does not report what it receives
        self.relayed: Kind | None = None  # running only because the one inside is closed, or is thrown into
        self.closing = False
        self.is_eager = False  # its task begins with it, inside the lane that creates the task, and has not waited yet

    @property
    def is_dropped(self) -> bool:
        """Whether it is closed because nothing refers to its generator any more."""
        return self.closing and self.made is not None and self.made() is None

    def gives(self, value: str) -> str:
        """The description of the first value that leaves an eager lane: only its task receives that value."""
        self.is_eager = False  # from here on it is the event loop that resumes it
        return f"{value} (for its task)"


class ThreadState:
    """One thread of the program and its lanes: each has called or resumed the next one on the stack."""

    __slots__ = ("_name", "pending", "stack", "waiting")

    def __init__(self) -> None:
        self._name: str | None = None
        self.stack: list[Activation] = []
        self.waiting: list[list[Activation]] = []  # stacks of lanes that run an event loop, outermost first
        self.pending: tuple[int, ...] = ()  # positions in the journal of the value that is reported next

    @property
    def name(self) -> str:
        """The name of this thread, which must be the calling thread.

        A thread has no name while it begins, so the name is looked up late. Where no lane runs, it is looked up again:
        the thread may have ended, and a new thread may have its id.
        """
        if self._name is None or not self.stack:
            self._name = threading.current_thread().name
        return self._name


class Naming:
    """Gives lanes their names, one lane after the other.

    A second `consumer` is called `consumer 2`, or the next number that is free. Not a generator: one that is left
    half-way would be closed during a later recording.
    """

    def __init__(self) -> None:
        self._last: dict[str, int] = {}  # the last number that was tried for a name
        self._taken: set[str] = set()
        self._threads: dict[str, str] = {}  # the name that is shown for each

    def next(self, facts: LaneFacts) -> Lane:
        """The next lane, from what is known of it."""
        code, given, thread, task = facts
        name = given or (code if isinstance(code, str) else code.name)
        unique, taken = name, self._taken
        if unique in taken:
            number = self._last.get(name, 1)
            while unique in taken:
                number += 1
                unique = f"{name} {number}"
            self._last[name] = number
        taken.add(unique)
        threads = self._threads
        if thread not in threads:  # Python numbers them over the whole process; here each run begins with Thread-1
            threads[thread] = _NUMBERED_THREAD.sub(f"Thread-{len(threads)}", thread)
        shown = threads[thread]
        if isinstance(code, str):
            return Lane(unique, "function", None, shown, task)
        # takes half as long as a call, and there may be thousands
        return tuple.__new__(Lane, (unique, code.kind, code.source, shown, task))


def named(facts: Iterable[LaneFacts]) -> tuple[Lane, ...]:
    """The lanes of all these facts, in order."""
    naming = Naming()
    return tuple([naming.next(each) for each in facts])
