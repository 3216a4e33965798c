"""families(): what became of the tasks that belong together in one run, as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coro_lab.trace.events import BY_GROUP, Event, Kind
from coro_lab.trace.family import Family, FamilyMember
from coro_lab.trace.not_a_trace import no_trace
from coro_lab.trace.sentences import sentence
from coro_lab.trace.trace import Trace
from coro_lab.trace.wrapping import fitted


@dataclass(frozen=True, repr=False)
class Families:
    """All families of a run, in the order in which they begin; printed as a small tree for each."""

    trace: Trace  # the run

    @property
    def found(self) -> tuple[Family, ...]:
        """One for each TaskGroup and each call of `gather`, `wait` and `as_completed`."""
        return self.trace.families

    @property
    def lost(self) -> tuple[Event, ...]:
        """The events in which a task or a future is gone and nobody has fetched its exception."""
        return self.trace.of(kind=Kind.LOST)

    def __repr__(self) -> str:
        run = RunText(self.trace)
        trees = ["\n".join(run.family(family)) for family in self.found]
        lost = [fitted(f"step {event.step}: {sentence(event, self.trace.lanes)}") for event in self.lost]
        return "\n".join([*trees, *lost]) or "No TaskGroup, gather, wait or as_completed, and no exception is lost."


def families(trace: Trace) -> Families:
    """Which tasks belong together in a recorded run: who is in each TaskGroup and the like, and how it ended.

    `trace` is the run. A family is a TaskGroup of asyncio or anyio, or a call of `gather`, `wait` or `as_completed`.
    The text says for each when its owner waits for the rest, which member failed, which one was cancelled for it, and
    has the exception group as a tree. Raises ArgumentError for anything but a Trace.

    A lost exception, one that nobody has fetched, follows at the end: in the step in which Python found that its task
    or future is gone, and with the line that ran then. Python finds that at once where the last reference goes, and
    later where the garbage collector has to find it. The text leaves out an exception whose task is still there when
    the recording ends, one in the results of `return_exceptions=True`, one of a `concurrent.futures` future, and one
    under an event loop that is not written in Python, such as uvloop.

    >>> import asyncio
    >>> from coro_lab import record
    >>> async def bad():
    ...     raise ValueError("no")
    >>> async def main():
    ...     async with asyncio.TaskGroup() as group:
    ...         group.create_task(bad())
    ...         group.create_task(asyncio.sleep(9))
    >>> families(record(main))
    TaskGroup of main at line 2, steps 0 to 2
    ├ main waits for the rest from step 0 on
    ├ bad raised ValueError('no') in step 1
    ├ sleep was cancelled in step 1
    └ raised in step 2
      └ ExceptionGroup: unhandled errors in a TaskGroup
        └ ValueError('no')
    """
    if not isinstance(trace, Trace):
        raise no_trace("families", trace)
    return Families(trace)


class RunText:
    """Says what became of the families of one run."""

    def __init__(self, trace: Trace) -> None:
        self._lanes = trace.lanes
        self._ends: dict[int, int] = {}  # the step in which each lane has ended
        self._cancels: defaultdict[int, list[Event]] = defaultdict(list)  # by lane, where a group has cancelled it
        for event in trace.events:
            if event.kind is Kind.RETURN or event.kind is Kind.RAISE:
                self._ends[event.lane] = event.step
            elif event.kind is Kind.CANCEL and (event.value or "").startswith(BY_GROUP):
                self._cancels[event.lane].append(event)

    def family(self, family: Family) -> list[str]:
        """One family as a small tree, line by line."""
        branches = list(self._branches(family))
        lines = [self.head(family), *(_branch("├", each) for each in branches[:-1])]
        lines.append(_branch("└", branches[-1]))
        return lines + [f"  {line}" for line in _tree(family.errors)]

    def head(self, family: Family) -> str:
        """Which family it is."""
        owner = "" if family.owner is None else f" of {family.owner.name}"
        line = f" at line {family.line}" if family.line else ""
        until = f"from step {family.opened} on" if family.ended is None else f"steps {family.opened} to {family.ended}"
        return f"{family.name}{owner}{line}, {until}"

    def _branches(self, family: Family) -> Iterator[str]:
        if family.block is not None:
            yield f"its block raised {family.block}"
        if family.waits is not None:
            owner = "its owner" if family.owner is None else family.owner.name
            yield f"{owner} waits for the rest from step {family.waits} on"
        for member in family.members:
            yield self._member(family, member)
        if family.outcome is None:
            yield "had not ended when the recording did"
        else:
            yield f"{'raised' if family.errors else family.outcome} in step {family.ended}"

    def _member(self, family: Family, member: FamilyMember) -> str:
        name = member.name if member.by is None else f"{member.name}, added by {member.by.name},"
        asked = self._asked(family, member)
        if member.outcome is None or member.ended is None:
            return f"{name} {asked}had not ended"
        is_known = member.lane is not None and self._ends.get(member.lane, member.ended) < member.ended
        ended = self._ends[member.lane] if is_known and member.lane is not None else member.ended
        outcome = "ended" if asked and member.outcome == "was cancelled" else member.outcome
        late = family.ended is not None and ended > family.ended
        return f"{name} {asked}{outcome} in step {ended}{', after the family had ended' * late}"

    def _asked(self, family: Family, member: FamilyMember) -> str:
        """The words for a member that the family has cancelled, and for whom."""
        for event in [] if member.lane is None else self._cancels[member.lane]:
            if self._is_owner(family, event.peer) and event.step >= family.opened:
                return f"was cancelled in step {event.step}{(event.value or '').removeprefix(BY_GROUP)}; "
        return ""

    def _is_owner(self, family: Family, lane: int | None) -> bool:
        if lane is None or family.owner is None:
            return False
        task = self._lanes[lane].task
        return lane == family.owner or (task is not None and task == self._lanes[family.owner].task)


def _tree(nodes: Sequence[tuple[int, str]]) -> list[str]:
    """The lines of a tree, from the depth and the text of each of its nodes, the top first."""
    lines: list[str] = []
    open_at: set[int] = set()  # the depths at which a sibling follows further down
    for depth, text in reversed(nodes):
        above = "".join("│ " if each in open_at else "  " for each in range(depth))
        lines.append(f"{above}{'├' if depth in open_at else '└'} {text}")
        open_at = {each for each in open_at if each < depth} | {depth}
    return lines[::-1]


def _branch(sign: str, text: str) -> str:
    rest = "│   " if sign == "├" else "    "
    return fitted(f"{sign} {text}").replace("\n  ", f"\n{rest}")
