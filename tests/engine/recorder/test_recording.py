"""record() gives back a Trace however the program ends, and says so where it has seen nothing."""

import ast
import asyncio
import collections
import dataclasses
import functools
import gc
import inspect
import json
import linecache
import operator
import os
import statistics
import subprocess
import sys
import threading
import warnings
from typing import NamedTuple

import pytest

from coro_lab import Trace, record, timeline
from coro_lab.engine.recorder.recorder import Recorder
from coro_lab.engine.recorder.threads import RecordedThreads
from coro_lab.errors import ArgumentError


class Stop(BaseException):
    """An exception that no library knows."""


def raises(error):
    def program():
        raise error

    return program


async def job():
    await asyncio.sleep(9)


async def cancels_and_awaits():
    task = asyncio.create_task(job())
    await asyncio.sleep(0)
    task.cancel()
    await task


async def cancels_itself():
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


async def exits():
    sys.exit(3)


async def exits_later():
    task = asyncio.create_task(exits())
    await task


ENDINGS = [asyncio.CancelledError(), SystemExit(3), GeneratorExit(), Stop(), StopIteration(3), StopAsyncIteration()]
ENDINGS += [RecursionError(), MemoryError(), BaseExceptionGroup("all", [KeyboardInterrupt()])]


@pytest.mark.parametrize("error", ENDINGS, ids=repr)
def test_whatever_a_function_raises_is_the_error_of_its_trace(error):
    assert record(raises(error)).error is error


ASYNC = {cancels_and_awaits: asyncio.CancelledError, cancels_itself: asyncio.CancelledError, exits: SystemExit}


@pytest.mark.parametrize("program", ASYNC)
@pytest.mark.parametrize("in_loop", [False, True])
def test_whatever_ends_an_async_program_is_the_error_of_its_trace(program, in_loop):
    async def notebook():
        return await record(program())

    trace = asyncio.run(notebook()) if in_loop else record(program)
    assert type(trace.error) is ASYNC[program]


def test_an_exit_in_a_task_ends_the_run(capsys):
    assert type(record(exits_later).error) is SystemExit


async def cancelled_while(recording):
    task = asyncio.create_task(recording)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    return caught.value


def test_a_cell_that_is_cancelled_is_cancelled_with_the_trace_so_far():
    error = asyncio.run(cancelled_while(record(job())))
    assert error.trace.lanes[-1].name == "job"
    assert record(lambda: 1).result == 1


def test_a_cell_whose_time_is_up_is_cancelled():
    async def notebook():
        async with asyncio.timeout(0.001):
            await record(job())

    with pytest.raises(TimeoutError):
        asyncio.run(notebook())


def test_an_interrupt_in_a_running_loop_reaches_the_cell_alone():
    async def interrupted():
        raise KeyboardInterrupt

    async def notebook():
        with pytest.raises(KeyboardInterrupt) as caught:
            await record(interrupted())
        return caught.value.trace

    assert isinstance(asyncio.run(notebook()), Trace)


def test_a_program_that_leaves_little_stack_is_recorded():
    def program():
        sys.setrecursionlimit(len(inspect.stack(0)) + 5)
        raise ValueError

    limit = sys.getrecursionlimit()
    try:
        trace = record(program, lines=False)
    finally:
        left = sys.getrecursionlimit()
        sys.setrecursionlimit(limit)
    assert isinstance(trace.error, (ValueError, RecursionError)) and left < limit
    assert record(lambda: 1).result == 1


# -- an interrupt at each line of ours ------------------------------------------------------------------------------


def count():
    yield from range(2)


def program():
    return list(count())


async def async_program():
    await asyncio.sleep(0)


# they look through thousands of functions, and to follow them there takes a hundred times as long as all the rest
LOOKS_FOR_FUNCTIONS = tuple(f"coro_lab.engine.recorder.{name}" for name in ("patching", "user_code", "rewriting"))


COLLECTOR = RecordedThreads._collector.__code__


def guarded_lines():
    """The lines of `record` at which an interrupt can arrive: those that call something."""
    lines, first = inspect.getsourcelines(record)
    body = next(node for node in ast.walk(ast.parse("".join(lines))) if isinstance(node, ast.Try))
    return range(first + body.body[0].lineno - 1, first + body.handlers[0].lineno - 1)


class Interrupt:
    """Raises KeyboardInterrupt where the package reaches a line for the first time, at the nth of them."""

    def __init__(self, nth, guarded):
        self.nth, self.guarded, self.met = nth, guarded, set()

    def __call__(self, frame, event, _):
        module = str(frame.f_globals.get("__name__"))
        if not module.startswith("coro_lab.") or module in LOOKS_FOR_FUNCTIONS:
            return None
        if frame.f_code is COLLECTOR:  # Python looks for signals at few of its lines: tests/test_interrupts.py
            return None
        if event == "line" and (frame.f_code is not record.__code__ or frame.f_lineno in self.guarded):
            self.met.add((frame.f_code, frame.f_lineno))
            if len(self.met) == self.nth:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self


def interrupted_at(nth, guarded, program):
    """The interrupt at the nth line; None where there are fewer.

    The garbage collector rests meanwhile: it would call our hook, in which Python looks for signals at fewer places.
    """
    gc.disable()
    try:
        sys.settrace(Interrupt(nth, guarded))
        record(program)
    except KeyboardInterrupt as error:
        return error
    finally:
        gc.enable()


def borrowed():
    tools = [sys.monitoring.get_tool(tool) for tool in range(6)]
    return tools, Recorder._open, "write" in vars(sys.stdout), len(gc.callbacks), sys.getrecursionlimit()


STRIDE = 1 if os.environ.get("CORO_LAB_EVERY_PLACE") else 3  # of the lines at which an interrupt is sent


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:coroutine 'async_program' was never awaited")
@pytest.mark.parametrize("interrupted", [program, raises(ValueError()), async_program])
def test_an_interrupt_at_any_line_of_ours_brings_the_trace_so_far(interrupted):
    record(interrupted)
    before, guarded, own = borrowed(), guarded_lines(), sys.gettrace()
    for nth in range(1, 2000, STRIDE):
        error = interrupted_at(nth, guarded, interrupted)
        sys.settrace(own)
        assert borrowed() == before
        if error is None:
            break
        assert isinstance(error.trace, Trace)
    assert nth > 100
    assert record(program).result == [0, 1]


# -- a recording that has not begun ---------------------------------------------------------------------------------


def in_loop(function):
    async def notebook():
        return function()

    return asyncio.run(notebook())


@pytest.mark.filterwarnings("ignore:coroutine 'record' was never awaited")
def test_a_bare_recording_says_what_to_write():
    said = in_loop(lambda: repr(record(cancels_itself)))
    assert said.splitlines() == [
        "This recording has not begun.",
        "  You wrote: record(cancels_itself())",
        "  Write:     t = await record(cancels_itself())",
    ]


@pytest.mark.filterwarnings("ignore:coroutine 'record' was never awaited")
def test_outside_of_a_loop_it_says_what_to_write_there():
    assert repr(record(async_program())).endswith("Write:     t = record(async_program)")


@pytest.mark.parametrize("name", ["text", "events", "output", "save_html"])
def test_what_a_trace_has_and_a_recording_not_is_answered_with_what_to_write(name):
    async def notebook():
        recording = record(async_program())
        with pytest.raises(AttributeError, match=r"Write:     t = await record\(async_program\(\)\)$"):
            getattr(recording, name)
        await recording

    asyncio.run(notebook())


class Waits:
    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        return 42


ONLY_AWAITABLE = {
    "a task": (lambda: asyncio.create_task(async_program()), "async_program(...)"),
    "a task group of old": (lambda: asyncio.gather(async_program()), "asyncio.gather(...)"),
    "a future": (lambda: asyncio.get_running_loop().create_future(), "future"),
    "an awaitable": (Waits, "it"),
}


@pytest.mark.parametrize("what", ONLY_AWAITABLE)
def test_what_can_only_be_awaited_is_refused_with_a_program_that_awaits_it(what):
    make, awaited = ONLY_AWAITABLE[what]

    async def notebook():
        with pytest.raises(ArgumentError) as refused:
            record(make())
        return str(refused.value).splitlines()[-3:]

    assert asyncio.run(notebook()) == [
        "  Write:     async def main():",
        f"                 return await {awaited}",
        "             t = await record(main())",
    ]


def test_a_recording_of_a_recording_is_refused():
    async def notebook():
        recording = record(async_program())
        with pytest.raises(ArgumentError, match=r"Write:     t = await record\(async_program\(\)\)$"):
            record(recording)
        recording.close()

    asyncio.run(notebook())


@pytest.mark.parametrize("wrapped", [asyncio.create_task, asyncio.ensure_future, asyncio.gather, lambda it: it])
def test_a_recording_is_awaited_as_any_coroutine(wrapped):
    async def notebook():
        return await wrapped(record(async_program()))

    trace = asyncio.run(notebook())
    trace = trace[0] if isinstance(trace, list) else trace
    assert [lane.name for lane in trace.lanes] == ["async_program"]


def test_it_is_run_by_asyncio_too_and_shown_as_a_coroutine():
    recording = record(async_program())
    assert asyncio.iscoroutine(recording) and inspect.isawaitable(recording)
    assert inspect.getcoroutinestate(recording) == inspect.CORO_CREATED
    assert isinstance(asyncio.run(recording), Trace)
    assert repr(recording) == "<recording of async_program>"


def test_a_forgotten_recording_is_warned_about_once_at_the_learners_line():
    with warnings.catch_warnings(record=True, action="always") as given:
        in_loop(lambda: record(async_program()) and None)
    assert [str(each.message) for each in given] == ["coroutine 'record' was never awaited"]
    assert given[0].filename == __file__


def test_a_recording_that_is_cancelled_before_it_begins_warns_of_nothing():
    async def notebook():
        task = asyncio.create_task(record(async_program()))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with warnings.catch_warnings(record=True, action="always") as given:
        asyncio.run(notebook())
    assert given == []


# -- an event loop inside another -----------------------------------------------------------------------------------


def by_run():
    asyncio.run(async_program())


def by_runner():
    with asyncio.Runner() as runner:
        runner.run(async_program())


def by_loop():
    asyncio.get_running_loop().run_until_complete(async_program())


@pytest.mark.parametrize("program", [by_run, by_runner, by_loop])
def test_a_second_loop_is_told_with_what_to_write_and_no_warning_names_a_file_of_ours(program):
    with warnings.catch_warnings(record=True, action="always") as given:
        trace = in_loop(lambda: record(program))
    said = "An event loop is running here already. Write `await async_program()`, "
    said += "or to record it: `await record(async_program())`."
    assert trace.text().splitlines()[-1] == said
    assert trace.error.__notes__ == [said]
    assert not [
        each for each in given if "coro_lab" in each.filename.rpartition("tests")[0] and "tests" not in each.filename
    ]
    assert "async_program" not in "".join(str(each.message) for each in given)


def test_a_coroutine_lost_with_an_error_is_warned_about_at_the_learners_line():
    def loses():
        lost = async_program()
        raise ValueError(lost.__name__)

    with warnings.catch_warnings(record=True, action="always") as given:
        record(loses)
    assert [(str(each.message), each.filename) for each in given] == [
        ("coroutine 'async_program' was never awaited", __file__)
    ]


def test_a_coroutine_lost_in_a_library_is_warned_about_at_the_line_that_records():
    with warnings.catch_warnings(record=True, action="always") as given:
        record(statistics.mean, async_program())
    here = sys._getframe().f_lineno - 1
    assert [(each.filename, each.lineno) for each in given] == [(__file__, here)]


# -- a run in which nothing was seen --------------------------------------------------------------------------------


async def numbers():
    yield 1


class Empty:
    pass


class Awaited:
    async def __call__(self):
        return 1

    async def method(self):
        return 2


def by_exec():
    names = {}
    exec("def main(): return 1", names)
    return names["main"]


UNSEEN = {
    "only makes an async generator": numbers,
    "dumps is library code": functools.partial(json.dumps, [1]),
    "Empty has no __init__": Empty,
    "abs is not written in Python": functools.partial(abs, 1),
    "itemgetter is not written in Python": functools.partial(operator.itemgetter(0), [1]),
    "loads is library code": functools.partial(json.loads, "x"),
    "the source of main is not kept anywhere": by_exec(),
}


@pytest.mark.parametrize("why", UNSEEN)
def test_where_nothing_was_seen_it_is_said_why(why):
    trace = record(UNSEEN[why])
    (said,) = trace.text().splitlines()
    assert why in said and said == trace.note
    assert Trace.from_json(trace.to_json()).text() == said


def test_where_something_was_seen_nothing_is_added():
    assert record(program).note is None and "complete" in repr(record(program))


@pytest.mark.filterwarnings("ignore:coroutine 'async_program' was never awaited")
def test_a_coroutine_that_is_only_made_is_told():
    assert record(lambda: async_program()).text().splitlines()[-1] == (
        "async_program() only made a coroutine, and nobody has awaited it. "
        "Write: record(async_program), or in a notebook: await record(async_program())"
    )


# -- what has run inside a run and was not seen

WITHOUT_SOURCE = """\
def gen():
    yield 1
    yield 2
async def co():
    return 3
class Oracle:
    def answer(self):
        return 42
"""
HIDDEN: dict = {}
exec(WITHOUT_SOURCE, HIDDEN)


def uses_a_generator():
    return [*HIDDEN["gen"]()]


def uses_a_method():
    return HIDDEN["Oracle"]().answer()


async def awaits_it():
    return await HIDDEN["co"]()


async def makes_it_a_task():
    return await asyncio.create_task(HIDDEN["co"]())


def runs_a_text():
    exec("for n in range(3): pass")


def defines_and_calls():
    names = {}
    exec("def later():\n    return 1", names)
    return names["later"]()


def in_a_thread():
    thread = threading.Thread(target=uses_a_generator)
    thread.start()
    thread.join()


CODE = "the code given to exec or eval"
NOT_TOLD = {
    uses_a_generator: "gen",
    uses_a_method: "Oracle.answer",
    awaits_it: "co",
    makes_it_a_task: "co",
    runs_a_text: CODE,
    defines_and_calls: f"{CODE} and later",
    in_a_thread: "gen",
}


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("uses", NOT_TOLD, ids=lambda uses: uses.__name__)
def test_code_without_a_source_is_named_each_time_that_it_runs_inside_another_program(uses, lines):
    for _ in range(2):
        said = record(uses, lines=lines).text().splitlines()[-1]
        assert said.startswith(f"What {NOT_TOLD[uses]} did is not told: the source is not kept anywhere.")


@dataclasses.dataclass(order=True)
class Point:
    x: int


Pair = collections.namedtuple("Pair", "one other")


class Triple(NamedTuple):
    one: int


def test_what_libraries_make_by_exec_is_theirs():
    def program():
        @dataclasses.dataclass
        class Later:
            y: int

        collections.namedtuple("Other", "a")(1)
        return repr(Later(Point(1) < Point(2))), Pair(1, 2)._replace(one=3), Triple(4)

    assert record(program).note is None


# -- an await that was forgotten


async def answer(n=42):
    return n


class Oracle:
    async def answer(self):
        return 42


async def goes_on_without():
    answer(7)
    await asyncio.sleep(0)


async def forgets_to_sleep():
    asyncio.sleep(0.1)


async def forgets_a_method():
    Oracle().answer()


async def forgets_what_waits_for_others():
    asyncio.wait_for(answer(), 1)


async def keeps_it_in_a_local():
    kept = answer()
    return str(kept)[:10]


async def puts_it_into_a_list():
    return len([answer(n) for n in range(3)])


async def looks_into_it():
    got = answer()
    return got["key"]


async def looks_into_it_at_once():
    return answer()["key"]


async def in_another_task():
    await asyncio.create_task(goes_on_without())


def is_no_coroutine_itself():
    answer(7)


async def forgets_two():
    answer(7)
    answer(8)


FORGETS = {
    goes_on_without: ["answer(7)"],
    forgets_to_sleep: ["asyncio.sleep(0.1)"],
    forgets_a_method: ["Oracle().answer()"],
    forgets_what_waits_for_others: ["asyncio.wait_for(answer(), 1)"],
    keeps_it_in_a_local: ["answer(...)"],
    puts_it_into_a_list: ["answer(...)"],
    looks_into_it: ["answer(...)"],
    looks_into_it_at_once: ["answer(...)"],
    in_another_task: ["answer(7)"],
    is_no_coroutine_itself: ["answer(7)"],
    forgets_two: ["answer(7)", "answer(8)"],
}
never_awaited = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")


@never_awaited
@pytest.mark.parametrize("forgets", FORGETS, ids=lambda forgets: forgets.__name__)
def test_a_forgotten_await_inside_the_program_is_told_with_what_to_write(forgets):
    written = FORGETS[forgets]
    told = record(forgets).text()
    gc.collect()  # an error that is kept holds a coroutine, and is collected here and nowhere else
    said = told.splitlines()[-1]
    assert said.startswith(" and ".join(written))
    place = ", in an `async def`" if forgets is is_no_coroutine_itself else ""
    assert said.endswith(f"Write: {', '.join(f'await {each}' for each in written)}{place}")


@never_awaited
def test_it_is_kept_with_the_trace():
    trace = record(goes_on_without)
    assert trace.text().endswith(trace.note) and Trace.from_json(trace.to_json()).note == trace.note


@never_awaited
def test_it_is_told_in_a_running_loop_too_and_again_the_next_time():
    async def notebook():
        return [(await record(goes_on_without())).note for _ in range(2)]

    assert asyncio.run(notebook()) == [record(goes_on_without, lines=False).note] * 2


def test_python_warns_of_it_at_the_same_line_as_always():
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        record(goes_on_without)
    (one,) = given
    line = goes_on_without.__code__.co_firstlineno + 1
    assert (one.filename, one.lineno, str(one.message)) == (__file__, line, "coroutine 'answer' was never awaited")


@never_awaited
def test_nobody_is_blamed_where_something_else_has_gone_wrong():
    async def fails_before():
        kept = answer()
        await asyncio.sleep(0)
        raise LookupError(kept is None)

    async def has_no_time():
        kept = answer()
        for _ in range(100):
            await asyncio.sleep(0)
        await kept

    async def closes():
        answer().close()

    for program, most in ((fails_before, 1_000), (has_no_time, 50), (closes, 1_000)):
        assert record(program, max_events=most).note is None
        gc.collect()  # an error that is kept holds a coroutine, and is collected here and nowhere else


def test_an_error_is_not_asked_what_it_says():
    asked = []

    class TalkingError(TypeError):
        def __str__(self):
            asked.append(self)
            return "'coroutine' object is not callable"

    record(raises(TalkingError()))
    assert asked == []


@never_awaited
def test_what_was_forgotten_before_the_recording_is_not_told():
    gc.disable()  # else it may be collected before
    try:
        knot = [answer()]
        knot.append(knot)
        del knot
        assert record(lambda: gc.collect() and None).note is None
    finally:
        gc.enable()


@pytest.mark.parametrize("called", [Awaited(), functools.partial(Awaited()), Awaited().method])
def test_whatever_has_an_async_call_is_awaited(called):
    assert record(called).result in (1, 2)


SCRIPT = """\
from dataclasses import dataclass
from coro_lab import record
@dataclass
class Point:
    x: int
def echo():
    yield (yield 1)
def main():
    Point(1)
    it = echo()
    next(it)
    return it.send(5)
print(record(main).text())
"""


def told_by_python(*arguments, given=None):
    done = subprocess.run([sys.executable, *arguments], input=given, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.integration
def test_what_python_runs_by_c_is_recorded_and_what_dataclasses_make_is_not():
    told = told_by_python("-c", SCRIPT, "an argument")
    assert any(line.endswith("main sends 5 to echo, which resumes at line 7") for line in told)
    assert not any("Point.__init__" in line or "__create_fn__" in line for line in told)


@pytest.mark.integration
def test_what_came_by_standard_input_is_named():
    (said,) = told_by_python("-", given=SCRIPT)
    assert "the source of main was read from standard input and cannot be read again" in said


@pytest.mark.parametrize("filename", ["<lesson 3>", "<string>"])
def test_a_source_that_exec_was_given_with_is_recorded(filename, monkeypatch):
    source = "def echo():\n    yield (yield 1)\n\ndef main():\n    it = echo()\n    next(it)\n    return it.send(5)\n"
    monkeypatch.setitem(linecache.cache, filename, (len(source), None, source.splitlines(True), filename))
    names = {}
    exec(compile(source, filename, "exec"), names)
    assert "main sends 5 to echo, which resumes at line 2" in record(names["main"]).text()


def test_code_of_a_file_that_is_gone_goes_by_the_name_of_the_file():
    code = compile("def late():\n    yield 1\nlist(late())", "/nowhere/plugin.py", "exec")
    trace = record(lambda: exec(code, {}))
    assert [lane.name for lane in trace.lanes] == ["<lambda>", "plugin", "late"]


def test_timeline_of_a_recording_that_has_not_begun_says_what_to_write():
    recording = record(async_program())
    with pytest.raises(TypeError, match=r"Write:     t = record\(async_program\)"):
        timeline(recording)
    recording.close()


def test_a_second_loop_inside_an_async_program_says_what_to_write():
    async def inner():
        pass

    async def program():
        asyncio.run(inner())

    trace = record(program)
    assert trace.note.startswith("An event loop is running here already. Write `await inner()`")


def test_arguments_behind_a_coroutine_are_refused_with_what_to_write():
    async def main(n):
        return n

    with pytest.raises(ArgumentError, match=r"Write:     record\(main, 4\)"):
        record(main(3), 4)
    with pytest.raises(ArgumentError, match=r"You wrote: record\(main\(\.\.\.\), lnes=False\)"):
        record(main(3), lnes=False)


def test_a_result_that_refuses_to_say_its_class_is_a_result():
    class Secret:
        @property
        def __class__(self):
            raise RuntimeError("no class")

    assert type(record(Secret).result) is Secret


@pytest.mark.parametrize("wrong", [0, -1, 2.0, "10", True, None])
def test_a_limit_is_a_whole_number_of_at_least_1(wrong):
    with pytest.raises(ArgumentError, match="after how many events"):
        record(len, "abc", max_events=wrong)


def test_an_option_that_is_misspelt_is_named():
    def program():
        pass

    assert record(program, line=False).note == (
        "record has no option 'line', so the program was given it. Write: lines=..."
    )
    assert "Write: max_events=..." in repr(record(program, max_event=5).text())
    assert record(program, colour=1).note is None
