"""The Trace of a schedule: the order is run once more, and recorded."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram, program_of
from coro_lab.engine.explore.asyncio_orders.trace import async_trace_of
from coro_lab.engine.explore.parallel import AnySchedule
from coro_lab.engine.explore.preemption.preemptible import is_split
from coro_lab.engine.explore.program import MAX_STEPS, Program
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.sync import running
from coro_lab.engine.scheduler import record_order
from coro_lab.trace.events import Event, Kind, Lane
from coro_lab.trace.trace import Trace


def trace_of(program: Program | AsyncProgram, schedule: AnySchedule) -> Trace:
    """What happens in this order. Tasks that have not ended stay suspended."""
    if isinstance(program, AsyncProgram):
        return async_trace_of(program, program.spell(schedule))
    with quietly():
        run = LiveRun(program)
        tasks = dict(zip(program.names, run.tasks, strict=True))
        sys.stdout = io.StringIO()
        trace = record_order(tasks, _announced(program.names, schedule))
        run.close()
    lanes = tuple(_lane_as_written(lane, lane.name in tasks) for lane in trace.lanes)
    return replace(trace, events=tuple(_without_hidden(trace.events)), lanes=lanes)


def replay(
    coroutines: Mapping[str, Callable[..., Any]] | Callable[..., Any],
    schedule: str | Sequence[str],
    *,
    setup: Callable[[], Any] | None = None,
    max_steps: int = MAX_STEPS,
    order: str = "tasks",
) -> Trace:
    """The Trace of one order: of a schedule that `explore` or `interleavings` has found.

    `coroutines`, `setup`, `max_steps` and `order` are those of `explore`; the `schedule` is a text or the names of the
    tasks. An asyncio program whose schedule ends early goes on with what is ready first; tasks of generators stay
    suspended. Raises ScheduleError for a schedule that does not fit the program, and ArgumentError for a program that
    cannot be explored.

    >>> def increment(box):
    ...     seen = box[0]
    ...     yield
    ...     box[0] = seen + 1
    >>> trace = replay({"A": increment, "B": increment}, "ABAB", setup=lambda: [0])
    >>> print(trace.text(lines=False).splitlines()[-1])
    3  B returns None
    """
    asynchronous = program_of(coroutines, setup, None, max_steps, order)
    if asynchronous is not None:
        return async_trace_of(asynchronous, asynchronous.parse(schedule))
    program = Program(coroutines, setup, None, max_steps)  # type: ignore[arg-type]
    return trace_of(program, program.parse(schedule))


def _announced(names: tuple[str, ...], schedule: AnySchedule) -> Iterator[str]:
    """The names of the tasks. Before each, the locks learn which task is about to run."""
    for task in schedule:
        running.name = names[task]
        yield names[task]


def _lane_as_written(lane: Lane, is_task: bool) -> Lane:
    """The lane with the kind that its author wrote: a split function is a thread, or a function called in a thread."""
    if not is_split(lane):
        return lane
    return lane._replace(kind="thread" if is_task else "function")


def _without_hidden(events: Iterable[Event]) -> Iterator[Event]:
    """The events without what `preemptible` adds: variables whose names begin with a dot, and repeated lines."""
    at: dict[int, int | None] = {}
    for event in events:
        if any(name.startswith(".") for name, _ in event.changed):
            event = event._replace(changed=tuple(change for change in event.changed if not change[0].startswith(".")))
        is_repeated = event.kind is Kind.LINE and at.get(event.lane) == event.line and not event.changed
        at[event.lane] = event.line if event.kind is Kind.LINE else None
        if not is_repeated:
            yield event
