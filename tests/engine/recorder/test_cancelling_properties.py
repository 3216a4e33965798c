"""Programs with cancellation, time limits and groups do what they do alone, tried on generated ones."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coro_lab import Kind, record
from coro_lab.trace.cancels import AT_ITS_END, UNNOTICED, cancels
from coro_lab.trace.events import PASSED_ON
from tests.engine.recorder.test_async_properties import load, seen

steps = st.sampled_from(
    [
        "await asyncio.sleep(0)",
        "await pause()",
        "victims[-1].cancel('last')",
        "victims[0].cancel()",
        "asyncio.get_running_loop().call_soon(victims[0].cancel, 'soon')",
        "asyncio.current_task().cancel('me')",
        "print(name, asyncio.current_task().uncancel(), end=' ')",
        "print(name, asyncio.current_task().cancelling(), end=' ')",
        "await asyncio.gather(pause(), deaf(name), return_exceptions=True)",
        "if victims[0] is not asyncio.current_task(): await asyncio.shield(victims[0])",
        "async with asyncio.timeout(0): await pause()",
        "async with asyncio.timeout(None): await pause()",
        "async with asyncio.TaskGroup() as group: group.create_task(deaf(name)); group.create_task(pause())",
        "async with asyncio.TaskGroup() as group: group.create_task(pause()); group.create_task(fails())",
        "await asyncio.wait_for(pause(), 0)",
        "if victims[0] is not asyncio.current_task(): await victims[0]",
        "raise KeyError(name)",
        "return name",
    ]
)
HEAD = """\
import asyncio

async def pause():
    await asyncio.sleep(0)
    await asyncio.sleep(0)

async def fails():
    raise ValueError

async def deaf(name):
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError as error:
        print(name, 'swallows', error, end=' ')
    await asyncio.sleep(0)
    return name
"""


@st.composite
def programs(draw):
    lines, workers = [HEAD], draw(st.integers(1, 3))
    for number in range(workers):
        lines += [f"async def worker{number}(name, victims):", "    try:"]
        lines += [f"        {step}" for step in draw(st.lists(steps, min_size=1, max_size=4))]
        if draw(st.booleans()):
            lines += ["    except (asyncio.CancelledError, TimeoutError) as error:", "        print(name, repr(error))"]
            lines += ["        await asyncio.sleep(0)"]
        lines += ["    finally:", "        print(name, 'ends')", ""]
    lines += ["async def main():", "    victims = []"]
    lines += [f"    victims.append(asyncio.create_task(worker{n}('w{n}', victims)))" for n in range(workers)]
    lines += ["    done = await asyncio.gather(*victims, return_exceptions=True)"]
    lines += ["    return [repr(each) for each in done], [(t.cancelled(), t.cancelling()) for t in victims]"]
    return "\n".join(lines) + "\n"


def recorded(main, **options):
    trace = record(main, **options)
    if trace.error is not None:
        raise trace.error
    return trace.result


@pytest.mark.integration
@settings(max_examples=150, deadline=None)
@given(programs())
def test_a_recorded_program_is_cancelled_as_alone(source):
    main = load(source)
    alone = seen(lambda: asyncio.run(main()))
    assert seen(lambda: recorded(main)) == alone
    assert seen(lambda: recorded(main, lines=False)) == alone


@settings(max_examples=50, deadline=None)
@given(programs())
def test_each_cancellation_that_lands_was_asked_for_before(source):
    traces = []
    seen(lambda: traces.append(record(load(source))))
    (trace,) = traces
    found = cancels(trace).found
    assert len(found) == len(trace.of(kind=Kind.CANCEL))
    for one in found:
        assert one.landed is None or any(  # one that code of a library has caught lets its lane go on
            event.kind in (Kind.THROW, Kind.RESUME) and event.step >= one.step and event.lane.name == one.landed[0]
            for event in trace
        )
    ends = {event.lane.name: event.value for event in trace.of(kind=Kind.RAISE)}
    passed_on = {one.by for one in found if one.how == PASSED_ON}
    for one in {one.task: one for one in found if one.task not in passed_on}.values():  # the last one of each task
        assert one.outcome != UNNOTICED or not ends.get(one.task, "").startswith("CancelledError(")
    counted = [] if trace.result is None else [cancelled for cancelled, _ in trace.result[1]]
    for one in found:
        if one.outcome == AT_ITS_END and one.task.startswith("worker") and counted:
            assert counted[int(one.task.removeprefix("worker"))]
    assert trace == type(trace).from_json(trace.to_json())
