"""Code that runs during a recording without a lane, and about which the Trace has a note."""

from __future__ import annotations

from inspect import CO_COROUTINE
from types import CodeType, FrameType

from coro_lab.engine.recorder.abandoning import Abandoning
from coro_lab.engine.recorder.cancelling import meets
from coro_lab.engine.recorder.code_info import name_of
from coro_lab.engine.recorder.families import FamilyRecords
from coro_lab.engine.recorder.forgotten import WARNS, ForgottenAwaits
from coro_lab.engine.recorder.monitor import DISABLE
from coro_lab.engine.recorder.threads import RecordedThreads
from coro_lab.engine.recorder.user_code import is_made_by_library, is_without_source
from coro_lab.engine.recorder.watched_code import WatchedCode
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


class UnrecordedCode:
    """What of the program ran without a lane: warnings of a forgotten `await`, and code without a source."""

    def __init__(
        self, codes: WatchedCode, threads: RecordedThreads, families: FamilyRecords, abandoning: Abandoning
    ) -> None:
        self.forgotten = ForgottenAwaits()
        self.unseen: dict[str, None] = {}  # names of functions that have no source, in order
        self.hooks: set[int] = set()  # the ids of the code that makes, changes or ends families, once it has started
        self._codes = codes
        self._threads = threads
        self._families = families
        self._abandoning = abandoning

    def is_heeded(self, code: CodeType) -> bool:
        """Whether the start of this code matters to the recording."""
        return code is WARNS or self.is_hook(code) or self._codes.is_users(code) or is_without_source(code)

    def is_heeded_at_start(self, code: CodeType) -> bool:
        """The same; calls in code that does not matter, which may cancel a task, are heard from now on."""
        if self.is_heeded(code):
            return True
        meets(code, self._codes)
        return False

    def is_hook(self, code: CodeType) -> bool:
        """Whether this code may be a library's by which something is learnt of lanes, going by its name."""
        return self._families.may_be_hooked(code) or self._abandoning.may_be_hook(code)

    def starts(self, code: CodeType, frame: FrameType) -> object:
        """Code without a lane starts in this frame; DISABLE if its later starts do not matter either."""
        if id(code) in self.hooks or self._families.meets(code, frame):
            if id(code) not in self.hooks:
                self.hooks.add(id(code))
                meets(code, self._codes)
                self._codes.watch_ends(code)
            return None if self._families.on_start(code, frame) else DISABLE
        if self._abandoning.meets(code, frame):
            self._abandoning.on_start(frame)
            return None
        is_unseen = code is not WARNS and is_without_source(code) and not is_made_by_library(frame)
        if code is not WARNS and not is_unseen:
            meets(code, self._codes)
            return DISABLE
        if not self._threads.is_collecting() and self._threads.state(frame) is not None:
            if is_unseen:
                self._notice_unseen(code, frame.f_back)
            else:
                self.forgotten.dropped(frame)
        return None

    def _notice_unseen(self, code: CodeType, caller: FrameType | None) -> None:
        """Code without a source starts; it is the program's if the learner's code calls it, or an event loop."""
        if code.co_flags & CO_COROUTINE or (caller is not None and self._codes.is_users(caller.f_code)):
            self.unseen.setdefault(name_of(code))
