"""An event loop that the recorded function runs itself resumes tasks as one that `record` runs; its caller does not."""

import asyncio
import contextlib
import functools
import threading

import pytest

from coro_lab import Kind, record


async def tick(name):
    await asyncio.sleep(0)
    return name


async def amain():
    await asyncio.gather(tick("a"), tick("b"))


def helper():
    return "helped"


def sentences(program):
    """What is told of a program, without steps and line numbers."""
    told = [line.split(maxsplit=1)[1] for line in record(program).text(lines=False).splitlines()]
    return [line.partition(" at line")[0] for line in told]


LOOP = [
    "amain starts",
    "amain delegates",
    "tick starts, name = 'a'",
    "tick delegates",
    "tick 2 starts, name = 'b'",
    "tick 2 delegates",
    "tick resumes",
    "tick returns 'a'",
    "tick 2 resumes",
    "tick 2 returns 'b'",
    "amain resumes",
    "amain returns None",
]


def by_run():
    asyncio.run(amain())


def by_runner():
    with asyncio.Runner() as runner:
        runner.run(amain())


def by_hand():
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(amain())
    finally:
        loop.close()


def test_a_loop_that_record_runs():
    assert sentences(amain) == LOOP


@pytest.mark.parametrize("program", [by_run, by_runner, by_hand], ids=lambda program: program.__name__)
def test_a_loop_that_the_program_runs(program):
    name = program.__name__
    told = sentences(program)
    assert told[0] == f"{name} is called"
    assert told[1:-1] == LOOP
    assert told[-1].startswith(f"{name} returns None")


def test_it_is_known_what_the_tasks_wait_for():
    text = record(by_run).text()
    assert "passes <GatheringFuture of amain> out" in text
    assert "tick awaits asyncio.sleep(0)" in text


def test_each_step_of_a_task_is_a_step_and_so_is_what_the_caller_does_after_it():
    trace = record(by_run)
    steps = [(event.step, event.lane.name) for event in trace.events]
    assert list(dict.fromkeys(steps)) == [
        (0, "by_run"),
        (1, "amain"),
        (2, "tick"),
        (3, "tick 2"),
        (4, "tick"),
        (5, "tick 2"),
        (6, "amain"),
        (7, "by_run"),
    ]


def test_what_the_caller_does_after_the_loop_is_its_own_again():
    def program():
        asyncio.run(tick("a")), print("after", helper())
        return helper()

    assert (
        sentences(program)[-6:]
        == [
            "tick returns 'a'",
            "program calls helper",
            "helper returns 'helped' to program",
            "program prints 'after helped\\n'",
            "program calls helper 2",
            "helper 2 returns 'helped' to program",
            "program returns 'helped'",
        ][-6:]
    )


def test_two_loops_on_one_line():
    def program():
        asyncio.run(tick("a")), asyncio.run(tick("b"))

    assert [line for line in sentences(program) if "program" in line] == ["program is called", "program returns None"]


def test_an_error_comes_out_of_the_loop():
    async def fails():
        await asyncio.sleep(0)
        raise ValueError("it")

    def program():
        try:
            asyncio.run(fails())
        except ValueError as error:
            print(error)

    assert sentences(program)[-3:] == [
        "fails raises ValueError('it')",
        "program prints 'it\\n'",
        "program returns None, error unbound",
    ]


def test_callbacks_are_called_by_the_loop():
    def back(loop):
        loop.stop()

    def program():
        loop = asyncio.new_event_loop()
        loop.call_soon(back, loop)
        loop.run_forever()
        loop.close()

    assert "program calls back" not in "\n".join(sentences(program))
    assert any(line.startswith("back is called") for line in sentences(program))


def test_a_generator_that_runs_a_loop_goes_on_after_it():
    def numbers():
        yield asyncio.run(tick(1))
        yield 2

    def program():
        return list(numbers())

    assert "numbers yields 1 to program and suspends" in sentences(program)
    assert record(program).result == [1, 2]


def test_a_coroutine_that_is_sent_into_by_hand_is_resumed_by_its_caller():
    def program():
        coroutine = tick("a")
        coroutine.send(None)
        coroutine.close()

    assert sentences(program)[1:3] == ["program starts tick, name = 'a'", "tick delegates"]
    assert "program closes tick" in sentences(program)


def test_so_it_is_where_another_loop_runs_below():
    def program():
        coroutine = tick("a")
        coroutine.send(None)
        coroutine.close()

    async def below():
        return record(program)

    text = asyncio.run(below()).text()
    assert "program starts tick" in text


def test_a_loop_in_a_thread():
    def program():
        thread = threading.Thread(target=by_run, name="worker")
        thread.start()
        thread.join()

    told = [line for line in sentences(program) if "operating system" not in line]  # it switches when it likes
    assert told[1] == "by_run starts in worker"
    assert [line.replace(" in worker", "") for line in told[2:-2]] == LOOP
    assert told[-2] == "by_run returns None"


# -- what lies between two lanes and is no loop ------------------------------------------------------------------------

LIBRARY = """\
def passes_on(inner, at_the_end):
    try:
        yield from inner
    finally:
        at_the_end()
"""
HIDDEN: dict = {}
exec(compile(LIBRARY, "<frozen library>", "exec"), HIDDEN)  # its globals have no `__name__`


def innermost():
    yield 1


def outer(at_the_end):
    yield from HIDDEN["passes_on"](innermost(), at_the_end)


def test_code_whose_globals_have_no_name_is_no_loop():
    def program():
        return list(outer(print))

    assert sentences(program)[1:5] == [
        "program starts outer, at_the_end = <function print>",
        "outer starts innermost",
        "innermost yields 1 to outer and suspends",
        "outer delegates",
    ]


def test_a_loop_that_a_library_runs_on_the_way_of_an_exception_has_ended_where_that_arrives():
    def program():
        it = outer(functools.partial(asyncio.run, tick("a")))
        next(it)
        with contextlib.suppress(ValueError):
            it.throw(ValueError("it"))

    assert [line.partition(", it =")[0] for line in sentences(program)[5:]] == [
        "program throws ValueError('it') into outer",
        "outer throws ValueError('it') into innermost",
        "innermost raises ValueError('it') to outer",
        "tick starts, name = 'a'",
        "tick delegates",
        "tick resumes",
        "tick returns 'a'",
        "outer raises ValueError('it') to program",
        "program returns None",
    ]


# -- a loop that runs tasks without a frame of its own, as one written in C does ---------------------------------------


LOOP_IN_A_LIBRARY = """\
class Loop(asyncio.AbstractEventLoop):  # no more than a task takes: what is ready, in order
    def __init__(self):
        self.ready = []
    def get_debug(self):
        return False
    def call_soon(self, callback, *args, context=None):
        self.ready.append(functools.partial(context.run, callback, *args))
"""
NAMED: dict = {"asyncio": asyncio, "functools": functools, "__name__": "a_library"}
exec(compile(LOOP_IN_A_LIBRARY, "<frozen library>", "exec"), NAMED)


def test_a_task_that_a_loop_resumes_without_a_frame_of_its_own_is_resumed_by_the_loop():
    def program(loop):
        task = asyncio.Task(tick("a"), loop=loop)
        asyncio._set_running_loop(loop)
        for callback in loop.ready:
            callback()
        asyncio._set_running_loop(None)
        return task.result()

    told = [line.partition(",")[0] for line in sentences(functools.partial(program, NAMED["Loop"]()))]
    assert told[1:-1] == ["tick starts", "tick delegates", "tick resumes", "tick returns 'a'"]


@pytest.mark.parametrize("lines", [True, False])
def test_what_a_thread_does_after_a_loop_has_ended_does_not_hide_that_end(lines):
    def work():
        began.set()
        go_on.wait()

    async def starts(thread):
        thread.start()
        began.wait()

    def main():
        loop, thread = asyncio.new_event_loop(), threading.Thread(target=work)
        task = loop.create_task(asyncio.sleep(1000))
        loop.run_until_complete(starts(thread))
        go_on.set()
        thread.join()
        if prints:
            print("after")
        task.cancel()
        loop.run_until_complete(asyncio.wait([task]))
        loop.close()

    for prints in (True, False):
        began, go_on = threading.Event(), threading.Event()
        trace = record(main, lines=lines)
        assert not trace.cut and trace.output == "after\n" * prints
        assert [event.lane.name for event in trace.of(kind=Kind.OUTPUT)] == ["main"] * prints
        assert trace.text(lines=False).splitlines()[-1].endswith("main returns None")
