"""What became of each cancellation: where it landed, what the task did with it, and who else got it."""

import asyncio

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


def test_one_that_never_suspends_gets_no_cancelled_error():
    async def busy():
        asyncio.current_task().cancel()
        return 1

    async def main():
        await asyncio.wait([asyncio.create_task(busy())])

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
    assert repr(cancels(record(async_programs.a_task))) == "No task was cancelled."


def test_awaits_says_where_one_landed():
    told = repr(awaits(record(async_programs.cancel_myself)))
    assert told.endswith("await asyncio.sleep(0)  gave way, and no other task was ready; a cancellation landed here")


def test_anything_but_a_trace_is_refused():
    with pytest.raises(ArgumentError, match="cancels"):
        cancels(async_programs.a_task)
