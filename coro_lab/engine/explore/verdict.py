"""What can be wrong at the end of an order: the invariant, an error, a deadlock, a lost wake-up, a task left behind.

The wait-for graph has an arrow from each waiting task to each task that could end its wait. Only its holder can
release a lock; an item, room or a notify can come from any other task that has not ended. A cycle in which a task waits
for a held lock is a deadlock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from coro_lab.engine.explore.run import LiveRun, describe_error
from coro_lab.engine.explore.sync import Condition, Lock
from coro_lab.errors import DisagreementError
from coro_lab.trace.own_builtins import with_builtins


@with_builtins
class TaskWait(NamedTuple):
    """One waiting task, and the tasks that could end its wait."""

    task: str  # who waits
    what: str  # what the task waits for, such as 'left fork', 'an item in queue', 'a notify of filled'
    of: tuple[str, ...]  # the tasks that could end the wait; for a lock, its holder
    holder: str | None = None  # who holds the lock, if the task waits for one

    def __str__(self) -> str:
        if self.holder:
            return f"{self.task} waits for {self.what}, held by {self.holder}" + (
                "" if self.of else ", which has ended"
            )
        return f"{self.task} waits for {self.what}" + ("" if self.of else ", which nobody is left to give")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one order."""

    kind: str  # invariant, error, deadlock, lost wake-up, left behind, unseen error
    text: str  # one sentence without a full stop
    waits: tuple[TaskWait, ...] = ()  # who waits for whom at the end


VERBS = {
    "invariant": "break the invariant",
    "error": "raise an error",
    "deadlock": "end in a deadlock",
    "lost wake-up": "lose a wake-up",
    "left behind": "leave a task behind",
    "unseen error": "leave an error unseen",
}


def judge(run: LiveRun) -> Finding | None:
    """What is wrong with this run, which has ended; None if nothing is."""
    if run.errors:
        raised = [f"{run.program.names[task]} raises {describe_error(run.errors[task])}" for task in sorted(run.errors)]
        return Finding("error", "; ".join(raised))
    if run.alive:
        return _stuck(run)
    if not run.keeps_invariant():
        return Finding("invariant", "the invariant does not hold at the end")
    return None


def wait_graph(run: LiveRun) -> tuple[TaskWait, ...]:
    """The wait-for graph of this run as it stands."""
    names = run.program.names
    alive = [names[task] for task in run.alive]
    graph = []
    for task, wait in sorted(run.waits.items()):
        holder = wait.on.holder if isinstance(wait.on, Lock) else None
        others = [name for name in alive if name != names[task]]
        of = [holder] if holder in alive else [] if isinstance(wait.on, Lock) else others
        graph.append(TaskWait(names[task], wait.what, tuple(name for name in of if name), holder))
    return tuple(graph)


def _stuck(run: LiveRun) -> Finding:
    graph = wait_graph(run)
    text = "; ".join(map(str, graph))
    if any(edge.holder and _leads_back(edge.task, graph) for edge in graph):
        return Finding("deadlock", text, graph)
    for wait in run.waits.values():
        if isinstance(wait.on, Condition) and (by := [name for name in wait.on.lost_notifies if name != wait.task]):
            return Finding("lost wake-up", f"{text}; {by[0]} notified {wait.on.name} while nobody waited", graph)
    return Finding("left behind", text, graph)


def _leads_back(start: str, graph: tuple[TaskWait, ...]) -> bool:
    """Whether the arrows lead from a task back to itself."""
    arrows = {edge.task: edge.of for edge in graph}
    todo, seen = list(arrows[start]), set[str]()
    while todo:
        task = todo.pop()
        if task == start:
            return True
        if task not in seen:
            seen.add(task)
            todo += arrows.get(task, ())
    return False


def disagreement(
    order: str, schedule: tuple[str, ...], kind: str | None, kinds: set[str | None], how: str, what: str
) -> DisagreementError:
    """The error for an order that is judged differently from these `kinds`, which were found without running it."""
    said = " or ".join(f"orders that {VERBS[one]}" if one else "orders that are not broken" for one in kinds)
    mistaken = "were taken for equal" if what == "Two different states" else "were taken for independent"
    return DisagreementError(
        f"{how} found {said}, but the order {order}, "
        f"when it is run, is found to {VERBS[kind] if kind else 'be not broken'}.\n"
        f"  {what} {mistaken}, so the figures would be wrong. This is a fault of Coro Lab;\n"
        "  please report the program. Until it is mended, run every order: explore(..., merge=False)",
        schedule=schedule,
        found=kind,
        merged=tuple(sorted(kinds, key=str)),
    )
