"""What is known of families and their members while they are recorded, and how the Trace tells it at the end."""

from __future__ import annotations

import sys
import weakref
from collections import Counter
from typing import Any

from coro_lab.engine.recorder.tasks import Tasks, coroutine_of, is_unnamed
from coro_lab.trace.events import LaneIndex
from coro_lab.trace.family import Family, FamilyMember
from coro_lab.trace.introspection import class_name
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())


class MemberFacts:
    """What is known of one task, or another future, that belongs to a family."""

    __slots__ = ("ended", "lane", "name", "outcome", "ref")

    def __init__(self, future: Any, lane: int | None) -> None:
        self.ref: weakref.ref[Any] = weakref.ref(future)
        self.name = name_of_future(future)
        self.lane = lane
        self.ended: int | None = None
        self.outcome: str | None = None


class FamilyFacts:
    """What is known of one family. Lanes go by their numbers."""

    __slots__ = ("block", "ended", "errors", "kind", "line", "members", "opened", "outcome", "owner", "waits")

    def __init__(self, kind: str, owner: int | None, line: int | None, opened: int) -> None:
        self.kind = kind
        self.owner = owner
        self.line = line
        self.opened = opened
        self.waits: int | None = None
        self.ended: int | None = None
        self.outcome: str | None = None
        self.block: str | None = None
        self.errors: tuple[tuple[int, str], ...] = ()
        self.members: list[tuple[MemberFacts, int | None]] = []  # each with the number of the lane that has added it


class FamilyTable:
    """The families of one recording and their members."""

    def __init__(self, tasks: Tasks) -> None:
        self.families: list[FamilyFacts] = []
        self._tasks = tasks
        self._by_id: dict[int, tuple[weakref.ref[Any], FamilyFacts]] = {}  # by the id of the group or future
        self._members: dict[int, MemberFacts] = {}  # by the id of the future

    def begin(self, family: FamilyFacts, thing: Any) -> None:
        """This group or future stands for this family."""
        self._by_id[id(thing)] = weakref.ref(thing), family

    def family(self, thing: Any) -> FamilyFacts | None:
        """The family for which this stands, if there is one."""
        known = self._by_id.get(id(thing))
        return known[1] if known is not None and known[0]() is thing else None

    def member(self, future: Any) -> MemberFacts:
        """What is known of this member."""
        known = self._members.get(id(future))
        if known is None or known.ref() is not future:
            known = self._members[id(future)] = MemberFacts(future, self._tasks.lane_of(future))
        return known

    def found(self, lanes: tuple[LaneIndex, ...]) -> tuple[Family, ...]:
        """All families of the recording so far; `lanes` are the numbers of its lanes."""
        counted: Counter[str] = Counter()
        names: dict[int, str] = {}
        for family in self.families:
            counted[family.kind] += 1
            number = counted[family.kind]
            names[id(family)] = family.kind if number == 1 else f"{family.kind} {number}"
        inner = {id(self._members.get(at)): names[id(family)] for at, (_, family) in self._by_id.items()}
        return tuple(self._told(family, names[id(family)], inner, lanes) for family in self.families)

    def _told(self, facts: FamilyFacts, name: str, inner: dict[int, str], lanes: tuple[LaneIndex, ...]) -> Family:
        def lane(number: int | None) -> LaneIndex | None:
            return None if number is None else lanes[number]

        def member(each: MemberFacts, by: int | None) -> FamilyMember:
            if each.lane is None:
                each.lane = self._tasks.lane_of(each.ref())
            its = lane(each.lane)
            shown = inner.get(id(each)) or (each.name if its is None else its.name)
            return FamilyMember(shown, its, lane(by), each.ended, each.outcome)

        members = [member(each, by) for each, by in facts.members]
        if facts.kind == "wait":  # it holds a set, which has no order
            members.sort(key=lambda each: (len(lanes) if each.lane is None else each.lane, each.name))
        owner = lane(facts.owner)
        return Family(
            name, owner, facts.line, facts.opened, facts.waits, facts.ended,
            facts.outcome, facts.block, facts.errors, tuple(members),
        )  # fmt: skip


def is_future(thing: object) -> bool:
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and issubclass(type(thing), asyncio.Future)


def name_of_future(future: Any) -> str:
    is_task = issubclass(type(future), sys.modules["asyncio"].Task)
    name = future.get_name() if is_task else None
    if name is not None and is_unnamed(name):
        name = getattr(coroutine_of(future), "__name__", None)
    return str.__str__(name) if isinstance(name, str) else class_name(type(future)).lstrip("_")


def outcome_of(future: Any, unheard: str) -> str:
    """How a future has ended. Its exception stays as unfetched as it is."""
    if future.cancelled():
        return "was cancelled"
    error = future._exception
    return f"returned {describe(future._result)}" if error is None else f"raised {describe(error)}{unheard}"
