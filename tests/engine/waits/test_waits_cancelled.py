"""A cancellation ends a wait: who was cancelled is ready to run, at a step of a recorded run as in the loop."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from coro_lab import record, waits


async def both(first, second):
    async with first:
        await asyncio.sleep(0)
        async with second:
            pass


async def circle(cancel):
    left, right = asyncio.Lock(), asyncio.Lock()
    tasks = [asyncio.create_task(both(left, right), name="T"), asyncio.create_task(both(right, left), name="U")]
    for _ in range(5):
        await asyncio.sleep(0)
    await cancel(tasks)
    await asyncio.gather(*tasks, return_exceptions=True)


def doing(found):
    return {row.task: row.does for row in found.rows if row.task in ("both", "both 2")}


def test_a_circle_is_a_deadlock_until_its_tasks_are_cancelled():
    async def by_hand(tasks):
        for task in tasks:
            task.cancel()

    trace = record(circle, by_hand)
    step = trace.of("both", kind="cancel")[0].step
    assert waits(trace, step - 1).finding.startswith("Deadlock: both waits for both 2")
    assert doing(waits(trace, step)) == {"both": "is ready to run", "both 2": "is ready to run"}
    assert waits(trace, step).finding == "2 are ready to run and 1 runs; none is known to be stuck"  # as in the loop
    first, second = (event.step for event in trace.events if event.kind == "throw")
    assert doing(waits(trace, first)) == {"both 2": "is ready to run"}  # the first has run, and has ended
    assert doing(waits(trace, second)) == {}


def test_a_timer_cancels_after_the_end_of_the_step():
    async def by_timer(tasks):
        loop = asyncio.get_running_loop()
        soon = loop.time() + 0.001  # the same moment for both, so one round of the loop cancels both
        for task in tasks:
            loop.call_at(soon, task.cancel)
        await asyncio.sleep(0.01)

    trace = record(circle, by_timer)
    thrown = [event.step for event in trace.events if event.kind == "throw"]
    assert waits(trace, thrown[0] - 1).finding.startswith("Deadlock")
    assert "Deadlock" not in waits(trace, thrown[0]).finding
    assert doing(waits(trace, thrown[0])) == {"both 2": "is ready to run"}


async def in_a_gather():
    await asyncio.gather(asyncio.sleep(60), asyncio.sleep(60))


async def in_a_wait():
    await asyncio.wait([asyncio.create_task(asyncio.sleep(60))])


async def in_a_group():
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(60))


async def for_a_task():
    await asyncio.create_task(asyncio.sleep(60))


async def in_a_shield():
    await asyncio.shield(asyncio.create_task(asyncio.sleep(60)))


async def for_a_future():
    await asyncio.Future()


@pytest.mark.parametrize("program", [in_a_gather, in_a_wait, in_a_group, for_a_task, in_a_shield, for_a_future])
def test_who_awaits_tasks_is_ready_when_the_loop_says_so(program):
    """A cancellation of a task that awaits another goes to the other first."""
    live = []

    async def main():
        task = asyncio.create_task(program())
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        live.append(waits())
        with contextlib.suppress(asyncio.CancelledError):
            await task

    trace = record(main)
    name = program.__name__
    told = waits(trace, trace.of(name, kind="cancel")[0].step)
    assert [row.does for row in told.rows if row.task == name] == [row.does for row in live[0].rows if row.task == name]


def test_a_task_that_has_cancelled_itself_is_ready_at_its_next_await():
    async def inner():
        await asyncio.Event().wait()

    async def resigns():
        asyncio.current_task().cancel()
        await inner()

    async def main():
        await asyncio.wait([asyncio.create_task(resigns())])

    trace = record(main)
    step = trace.of("resigns", kind="throw")[0].step - 1
    assert [row.does for row in waits(trace, step).rows] == ["waits", "is ready to run"]


def test_a_task_that_catches_its_cancellation_waits_again():
    async def stubborn():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async def main():
        task = asyncio.create_task(stubborn())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    trace = record(main)
    step = trace.of("stubborn", kind="throw")[0].step
    assert [row.does for row in waits(trace, step).rows] == ["waits", "waits"]
