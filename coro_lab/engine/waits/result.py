"""Who waits for whom at one moment, as a value: one row for each task, the circle if there is one, and the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from coro_lab.trace.own_builtins import keep_builtins, with_builtins

keep_builtins(globals())

RUNS, READY, SLEEPS, WAITS = "runs", "is ready to run", "sleeps", "waits"
_MOST_ROWS = 40  # groups of tasks in the text
_MOST_NAMES = 6  # names in the finding


@with_builtins
class Giver(NamedTuple):
    """What tasks wait for, and the tasks that could give it; shared by all rows that wait for it."""

    what: str  # such as "lock", "an item in queue", "the result of worker"
    kind: str  # lock, semaphore, event, condition, barrier, queue, future or tasks
    of: tuple[str, ...]  # the tasks that could give it; for a lock its holder
    holder: str | None = None  # who holds the lock, if that can be seen


@dataclass(frozen=True, slots=True)
class WaitRow:
    """One task: whether it runs, sleeps or waits, for what, and where it is."""

    task: str  # its name
    does: str  # "runs", "is ready to run", "sleeps" or "waits"
    what: str  # what it waits for or how long it sleeps; empty where it does neither
    where: str  # such as "line 7 in worker"; empty where that is not known
    stuck: bool  # no task that can go on could end this wait
    giver: Giver | None = field(repr=False, default=None)  # what it waits for, if that can be seen

    @property
    def holder(self) -> str | None:
        """The task that holds the lock for which this task waits; None if that cannot be seen."""
        return None if self.giver is None else self.giver.holder

    @property
    def of(self) -> tuple[str, ...]:
        """The tasks that could end this wait, as far as is known; for a lock, its holder."""
        if self.giver is None:
            return ()
        return tuple(name for name in self.giver.of if name != self.task or self.holder == name)

    @property
    def says(self) -> str:
        """What the task does, as the end of a sentence that begins with its name."""
        if self.does == WAITS:
            held = f", held by {self.holder}" if self.holder else ""
            return f"waits for {self.what}{held}" + (", which nobody is left to give" if self.is_vain else "")
        return f"{self.does} for {self.what}" if self.what else self.does

    @property
    def is_vain(self) -> bool:
        """Whether nobody is left who could give what the task waits for."""
        return self.stuck and not self.of

    def __str__(self) -> str:
        return f"{self.task} {self.says}"


@dataclass(frozen=True, repr=False)
class Waits:
    """Who waits for whom at one moment: printed with what is wrong, then a row for each task or for many alike."""

    rows: tuple[WaitRow, ...]  # one for each task that has not ended
    cycle: tuple[str, ...] = ()  # tasks that wait in a circle, each for the next and the last for the first
    blocked: str = ""  # which call blocks the loop, if one does

    @property
    def finding(self) -> str:
        """What is wrong, in one sentence without a full stop."""
        if self.blocked:
            return f"Blocked: {self.blocked}"
        if self.cycle:
            return f"Deadlock: {_circle(self.cycle)}"
        vain = [row for row in self.rows if row.is_vain]
        if vain:
            others = "1 more task waits" if len(vain) == 2 else f"{len(vain) - 1:,} more tasks wait"
            more = f", and {others} in vain" if len(vain) > 1 else ""
            return f"Stuck: {vain[0]}{more}"
        return self._counted()

    def _counted(self) -> str:
        if not self.rows:
            return "No task is here"
        parts = [
            f"{len(found):,} {words[len(found) > 1]}"
            for does, words in _COUNTED.items()
            if (found := [row for row in self.rows if row.does == does])
        ]
        return f"{' and '.join([', '.join(parts[:-1]), parts[-1]] if parts[:-1] else parts)}; none is known to be stuck"

    def __repr__(self) -> str:
        groups = list(alike(self.rows))
        table = [_cells(group) for group in groups[:_MOST_ROWS]]
        wide = [max((len(row[at]) for row in table), default=0) for at in (0, 1)]
        rows = [f"{name:{wide[0]}}  {where:{wide[1]}}  {says}" for name, where, says in table]
        left = sum(map(len, groups[_MOST_ROWS:]))
        return "\n".join([self.finding, *rows, *([f"and {left:,} more tasks"] if left else [])])


_COUNTED = {
    WAITS: ("task waits", "tasks wait"),
    SLEEPS: ("sleeps", "sleep"),
    READY: ("is ready to run", "are ready to run"),
    RUNS: ("runs", "run"),
}


def alike(rows: tuple[WaitRow, ...]) -> Iterator[list[WaitRow]]:
    """The rows in groups that differ in the number of the task alone, in the order of the first of each."""
    groups: dict[tuple[object, ...], list[WaitRow]] = {}
    for row in rows:
        same = row.task if row.holder else re.sub(r" \d+$", "", row.task)
        groups.setdefault((same, row.does, row.what, row.where, row.stuck, id(row.giver)), []).append(row)
    yield from groups.values()


def name_of_group(group: list[WaitRow]) -> str:
    """The name of a task, or of many alike."""
    return group[0].task if len(group) == 1 else f"{group[0].task} and {len(group) - 1:,} more"


def _cells(group: list[WaitRow]) -> tuple[str, str, str]:
    first = group[0]
    says = first.says if len(group) == 1 else re.sub(r"^(wait|sleep|run)s", r"\1", re.sub(r"^is ", "are ", first.says))
    return name_of_group(group), first.where, says


def _circle(cycle: tuple[str, ...]) -> str:
    first = cycle[0]
    if len(cycle) == 1:
        return f"{first} waits for itself"
    shown = [
        *cycle[1:_MOST_NAMES],
        *([f"{len(cycle) - _MOST_NAMES:,} more"] if len(cycle) > _MOST_NAMES else []),
        first,
    ]
    return f"{first} waits for {', which waits for '.join(shown)}"
