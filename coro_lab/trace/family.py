"""What a run tells of tasks that belong together: one Family for each TaskGroup, `gather` and the like.

A family is not a lane and moves no control, so it is kept beside the events; its times are steps.
"""

from __future__ import annotations

from typing import NamedTuple

from coro_lab.trace.events import LaneIndex
from coro_lab.trace.own_builtins import keep_builtins, with_builtins

keep_builtins(globals())


@with_builtins
class FamilyMember(NamedTuple):
    """One task, or another awaitable, of a family."""

    name: str  # that of its outermost lane; without one, of its coroutine or its class
    lane: LaneIndex | None = None  # its outermost lane; None: it ran none of the learner's code
    by: LaneIndex | None = None  # the lane that has added it, where that is not the owner
    ended: int | None = None  # the step in which the family heard of its end, from 0; None: it had not ended
    outcome: str | None = None  # such as "returned 3", "raised ValueError('x')" or "was cancelled"; None: not ended


@with_builtins
class Family(NamedTuple):
    """A TaskGroup, or a call of `gather`, `wait` or `as_completed`, with its members. Steps from 0, lines from 1."""

    name: str  # unique in its trace: 'TaskGroup', the next one 'TaskGroup 2'
    owner: LaneIndex | None  # the lane that has opened it; None: no lane ran
    line: int | None  # of the owner
    opened: int  # the step in which it begins
    waits: int | None = None  # the step in which its owner begins to wait for the rest; None: it does not
    ended: int | None = None  # the step in which it ends; None: it had not ended
    outcome: str | None = None  # how it ended, such as "raised ValueError('x')" or "returned"; None: it had not ended
    block: str | None = None  # the exception by which the block of an `async with` was left
    errors: tuple[tuple[int, str], ...] = ()  # its exception group as a tree: depth and text of each node, top first
    members: tuple[FamilyMember, ...] = ()  # in the order in which they joined

    @property
    def kind(self) -> str:
        """The class of the group, 'gather', 'wait' or 'as_completed'."""
        return self.name.partition(" ")[0]
