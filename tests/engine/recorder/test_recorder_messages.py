"""What recording says where it refuses, was stopped, or has seen nothing: each message whole, as a learner reads it."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import functools
import gc
import json
import linecache
import operator
import sys

import pytest

from coro_lab import record
from coro_lab.engine.recorder import Recorder
from coro_lab.errors import CoroLabError
from tests.programs import consumer


def told_by(act, kind=CoroLabError):
    """What this raises says, line by line."""
    with pytest.raises(kind) as error:
        act()
    return str(error.value).splitlines()


def in_loop(act):
    """What this returns where an event loop runs, as in a notebook."""

    async def notebook():
        return act()

    return asyncio.run(notebook())


# -- what cannot be recorded -------------------------------------------------------------------------------------------


async def ticks():
    yield 1


async def waits():
    await asyncio.sleep(0)


class Sends:
    """Has a `send`, and no name of its own."""

    def send(self, value):
        return value


class Waits:
    def __await__(self):
        yield from asyncio.sleep(0).__await__()


REFUSED = [
    (
        consumer,
        [
            "record runs a program, and <generator consumer> is not one: something has to resume it.",
            "  You wrote: record(consumer(...))",
            "  Write:     record(lambda: list(consumer(...))), or record(your_function, consumer(...))",
        ],
    ),
    (
        ticks,
        [
            "record runs a program, and <async generator ticks> is not one: something has to resume it.",
            "  You wrote: record(ticks(...))",
            "  Write:     record(your_function, ticks(...)), where your_function has an `async for`",
        ],
    ),
    (
        Sends,
        [
            "record runs a program, and <Sends> is not one: something has to resume it.",
            "  You wrote: record(Sends(...))",
            "  Write:     record(lambda: list(Sends(...))), or record(your_function, Sends(...))",
        ],
    ),
    (
        lambda: 7,
        [
            "record runs a program, so it needs something that can be called, not 7.",
            "  You wrote: record(7), or a call that gave it: record(f(...))",
            "  Write:     record(f, ...), the function and then its arguments after the comma",
        ],
    ),
    (
        Waits,
        [
            "record runs a program from its beginning, and <Waits> can only be awaited by one.",
            "  You wrote: record(<Waits>), or a call that gave it",
            "  Write:     async def main():",
            "                 return await it",
            "             t = record(main)",
        ],
    ),
]


@pytest.mark.parametrize("make, message", REFUSED)
def test_what_cannot_be_recorded_is_refused_with_what_to_write(make, message):
    given = make()
    assert told_by(lambda: record(given)) == message


def test_a_task_is_refused_with_a_program_that_awaits_what_it_runs():
    async def notebook():
        task = asyncio.create_task(waits(), name="T")
        said = told_by(lambda: record(task))
        await task
        return said

    first, second, *rest = asyncio.run(notebook())
    assert first.startswith("record runs a program from its beginning, and <")
    assert first.endswith("> can only be awaited by one.")
    assert second.startswith("  You wrote: record(<") and second.endswith(">), or a call that gave it")
    assert rest == [
        "  Write:     async def main():",
        "                 return await waits(...)",
        "             t = await record(main())",
    ]


def test_a_recording_of_a_recording_is_refused():
    def again():
        recording = record(waits())
        said = told_by(lambda: record(recording))
        recording.close()
        return said

    assert in_loop(again) == ["This is a recording already.", "  Write:     t = await record(waits())"]


@pytest.mark.parametrize("wrong", [0, -1, "many", None, 1.5])
def test_a_limit_is_a_number_of_events(wrong):
    assert told_by(lambda: record(waits, max_events=wrong)) == [
        f"max_events is after how many events a run is stopped, so a whole number of at least 1; you wrote {wrong!r}."
    ]


def test_a_limit_of_one_event_is_one():
    assert record(lambda: None, max_events=1).cut == (
        "The run was stopped after 1 event; record(..., max_events=...) sets another limit."
    )


def test_where_every_place_of_the_interpreter_is_taken_the_error_says_what_to_stop():
    taken = [tool for tool in range(6) if sys.monitoring.get_tool(tool) is None]
    for tool in taken:
        sys.monitoring.use_tool_id(tool, "somebody")
    try:
        assert told_by(lambda: record(lambda: None)) == [
            "All six places of sys.monitoring are taken; stop a profiler, debugger or coverage tool."
        ]
    finally:
        for tool in taken:
            sys.monitoring.free_tool_id(tool)


SECOND = "A recording is going on already, and it sees everything; a second one inside it would see the first."


def test_a_recording_inside_another_is_refused():
    said = []
    record(lambda: said.extend(told_by(lambda: record(lambda: None))))
    assert said == [SECOND, "  Write: call the function itself, and record only the outermost call."]


CELL = """\
first = asyncio.create_task(record(waits()))
await asyncio.sleep(0)
said += told_by(lambda: record(len))
await first
"""
AWAIT_IT = "  Write: await the recording that waits in the event loop, and then go on."


def test_a_recording_in_a_cell_beside_one_that_waits_in_the_loop_is_told_to_await_that(monkeypatch):
    monkeypatch.setitem(linecache.cache, "<cell>", (len(CELL), None, CELL.splitlines(True), "<cell>"))
    code = compile(CELL, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names: dict = {"asyncio": asyncio, "record": record, "waits": waits, "told_by": told_by, "said": []}
    asyncio.run(eval(code, names))
    assert names["said"] == [SECOND, AWAIT_IT]


def test_a_callback_of_the_loop_that_records_is_told_the_same():
    said = []

    async def notebook():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: said.append(str(context["exception"])))
        loop.call_soon(record, len)
        await record(waits())

    asyncio.run(notebook())
    assert said == [f"{SECOND}\n{AWAIT_IT}"]


def test_a_stepper_that_is_open_in_the_same_place_is_no_event_loop():
    with Recorder(driver="somebody"):
        assert told_by(lambda: record(lambda: None))[-1].endswith("record only the outermost call.")


def test_a_recording_that_has_not_begun_says_what_to_write():
    def shown():
        recording = record(waits())
        said = repr(recording), *told_by(lambda: recording.events, AttributeError)
        recording.close()
        return said, repr(recording)

    said, closed = in_loop(shown)
    instead = ["  You wrote: record(waits())", "  Write:     t = await record(waits())"]
    assert said[0].splitlines() == ["This recording has not begun.", *instead]
    assert [*said[1:]] == ["A recording has no 'events'; awaited, it gives a Trace.", *instead]
    assert closed == "<recording of waits>"


# -- why nothing was seen ----------------------------------------------------------------------------------------------


class Empty:
    pass


class Called:
    """Its class has a `__call__` that is not written in Python."""

    __call__ = staticmethod(functools.partial(abs, -1))  # a bare partial will be a method in a later Python


def counts():
    yield 1


def by_exec(filename):
    names: dict = {}
    exec(compile("def main(): return 1", filename, "exec"), names)
    return names["main"]


SEEN = "Nothing of yours was seen: "
LIBRARY = " is library code, and a recording shows your own functions only."
IN_C = " is not written in Python, and a recording sees Python functions only."
UNSEEN = [
    (counts, "Nothing has run: calling counts only makes a generator, and nobody has resumed it."),
    (
        ticks,
        "Nothing has run: calling ticks only makes an async generator, and nobody has resumed it. "
        "Record a function that has an `async for` over it.",
    ),
    (functools.partial(json.dumps, [1]), f"{SEEN}dumps{LIBRARY}"),
    (functools.partial(json.JSONEncoder().encode, [1]), f"{SEEN}JSONEncoder.encode{LIBRARY}"),
    (Empty, f"{SEEN}the class Empty has no __init__ written in Python, so making an object runs no line."),
    (Called(), f"{SEEN}Called{IN_C}"),
    (functools.partial(abs, 1), f"{SEEN}abs{IN_C}"),
    (functools.partial(operator.itemgetter(0), [1]), f"{SEEN}itemgetter{IN_C}"),
    (
        by_exec("<string>"),
        f"{SEEN}the source of main is not kept anywhere, as of what exec makes. Write it in a cell or in a file.",
    ),
    (
        by_exec("<stdin>"),
        f"{SEEN}the source of main was read from standard input and cannot be read again. Write it in a file.",
    ),
    (by_exec("<frozen main>"), f"{SEEN}main{LIBRARY}"),
    (waits.__class__, None),  # it cannot even be called like that, and says so itself
    (lambda: None, None),
]


@pytest.mark.parametrize("program, note", UNSEEN)
def test_where_nothing_was_seen_it_is_said_why(program, note):
    assert record(program).note == note


@pytest.mark.filterwarnings("ignore:coroutine 'waits' was never awaited")
def test_a_coroutine_that_is_only_made_is_told_with_what_to_write():
    assert record(lambda: waits()).note == (
        "waits() only made a coroutine, and nobody has awaited it. "
        "Write: record(waits), or in a notebook: await record(waits())"
    )


# -- what has run and is not told --------------------------------------------------------------------------------------


def hidden(*names):
    """Functions without a source."""
    made: dict = {}
    for name in names:
        exec(f"def {name}(): return 1", made)
    return [made[name] for name in names]


@pytest.mark.parametrize(
    "names, said",
    [
        (["one"], "one"),
        (["one", "two"], "one and two"),
        (["one", "two", "three"], "one and two and three"),
        (["one", "two", "three", "four"], "one and two and three and 1 more"),
        (["one", "two", "three", "four", "five"], "one and two and three and 2 more"),
    ],
)
def test_code_without_a_source_is_named(names, said):
    functions = hidden(*names)
    assert record(lambda: [function() for function in functions]).note == (
        f"What {said} did is not told: the source is not kept anywhere. "
        "Write it in a cell or in a file instead of giving it to exec"
    )


def test_a_text_that_is_executed_is_named():
    assert record(lambda: exec("1 + 1")).note == (
        "What the code given to exec or eval did is not told: the source is not kept anywhere. "
        "Write it in a cell or in a file instead of giving it to exec"
    )


# -- a forgotten await -------------------------------------------------------------------------------------------------


async def answer(n=42):
    return n


async def forgets():
    answer(7)


async def forgets_two():
    answer(7)
    answer(8)


async def loses():
    kept = answer()
    return kept is None


def cannot_await():
    answer(7)


async def looks_into_it():
    got = answer()
    return got["key"]


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize(
    "program, note",
    [
        (forgets, "answer(7) only made a coroutine, and nobody has awaited it. Write: await answer(7)"),
        (
            forgets_two,
            "answer(7) and answer(8) each only made a coroutine, and nobody has awaited it. "
            "Write: await answer(7), await answer(8)",
        ),
        (loses, "answer(...) only made a coroutine, and nobody has awaited it. Write: await answer(...)"),
        (
            cannot_await,
            "answer(7) only made a coroutine, and nobody has awaited it. Write: await answer(7), in an `async def`",
        ),
        (looks_into_it, "answer(...) only made a coroutine, and nobody has awaited it. Write: await answer(...)"),
    ],
)
def test_a_forgotten_await_is_told_with_what_to_write(program, note):
    said = record(program).note
    gc.collect()  # an error that is kept holds a coroutine, and is collected here and nowhere else
    assert said == note


# -- an event loop inside another --------------------------------------------------------------------------------------


def by_run():
    asyncio.run(answer())


def by_runner():
    with asyncio.Runner() as runner:
        runner.run(answer())


def by_loop():
    asyncio.get_running_loop().run_until_complete(answer())


def by_name():
    asyncio.run(None)


@pytest.mark.parametrize(
    "program, name", [(by_run, "answer"), (by_runner, "answer"), (by_loop, "answer"), (by_name, "main")]
)
def test_a_second_loop_is_told_with_what_to_write(program, name):
    trace = in_loop(lambda: record(program))
    assert trace.note == (
        f"An event loop is running here already. Write `await {name}()`, or to record it: `await record({name}())`."
    )
    assert trace.error.__notes__ == [trace.note]


def test_another_error_of_an_event_loop_is_left_as_it_is():
    def closed():
        loop = asyncio.new_event_loop()
        loop.close()
        with contextlib.closing(answer()) as coroutine:
            loop.run_until_complete(coroutine)

    trace = record(closed)
    assert (trace.note, str(trace.error)) == (None, "Event loop is closed")


# -- another tool ------------------------------------------------------------------------------------------------------


def test_a_program_that_takes_the_place_of_the_recording_is_told_so():
    def takes_it():
        tool = next(tool for tool in range(6) if sys.monitoring.get_tool(tool) == "coro_lab")
        sys.monitoring.free_tool_id(tool)
        sys.monitoring.use_tool_id(tool, "another tool")
        return tool

    trace = record(takes_it)
    sys.monitoring.free_tool_id(trace.result)
    assert trace.cut == (
        "The program took the place of the recording in sys.monitoring; what it did after that is not told."
    )
