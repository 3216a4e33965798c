"""Recorded programs that leave things open do what they do alone, tried on generated ones.

A program here has async generators, tasks and context variables; it breaks out of loops, drops, collects, cancels and
ends with things still open. What it prints is compared, and so is the order in which callbacks and finalisers run.
"""

import asyncio
import gc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coro_lab import Kind, record
from tests.engine.recorder.test_async_properties import load, seen

HEAD = """\
import asyncio, contextlib, contextvars, gc, weakref

user = contextvars.ContextVar("user", default="nobody")

async def letters(name):
    try:
        for letter in "abc":
            yield letter
            await asyncio.sleep(0)
    finally:
        print(name, "is left,", user.get())
        await asyncio.sleep(0)
        print(name, "is done")

async def doubled(name):
    async for letter in letters(name + "'s"):
        yield letter * 2

def numbers(name):
    try:
        yield 1
        yield 2
    finally:
        print(name, "ends")

async def waits(name):
    user.set(name)
    try:
        await asyncio.sleep(0)
        await asyncio.Event().wait()
    finally:
        print(name, "wakes,", user.get())
"""

STEPS = [
    "async for letter in letters(name): break",
    "async for letter in doubled(name): break",
    "held.append(letters(name)); print(await anext(held[-1]))",
    "async with contextlib.aclosing(letters(name)) as all: print(await anext(all))",
    "knot = [letters(name)]; knot.append(knot); await anext(knot[0]); del knot; gc.collect()",
    "knot = [numbers(name)]; knot.append(knot); next(knot[0]); del knot; gc.collect()",
    "it = numbers(name); next(it); weakref.finalize(it, print, name, 'is gone'); del it",
    "held.clear()",
    "token = user.set(name); await asyncio.sleep(0); user.reset(token)",
    "contextvars.copy_context().run(user.set, 'elsewhere')",
    "tasks.append(asyncio.create_task(waits(name)))",
    "if tasks: tasks.pop().cancel('enough')",
    "with contextlib.suppress(TimeoutError): await asyncio.wait_for(waits(name), 0)",
    "asyncio.get_running_loop().call_soon(print, name, 'is called back')",
    "await asyncio.sleep(0)",
    "print([letter async for letter in doubled(name)])",
    "raise KeyError(name)",
]


@st.composite
def programs(draw):
    lines = [HEAD]
    workers = draw(st.integers(1, 3))
    for number in range(workers):
        lines += [f"async def worker{number}(name, held, tasks):"]
        lines += [f"    {step}" for step in draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=5))]
        lines += ["    print(name, 'returns')", ""]
    eager = draw(st.booleans())
    lines += ["async def main():", "    held, tasks = [], []"]
    lines += ["    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)"] * eager
    made = [f"asyncio.create_task(worker{n}('w{n}', held, tasks))" for n in range(workers)]
    lines += [f"    made = [{', '.join(made)}]"]
    lines += ["    await asyncio.wait(made)"]
    # what is left then, asyncio would end in the order of a set
    lines += [
        "    held.clear()",
        "    for task in tasks: task.cancel()",
        "    for _ in range(20): await asyncio.sleep(0)",
    ]
    lines += ["    return [repr(task.exception()) for task in made if not task.cancelled()]"]
    return "\n".join(lines) + "\n"


def quiet(run):
    """What is seen of a run in which the garbage collector works where the program asks it to, and nowhere else."""
    gc.collect()
    gc.disable()
    try:
        return seen(run)
    finally:
        gc.enable()


@pytest.mark.integration
@settings(max_examples=60, deadline=None)
@given(programs())
def test_what_a_program_leaves_open_ends_as_it_does_alone(source):
    main = load(source)
    alone = quiet(lambda: asyncio.run(main()))
    traces = []

    def recorded(lines):
        traces.append(record(main, lines=lines))
        if traces[-1].error is not None:
            raise traces[-1].error
        return traces[-1].result

    assert quiet(lambda: recorded(True)) == alone
    assert quiet(lambda: recorded(False)) == alone
    assert [trace.cut for trace in traces] == [None, None]
    rich, lean = traces
    assert [event._replace(changed=()) for event in rich.switches()] == list(lean.switches())


@pytest.mark.integration
@settings(max_examples=30, deadline=None)
@given(programs())
def test_each_async_generator_that_is_abandoned_is_told_once_and_closed_later_or_never(source):
    main, traces = load(source), []
    quiet(lambda: traces.append(record(main)))
    abandoned = [event.lane for event in traces[0].of(kind=Kind.ABANDON)]
    assert len(set(abandoned)) == len(abandoned)
    for lane in abandoned:
        events = [event.kind for event in traces[0] if event.lane == lane]
        assert Kind.RESUME not in events[events.index(Kind.ABANDON) : events.index(Kind.ABANDON) + 2]
        assert traces[0].lanes[lane].kind == "async generator"
