"""What became of each cancellation: where it landed, what the task did with it, and who else got it."""

import asyncio
import sysconfig
from contextlib import suppress
from pathlib import Path

import pytest

from coro_lab import awaits, cancels, record
from coro_lab.errors import ArgumentError
from tests import async_programs


def outcomes(program):
    """Each cancellation as: how, where it landed, what the task did with it, who else got it."""
    return [(one.how, one.landed and one.landed[0], one.outcome, one.reached) for one in cancels(record(program)).found]


@pytest.mark.parametrize(
    "program, found",
    [
        ("cancel_a_task", [("cancel()", "forever", "raised it", ("cancel_a_task",))]),
        ("cancel_before_it_begins", [("cancel('never mind')", None, "never ran", ())]),
        ("swallow_a_cancellation", [("cancel('stop')", "forever", "swallowed it", ())]),
        ("cancel_myself", [("cancel('me')", "cancel_myself", "took it back", ())]),
        ("timeout_expires", [("time limit", "forever", "took it back", ())]),
        ("wait_for_too_late", [("time limit", "forever", "took it back", ())]),
        (
            "cancellation_is_passed_on",
            [("cancel('both')", "waits_for", "raised it", ()), ("passed on", "forever", "raised it", ("waits_for",))],
        ),
        (
            "cancel_what_is_gathered",
            [("cancel('all')", "forever", "raised it", ()), ("cancel('all')", "forever 2", "swallowed it", ())],
        ),
        (
            "shielded_from_it",
            [
                ("cancel('too long')", "shielded_from_it", "swallowed it", ()),
                ("asyncio.run ends", "forever", "raised it", ()),
            ],
        ),
    ],
)
def test_what_became_of_each(program, found):
    assert outcomes(getattr(async_programs, program)) == found


def test_a_second_one_lands_while_the_first_is_cleaned_up():
    async def slow():
        try:
            await asyncio.sleep(10)
        finally:
            await asyncio.sleep(10)

    async def main():
        task = asyncio.create_task(slow())
        for _ in range(2):
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.wait([task])

    assert [outcome for _, _, outcome, _ in outcomes(main)] == ["went on until the next one", "raised it"]


def test_one_that_comes_in_the_last_step_makes_the_task_a_cancelled_one():
    async def busy():
        asyncio.current_task().cancel()
        return 1

    async def main():
        task = asyncio.create_task(busy())
        with suppress(asyncio.CancelledError):
            await task
        return task.cancelled()

    assert asyncio.run(main()) is True
    assert outcomes(main) == [("cancel()", None, "returned before it could land, and counts as cancelled", ("main",))]


def test_one_that_is_taken_back_before_the_task_suspends():
    async def main():
        task = asyncio.current_task()
        task.cancel()
        task.uncancel()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            return "lands"
        return "goes on"

    lands = asyncio.run(main()) == "lands"  # before Python 3.13
    assert outcomes(main) == [
        ("cancel()", "main", "swallowed it", ()) if lands else ("cancel()", None, "took it back", ())
    ]
    assert ("landed" in repr(awaits(record(main)))) is lands


def test_one_that_comes_in_the_last_step_does_not_replace_an_error():
    async def breaks():
        asyncio.current_task().cancel()
        raise ValueError

    async def main():
        task = asyncio.create_task(breaks())
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(main()) is False
    assert outcomes(main) == [("cancel()", None, "got no CancelledError", ())]


def test_another_exception_takes_its_place():
    async def breaks():
        try:
            await asyncio.sleep(10)
        finally:
            raise KeyError("lost")

    async def main():
        task = asyncio.create_task(breaks())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        task.exception()

    assert [outcome for _, _, outcome, _ in outcomes(main)] == ["raised KeyError('lost') instead"]


def test_a_group_catches_what_it_asks_of_its_owner():
    assert [outcome for _, _, outcome, _ in outcomes(async_programs.failing_task_group)] == [
        "raised it",
        "waited for its TaskGroup, which caught it",
    ]


def test_it_is_printed_with_a_line_for_each():
    text = repr(cancels(record(async_programs.swallow_a_cancellation)))
    assert text.startswith("step 3: cancel('stop') by swallow_a_cancellation at line ")
    assert text.endswith("; swallows swallowed it")
    assert repr(cancels(record(async_programs.a_task))) == "No call was recorded that asks a task to end."


def test_awaits_says_where_one_landed():
    told = repr(awaits(record(async_programs.cancel_myself)))
    assert told.endswith("await asyncio.sleep(0)  gave way, and no other task was ready; a cancellation landed here")


async def forever():
    await asyncio.Event().wait()


async def turns(number=5):
    for _ in range(number):
        await asyncio.sleep(0)


def test_one_lands_where_a_task_waits_for_the_rest_of_its_group():
    async def parent():
        async with asyncio.TaskGroup() as group:
            group.create_task(forever())

    async def main():
        task = asyncio.create_task(parent())
        await turns()
        task.cancel("out")
        with suppress(asyncio.CancelledError):
            await task

    trace = record(main)
    assert outcomes(main)[0] == ("cancel('out')", "parent", "raised it", ("main",))
    (waits,) = (event for event in trace.of("parent", kind="delegate"))
    assert cancels(trace).found[0].landed == ("parent", waits.line)
    (end,) = (line for line in repr(awaits(trace)).splitlines() if "the end of async with asyncio.TaskGroup()" in line)
    assert end.endswith("; a cancellation landed here")


def test_a_group_that_wakes_its_owner_lets_no_cancellation_land_there():
    told = repr(awaits(record(async_programs.failing_task_group)))
    (end,) = (line for line in told.splitlines() if "the end of async with" in line)
    assert "landed" not in end


def test_a_time_limit_around_a_group_takes_its_cancellation_back():
    async def main():
        with suppress(TimeoutError):
            async with asyncio.timeout(0.001):
                async with asyncio.TaskGroup() as group:
                    group.create_task(forever())

    assert outcomes(main)[0] == ("time limit", "main", "took it back", ())


@pytest.mark.parametrize("what", [lambda: asyncio.gather(forever(), forever()), lambda: asyncio.sleep(9)])
def test_a_time_limit_lands_in_what_wait_for_waits_for(what):
    async def main():
        with suppress(TimeoutError):
            await asyncio.wait_for(what(), 0.001)

    assert outcomes(main)[0] == ("time limit", "main", "took it back", ())


def test_one_that_a_library_swallows_has_landed():
    library = {"__name__": "library", "asyncio": asyncio}
    file = Path(sysconfig.get_paths()["stdlib"]) / "library.py"
    code = "async def calm():\n try:\n  await asyncio.sleep(9)\n except asyncio.CancelledError:\n  pass"
    exec(compile(code, file, "exec"), library)

    async def calls():
        await library["calm"]()

    async def main():
        task = asyncio.create_task(calls())
        await turns()
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert record(main).result is False
    assert outcomes(main) == [("cancel()", "calls", "swallowed it", ())]


def test_one_lands_in_an_async_generator_that_the_event_loop_is_to_close():
    async def ticks():
        try:
            yield 1
        finally:
            await asyncio.sleep(0)

    async def main():
        left = ticks()
        await anext(left)

    trace = record(main)
    thrown = [(event.lane.name, event.line) for event in trace.of(kind="throw")]
    assert [(one.how, one.landed) for one in cancels(trace).found] == [("asyncio.run ends", at) for at in thrown]
    assert len(thrown) == 1


def test_one_that_the_awaited_task_swallows_does_not_come():
    async def calm():
        with suppress(asyncio.CancelledError):
            await forever()

    async def calls(inner):
        await inner
        await forever()

    async def main():
        task = asyncio.create_task(calls(asyncio.create_task(calm())))
        for message in ("one", "two"):
            await turns()
            task.cancel(message)
        await asyncio.wait([task])

    assert outcomes(main) == [
        ("cancel('one')", None, "got no CancelledError", ()),
        ("passed on", "forever", "swallowed it", ()),
        ("cancel('two')", "forever 2", "raised it", ()),
    ]


@pytest.mark.parametrize("before", [0, 5])
def test_two_before_the_task_runs_again_land_as_one(before):
    async def main():
        task = asyncio.create_task(forever())
        await turns(before)
        task.cancel("one")
        task.cancel("two")
        with suppress(asyncio.CancelledError):
            await task

    first, second = outcomes(main)
    assert first == ("cancel('one')", None, "got one CancelledError for this and the next", ())
    assert second[2:] == ("raised it" if before else "never ran", ("main",))


def test_a_task_may_end_cancelled_though_nobody_asked_it():
    async def waits(future):
        await future

    async def main():
        future = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(waits(future))
        await turns()
        future.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    trace = record(main)
    (raised,) = trace.of("waits", kind="raise")
    assert trace.result is True
    assert repr(cancels(trace)).splitlines() == [
        "No call was recorded that asks a task to end.",
        f"step {raised.step}: waits raised CancelledError() all the same",
    ]


def test_a_call_that_code_in_c_makes_is_not_denied():
    async def main():
        tasks = [asyncio.create_task(asyncio.sleep(1)), asyncio.create_task(async_programs.forever())]
        await turns()
        list(map(asyncio.Task.cancel, tasks))
        await asyncio.wait(tasks)

    trace = record(main)
    (raised,) = trace.of("forever", kind="raise")
    assert repr(cancels(trace)).splitlines() == [
        "No call was recorded that asks a task to end.",
        f"step {raised.step}: forever raised CancelledError() all the same",
    ]


def test_anything_but_a_trace_is_refused():
    with pytest.raises(ArgumentError, match="cancels"):
        cancels(async_programs.a_task)
