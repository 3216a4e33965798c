"""What tasks wait for: one object each, shared by all that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.engine.waits.awaited import Awaited
from coro_lab.engine.waits.giving import ANYBODY, MODULE
from coro_lab.engine.waits.graph import Node
from coro_lab.engine.waits.members import Member
from coro_lab.engine.waits.naming import OwnNames, Places, kind_of, name_among, variables_of, wording
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
        if self.kind == "barrier":  # a task that has come already is not the missing one
            reach = [each for each in reach if each not in self.waiting]
        return [*self.holders, *(each for each in reach if each not in self.holders and _names(members[each], verbs))]

    def giver(self, what: str, names: tuple[str, ...]) -> Giver:
        """It in these words, with the names of the tasks from which it is most likely to come."""
        return Giver(what, self.kind, names, names[0] if self.kind == "lock" and self.holders else None)

    def words(
        self, members: Sequence[Member], names: tuple[str, ...], others: Sequence[Member], places: Places
    ) -> dict[int, str]:
        """What it is called, by the number of each task that waits for it.

        Each goes by its own name for the object, as its line does. One that has none takes the name that the first
        waiting task has for it, or else one of the tasks `others`. A call of a library goes by its function.
        """
        if self.awaited.by:
            return dict.fromkeys(self.waiting, self._of_tasks(names))
        wanted = self.awaited.on
        called = {at: _library_call(members[at]) for at in self.waiting} if self.kind == "future" else {}
        called = {at: call for at, call in called.items() if call}
        names_of = OwnNames(wanted, places)
        own = {at: names_of.of(members[at].frames) for at in self.waiting if at not in called}
        another: str | None = None
        if None in own.values():
            frames = (frame for each in others for frame in each.frames if is_learners(frame.f_code))
            another = next(filter(None, own.values()), None) or name_among(wanted, variables_of(frames), places)
        said = {name: wording(self.awaited, name or another or kind_of(wanted)) for name in set(own.values())}
        return called | {at: said[name] for at, name in own.items()}

    def _of_tasks(self, names: tuple[str, ...]) -> str:
        if len(names) < len(self.awaited.by):
            return f"{len(self.awaited.by):,} futures"
        more = f" and {len(names) - 1:,} more" if len(names) > _MOST_TASKS else ""
        return f"{names[0]}{more}" if more else ", ".join(names)


def _names(member: Member, verbs: set[str]) -> bool:
    return any(not verbs.isdisjoint(frame.f_code.co_names) for frame in member.frames if is_learners(frame.f_code))


def _library_call(member: Member) -> str:
    """The function of a library that the task has called and that waits, such as StreamReader.readline; or empty."""
    users = [at for at, frame in enumerate(member.frames) if is_learners(frame.f_code)]
    inside = member.frames[users[-1] + 1 :] if users else []
    return inside[0].f_code.co_qualname if inside else ""
