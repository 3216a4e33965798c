"""A short search for a broken order, before all orders are judged: most bugs need only a few switches.

First come orders in which tasks run one after the other, except for a few switches elsewhere (S. Qadeer and
J. Rehof, "Context-bounded model checking of concurrent software", TACAS 2005; M. Emmi, S. Qadeer and Z. Rakamarić,
"Delay-bounded scheduling", POPL 2011): none, then one at each place. Then come orders in which each task has a random
priority, and a new one after each of its steps (X. Yuan, J. Yang and R. Gu, "Partial order aware concurrency
sampling", CAV 2018).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random

from coro_lab.engine.explore.parallel import Tally
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.verdict import judge

MOST_SWITCHED = 1_000
"""How many orders with one switch are run at most."""


class EarlySearch:
    """Runs orders until one is broken; to be used in `quietly`."""

    def __init__(self, program: Program, seed: int) -> None:
        self.program = program
        self.steps = 0  # taken so far
        self.tally = Tally()
        self._chance = Random(f"{seed} early")

    def search(self) -> Iterator[int]:
        """Run the orders; after each comes the number of steps taken so far. Ends after a broken one."""
        line, ready = self._in_line(())
        yield self.steps
        switched = ((at, task) for at, others in enumerate(ready) for task in others if task != line[at])
        for at, task in islice(switched, MOST_SWITCHED):
            if self.tally.first is not None:
                return
            self._in_line((*line[:at], task))
            yield self.steps
        while self.tally.first is None:
            self._by_priority()
            yield self.steps

    def _in_line(self, beginning: Schedule) -> tuple[Schedule, list[Schedule]]:
        """Run the order in which, after this beginning, a task goes on for as long as it can.

        Returns the order, and for each step after the beginning the tasks that could go on.
        """
        run, choices = LiveRun(self.program).follow(beginning), list[Schedule]()
        task = beginning[-1] if beginning else -1
        while ready := self._ready(run):
            choices.append(ready)
            task = task if task in ready else ready[0]
            run.follow((task,))
        return self._judge(run), choices

    def _by_priority(self) -> None:
        run, priorities = LiveRun(self.program), [self._chance.random() for _ in self.program.names]
        while ready := self._ready(run):
            task = max(ready, key=priorities.__getitem__)
            run.follow((task,))
            priorities[task] = self._chance.random()
        self._judge(run)

    def _ready(self, run: LiveRun) -> Schedule:
        """Who can go on; empty past the limit of steps, which the other searches report."""
        return run.ready if len(run.schedule) < self.program.max_steps else ()

    def _judge(self, run: LiveRun) -> Schedule:
        schedule = tuple(run.schedule)
        self.steps += len(schedule)
        if not run.ready:
            self.tally.add(schedule, judge(run))
        run.close()
        return schedule
