"""The orders of an asyncio program beside asyncio itself, over generated programs."""

from __future__ import annotations

import asyncio
import gc
import inspect
import re
import sys
import warnings
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from coro_lab import explore
from coro_lab.engine.explore.asyncio_orders.names import Drawn, Prefix, Spelled
from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.asyncio_orders.run import AsyncRun, own_loop
from coro_lab.engine.explore.asyncio_orders.search import every_async
from coro_lab.engine.explore.step_limit import quietly
from tests import async_programs
from tests.engine.explore import asyncio_generated as generated
from tests.engine.explore.asyncio_reference import run_by_asyncio

NOT_ALONE = {"forever", "never_awaited", "own_awaitable"}
WRITTEN = {
    name: function
    for name, function in vars(async_programs).items()
    if inspect.iscoroutinefunction(function) and not inspect.signature(function).parameters and name not in NOT_ALONE
}
FEW = 2_000  # orders of a small program

pytestmark = pytest.mark.integration
slowly = settings(deadline=None, suppress_health_check=list(HealthCheck))


def ending(run):
    if not run.main.done():
        return "stuck"
    if run.main.cancelled():
        return "CancelledError()"
    return repr(run.main.exception() or run.main.result())


def one_order(main, choices, order):
    """How a program ends in one order, what it prints, and the names of this order."""
    program = AsyncProgram(main, {}, order=order)
    with quietly(), own_loop():
        run = AsyncRun(program, choices).go()
        ended, output, names = ending(run), run.output, run.names()
        run.close()
        return ended, output if ended == "stuck" else run.output, names


def without_addresses(text):
    return re.sub(r"0x\w+", "0x", text)


@settings(slowly, max_examples=150)
@given(generated.PROGRAMS)
def test_the_first_order_is_that_of_asyncio(operations):
    main = generated.main_of(operations)
    ended, output, _ = one_order(main, Prefix(), "asyncio")
    assert run_by_asyncio(main) == (ended, output)


@settings(slowly, max_examples=100)
@given(generated.PROGRAMS, st.integers(0, 100), st.sampled_from(["tasks", "time", "asyncio"]))
def test_every_order_is_replayed_by_its_names(operations, seed, order):
    main = generated.main_of(operations)
    drawn = one_order(main, Drawn(Random(seed)), order)
    assert one_order(main, Spelled(" ".join(drawn[2])), order) == drawn


@settings(slowly, max_examples=60)
@given(st.lists(st.recursive(generated.SIMPLE, generated.nested, max_leaves=5), min_size=1, max_size=4))
def test_what_asyncio_does_is_among_the_orders_of_the_tasks(operations):
    main = generated.main_of(operations)
    ended, output, _ = one_order(main, Prefix(), "asyncio")
    seen = set()
    with quietly(), own_loop():
        for number, (run, _) in enumerate(every_async(AsyncProgram(main, {}))):
            seen.add((ending(run), run.output))
            run.close()
            assume(number < FEW)
    assert any(ended == other and output.startswith(printed) for other, printed in seen)


@pytest.mark.parametrize("main", WRITTEN.values(), ids=WRITTEN)
def test_written_programs_do_what_they_do_under_asyncio(main):
    ended, output, _ = one_order(main, Prefix(), "asyncio")
    assert [without_addresses(each) for each in run_by_asyncio(main)] == [without_addresses(ended), output]


def test_a_stream_that_the_loop_is_about_to_close_when_main_ends_gives_no_warning():
    """Since Python 3.12.4 there is a warning where an `aclose()` is dropped that nobody has awaited."""

    async def lines():
        try:
            yield 1
        finally:
            print("closed")

    async def reader():
        asyncio.get_running_loop().call_soon(print, "called")
        async for _ in lines():
            break

    async def main():
        task = asyncio.create_task(reader())
        await asyncio.sleep(0)
        return task.done()

    with warnings.catch_warnings(record=True, action="always") as given:
        assert explore(main).broken
        gc.collect()
    assert given == []


def test_a_stream_that_is_dropped_as_an_order_is_closed_gives_no_warning():
    """The first task ends the loop as it is cancelled; so the second is closed instead, and drops its stream."""

    async def lines():
        yield 1

    async def reader():
        stream = lines()
        await anext(stream)
        await asyncio.sleep(1)

    async def exits():
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            sys.exit("cancelled")

    async def main():
        tasks = [asyncio.create_task(exits()), asyncio.create_task(reader())]
        await asyncio.sleep(0)
        return len(tasks)

    with warnings.catch_warnings(record=True, action="always") as given:
        assert explore(main).broken
        gc.collect()
    assert given == []
