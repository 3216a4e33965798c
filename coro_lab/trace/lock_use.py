"""What a run tells of its locks: one LockUse for each time that a task asks for one, takes it or gives it back.

It moves no control, so it is kept beside the events, as families are.
"""

from __future__ import annotations

from typing import NamedTuple

from coro_lab.trace.events import LaneIndex
from coro_lab.trace.own_builtins import keep_builtins, with_builtins

keep_builtins(globals())

ASKS, TAKES, GIVES, GIVES_UP = "asks", "takes", "gives", "gives up"
LOCK, SEMAPHORE = "lock", "semaphore"


@with_builtins
class LockUse(NamedTuple):
    """What one task did with one lock or semaphore of asyncio."""

    step: int  # counts from 0
    lane: LaneIndex | None  # the outermost lane of the task; None: it runs none of the learner's code
    does: str  # asks, takes, gives or gives up
    lock: int  # the number of the lock or semaphore in this run, from 0
    kind: str  # lock or semaphore
