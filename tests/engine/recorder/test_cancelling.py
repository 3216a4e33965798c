"""Who cancels whom is recorded, however the call is written, and the program notices nothing of it."""

import asyncio
import contextlib
import functools
import sys
from pathlib import Path

import pytest

from coro_lab import Kind, record
from tests.async_programs import forever, tidy


async def stop(task, how):
    await asyncio.sleep(0)
    how(task)
    await asyncio.wait([task])


def asked(trace):
    """Each request as: who is cancelled, by whom, how."""
    return [
        (event.lane.name, None if event.peer is None else event.peer.name, event.value)
        for event in trace.of(kind="cancel")
    ]


def stopped(how):
    async def main():
        await stop(asyncio.create_task(forever()), how)

    return asked(record(main))


@pytest.mark.parametrize(
    "how",
    [
        lambda task: task.cancel("x"),
        lambda task: task.cancel(msg="x"),
        lambda task: task.cancel(*("x",)),
        lambda task: asyncio.Task.cancel(task, "x"),
        lambda task: [stop("x") for stop in [task.cancel]],
        lambda task: functools.partial(task.cancel, "x")(),
        lambda task: functools.partial(functools.partial(task.cancel), "x")(),
        lambda task: functools.partial(asyncio.Task.cancel, task)("x"),
        lambda task: functools.partial(asyncio.Task.cancel)(task, "x"),
    ],
    ids=[
        *("method", "keyword", "unpacked", "function of the class", "taken first"),
        *("partial", "partial of a partial", "partial of the class with its task", "partial of the class"),
    ],
)
def test_each_way_of_writing_the_call(how):
    assert stopped(how) == [("forever", "<lambda>", "cancel('x')")]


@pytest.mark.parametrize(
    "how",
    [
        lambda task: asyncio.get_running_loop().call_soon(task.cancel, "x"),
        lambda task: asyncio.get_running_loop().call_later(0, functools.partial(task.cancel, "x")),
    ],
    ids=["call_soon", "call_later with partial"],
)
def test_a_loop_that_calls_back_is_nobody(how):
    assert stopped(how) == [("forever", None, "cancel('x')")]


def test_a_callback_of_the_learners_is_a_lane():
    def later(task):
        task.cancel()

    assert stopped(lambda task: asyncio.get_running_loop().call_soon(later, task)) == [("forever", "later", "cancel()")]


def test_a_subclass_that_cancels_by_super():
    class Stubborn(asyncio.Task):
        def cancel(self, msg=None):
            return super().cancel(f"really {msg}")

    async def main():
        await stop(Stubborn(forever()), lambda task: task.cancel("x"))

    assert asked(record(main))[0][2] == "cancel('really x')"


def test_a_task_that_has_ended_is_not_asked():
    async def quick():
        return 1

    async def main():
        task = asyncio.create_task(quick())
        await task
        return task.cancel()

    trace = record(main)
    assert trace.result is False and not asked(trace)


def test_what_else_is_called_cancel_is_no_request():
    async def main():
        asyncio.get_running_loop().call_later(10, print).cancel()
        asyncio.get_running_loop().create_future().cancel()

    assert not asked(record(main))


def test_a_request_is_no_switch():
    trace = record(stop_tidy)
    (request,) = trace.of(kind="cancel")
    assert request not in list(trace.switches())
    around = [event.step for event in trace if event.lane.name == "stop_tidy"]
    assert request.step in around
    assert (request.peer_line, request.line) != (None, None)


async def stop_tidy():
    task = asyncio.create_task(tidy())
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def test_without_lines_it_is_the_same_request():
    full, lean = record(stop_tidy), record(stop_tidy, lines=False)
    assert [event._replace(changed=()) for event in full.of(kind="cancel")] == list(lean.of(kind="cancel"))


def test_a_lane_that_was_cancelled_early_begins_if_the_request_is_taken_back():
    async def main():
        task = asyncio.create_task(forever())
        task.cancel()
        left = task.uncancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return left

    trace = record(main)
    assert trace.result == 0
    assert [lane.name for lane in trace.lanes] == ["main", "forever"]
    first = next(event for event in trace.of("forever") if event.kind not in (Kind.CANCEL, Kind.UNCANCEL))
    assert first.kind is (Kind.START if sys.version_info >= (3, 13) else Kind.THROW)


@pytest.mark.parametrize("pauses", [0, 2])
@pytest.mark.parametrize("in_a_loop", [False, True], ids=["alone", "in a running loop"])
def test_a_request_is_taken_back_by_the_lane_that_is_outermost_in_its_task(pauses, in_a_loop):
    async def inner(task):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        for _ in range(pauses):
            await asyncio.sleep(0)
        task.uncancel()

    async def outer():
        other = (number for number in range(2))
        assert next(other) == 0  # a generator that outer holds, and does not await
        task = asyncio.current_task()
        asyncio.get_running_loop().call_soon(task.cancel)
        await inner(task)

    async def main():
        return await record(outer())

    trace = asyncio.run(main()) if in_a_loop else record(outer)
    assert [(event.lane.name, event.value) for event in trace.of(kind="uncancel")] == [("outer", "0")]


def test_tasks_that_are_left_are_cancelled_by_asyncio_run():
    async def main():
        main.kept = asyncio.create_task(forever())
        await asyncio.sleep(0)

    assert asked(record(main)) == [("forever", None, "asyncio.run ends")]


def test_tasks_of_another_loop_in_another_thread_are_asked_by_their_lane():
    async def main():
        task = asyncio.create_task(tidy())
        await asyncio.sleep(0)
        await asyncio.to_thread(lambda: asyncio.run(stop_tidy()))
        task.cancel("mine")
        await asyncio.wait([task])

    trace = record(main)
    assert sorted(asked(trace)) == [("tidy", "main", "cancel('mine')"), ("tidy 2", "stop_tidy", "cancel()")]


@pytest.mark.parametrize("threads", [0, 1, 2])
def test_a_library_that_cancels_is_heard_when_threads_have_run_code_of_the_learners(threads):
    async def main():
        task = asyncio.create_task(forever())
        for _ in range(threads):
            await asyncio.to_thread(lambda: None)
        await stop(task, library["end"])

    library = {}
    file = Path(asyncio.__file__).with_name("met_by_no_recording_before.py")
    exec(compile("def end(task):\n    task.cancel()", file, "exec"), library)
    assert asked(record(main)) == [("forever", "stop", "cancel()")]


def test_a_failing_group_says_which_task_failed_and_which_body():
    async def fails():
        raise ValueError

    async def group():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(forever())
            tasks.create_task(fails())

    async def body():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(forever())
            await asyncio.sleep(0)
            raise KeyError

    assert asked(record(group)) == [
        ("forever", "group", "TaskGroup, as fails raised ValueError"),
        ("group", None, "TaskGroup, as fails raised ValueError"),
    ]
    assert asked(record(body)) == [("forever", "body", "TaskGroup, as its owner got KeyError")]


def test_in_a_running_loop_only_the_learners_tasks_are_seen():
    async def main():
        return await record(stop_tidy())

    assert asked(asyncio.run(main())) == [("tidy", "stop_tidy", "cancel()")]


def test_nothing_is_watched_afterwards():
    record(stop_tidy)
    tools = range(6)
    codes = [stop_tidy.__code__, asyncio.TaskGroup._abort.__code__, asyncio.Timeout._on_timeout.__code__]
    assert not any(sys.monitoring.get_tool(tool) == "coro_lab" for tool in tools)
    record(stop_tidy)  # takes the same place again, with nothing left of the events of before
    assert [
        code for code in codes if any(_watched(tool, code) for tool in tools if sys.monitoring.get_tool(tool))
    ] == []


def _watched(tool, code):
    return sys.monitoring.get_local_events(tool, code)


def test_tasks_that_await_each_other_cannot_be_cancelled_as_alone():
    async def first():
        await asyncio.sleep(0)
        await both[1]

    async def second():
        await both[0]

    async def main():
        both[:] = [asyncio.create_task(first()), asyncio.create_task(second())]
        for _ in range(3):
            await asyncio.sleep(0)
        both[0].cancel()

    both = []
    with pytest.raises(RecursionError):
        asyncio.run(main())
    assert isinstance(record(main).error, RecursionError)
