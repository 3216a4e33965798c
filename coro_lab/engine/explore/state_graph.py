"""The states of a program: from each, an arrow for each task that can go on, to the state after its step.

How many orders lead to a state is the sum of these numbers over the states before it, and how many go on from it, the
sum over the states after it: exact whole numbers, however large. If an arrow leads back to an earlier state, there are
infinitely many orders.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from functools import cached_property
from random import Random

from coro_lab.engine.explore.program import Schedule
from coro_lab.engine.explore.weights import drawn_place


class StateGraph:
    """States by their numbers. The beginning is number 0; the others are added as they are found."""

    def __init__(self) -> None:
        self._next: list[list[int]] = []  # for each state, the states one step on
        self._ready: list[Schedule] = []  # for each state, the tasks that take these steps
        self._reached: list[tuple[int, int] | None] = []  # by the first order: the state before it and the task
        self._same: dict[Schedule, Schedule] = {}  # a tuple that many states have is kept once

    def __len__(self) -> int:
        """How many states there are."""
        return len(self._next)

    def add(self, ready: Schedule) -> int:
        """The number of a new state, from which these tasks can go on."""
        self._next.append([])
        self._ready.append(self._same.setdefault(ready, ready))
        self._reached.append(None)
        return len(self._next) - 1

    def ready(self, at: int) -> Schedule:
        """The tasks that can go on from this state."""
        return self._ready[at]

    def lead(self, before: int, after: int) -> None:
        """Add an arrow: the step of the next of the tasks that can go on."""
        self._next[before].append(after)

    def untried(self, at: int) -> int | None:
        """The first task that can go on from this state and whose step has no arrow yet; None if each has one."""
        tried, ready = len(self._next[at]), self._ready[at]
        return ready[tried] if tried < len(ready) else None

    def one_step_on(self, level: Sequence[int]) -> list[int]:
        """The states first reached by one more step than those of this level, sorted by their first orders."""
        new = []
        for at in level:
            for task, after in zip(self._ready[at], self._next[at], strict=True):
                if after and self._reached[after] is None:
                    self._reached[after] = at, task
                    new.append(after)
        return new

    def schedule(self, at: int) -> Schedule:
        """The first of the shortest orders that reach this state, which `one_step_on` has returned."""
        steps = []
        while reached := self._reached[at]:
            at, task = reached
            steps.append(task)
        return tuple(reversed(steps))

    @cached_property
    def _line(self) -> list[int] | None:
        """The states in topological order; None if an arrow leads back."""
        before = [0] * len(self)
        for following in self._next:
            for at in following:
                before[at] += 1
        line = [0] if not before[0] else []
        for at in line:
            for after in self._next[at]:
                before[after] -= 1
                if not before[after]:
                    line.append(after)
        return line if len(line) == len(self) else None

    def ways_to(self) -> list[int] | None:
        """How many orders lead to each state; None if there are infinitely many."""
        if self._line is None:
            return None
        ways = [1, *[0] * (len(self) - 1)]
        for at in self._line:
            for after in self._next[at]:
                ways[after] += ways[at]
        return ways

    @cached_property
    def ways_on(self) -> list[int] | None:
        """How many orders go on from each state to an end; None if there are infinitely many."""
        if self._line is None:
            return None
        ways = [1] * len(self)
        for at in reversed(self._line):
            if self._next[at]:
                ways[at] = sum(ways[after] for after in self._next[at])
        return ways

    @property
    def total(self) -> int | None:
        """How many orders there are; None if there are infinitely many."""
        return None if self.ways_on is None else self.ways_on[0]

    def draw(self, chance: Random) -> Schedule:
        """An order from the beginning to an end; all are equally likely. Only for finitely many orders."""
        assert self.ways_on is not None
        at, steps = 0, list[int]()
        while following := self._next[at]:
            place = drawn_place([self.ways_on[after] for after in following], chance)
            steps.append(self._ready[at][place])
            at = following[place]
        return tuple(steps)

    def spin(self) -> Schedule | None:
        """A beginning after whose last step the task of that step can go on alone for ever; None without one."""
        for at, ready in enumerate(self._ready):
            for task in ready:
                here, seen = at, set[int]()
                while task in self._ready[here] and here not in seen:
                    seen.add(here)
                    here = self._next[here][self._ready[here].index(task)]
                if here in seen:
                    return (*self.schedule(at), task)
        return None

    def without_end(self, ends: Collection[int]) -> int | None:
        """The first state from which none of these ends can be reached; None without one."""
        back: list[list[int]] = [[] for _ in self._next]
        for at, following in enumerate(self._next):
            for one in following:
                back[one].append(at)
        known, todo = set(ends), deque(ends)
        while todo:
            new = [at for at in back[todo.popleft()] if at not in known]
            known.update(new)
            todo.extend(new)
        return next((at for at in range(len(self)) if at not in known), None)
