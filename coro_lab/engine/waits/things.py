"""What tasks wait for: one object each, shared by all that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.engine.waits.awaited import Awaited
from coro_lab.engine.waits.giving import ANYBODY, MODULE
from coro_lab.engine.waits.graph import Node
from coro_lab.engine.waits.members import Member
from coro_lab.engine.waits.naming import Places, name_of, variables_of, wording
from coro_lab.engine.waits.result import Giver
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_MOST_TASKS = 3  # tasks that are named where one waits for several
_KINDS = {
    asyncio.Lock: "lock",
    asyncio.Semaphore: "semaphore",
    asyncio.Event: "event",
    asyncio.Condition: "condition",
    asyncio.Barrier: "barrier",
    asyncio.Queue: "queue",
}
_GIVES = {
    "get": {"put", "put_nowait"},
    "put": {"get", "get_nowait"},
    "join": {"task_done"},
    "event": {"set"},
    "condition": {"notify", "notify_all"},
    "semaphore": {"release"},
    "lock": {"release"},
    "future": {"set_result", "set_exception", "cancel"},
    "barrier": {"wait"},
}
"""The names in the code that gives what is waited for."""


@dataclass(slots=True)
class Thing:
    """One object, with the numbers of the tasks that matter to it."""

    awaited: Awaited
    waiting: list[int] = field(default_factory=list)
    holders: list[int] = field(default_factory=list)  # who is inside of its `async with`
    reach: set[int] | None = None  # who could give it; None: that was not asked
    kind: str = ""  # lock, semaphore, event, condition, barrier, queue, tasks or future
    key: tuple[int, str] = (0, "")  # equal for tasks that wait for the same

    def __post_init__(self) -> None:
        kind = type(self.awaited.on)
        found = next((word for base, word in _KINDS.items() if issubclass(kind, base)), "")
        self.kind = found or ("tasks" if self.awaited.by else "future")
        self.key = id(self.awaited.on), self.awaited.how if found == "queue" else ""

    @property
    def is_open(self) -> bool:
        """Whether it has to be asked who could give it."""
        return not self.awaited.by and not (self.kind == "lock" and self.holders)

    def node(self, numbers: Mapping[int, int], everybody: range) -> Node:
        """Its place in the graph; `numbers` are those of the tasks, by id."""
        if self.awaited.by:
            of = sorted(numbers[id(each)] for each in self.awaited.by if id(each) in numbers)
            outside = len(of) < len(self.awaited.by)
            return Node(of, not self.awaited.any_of, free=not of or (outside and self.awaited.any_of))
        if not self.is_open:
            return Node(self.holders[:1])
        reach = {ANYBODY} if self.reach is None else self.reach
        return Node(everybody if MODULE in reach else sorted(reach - {ANYBODY}), free=ANYBODY in reach)

    def givers(self, members: Sequence[Member], node: Node) -> list[int]:
        """The tasks from which it is most likely to come: those that hold it, or whose code gives such a thing."""
        if self.awaited.by or not self.is_open:
            return list(node.of)
        verbs = _GIVES.get(self.awaited.how if self.kind == "queue" else self.kind, set())
        reach = sorted((self.reach or set()) - {ANYBODY, MODULE})
        if self.kind == "barrier":  # who has come already is not the one who is missing
            reach = [each for each in reach if each not in self.waiting]
        return [*self.holders, *(each for each in reach if each not in self.holders and _names(members[each], verbs))]

    def giver(self, members: Sequence[Member], givers: Iterable[int], where: Sequence[Member], places: Places) -> Giver:
        """It in words; its name is looked for in the variables of the tasks `where`."""
        names = tuple(members[each].name for each in givers)
        holder = names[0] if self.kind == "lock" and self.holders else None
        return Giver(self._words(names, where, places), self.kind, names, holder)

    def _words(self, names: tuple[str, ...], where: Sequence[Member], places: Places) -> str:
        if self.awaited.by:
            if len(names) < len(self.awaited.by):
                return f"{len(self.awaited.by):,} futures"
            more = f" and {len(names) - 1:,} more" if len(names) > _MOST_TASKS else ""
            return f"{names[0]}{more}" if more else ", ".join(names)
        if self.kind == "future" and (call := _library_call(where[-1])):
            return call
        variables = variables_of(frame for each in where for frame in each.frames)
        return wording(self.awaited, name_of(self.awaited.on, variables, places))


def _names(member: Member, verbs: set[str]) -> bool:
    return any(not verbs.isdisjoint(frame.f_code.co_names) for frame in member.frames if is_learners(frame.f_code))


def _library_call(member: Member) -> str:
    """The function of a library that the task has called and that waits, such as StreamReader.readline; or empty."""
    users = [at for at, frame in enumerate(member.frames) if is_learners(frame.f_code)]
    inside = member.frames[users[-1] + 1 :] if users else []
    return inside[0].f_code.co_qualname if inside else ""
