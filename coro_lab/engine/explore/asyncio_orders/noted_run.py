"""A run of an asyncio program that notes what its steps touch, for the search of all classes of its orders."""

from __future__ import annotations

from asyncio import tasks
from collections.abc import Callable, Sequence
from typing import Any

from coro_lab.engine.explore.asyncio_orders.callbacks import is_done
from coro_lab.engine.explore.asyncio_orders.judgement import judge_async
from coro_lab.engine.explore.asyncio_orders.names import Prefix, TaskNames
from coro_lab.engine.explore.asyncio_orders.noted_futures import NotedGathering, seen
from coro_lab.engine.explore.asyncio_orders.noted_loop import Ids, NotedLoop
from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.asyncio_orders.run import AsyncRun
from coro_lab.engine.explore.reduction.footprint import Footprint
from coro_lab.engine.explore.reduction.numbers import END, Numbers
from coro_lab.engine.explore.reduction.order_search import NotReducibleError
from coro_lab.engine.explore.verdict import Finding
from coro_lab.errors import NotDeterministicError, SpinningError


class noted_gathering:  # noqa: N801 - it reads as what happens in the `with`
    """In this `with`, `gather` makes futures that note what is asked of them."""

    def __enter__(self) -> None:
        self._had = tasks._GatheringFuture  # type: ignore[attr-defined]
        tasks._GatheringFuture = NotedGathering  # type: ignore[attr-defined]

    def __exit__(self, *_: object) -> None:
        tasks._GatheringFuture = self._had  # type: ignore[attr-defined]


class NotedAsyncRun:
    """One run, step by step; to be used in `quietly`, `own_loop`, `swapped_code` and `noted_gathering`."""

    def __init__(self, program: AsyncProgram, numbers: Numbers, ids: Ids) -> None:
        """`ids` and `numbers` are those of the runs before."""
        self.taken: list[int] = []  # the place of each choice among what was ready, as `Prefix` has it
        self._program = program
        seen.begin_run(numbers, ())
        seen.begin_step(0)
        self._loop = NotedLoop(Prefix(), program.max_steps, ids)
        self._run = AsyncRun(program, Prefix(), loop=self._loop)
        self._names = TaskNames(self._loop)
        seen.numbers.add_all([self._run.main])

    @property
    def ready(self) -> Sequence[int]:
        """Who can go on; empty where the run has ended."""
        return () if self._is_over else self._loop.ready()

    def name_of(self, task: int) -> str:
        """What this one is called in a schedule, if it can go on."""
        return next(self._names.of(one) for one, *_ in self._loop.options() if self._loop.number_of(one) == task)

    @property
    def known(self) -> int:
        """How many objects have a number."""
        return seen.numbers.known

    @property
    def _is_over(self) -> bool:
        return is_done(self._run.main) or self._run.exit is not None

    def take(self, task: int) -> Footprint:
        """Let this one take a step; what it touched."""
        at, one = self._choose(task)
        footprint = seen.begin_step(task)
        footprint.needs, footprint.is_certain = self._loop.needs.get(one, ()), False
        self._during(lambda: self._loop.step(at))
        self._note_end(footprint)
        return footprint

    def repeat(self, tasks: Sequence[int]) -> None:
        """Let these take the steps with which the run before began, too."""
        self._during(lambda: self._repeat(tasks))

    def _repeat(self, tasks: Sequence[int]) -> None:
        for task in tasks:
            at, _ = self._choose(task)
            seen.repeat_step(task)
            self._loop.step(at)

    def _choose(self, task: int) -> tuple[int, Any]:
        """The place of this one among those who can go on, and itself."""
        ready = self.ready
        if task not in ready:
            raise NotDeterministicError("another task")
        at = ready.index(task)
        if len(ready) > 1:
            self.taken.append(at)
        return at, self._loop.options()[at][0]

    def _during(self, goes: Callable[[], None]) -> None:
        try:
            self._run.during(goes)
        except SpinningError:
            raise NotReducibleError("an order is longer than max_steps") from None

    def _note_end(self, footprint: Footprint) -> None:
        """The step that ends a run is in conflict with all others: what comes later is left out.

        Not so if the run ends with the last of its tasks, and had only the tasks it began with.
        """
        loop, program = self._loop, self._program
        if self._is_over and (program.main or loop.offered or self._run.exit or len(loop.tasks) > len(program.begins)):
            footprint.everything = True
            footprint.note(END, None, True)

    def waiting(self) -> dict[int, Footprint]:
        """What the tasks touch that could go on when the run ended."""
        if not self._is_over:
            return {}
        return {self._loop.number_of(entry[0]): self._left_out(entry[0]) for entry in self._loop._open}

    def _left_out(self, one: object) -> Footprint:
        footprint = Footprint(self._loop.needs.get(one, ()))
        footprint.note(END, None, False)
        footprint.is_certain = False
        return footprint

    def judge(self) -> Finding | None:
        """What is wrong at the end. NotReducibleError where it was not seen what a step touched."""
        if seen.given_up:
            raise NotReducibleError(seen.given_up)
        self._run.choices = Prefix(self.taken)
        return judge_async(self._run)

    def close(self) -> None:
        """End the run."""
        self._run.close()
