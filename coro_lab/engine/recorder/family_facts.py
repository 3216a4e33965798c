"""The families of one recording: what is known of each and of its members, and how the Trace tells it at the end."""

from __future__ import annotations

import sys
import weakref
from collections import Counter
from collections.abc import Iterable
from types import FrameType
from typing import Any

from coro_lab.engine.recorder.journal import Journal, line_in
from coro_lab.engine.recorder.tasks import FutureFacts, Tasks, name_of_future
from coro_lab.trace.error_tree import error_tree
from coro_lab.trace.events import LaneIndex
from coro_lab.trace.family import Family, FamilyMember
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())


class FamilyFacts:
    """What is known of one family. Lanes go by their numbers."""

    __slots__ = (
        "block", "by", "ended", "errors", "kind", "line", "members", "opened", "outcome", "owner", "things", "waits",
    )  # fmt: skip

    def __init__(self, kind: str, owner: int | None, line: int | None, opened: int) -> None:
        self.kind = kind
        self.owner = owner
        self.line = line
        self.opened = opened
        self.things: list[weakref.ref[Any]] = []  # what stands for it
        self.waits: int | None = None
        self.ended: int | None = None
        self.outcome: str | None = None
        self.block: str | None = None
        self.errors: tuple[tuple[int, str], ...] = ()
        self.members: list[FutureFacts] = []
        self.by: dict[int, int | None] = {}  # who has added a member that the owner has not, by its place in the list


class FamilyTable:
    """The families of one recording and their members. No reference to a task or a group is kept."""

    def __init__(self, journal: Journal, tasks: Tasks) -> None:
        self._families: list[FamilyFacts] = []
        self._journal = journal
        self._tasks = tasks
        self._by_id: dict[int, tuple[weakref.ref[Any], FamilyFacts]] = {}  # by the id of what stands for the family

    @property
    def now(self) -> int:
        """The number of the step, from 0."""
        return max(self._journal.step, 0)

    def family(self, thing: Any) -> FamilyFacts | None:
        """The family for which this group, future, set or queue stands, if there is one."""
        known = self._by_id.get(id(thing))
        return known[1] if known is not None and known[0]() is thing else None

    def begin(self, kind: str, frame: FrameType, *things: Any, members: Iterable[Any] = ()) -> FamilyFacts:
        """A family begins in this frame; each of these things stands for it."""
        stack = self._journal.stack
        owner = stack[-1] if stack else None
        line = None if owner is None else line_in(owner, frame)
        family = FamilyFacts(kind, None if owner is None else owner.index, line, self.now)
        self._families.append(family)
        family.things = [weakref.ref(thing) for thing in things]
        self._by_id.update((id(thing), (ref, family)) for thing, ref in zip(things, family.things, strict=True))
        family.members = [self._member(member) for member in members]
        return family

    def join(self, family: FamilyFacts, future: Any) -> None:
        """This task, or another future, belongs to this family from now on."""
        stack = self._journal.stack
        by = stack[-1].index if stack else None
        if by != family.owner:
            family.by[len(family.members)] = by
        family.members.append(self._member(future))

    def waits(self, family: FamilyFacts | None) -> None:
        """The owner of this family, if it is one, waits for the rest."""
        if family is not None and family.waits is None:
            family.waits = self.now

    def done(self, future: Any, note: str = "") -> None:
        """A member has ended: the family is called back with it; `note` is added to an exception."""
        member = self._member(future)
        if member.ended is None:
            member.ended, member.outcome = self.now, outcome_of(future, note)

    def end(
        self, family: FamilyFacts, outcome: str, error: BaseException | None = None, *, for_owner: bool = False
    ) -> None:
        """This family has ended, if it had not before.

        `for_owner`: the library's code that the owner awaits has ended. If no lane runs, an exception came to that
        code first, and the owner goes on in the next step.
        """
        if family.ended is None:
            is_ahead = for_owner and family.owner is not None and not self._journal.stack
            family.ended = self.now + is_ahead
            family.outcome = outcome if error is None else f"raised {describe(error)}"
            family.errors = () if error is None else error_tree(error)

    def _member(self, future: Any) -> FutureFacts:
        facts = self._tasks.facts(future)
        if not facts.without_lane:
            facts.without_lane = name_of_future(future)
        return facts

    def found(self, lanes: tuple[LaneIndex, ...]) -> tuple[Family, ...]:
        """All families of the recording so far; `lanes` are the numbers of its lanes."""
        counted: Counter[str] = Counter()
        names: dict[int, str] = {}
        for family in self._families:
            counted[family.kind] += 1
            number = counted[family.kind]
            names[id(family)] = family.kind if number == 1 else f"{family.kind} {number}"
        # an object has one weak reference, and it may have the id of another that is gone
        inner = {id(ref): names[id(family)] for family in self._families for ref in family.things}
        return tuple(self._told(family, names[id(family)], inner, lanes) for family in self._families)

    def _told(self, facts: FamilyFacts, name: str, inner: dict[int, str], lanes: tuple[LaneIndex, ...]) -> Family:
        def lane(number: int | None) -> LaneIndex | None:
            return None if number is None else lanes[number]

        def member(each: FutureFacts, by: int | None) -> FamilyMember:
            its = lane(each.lane)
            shown = inner.get(id(each.ref)) or (each.without_lane if its is None else its.name)
            made = (shown, its, lane(by), each.ended, each.outcome)
            return tuple.__new__(FamilyMember, made)  # takes half as long as a call, and there may be thousands

        members = [member(each, facts.by.get(place)) for place, each in enumerate(facts.members)]
        if facts.kind in ("wait", "as_completed"):  # these hold sets, which have no order
            members.sort(key=lambda each: (len(lanes) if each.lane is None else each.lane, each.name))
        owner = lane(facts.owner)
        ended = None if facts.ended is None else min(facts.ended, self.now)  # the recording may end before that step
        return Family(
            name, owner, facts.line, facts.opened, facts.waits, ended,
            facts.outcome, facts.block, facts.errors, tuple(members),
        )  # fmt: skip


def is_future(thing: object) -> bool:
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and issubclass(type(thing), asyncio.Future)


def outcome_of(future: Any, note: str) -> str:
    """How a future has ended. Its exception stays as unfetched as it is."""
    if future.cancelled():
        return "was cancelled"
    error = future._exception
    return f"returned {describe(future._result)}" if error is None else f"raised {describe(error)}{note}"
