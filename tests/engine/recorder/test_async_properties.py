"""Recorded asyncio programs do what they do alone, tried on generated ones.

A program here is a few tasks on one event loop that sleep, wait for a lock, put and get, are cancelled, raise and
return.
"""

import asyncio
import io
import linecache
from contextlib import redirect_stdout
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coro_lab import Kind, record
from coro_lab.trace.safe_repr import describe

_serial = count()

steps = st.sampled_from(
    [
        "await asyncio.sleep(0)",
        "await asyncio.sleep(0, 'slept')",
        "await quick()",
        "await queue.put(name)",
        "print(name, 'in the open', end=' ')",
        "async with lock: print(name, 'has the lock')",
        "async with lock: await asyncio.sleep(0)",
        "got = [n async for n in numbers()]; print(name, got)",
        "await asyncio.gather(quick(), quick())",
        "if queue.qsize() > 1: raise KeyError(name)",
        "if queue.qsize() > 2: return name",
        "tasks[0].cancel()",
    ]
)

HEAD = """\
import asyncio

async def quick():
    return 1

async def numbers():
    for n in range(2):
        yield n
        await asyncio.sleep(0)
"""


@st.composite
def programs(draw):
    lines = [HEAD]
    workers = draw(st.integers(1, 3))
    for number in range(workers):
        body = draw(st.lists(steps, min_size=1, max_size=4))
        lines += [f"async def worker{number}(name, lock, queue, tasks):", "    try:"]
        lines += [f"        {step}" for step in body]
        lines += ["    finally:", "        print(name, 'ends')", ""]
    made = ", ".join(f"asyncio.create_task(worker{n}('w{n}', lock, queue, tasks), name='w{n}')" for n in range(workers))
    lines += ["async def main():", "    lock, queue, tasks = asyncio.Lock(), asyncio.Queue(), []"]
    lines += [f"    tasks += [{made}]"]
    lines += ["    results = await asyncio.gather(*tasks, return_exceptions=True)"]
    lines += ["    return [type(result).__name__ for result in results], [task.cancelled() for task in tasks]"]
    return "\n".join(lines) + "\n"


def load(source):
    filename = f"/learner/async_program_{next(_serial)}.py"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    namespace = {"__name__": "learner"}
    exec(compile(source, filename, "exec"), namespace)
    return namespace["main"]


def seen(run):
    """What can be seen from outside: the output, and the result or the exception."""
    with redirect_stdout(io.StringIO()) as printed:
        try:
            outcome = run()
        except BaseException as error:
            outcome = describe(error)
    return printed.getvalue(), outcome


@pytest.mark.integration
@settings(max_examples=60, deadline=None)
@given(programs())
def test_a_recorded_program_does_what_it_does_alone(source):
    main = load(source)
    alone = seen(lambda: asyncio.run(main()))
    traces = []

    def recorded(start):
        traces.append(start())
        if traces[-1].error is not None:
            raise traces[-1].error
        return traces[-1].result

    async def in_a_running_loop():
        return await record(main())

    assert seen(lambda: recorded(lambda: record(main))) == alone
    assert seen(lambda: recorded(lambda: asyncio.run(in_a_running_loop()))) == alone
    assert [trace.output for trace in traces] == [alone[0], alone[0]]


@pytest.mark.integration
@settings(max_examples=40, deadline=None)
@given(programs())
def test_equal_async_runs_give_equal_traces(source):
    main = load(source)
    with redirect_stdout(io.StringIO()):
        one, other, lean = record(main), record(main), record(main, lines=False)
    assert one == other
    assert [event._replace(changed=()) for event in one.switches()] == list(lean.switches())
    assert not [event for event in one.events if event.kind is Kind.PREEMPT]
