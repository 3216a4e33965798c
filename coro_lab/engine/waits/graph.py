"""Which tasks are stuck: no task that can go on could free them.

A task is free if it runs, is ready, sleeps, or waits for something outside of the tasks. What tasks wait for is free if
a task that could give it is free; where all are needed, as by `gather`, if all of them are. A task is free if what it
waits for is free. All others are stuck (the greatest set that frees nobody in it).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from typing import NamedTuple

from coro_lab.trace.own_builtins import keep_builtins, with_builtins

keep_builtins(globals())


@with_builtins
class Node(NamedTuple):
    """What tasks wait for, with the numbers of the tasks that could give it; `free`: something else gives it, too."""

    of: Collection[int]
    needs_all: bool = False
    free: bool = False


def stuck_tasks(waits: Sequence[int | None], nodes: Sequence[Node]) -> set[int]:
    """The numbers of the stuck tasks; `waits`: by task, the number of the node for which it waits, None: it is free."""
    waiting, given_by = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    for task, awaited in enumerate(waits):
        if awaited is not None:
            waiting[awaited].append(task)
    missing = [0 if node.free else len(node.of) if node.needs_all else 1 for node in nodes]
    for number, node in enumerate(nodes):
        for task in node.of:
            given_by[task].append(number)
    stuck = {task for task, number in enumerate(waits) if number is not None and missing[number]}
    todo = deque(task for task in range(len(waits)) if task not in stuck)
    while todo:
        for number in given_by.pop(todo.popleft(), ()):
            missing[number] -= 1
            if missing[number] == 0:
                todo += waiting[number]
                stuck.difference_update(waiting[number])
    return stuck


def circle(after: Sequence[Collection[int]]) -> list[int]:
    """The first tasks found that wait in a circle; `after`: by task, the stuck tasks for which it waits."""
    done: set[int] = set()
    for start in range(len(after)):
        path: dict[int, None] = {}
        task: int | None = start
        while task is not None and task not in path and task not in done:
            path[task] = None
            task = _next(task, after[task], done)
        if task is not None and task in path:
            found = list(path)
            return found[found.index(task) :]
        done.update(path)
    return []


def _next(task: int, others: Collection[int], done: set[int]) -> int | None:
    """The next task on the way that may lead to a circle; the task itself only as the last choice."""
    first = next((each for each in others if each != task and each not in done), None)
    return task if first is None and task in others else first
