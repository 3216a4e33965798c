"""Every order of an asyncio program step by step: the state after each beginning, and who can go on there.

Each order is run once. At each step its state is written down, unless another order has begun in the same way.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from coro_lab.engine.explore.asyncio_orders.entries import Entry
from coro_lab.engine.explore.asyncio_orders.judgement import judge_async
from coro_lab.engine.explore.asyncio_orders.loop import ChosenLoop
from coro_lab.engine.explore.asyncio_orders.names import Prefix, Spelled, TaskNames
from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.asyncio_orders.run import AsyncRun, own_loop
from coro_lab.engine.explore.asyncio_orders.search import every_async
from coro_lab.engine.explore.asyncio_orders.waits import WaitGraph, sleep_of
from coro_lab.engine.explore.asyncio_orders.watch import Watch
from coro_lab.engine.explore.lattice_counts import (
    MOST_STATES,
    AsJson,
    Ways,
    as_json,
    counted,
    describe_finding,
    describe_shared,
    too_many,
)
from coro_lab.engine.explore.program import Schedule
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import Finding
from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.errors import ArgumentError
from coro_lab.trace.events import Source

MOST_NAMES = 36  # each has one character in the key of a state
NOT_MADE: AsJson = {"state": "not made yet", "line": None, "waits": ""}


def async_ways(program: AsyncProgram) -> Ways:
    """How many orders pass each point and each beginning, as `ways` counts them for generators.

    TooManyOrdersError for more than 50,000 orders, ArgumentError if asyncio's own order leaves nothing to choose.
    """
    orders = _Orders(program, keeps_states=False)
    with quietly(), own_loop():
        return counted(orders.names, orders.run())


def async_choices(program: AsyncProgram) -> AsJson:
    """The state after each beginning of an order, as `choices` gives it for generators, and the source of each task.

    What has no place in a program's text, such as the end of a time limit, has an empty source. TooManyOrdersError for
    more than 4,000 states, ArgumentError if asyncio's own order leaves nothing to choose.
    """
    orders = _Orders(program, keeps_states=True)
    with quietly(), own_loop():
        passed = counted(orders.names, orders.run())
    states = {schedule: orders.state(schedule, passed) for schedule in sorted(passed.beginnings)}
    return as_json(passed, states) | {"sources": orders.sources()}


def async_end(program: AsyncProgram, schedule: Sequence[str]) -> tuple[str, Finding | None]:
    """What is printed in the order of this schedule, and what is wrong at its end."""
    with quietly(), own_loop():
        run = AsyncRun(program, Spelled(program.parse(schedule))).go()
        found = judge_async(run)
        run.close()
    return run.output, found


class _Orders:
    """All orders, one after the other; `names` are those of everything that can go on."""

    def __init__(self, program: AsyncProgram, *, keeps_states: bool) -> None:
        if program.order == "asyncio":
            said = (
                'In asyncio\'s own order the loop chooses, and nobody else: order="asyncio" has no choices to show.\n'
                '  Write: order="tasks", in which any ready task may go on'
            )
            raise ArgumentError(said, argument="order", given=repr(program.order))
        self.names = list(program.names)
        self._program = program
        self._keeps_states = keeps_states
        self._states: dict[Schedule, AsJson] = {}
        self._sources: dict[int, Source] = {}
        self._tasks: set[int] = set()

    def run(self) -> Iterator[tuple[Schedule, bool]]:
        """Run each order to its end: who takes each step, and whether it is broken. To be used in `own_loop`."""
        with Watch() as watch:
            for run, _ in every_async(self._program, begin=partial(self._begin, watch)):
                choices: Any = run.choices
                schedule, finding = choices.schedule(), judge_async(run)
                if self._keeps_states:
                    self.keep(schedule, choices.state(()) | {"finding": describe_finding(finding)})
                choices.follow(run, None)
                run.close()
                yield schedule, finding is not None

    def _begin(self, watch: Watch, program: AsyncProgram, given: Prefix) -> AsyncRun:
        watch.forget()
        choices = _Watched(self, given)
        run = AsyncRun(program, choices)
        choices.follow(run, watch if self._keeps_states else None)
        return run

    def place(self, name: str) -> int:
        """The number of this name; a new one gets the next."""
        if name not in self.names:
            self.names.append(name)
            if len(self.names) > MOST_NAMES:
                raise too_many("too many")
        return self.names.index(name)

    def is_known(self, schedule: Schedule) -> bool:
        """Whether the state after this beginning was written down."""
        return schedule in self._states

    def keep(self, schedule: Schedule, state: AsJson) -> None:
        """Write down the state after this beginning."""
        self._states[schedule] = state
        if len(self._states) > MOST_STATES:
            raise too_many(f"more than {MOST_STATES:,}")

    def know_task(self, name: str, coroutine: Any) -> int:
        """The number of a task with this name, whose source is kept."""
        number = self.place(name)
        self._tasks.add(number)
        code = getattr(coroutine, "cr_code", None)
        if number not in self._sources and code is not None:
            self._sources[number] = CodeInfo.of(code).source or Source(1, "")
        return number

    def state(self, schedule: Schedule, passed: Ways) -> AsJson:
        """The state after this beginning, with a place for each task that is made in any order."""
        state, passage = self._states[schedule], passed.beginnings[schedule]
        gone = {"state": "", "line": None, "waits": ""}
        tasks = [
            state["tasks"].get(number, NOT_MADE if number in self._tasks else gone) for number in range(len(self.names))
        ]
        return state | {"tasks": tasks, "orders": passage.orders, "broken": passage.broken}

    def sources(self) -> list[list[Any]]:
        """For each name its first line and its source; the source is empty where none is known."""
        return [list(self._sources.get(number, Source(1, ""))) for number in range(len(self.names))]


class _Watched:
    """Choices by their places, which write down the state before each step."""

    def __init__(self, orders: _Orders, given: Prefix) -> None:
        self._orders = orders
        self._given = given
        self.taken = given.taken

    def follow(self, run: AsyncRun, watch: Watch | None) -> None:
        """Write down the states of this run, from its beginning; without a watch, none."""
        self._run, self._watch = run, watch
        self._names = TaskNames(run.loop)
        if watch is not None:
            self._loops_run = run.loop._run
            run.loop._run = self._step  # type: ignore[method-assign]

    def schedule(self) -> Schedule:
        """Who has taken each step so far."""
        return tuple(self._orders.place(self._names.of(one)) for one in self._run.loop.chosen)

    def take(self, loop: ChosenLoop, entries: Sequence[Entry]) -> int:
        """The place of the next choice."""
        self._see(entries)
        return self._given.take(loop, entries)

    def _step(self, entry: Entry) -> None:
        self._see([entry])  # unless there was a choice, which was seen before
        self._loops_run(entry)

    def _see(self, entries: Sequence[Entry]) -> None:
        if self._watch is None:
            return
        schedule = self.schedule()
        if not self._orders.is_known(schedule):
            ready = tuple(self._orders.place(self._names.of(entry[0])) for entry in entries)
            self._orders.keep(schedule, self.state(ready))

    def state(self, ready: Schedule) -> AsJson:
        """The state now; `ready` are those that can go on."""
        run = self._run
        waits = self._waits(ready)
        tasks = {number: _describe(coroutine, done) for number, (coroutine, done) in self._tasks().items()}
        for number, text in waits.items():
            tasks[number]["waits"] = text
        shared = "" if run.program.setup is None else describe_shared(run.shared)
        return {"output": run.output, "shared": shared, "ready": sorted(ready), "tasks": tasks}

    def _tasks(self) -> dict[int, tuple[Any, bool]]:
        """The coroutine of each task that was made, and whether it is done."""
        loop, found = self._run.loop, {}
        for task in loop.tasks:
            coroutine = loop.coroutine_of(task)
            found[self._orders.know_task(self._names.of(task), coroutine)] = (coroutine, task.done())
        return found

    def _waits(self, ready: Schedule) -> dict[int, str]:
        """For each suspended task that cannot go on, what it waits for."""
        assert self._watch is not None
        waiting = {number: coroutine for number, (coroutine, done) in self._tasks().items() if not done}
        found = {self._orders.place(wait.task): str(wait) for wait in WaitGraph(self._run, self._watch).waits()}
        return {
            number: sleep_of(self._orders.names[number], coroutine) or found.get(number, "")
            for number, coroutine in waiting.items()
            if number not in ready and _state_of(coroutine) == "suspended"
        }


def _state_of(coroutine: Any) -> str:
    if not inspect.iscoroutine(coroutine):
        return "suspended"
    return inspect.getcoroutinestate(coroutine).removeprefix("CORO_").lower()


def _describe(coroutine: Any, done: bool) -> AsJson:
    """What a task is doing: its state as `inspect` names it, and its line."""
    state = "closed" if done else _state_of(coroutine)
    frame = getattr(coroutine, "cr_frame", None)
    line = frame.f_lineno if frame is not None and state == "suspended" else None
    return {"state": state, "line": line, "waits": ""}
