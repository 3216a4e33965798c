"""One program on four engines: the same lines but for the switch, the same picture, and nothing left over."""

from __future__ import annotations

import asyncio
import copyreg
import linecache
import math
import multiprocessing
import pickle
import re
import subprocess
import sys
import threading
from collections.abc import Generator

import pytest

from coro_lab.engine.backends import ENGINES, EngineError, Translation, rewritten, run_on
from coro_lab.engine.backends.workers import Worker
from coro_lab.errors import ArgumentError, UnknownNameError
from coro_lab.trace.events import Kind
from tests.lane_states import states
from tests.programs import PRODUCED, A, B, consumer, produce

IN_PROCESSES = pytest.param("processes", marks=pytest.mark.integration)
EVERY = ["generators", "asyncio", "threads", IN_PROCESSES]
OTHERS = EVERY[1:]


@pytest.fixture(autouse=True)
def nothing_is_left_running():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) == before
    assert multiprocessing.active_children() == []


# ---- The same run ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", EVERY)
def test_a_and_b_take_turns_on_every_engine(engine):
    trace = run_on(engine, A, B)
    assert trace.output.split() == ["1", "x", "2", "y", "3", "z"]
    assert [lane.name for lane in trace.lanes] == ["A", "B"]
    assert trace.steps == 6
    assert (trace.error, trace.cut) == (None, None)


@pytest.mark.integration
def test_threads_and_processes_do_event_for_event_what_generators_do():
    generators, threads, processes = (run_on(engine, A, B) for engine in ("generators", "threads", "processes"))
    assert threads.events == generators.events
    assert processes.events == generators.events


def test_asyncio_does_it_too_with_an_await_for_each_yield():
    generators, loop = run_on("generators", A, B), run_on("asyncio", A, B)
    without_awaits = [event for event in loop.events if event.kind is not Kind.AWAIT]
    assert [(e.step, e.lane, e.line) for e in without_awaits] == [(e.step, e.lane, e.line) for e in generators.events]
    assert [e.value for e in loop.events if e.kind is Kind.AWAIT] == ["switch()"] * 4


@pytest.mark.parametrize("engine", EVERY)
def test_the_conversation_prints_its_fifteen_lines_on_every_engine(engine):
    trace = run_on(engine, produce, consumer)
    assert trace.output == PRODUCED
    assert [lane.name for lane in trace.lanes] == ["produce", "consumer"]
    assert trace.error is None


@pytest.mark.integration
def test_in_threads_and_processes_the_same_values_cross_at_the_same_lines():
    threads, processes = run_on("threads", produce, consumer), run_on("processes", produce, consumer)
    assert threads.events == processes.events
    crossed = [(e.lane.name, e.kind, e.value) for e in threads.switches() if e.kind is not Kind.START]
    assert crossed[:8] == [
        ("produce", "suspend", "None"), ("consumer", "suspend", "''"), ("produce", "resume", "''"),
        ("produce", "suspend", "1"), ("consumer", "resume", "1"), ("consumer", "suspend", "'200 OK'"),
        ("produce", "resume", "'200 OK'"), ("produce", "suspend", "2"),
    ]  # fmt: skip


@pytest.mark.integration
def test_a_thread_hands_over_where_a_generator_yields():
    told = [run_on(engine, A, B).text(lines=False).splitlines()[2] for engine in ENGINES]
    assert told[0] == "0  A yields None and suspends at line 3"
    assert told[2:] == ["0  A hands over and suspends at line 3"] * 2


@pytest.mark.parametrize("engine", EVERY)
def test_only_one_part_runs_at_any_time(engine):
    for now in states(run_on(engine, A, B)):
        assert sum(lane.state == "running" for lane in now) <= 1


@pytest.mark.parametrize(
    "engine, driver, where",
    [
        ("generators", "scheduler", ["MainThread", "MainThread"]),
        ("threads", "operating system", ["A", "B"]),
        pytest.param("processes", "operating system", ["process 1", "process 2"], marks=pytest.mark.integration),
    ],
)
def test_a_trace_says_who_resumes_and_where(engine, driver, where):
    trace = run_on(engine, A, B)
    assert trace.driver == driver
    assert [lane.thread for lane in trace.lanes] == where


@pytest.mark.parametrize("engine", EVERY)
def test_runs_are_equal_however_often(engine):
    assert run_on(engine, A, B) == run_on(engine, A, B)


def asks():
    got = yield "ask"
    print("got", got)


@pytest.mark.parametrize("engine", EVERY)
def test_what_a_part_hands_over_in_its_turn_is_for_nobody(engine):
    assert run_on(engine, asks, asks).output == "got None\ngot None\n"


def greets():
    name = yield "who?"
    print("hello", name)


def meets(c):
    c.send(None)
    print(c.send("Ada"))
    c.close()


@pytest.mark.parametrize("engine", EVERY)
def test_a_partner_that_ends_early_keeps_nobody_waiting_and_its_end_is_seen(engine):
    trace = run_on(engine, meets, greets)
    assert trace.output == "hello Ada\n"
    if engine == "asyncio":  # no coroutine can pass on a StopIteration
        assert str(trace.error).startswith("greets has returned, so it no longer answers")
    else:
        assert "StopIteration()" in (repr(trace.error), str(trace.error).removeprefix("meets raised ").rstrip("."))


def returns_seven():
    yield 1
    return 7


def takes_what_is_returned(c):
    print(next(c))
    try:
        c.send(None)
    except StopIteration as end:
        print("returned", end.value)
    try:
        c.send(None)
    except StopIteration as end:
        print("returned", end.value)
    c.close()


@pytest.mark.parametrize("engine", ["generators", "threads", IN_PROCESSES])
def test_what_a_partner_returns_comes_with_the_stop_iteration(engine):
    trace = run_on(engine, takes_what_is_returned, returns_seven)
    assert (trace.output, trace.error) == ("1\nreturned 7\nreturned None\n", None)


def test_what_it_returns_comes_also_where_a_library_has_taught_pickle_to_lose_it(monkeypatch):
    """As tblib does, which `import distributed` brings: its StopIteration comes without the value."""
    monkeypatch.setitem(copyreg.dispatch_table, StopIteration, lambda error: (StopIteration, ()))
    trace = run_on("threads", takes_what_is_returned, returns_seven)
    assert trace.output == "1\nreturned 7\nreturned None\n"


def test_in_an_event_loop_an_engine_error_says_what_was_returned():
    trace = run_on("asyncio", takes_what_is_returned, returns_seven)
    assert isinstance(trace.error, EngineError)
    assert str(trace.error).startswith("returns_seven has returned 7, so it no longer answers")


def does_not_begin_it(c):
    for n in range(2):
        c.send(n)


@pytest.mark.parametrize("engine", EVERY)
def test_a_first_send_of_a_value_is_refused_on_every_engine(engine):
    trace = run_on(engine, does_not_begin_it, listens_for_ever)
    assert trace.output == ""
    assert "can't send non-None value to a just-started generator" in str(trace.error)


class TooSmallError(ValueError):
    pass


def refuses():
    while True:
        n = yield
        raise TooSmallError(n)


def is_refused(c):
    next(c)
    c.send(1)
    print("not reached")


def goes_on_all_the_same(c):
    next(c)
    try:
        c.send(1)
    except TooSmallError as error:
        print("refused", error)
    c.close()


@pytest.mark.parametrize("engine", EVERY)
def test_an_exception_of_the_partner_is_raised_where_it_was_sent_to(engine, capfd):
    trace = run_on(engine, is_refused, refuses)
    assert trace.output == ""
    assert "TooSmallError(1)" in repr(trace.error)
    if engine in ("threads", "processes"):
        assert str(trace.error) == "refuses raised TooSmallError(1)."
    caught = run_on(engine, goes_on_all_the_same, refuses)
    assert (caught.output, caught.error) == ("refused 1\n", None)
    assert capfd.readouterr() == ("", "")


class StubbornError(Exception):
    def __init__(self, one, two):
        super().__init__("cannot be unpickled")


def raises_what_cannot_be_sent():
    yield
    raise StubbornError(1, 2)


@pytest.mark.parametrize("engine", EVERY)
def test_an_exception_that_cannot_be_sent_ends_the_run_with_its_name(engine):
    assert "StubbornError('cannot be unpickled')" in repr(run_on(engine, is_refused, raises_what_cannot_be_sent).error)


@pytest.mark.integration
def test_a_script_without_a_guard_is_told_to_write_one(tmp_path):
    script = tmp_path / "unguarded.py"
    script.write_text(
        "from coro_lab.engine.backends import run_on\ndef A():\n    yield\nprint(run_on('processes', A, A).error)\n"
    )
    told = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
    assert told == "A ended before it began. In a script, put the code that starts processes under: " + (
        "if __name__ == '__main__':\n"
    )


def listens():
    while True:
        n = yield
        if n is None:
            return
        print("got", n)


def tells(c):
    c.send(None)
    for n in (1, 2):
        print(c.send(n))
    c.close()


@pytest.mark.parametrize("engine", EVERY)
def test_in_a_conversation_a_yield_without_a_value_answers_none_and_receives(engine):
    assert run_on(engine, tells, listens).output == "got 1\nNone\ngot 2\nNone\n"


def listens_for_ever():
    r = ""
    try:
        while True:
            n = yield r
            print("got", n)
    finally:
        print("closed")


def closes_at_once(c):
    c.close()
    print("over")


def closes_twice(c):
    c.send(None)
    c.send(1)
    c.close()
    c.close()
    print("over")


@pytest.mark.parametrize("engine", EVERY)
def test_close_ends_the_other_one_where_it_waits_and_is_over(engine):
    trace = run_on(engine, closes_twice, listens_for_ever)
    assert (trace.output, trace.error) == ("got 1\nclosed\nover\n", None)
    assert [lane.state for lane in list(states(trace))[-1]] == ["closed"] * 2
    assert run_on(engine, closes_at_once, listens_for_ever).output == "over\n"


@pytest.mark.parametrize("engine", ["threads", IN_PROCESSES])
def test_who_is_closed_is_told_so(engine):
    told = run_on(engine, closes_twice, listens_for_ever).text(lines=False)
    assert "listens_for_ever is closed at line" in told


def does_not_stop():
    while True:
        try:
            yield
        except GeneratorExit:
            print("no")


@pytest.mark.parametrize("engine", OTHERS)
def test_who_ignores_that_it_is_closed_is_told_and_keeps_nobody_waiting(engine):
    trace = run_on(engine, closes_twice, does_not_stop)
    assert trace.output == "no\n"
    assert "ignored GeneratorExit" in str(trace.error)


def test_a_running_event_loop_is_not_in_the_way():
    async def notebook():
        return run_on("asyncio", A, B)

    assert asyncio.run(notebook()).output == run_on("asyncio", A, B).output


@pytest.mark.parametrize("engine", EVERY)
def test_nothing_is_printed_beside_the_trace(engine, capfd):
    run_on(engine, A, B)
    assert capfd.readouterr() == ("", "")


# ---- The same lines --------------------------------------------------------------------------------------------------


def test_only_the_switches_and_def_differ():
    assert Translation.of("asyncio", produce, consumer).text.splitlines() == [
        "async def produce(c: Generator[str, int, None]) -> None:",
        "    await c.send(None)",
        "    for n in range(1, 6):",
        '        print(f"[PRODUCER] Producing {n}...")',
        "        r = await c.send(n)",
        '        print(f"[PRODUCER] Consumer return: {r}")',
        "    await c.close()",
        "",
        "async def consumer() -> Generator[str, int, None]:",
        '    r = ""',
        "    while True:",
        "        n = await answer(r)",
        "        if not n:",
        "            return",
        '        print(f"[CONSUMER] Consuming {n}...")',
        '        r = "200 OK"',
    ]


def test_threads_and_processes_run_the_very_same_text():
    for functions in ((A, B), (produce, consumer)):
        threads, processes = Translation.of("threads", *functions), Translation.of("processes", *functions)
        assert threads.text == processes.text
        assert threads.text == Translation.of("asyncio", *functions).text.replace("async ", "").replace("await ", "")


@pytest.mark.parametrize(
    "written, asyncio_text, thread_text",
    [
        ("yield", "await switch()", "switch()"),
        ("n = yield", "n = await switch()", "n = switch()"),
        ("n = yield  r + 1", "n = await answer(r + 1)", "n = answer(r + 1)"),
        ("n = yield(r)", "n = await answer((r))", "n = answer((r))"),
        ("print('é', (yield 'ü'))", "print('é', (await answer('ü')))", "print('é', (answer('ü')))"),
        ("print('yield')  # yield", "print('yield')  # yield", "print('yield')  # yield"),
    ],
)
def test_a_yield_is_rewritten_where_it_stands(written, asyncio_text, thread_text):
    assert rewritten(f"def f():\n    {written}", "asyncio") == f"async def f():\n    {asyncio_text}"
    assert rewritten(f"def f():\n    {written}", "threads") == f"def f():\n    {thread_text}"


def test_a_program_can_go_to_another_process():
    program = Translation.of("processes", A, B)
    assert pickle.loads(pickle.dumps(program)) == program


# ---- What goes wrong -------------------------------------------------------------------------------------------------


def fails():
    yield
    print("so far", end="")
    raise ValueError("no")


@pytest.mark.parametrize("engine", EVERY)
def test_a_part_that_fails_ends_the_run(engine):
    trace = run_on(engine, A, fails)
    assert trace.output == "1\n2\nso far"
    assert "ValueError('no')" in (repr(trace.error), str(trace.error).removeprefix("fails raised ").rstrip("."))


def tidies_up():
    try:
        for number in (1, 2, 3):
            print(number)
            yield
    finally:
        print("tidy")


@pytest.mark.parametrize("engine", EVERY)
@pytest.mark.parametrize("parts", [(tidies_up, fails), (fails, tidies_up)])
def test_no_part_takes_a_step_after_another_has_failed_but_it_cleans_up(engine, parts, capsys):
    trace = run_on(engine, *parts)
    numbers = "1\n2\nso far" if parts[0] is tidies_up else "1\nso far"
    assert (trace.output, capsys.readouterr().out) == (f"{numbers}tidy\n", "")


def babbles():
    yield
    while True:
        print("more")


@pytest.mark.integration
@pytest.mark.parametrize("engine", ["threads", IN_PROCESSES])
def test_a_part_that_never_hands_over_is_stopped(engine):
    trace = run_on(engine, A, babbles)
    assert trace.cut == "The run was stopped after 100000 events; run_on(..., max_events=...) sets another limit."
    assert trace.error is None


@pytest.mark.parametrize("engine", EVERY)
def test_the_limit_is_what_was_asked_for_and_is_told_as_it_was_written(engine):
    trace = run_on(engine, A, babbles, max_events=60)
    assert trace.cut == "The run was stopped after 60 events; run_on(..., max_events=...) sets another limit."
    assert run_on(engine, A, B).cut is None


@pytest.mark.integration
def test_after_an_interrupt_a_part_that_nobody_listens_to_ends_without_a_word():
    mine, theirs = multiprocessing.Pipe()
    mine.close()
    Worker(theirs, print, begins_to_speak=False).play()


def test_a_limit_of_nothing_is_refused():
    with pytest.raises(ArgumentError, match="at least 1; you wrote 0"):
        run_on("processes", A, B, max_events=0)


def test_the_source_of_something_else_under_the_same_file_name_is_not_taken(monkeypatch):
    others = "raise AssertionError('this is not hidden')"
    monkeypatch.setitem(linecache.cache, "<string>", (len(others), None, [others], "<string>"))
    made = {}
    exec("def hidden():\n    yield", made)
    with pytest.raises(EngineError, match="hidden has no source"):
        run_on("threads", made["hidden"])


LIMIT = 3
SEEN: list[int] = []


def shout(word):
    SEEN.append(len(word))
    return f"{word.upper()}!"


def a_program_that_uses_what_stands_around_it():
    farewell = "bye"

    def greet(times=LIMIT) -> Generator[None, None, None]:
        print(*(shout("hi") for _ in range(times)), math.floor(2.5))
        yield
        print(shout(farewell))

    return greet


@pytest.mark.parametrize("engine", EVERY)
def test_functions_find_what_they_use_on_every_engine_and_a_process_has_copies_of_it(engine):
    SEEN.clear()
    greet = a_program_that_uses_what_stands_around_it()
    trace = run_on(engine, greet, greet)
    assert trace.error is None
    assert sorted(trace.output.splitlines()) == ["BYE!"] * 2 + ["HI! HI! HI! 2"] * 2
    assert ([] if engine == "processes" else [2, 2, 2, 2, 2, 2, 3, 3]) == SEEN


counted = 0


def counts():
    global counted
    counted += 1
    yield
    print(counted)


def counts_too():
    global counted
    counted += 1
    yield
    print(counted)


@pytest.mark.parametrize("engine", EVERY)
def test_all_but_processes_share_their_globals(engine):
    assert run_on(engine, counts, counts_too).output == ("1\n1\n" if engine == "processes" else "2\n2\n")
    assert counted == 0


def test_what_cannot_go_to_a_process_is_named():
    lock = threading.Lock()

    def guarded():
        with lock:
            yield

    assert run_on("threads", guarded).error is None
    with pytest.raises(EngineError, match=r"guarded cannot run in separate processes.*lock.*\n  They use: lock"):
        raise run_on("processes", guarded).error


def helps():
    yield 1
    yield 2


def delegates():
    yield from helps()


def has_a_generator_inside():
    def inner():
        yield 1

    print(list(inner()))
    yield


def throws(c):
    c.send(None)
    c.throw(ValueError("no"))


def goes_through(c):
    for n in c:
        print(n)


def asks_by_another(c):
    def ask():
        return c.send(None)

    print(ask())


@pytest.mark.parametrize(
    "functions, why, write",
    [
        ([delegates], "You wrote: yield from helps()", "for each in helps(): yield each"),
        ([has_a_generator_inside], "inner, with a yield", "inner outside of has_a_generator_inside"),
        (
            [throws, helps],
            "has no throw",
            "c.send(...) with a value that says what has happened, or c.close()",
        ),
        ([goes_through, helps], "for n in c: ...", "n = next(c), as often as there is something"),
    ],
)
@pytest.mark.parametrize("engine", OTHERS)
def test_what_has_no_counterpart_is_refused_and_told_what_to_write(engine, functions, why, write):
    Translation.of("generators", *functions)
    with pytest.raises(EngineError, match=re.escape(why)) as caught:
        run_on(engine, *functions)
    assert str(caught.value).endswith(f"\n  Write:     {write}")


@pytest.mark.integration
def test_what_is_advised_works():
    def delegates_by_hand():
        for each in helps():  # noqa: UP028 (this is what takes the place of a `yield from`)
            yield each
        print("end")

    for engine in ENGINES:
        assert run_on(engine, delegates_by_hand).output == "end\n"


def test_only_on_asyncio_a_function_inside_cannot_ask():
    assert run_on("threads", asks_by_another, helps).output == "1\n"
    with pytest.raises(EngineError, match=r"You wrote: c.send\(None\), in ask"):
        run_on("asyncio", asks_by_another, helps)


@pytest.mark.parametrize("engine", EVERY)
def test_a_variable_of_the_function_around_cannot_be_stored_into(engine):
    n = 0

    def stores():
        nonlocal n
        n += 1
        yield

    with pytest.raises(EngineError, match="You wrote: nonlocal n\n  Write:     global n, or a list"):
        run_on(engine, stores)


def calls_what_is_inside():
    n = 0

    def inner():
        nonlocal n
        n += 1
        return n

    inner()
    yield
    print(inner())


@pytest.mark.parametrize("engine", EVERY)
def test_a_function_inside_stays_as_it_is(engine):
    assert run_on(engine, calls_what_is_inside).output == "2\n"


def asks_for_the_next(c):
    print(next(c), next(c), next(iter([3])))
    c.close()


@pytest.mark.parametrize("engine", EVERY)
def test_next_is_a_send_of_none(engine):
    trace = run_on(engine, asks_for_the_next, helps)
    assert (trace.output, trace.error) == ("1 2 3\n", None)


def takes_and_yields(box):
    yield box


class Ticker:
    def ticks(self):
        yield


@pytest.mark.parametrize("engine", EVERY)
def test_a_method_is_refused_because_its_object_would_be_missing(engine):
    with pytest.raises(ArgumentError, match=r"without its object: ticks\.\n.*\n  Write:     a function outside"):
        run_on(engine, Ticker().ticks, A)


def test_what_is_no_program_is_told_what_to_write():
    with pytest.raises(UnknownNameError, match=r"Write one of: 'generators', 'asyncio', 'threads', 'processes'"):
        run_on("greenlets", A, B)
    with pytest.raises(ArgumentError, match=r"You wrote: run_on\(A, B\)\n  Write:     run_on\(\"threads\", A, B\)"):
        run_on(A, B)
    with pytest.raises(
        ArgumentError, match=r"You wrote: run_on\(A, 'asyncio'\)\n  Write:     run_on\(\"asyncio\", A\)"
    ):
        run_on(A, "asyncio")
    with pytest.raises(ArgumentError, match="takes_and_yields has a yield and a parameter, so it is not clear"):
        run_on("generators", takes_and_yields, A)
    with pytest.raises(ArgumentError, match="You wrote: <generator A>, <generator B>"):
        run_on("threads", A(), B())
    with pytest.raises(ArgumentError, match=r"Write:     run_on\('threads', A, B\), without the \(\) behind A$"):
        run_on("threads", A(), B)
    with pytest.raises(ArgumentError, match="at least 1; you wrote 'x'"):
        run_on("threads", A, B, max_events="x")
    with pytest.raises(ArgumentError, match="functions with a yield that take turns"):
        run_on("threads", print)
    with pytest.raises(ArgumentError, match="You wrote: no function"):
        run_on("threads")
    made = {}
    exec("def hidden():\n    yield", made)
    with pytest.raises(EngineError, match="hidden has no source"):
        run_on("threads", made["hidden"])
