"""record(): what it keeps, that the program does not notice, and that everything is given back."""

import asyncio
import contextlib
import gc
import heapq
import importlib
import io
import os
import signal
import sys
import threading
import traceback
import types
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from functools import partial

import pytest

from coro_lab import Kind, Stepper, Trace, record
from coro_lab.engine.recorder.recorder import Recorder
from coro_lab.engine.recorder.rewriting import Listener, table
from coro_lab.engine.recorder.run import ProgramRun
from coro_lab.errors import ArgumentError, RecordingError
from coro_lab.trace.events import Source
from coro_lab.trace.safe_repr import describe
from tests import programs
from tests.lines import line, within_functions
from tests.programs import PRODUCED, Tally, consumer, produce, produce_and_consume


def told(trace, *, lines=False):
    """The sentences, without their steps."""
    return [line.split(maxsplit=1)[1] for line in trace.text(lines=lines).splitlines()]


def kinds(trace, name):
    lane = [lane.name for lane in trace.lanes].index(name)
    return [event.kind for event in trace.events if event.lane == lane and event.kind is not Kind.LINE]


# -- what is kept -----------------------------------------------------------------------------------------------------


def test_the_programs_output_is_printed_and_kept(capsys):
    trace = record(produce, consumer())
    assert trace.output == PRODUCED
    assert capsys.readouterr().out == PRODUCED
    assert len(trace.output.splitlines()) == 15


def test_the_crossings_of_one_message():
    trace = within_functions(record(produce_and_consume))
    assert told(trace)[3:8] == [
        "consumer yields '' to produce and suspends at line 4",
        "produce prints '[PRODUCER] Producing 1...\\n'",
        "produce sends 1 to consumer, which resumes at line 4",
        "consumer prints '[CONSUMER] Consuming 1...\\n'",
        "consumer yields '200 OK' to produce and suspends at line 4",
    ]


def test_the_old_style_program_works_when_pasted():
    source = (
        "def consumer():\n    r = ''\n    while True:\n        n = yield r\n        if not n:\n            return\n"
        "        print('[CONSUMER] Consuming %s...' % n)\n        r = '200 OK'\n\n"
        "def produce(c):\n    c.send(None)\n    n = 0\n    while n < 5:\n        n = n + 1\n"
        "        print('[PRODUCER] Producing %s...' % n)\n        r = c.send(n)\n"
        "        print('[PRODUCER] Consumer return: %s' % r)\n    c.close()\n"
    )
    namespace = {}
    exec(source, namespace)
    with redirect_stdout(io.StringIO()) as printed:
        namespace["produce"](namespace["consumer"]())
    assert printed.getvalue() == PRODUCED


def test_both_ends_of_a_crossing_are_known():
    trace = record(produce_and_consume)
    sent = next(event for event in trace.events if event.kind is Kind.RESUME)
    assert (sent.lane.name, sent.line) == ("consumer", line(consumer, 4))
    assert (sent.peer.name, sent.peer_line) == ("produce", line(produce, 5))


def test_two_generators_of_one_function_are_two_lanes():
    trace = record(programs.two_of_one)
    assert [lane.name for lane in trace.lanes] == ["two_of_one", "consumer", "consumer 2"]


def test_the_innermost_suspends_and_the_outer_ones_delegate():
    trace = record(programs.delegate)
    assert kinds(trace, "inner")[:3] == [Kind.START, Kind.SUSPEND, Kind.RESUME]
    assert kinds(trace, "outer")[:3] == [Kind.START, Kind.DELEGATE, Kind.RESUME]
    hello = [event for event in trace.events if event.kind is Kind.RESUME][:2]
    assert [(event.lane.name, event.value) for event in hello] == [
        ("outer", "'hello'"),
        ("inner", "'hello'"),
    ]
    assert hello[0].step == hello[1].step


@pytest.mark.parametrize(
    "between, yielded",
    [
        (enumerate, ["(0, 'a')", "(1, 'b')"]),
        (partial(map, str.upper), ["'A'", "'B'"]),
        (iter, ["'a'", "'b'"]),
    ],
)
def test_what_an_iterator_in_between_has_made_of_a_value_is_what_is_passed_on(between, yielded):
    def letters():
        yield "a"
        yield "b"

    def outer():
        yield from between(letters())

    delegations = [event for event in record(list, outer()).events if event.kind is Kind.DELEGATE]
    assert [event.value for event in delegations] == yielded


def test_what_is_sent_on_to_an_object_whose_iter_is_a_generator_function_is_told():
    class Echo:
        def __iter__(self):
            yield (yield "ready")

    def outer():
        try:  # in code that handles exceptions, what arrives is heard and not looked for
            yield from Echo()
        except KeyError:
            pass

    def program():
        it = outer()
        return [next(it), it.send("hello")]

    trace = record(program, lines=False)
    assert trace.result == ["ready", "hello"]
    assert [event.value for event in trace.events if event.kind is Kind.RESUME] == ["'hello'", "'hello'"]


def test_what_is_thrown_passes_through_the_delegating_lane():
    trace = record(programs.delegate)
    thrown = [event for event in trace.events if event.kind is Kind.THROW]
    assert [(event.lane.name, event.value) for event in thrown] == [
        ("outer", "KeyError('lost')"),
        ("inner", "KeyError('lost')"),
    ]


@pytest.mark.parametrize("program", [programs.close_all_ways, programs.close_without_try])
def test_every_close_is_seen(program):
    trace = record(program)
    suspendable = [lane.name for lane in trace.lanes if lane.kind == "generator"]
    for name in suspendable:
        assert Kind.CLOSE in kinds(trace, name), name


def test_a_generator_made_before_is_recorded_and_so_is_its_close():
    c = consumer()
    next(c)
    trace = record(lambda: (c.send(1), c.close()))
    assert kinds(trace, "consumer") == [Kind.RESUME, Kind.OUTPUT, Kind.SUSPEND, Kind.CLOSE, Kind.RAISE]
    assert "<lambda> sends 1 to consumer, which resumes at line 4" in told(within_functions(trace))


@pytest.mark.parametrize("value", [None, 1, ValueError("sent, not raised"), [None]])
def test_what_is_sent_into_a_generator_made_before_is_known_after_exceptions_elsewhere(value):
    def forgiving():
        try:
            raise KeyError
        except KeyError:
            pass

    def asks():
        while True:
            yield forgiving()

    made_before = asks()
    next(made_before)
    trace = record(lambda: [made_before.send(value), made_before.send(value), next(made_before)])
    sent = [event.value for event in trace.events if event.kind is Kind.RESUME]
    assert sent == [describe(value), describe(value), "None"]


@pytest.mark.parametrize("started", [False, True], ids=["started inside", "started before"])
def test_a_generator_made_before_is_seen_to_be_closed_wherever_it_was_started(started):
    def asks():
        while True:
            yield

    made_before = asks()
    if started:
        next(made_before)
    trace = record(lambda: [next(made_before), made_before.close()], lines=False)
    assert [event.kind for event in trace.events if event.lane.name == "asks"] == [
        Kind.RESUME if started else Kind.START,
        Kind.SUSPEND,
        Kind.CLOSE,
        Kind.RAISE,
    ]


def test_what_cannot_be_known_is_said_to_be_unknown():
    def careful():
        while True:
            try:
                yield
            except ValueError:  # code that handles exceptions keeps other things where the value lies
                pass

    made_before = careful()
    next(made_before)
    trace = record(lambda: made_before.send(1))
    assert any("what it sent is not known" in sentence for sentence in told(trace))


def sent(program, name):
    """What was sent into the lane of this name, at each resume."""
    trace = record(program, lines=False)
    return [event.value for event in trace.of(name, kind="resume")]


def test_what_nobody_receives_is_told_as_it_was_sent():
    def to_a_list():
        yield from [1, 2, 3]

    def by_hand():
        expression = (letter for letter in "abc")
        next(expression)
        expression.send(5)
        delegating = to_a_list()
        next(delegating)
        with pytest.raises(AttributeError, match="send"):
            delegating.send(6)
        return sum(to_a_list()), sum(letter == "a" for letter in "abc")

    assert sent(by_hand, "<genexpr>") == ["5"]
    assert sent(by_hand, "<genexpr> 2") == ["None"] * 3
    assert sent(by_hand, "to_a_list") == ["6"]
    assert sent(by_hand, "to_a_list 2") == ["None"] * 3
    assert sent(lambda: list(to_a_list()), "to_a_list") == ["None"] * 3


def test_a_loop_over_something_else_that_sends_is_not_taken_for_one_that_sends_none():
    def careful():
        got = None
        while True:
            try:
                got = yield got
            except ValueError:
                pass

    def by_map():
        for _ in map(it.send, [5]):
            pass

    it = careful()
    next(it)
    assert sent(by_map, "careful") == [None]


def test_what_is_sent_to_a_lane_that_delegates_to_a_generator_of_others_is_known():
    def inner():
        yield 1
        yield 2

    def outer():
        yield from heapq.merge(inner(), [])

    def program():
        it = outer()
        next(it)
        it.send("for merge")

    assert sent(program, "outer") == ["'for merge'"]
    assert sent(program, "inner") == ["None"]


def test_what_a_trace_function_resumes_does_not_confuse_the_rest():
    def hears(heard):
        while True:
            heard.append((yield))

    def target():
        return 1

    def program():
        heard = []
        it = hears(heard)
        next(it)

        def tracer(frame, event, arg):
            if frame.f_code is target.__code__:
                it.send(event)

        sys.settrace(tracer)
        target()
        sys.settrace(None)
        it.send("by hand")
        return heard

    before = sys.gettrace()
    trace = record(program, lines=False)
    sys.settrace(before)
    assert trace.result == ["call", "by hand"]
    assert told(trace)[3:7] == [
        "program calls target",
        "target returns 1 to program",
        "program sends 'by hand' to hears, which resumes at line " + str(trace.events[2].line),
        "hears yields None to program and suspends at line " + str(trace.events[2].line),
    ]


def test_delegating_to_a_list_says_nothing_of_a_later_yield():
    def letters():
        yield from "a"
        got = yield "b"
        return got

    def program():
        it = letters()
        next(it)
        next(it)
        try:
            it.send("c")
        except StopIteration as stop:
            return stop.value

    trace = record(program)
    assert trace.result == "c"
    sent = [event.value for event in trace.events if event.kind is Kind.RESUME and event.lane.name == "letters"]
    assert sent == ["None", "'c'"]


def test_a_yield_tells_what_its_own_line_has_bound_before_it():
    def counts():
        yield (n := 1)  # noqa: F841

    trace = record(lambda: list(counts()))
    (suspends,) = [event for event in trace.events if event.kind is Kind.SUSPEND]
    assert (suspends.value, suspends.changed) == ("1", (("n", "1"),))


def test_a_variable_is_told_although_a_comprehension_has_one_of_the_same_name():
    def shadows():
        x = "of the function"  # noqa: F841
        return [x.upper() for x in "ab"]

    changes = [change for event in record(shadows).events for change in event.changed]
    assert changes == [("x", "'of the function'")]


def test_a_line_does_not_begin_anew_where_an_exception_is_handled_within_it():
    """Python 3.12 says that it does after a call, and 3.13 after a throw."""

    def fails():
        return 1 / 0

    def inner():
        yield 1

    def outer():
        with contextlib.suppress(KeyError): yield 0  # fmt: skip  # noqa: E701
        yield from inner()

    def program():
        it = outer()
        next(it)
        it.throw(KeyError)
        with contextlib.suppress(ValueError): it.throw(ValueError)  # fmt: skip  # noqa: E701
        with contextlib.suppress(ZeroDivisionError): fails()  # fmt: skip  # noqa: E701

    told = [(event.lane.name, event.line) for event in record(program).events if event.kind is Kind.LINE]
    assert told == list(dict.fromkeys(told))
    assert " ".join(name for name, _ in told) == "program program outer program outer inner program program fails"


def test_lines_tell_which_locals_changed():
    def count():
        total = 1
        total += 1
        items = [total]
        items.append(3)
        del total
        return items

    changes = [event.changed for event in record(count).events]
    assert changes == [
        (),
        (),
        (("total", "1"),),
        (("total", "2"),),
        (("items", "[2]"),),
        (("items", "[2, 3]"),),
        (("total", None),),
        (),
    ]


def test_a_local_is_told_where_its_value_or_what_it_holds_is_another():
    def binds():
        x = None
        x = None
        x = 1
        x = True
        x = 1.0
        y = [1]
        y.append(2)
        z = y
        z.append(3)
        del x
        x = 1.0
        z = None
        for x in "ab":  # noqa: B007
            pass
        return x

    trace = record(binds)
    assert [line(binds, 1) + number for number in range(1, 6)] == [event.line for event in trace.events[1:6]]
    assert [dict(event.changed) for event in trace.events][2:] == [
        {"x": "None"},
        {},
        {"x": "1"},
        {"x": "True"},
        {"x": "1.0"},
        {"y": "[1]"},
        {"y": "[1, 2]"},
        {"z": "[1, 2]"},
        {"y": "[1, 2, 3]", "z": "[1, 2, 3]"},
        {"x": None},
        {"x": "1.0"},
        {"z": "None"},
        {"x": "'a'"},
        {},
        {"x": "'b'"},
        {},
        {},
        {},
    ]


def test_a_function_that_a_local_holds_is_told_by_its_name_and_one_of_the_enclosing_scope_not_again():
    def enclosing():
        def around():
            return 1

        def looks():
            mine = around
            return mine is around

        return looks()

    trace = record(enclosing)
    (looks,) = [number for number, lane in enumerate(trace.lanes) if "looks" in lane.name]
    assert [dict(event.changed) for event in trace.events if event.lane == looks and event.changed] == [
        {"mine": "<function around>"}
    ]


def test_methods_nested_functions_generator_expressions_and_partials_are_seen():
    assert [lane.name for lane in record(Tally.run).lanes] == ["Tally.run", "Tally.__init__", "Tally.add"]
    assert record(Tally.run).result == [1, 3]
    assert [lane.kind for lane in record(programs.squares).lanes] == ["function", "generator"]
    assert record(partial(produce, consumer())).output == PRODUCED


def test_functions_of_a_module_imported_while_recording_are_seen(tmp_path, monkeypatch):
    (tmp_path / "pair_of_tomorrow.py").write_text("def echo():\n    while True:\n        got = yield\n")
    monkeypatch.syspath_prepend(tmp_path)

    def program():
        from pair_of_tomorrow import echo

        it = echo()
        next(it)
        it.send("heard")

    assert "program sends 'heard' to echo, which resumes at line 3" in told(record(program))


def test_equal_code_of_two_files_keeps_the_source_of_each(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("one_file", "another_file"):
        (tmp_path / f"{name}.py").write_text(f"def plain():\n    return 1  # {name}")
    for name in ("one_file", "another_file", "one_file"):
        [lane] = record(importlib.import_module(name).plain).lanes
        assert lane.source == Source(1, f"def plain():\n    return 1  # {name}")


def test_the_source_is_that_of_the_code_that_runs_before_and_after_a_reload(tmp_path, monkeypatch):
    def written(*lines):
        path.write_text("".join(f"{line}\n" for line in lines))
        os.utime(path, ns=(0, next(times)))  # two texts of the same length within a tick of the clock are told apart

    path, times = tmp_path / "edited_of_late.py", iter((10**9, 2 * 10**9))
    written("def plain():", "    return 1")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    import edited_of_late

    (lane,) = record(edited_of_late.plain).lanes
    assert lane.source == Source(1, "def plain():\n    return 1")
    written("x = 2", "def plain():", "    return x")
    assert record(edited_of_late.plain).lanes == (lane,)
    importlib.reload(edited_of_late)
    assert record(edited_of_late.plain).lanes[0].source == Source(2, "def plain():\n    return x")


def test_without_lines_the_same_switches_in_the_same_steps():
    for program in programs.GOLDEN.values():
        full, lean = record(program), record(program, lines=False)
        assert [event._replace(changed=()) for event in full.events if event.kind is not Kind.LINE] == list(lean.events)


def test_what_a_lane_takes_from_a_generator_and_drops_is_not_passed_on_by_its_next_await():
    async def takes_and_waits():
        endless = repeat_none()
        _ = next(endless), await asyncio.sleep(0)  # in one line: it takes what it then passes on
        next(endless)
        await asyncio.sleep(0)

    def takes_and_delegates():
        next(repeat_none())
        yield from [None]

    def repeat_none():
        while True:
            yield

    async def starts_at_once():
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)

        async def waits():
            await asyncio.sleep(0)

        async def creates():
            task = asyncio.create_task(waits())
            await asyncio.sleep(0)
            await task

        await creates()

    for program in (takes_and_waits, lambda: list(takes_and_delegates()), starts_at_once):
        full, lean = record(program), record(program, lines=False)
        assert [event._replace(changed=()) for event in full.switches()] == list(lean.switches())
    steps = [(event.step, event.lane.name, event.kind) for event in record(takes_and_waits, lines=False).events[2:4]]
    assert steps == [(1, "repeat_none", Kind.SUSPEND), (2, "takes_and_waits", Kind.DELEGATE)]


def test_output_of_code_that_is_not_the_learners_has_a_place():
    trace = record(print, "hello")
    assert trace.output == "hello\n"
    assert [lane.name for lane in trace.lanes] == ["outside"]


def test_calling_a_generator_function_runs_nothing():
    trace = record(consumer)
    assert trace.events == ()
    assert isinstance(trace.result, types.GeneratorType)
    assert trace.text() == "Nothing has run: calling consumer only makes a generator, and nobody has resumed it."
    assert repr(trace) == "<Trace of nothing: 0 events, 0 steps, nothing seen>"


# -- the program does not notice --------------------------------------------------------------------------------------


def test_an_exception_is_kept_with_its_own_traceback():
    error = record(programs.fails).error
    assert repr(error) == "ValueError('burst')"
    assert [frame.name for frame in traceback.extract_tb(error.__traceback__)] == ["fails", "burst"]
    assert traceback.extract_tb(error.__traceback__)[-1].line == 'raise ValueError("burst")'


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print(f"{self.name} is gone")


def test_a_traceback_ends_with_the_program_where_there_was_no_room_for_a_recorder():
    def deeper(n):
        return deeper(n + 1)

    error = record(deeper, 0, lines=False).error
    assert isinstance(error, RecursionError)
    assert {frame.name for frame in traceback.extract_tb(error.__traceback__)} == {"deeper"}


class Full(io.StringIO):
    def write(self, text):
        raise OSError("no space left")


def test_a_traceback_goes_on_where_the_recorder_calls_code_of_the_learners():
    with redirect_stdout(Full()):
        error = record(lambda: print("lost")).error
    assert traceback.extract_tb(error.__traceback__)[-1].line == 'raise OSError("no space left")'


def test_what_keeps_a_program_from_beginning_is_said():
    trace = record(produce)
    assert trace.text() == ("Nothing has run: TypeError(\"produce() missing 1 required positional argument: 'c'\")")


def test_finalisers_run_when_they_would():
    def program():
        first, second = Loud("first"), Loud("second")
        del second
        print("after second")
        first = None
        print("after first", first)

    with redirect_stdout(io.StringIO()) as alone:
        program()
    assert (
        record(program).output == alone.getvalue() == "second is gone\nafter second\nfirst is gone\nafter first None\n"
    )


def test_locals_that_the_program_holds_are_left_alone():
    def program():
        x = 1
        held = locals()
        x = 2
        return dict(held), x

    assert record(program).result == program()


class Hostile:
    def __repr__(self):
        print("repr was called")
        raise RuntimeError("repr")

    __str__ = __repr__

    def __eq__(self, other):
        raise RuntimeError("eq")

    __hash__ = None


def test_a_value_is_described_without_running_its_code(capsys):
    def program():
        item = Hostile()
        yield_it = (x for x in [item])
        return next(yield_it) is item

    trace = record(program)
    assert trace.result is True
    assert capsys.readouterr().out == ""
    assert "item = <Hostile>" in trace.text()


asked = []


def asks_of(cls, name):
    return lambda self, *given: asked.append(name) or getattr(cls, name)(self, *given)


class Meta(type):
    __hash__, __eq__, __getattribute__ = (asks_of(type, name) for name in ("__hash__", "__eq__", "__getattribute__"))
    __instancecheck__, __subclasscheck__ = (asks_of(type, name) for name in ("__instancecheck__", "__subclasscheck__"))


class Asked(metaclass=Meta):
    """An awaitable and iterator whose class says when it is asked for anything."""

    __getattribute__ = asks_of(object, "__getattribute__")

    def __await__(self):
        return self

    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration


class AskedError(Exception, metaclass=Meta):
    __getattribute__ = asks_of(Exception, "__getattribute__")

    def __bool__(self):
        asked.append("__bool__")
        return False


class AskedFuture(asyncio.Future, metaclass=Meta):
    __getattribute__ = asks_of(asyncio.Future, "__getattribute__")


async def many_asked():
    async def each():
        yield Asked()

    def delegates():
        yield from Asked()

    def ends_badly():
        try:
            yield
        finally:
            raise AskedError from None

    async def fails():
        item, kind = Asked(), Asked
        raise AskedError(item, kind)

    async def waits(future):
        await future

    await Asked()
    [item async for item in each()]
    list(delegates())
    next(ends_badly())
    await asyncio.gather(fails(), return_exceptions=True)
    loop = asyncio.get_running_loop()
    future = AskedFuture(loop=loop)
    loop.call_soon(future.set_result, None)
    await waits(future)
    try:
        raise KeyError from AskedError()
    except KeyError:
        raise AskedError from None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("lines", [True, False])
def test_no_metaclass_and_no_exception_is_asked_for_anything(lines):
    asked.clear()
    with contextlib.suppress(BaseException):
        asyncio.run(many_asked())
    alone = list(asked)
    asked.clear()
    trace = record(many_asked, lines=lines)
    assert "AskedError" in trace.text() and "AskedError" in repr(trace) and trace.to_json()
    assert asked == alone


def test_a_steppers_exception_is_asked_for_nothing():
    def program():
        yield

    stepper = Stepper(program).next()
    error = AskedError()
    asked.clear()
    stepper.throw(error).back().throw(error)
    assert stepper.state == "closed" and asked == []


def test_recording_keeps_nothing_alive():
    def program():
        return Loud("kept").name

    references = []

    def noting():
        it = (n for n in range(3))
        references.append(weakref.ref(it))
        next(it)

    record(noting)
    assert references[0]() is None
    assert record(program).output == "kept is gone\n"


def test_threads_that_were_there_before_are_left_alone():
    go, done = threading.Event(), threading.Event()

    def elsewhere():
        go.wait()
        next(consumer())
        done.set()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    trace = record(lambda: (go.set(), done.wait()))
    thread.join()
    assert [lane.name for lane in trace.lanes] == ["<lambda>"]


# -- everything is given back -----------------------------------------------------------------------------------------


def borrowed():
    """What a recording could leave behind."""
    return (
        [sys.monitoring.get_tool(tool) for tool in range(6)],
        consumer.__code__,
        programs.tidy.__code__,
        vars(sys.stdout).get("write") if hasattr(sys.stdout, "__dict__") else None,
        Listener.heard,
        Listener.handed_over,
        Recorder._open,
        list(gc.callbacks),
        sys.exc_info(),
    )


def interrupted():
    c = consumer()
    next(c)
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("program", [produce_and_consume, programs.fails, sys.exit, programs.close_all_ways])
def test_everything_is_given_back(program):
    before = borrowed()
    record(program)
    assert borrowed() == before


def test_an_interrupt_goes_on_with_the_trace_so_far():
    before = borrowed()
    with pytest.raises(KeyboardInterrupt) as caught:
        record(interrupted)
    assert borrowed() == before
    assert isinstance(caught.value.trace, Trace)
    assert [lane.name for lane in caught.value.trace.lanes] == ["interrupted", "consumer"]


class Stream(io.StringIO):
    """A stdout as a notebook's is: an object that takes attributes."""


def shouts_for_good():
    own = sys.stdout.write
    sys.stdout.write = lambda text: own(text.upper())
    print("from here on")


def listens_for_a_moment():
    heard = []
    sys.stdout.write = heard.append
    print("unheard of")
    del sys.stdout.write
    print(heard)


@pytest.mark.parametrize("program", [shouts_for_good, listens_for_a_moment])
def test_a_program_may_set_the_write_of_stdout_itself(program):
    printed = []
    for run in (program, partial(record, program)):
        before = borrowed()
        with redirect_stdout(Stream()) as stream:
            run()
            print("afterwards")
            run()
        assert borrowed() == before
        printed.append(stream.getvalue())
    assert printed[0] == printed[1]


def test_all_else_is_given_back_where_stdout_cannot_be():
    class Stubborn(Stream):
        def __delattr__(self, name):
            raise TypeError("I keep what I have")

    before = borrowed()
    with redirect_stdout(Stubborn()), pytest.raises(TypeError, match="I keep"):
        record(produce_and_consume)
    assert borrowed() == before


def test_functions_made_while_recording_run_from_their_own_code_afterwards():
    def factory():
        def made():
            got = yield
            return got

        return made

    made = record(factory).result
    assert made.__code__ in factory.__code__.co_consts


def test_code_that_the_program_gives_to_other_functions_is_given_back_as_well():
    def other():
        yield

    def program():
        other.__code__ = consumer.__code__
        return types.FunctionType(consumer.__code__, globals())

    made = record(program).result
    assert made.__code__ is other.__code__ is consumer.__code__
    assert table.original(consumer.__code__) is None


def test_a_recording_inside_a_recording_is_refused():
    trace = record(lambda: record(produce_and_consume))
    assert isinstance(trace.error, RecordingError)
    assert "only the outermost" in str(trace.error)
    assert record(produce_and_consume).error is None


def test_the_places_of_other_tools_are_respected():
    sys.monitoring.use_tool_id(4, "somebody")
    try:
        assert record(produce_and_consume).output == PRODUCED
        assert sys.monitoring.get_tool(4) == "somebody"
    finally:
        sys.monitoring.free_tool_id(4)


def test_where_every_place_is_taken_the_error_says_so():
    taken = [tool for tool in range(6) if sys.monitoring.get_tool(tool) is None]
    for tool in taken:
        sys.monitoring.use_tool_id(tool, "somebody")
    try:
        with pytest.raises(RecordingError, match="taken"):
            record(produce_and_consume)
    finally:
        for tool in taken:
            sys.monitoring.free_tool_id(tool)
    assert consumer.__code__ is borrowed()[1]
    assert record(produce_and_consume).output == PRODUCED


def test_a_thread_that_begins_by_resuming_a_generator_made_before_is_told():
    def numbers():
        yield 1
        yield 2

    it = numbers()
    next(it)

    def program():
        thread = threading.Thread(target=next, args=(it,), name="helper")
        thread.start()
        thread.join()

    trace = record(program, lines=False)
    lane = [lane.name for lane in trace.lanes].index("numbers")
    first = numbers.__code__.co_firstlineno
    assert [(event.kind, event.line) for event in trace.events if event.lane == lane] == [
        (Kind.RESUME, first + 1),
        (Kind.SUSPEND, first + 2),
    ]
    assert trace.lanes[lane].thread == "helper"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks, which Windows cannot")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_process_is_not_recorded_and_runs_on():
    def spin():
        while not over:
            list(consumer())

    def in_a_child():
        signal.alarm(10)  # ends the child if it hangs
        os._exit(7 if Recorder._open is None and not table.original(consumer.__code__) else 8)

    def program():
        thread = threading.Thread(target=spin)  # goes through the lock at which a child could wait for ever
        thread.start()
        try:
            for _ in range(5):
                child = os.fork()
                if child == 0:
                    in_a_child()
                yield os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        finally:
            over.append(True)
            thread.join()

    over: list[bool] = []
    assert record(list, program(), lines=False).result == [7] * 5


# -- the limit --------------------------------------------------------------------------------------------------------


def endless():
    while True:
        pass


def endless_in_one_line():
    n = 0
    while True:
        n += 1


def endless_and_nothing_else():
    while True: pass  # fmt: skip  # noqa: E701


def endless_while_it_is_closed():
    def untidy():
        try:
            yield
        finally:
            n = 0
            while True: n += 1  # fmt: skip  # noqa: E701

    it = untidy()
    next(it)
    it.close()


def endless_in_a_pool():
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(endless).result()


def stubborn():
    while True:
        try:
            endless()
        except BaseException:
            pass


def asleep_in_finally():
    def never_tidy():
        try:
            yield
        finally:
            print("tidy")

    it = never_tidy()
    next(it)
    endless()


@pytest.mark.integration
@pytest.mark.parametrize(
    "program",
    [
        endless,
        endless_in_one_line,
        endless_and_nothing_else,
        endless_while_it_is_closed,
        endless_in_a_pool,
        stubborn,
        asleep_in_finally,
        lambda: list(iter(int, 1) and endless()),
    ],
)
def test_a_run_that_does_not_end_is_stopped(program, capsys):
    before = borrowed()
    trace = record(program, max_events=500)
    assert borrowed() == before
    assert trace.cut == "The run was stopped after 500 events; record(..., max_events=...) sets another limit."
    assert trace.text().splitlines()[-1] == trace.cut
    assert trace.error is None
    assert len(trace.events) < 600
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("limit", range(10, 20))
def test_a_cut_leaves_no_exception_behind_as_the_one_being_handled(limit):
    """Wherever in the loop the limit lies, also where the `with` block has just been left by an exception."""

    def suppresses():
        while True:
            with contextlib.suppress(ZeroDivisionError):
                1 / 0  # noqa: B018

    assert record(suppresses, max_events=limit).cut
    assert sys.exc_info() == (None, None, None)


def test_what_is_closed_may_go_round_in_one_line_for_longer_than_the_limit(capsys):
    def tidies():
        try:
            yield
        finally:
            for _ in range(15_000): pass  # fmt: skip  # noqa: E701
            print("tidy")

    def program():
        it = tidies()
        next(it)
        it.close()

    trace = record(program, max_events=100)
    assert trace.cut
    assert capsys.readouterr().out == trace.output == "tidy\n"


def test_generators_that_never_end_are_stopped_without_lines_too():
    def ping():
        while True:
            yield

    trace = record(lambda: [None for _ in ping()], max_events=100, lines=False)
    assert trace.cut


def test_a_program_that_prints_for_ever_is_stopped_without_lines_too(capsys):
    def prints():
        while True:
            print("again")

    trace = record(prints, max_events=100, lines=False)
    assert trace.cut
    assert len(trace.events) < 110
    assert capsys.readouterr().out.startswith(trace.output)


def test_a_program_in_one_line_is_stopped_where_its_line_begins(capsys):
    trace = record(lambda: print("not reached"), max_events=1)
    assert trace.cut
    assert capsys.readouterr().out == trace.output == ""


def test_the_trace_of_an_endless_run_is_the_beginning_of_a_longer_one():
    short, long = record(endless, max_events=50), record(endless, max_events=100)
    assert short.events[:50] == long.events[:50]


# -- what cannot be recorded ------------------------------------------------------------------------------------------


def test_a_generator_is_not_a_program():
    with pytest.raises(ArgumentError) as error:
        record(consumer())
    assert str(error.value).splitlines() == [
        "record runs a program, and <generator consumer> is not one: something has to resume it.",
        "  You wrote: record(consumer(...))",
        "  Write:     record(lambda: list(consumer(...))), or record(your_function, consumer(...))",
    ]


def test_an_async_generator_is_not_a_program():
    async def ticks():
        yield 1

    with pytest.raises(ArgumentError) as error:
        record(ticks())
    assert str(error.value).splitlines()[1:] == [
        "  You wrote: record(ticks(...))",
        "  Write:     record(your_function, ticks(...)), where your_function has an `async for`",
    ]


@pytest.mark.parametrize("result", [None, "200 OK", 7])
def test_a_result_is_not_a_program(result):
    with pytest.raises(ArgumentError) as error:
        record(result)
    assert str(error.value).splitlines() == [
        f"record runs a program, so it needs something that can be called, not {result!r}.",
        f"  You wrote: record({result!r}), or a call that gave it: record(f(...))",
        "  Write:     record(f, ...), the function and then its arguments after the comma",
    ]


@pytest.mark.parametrize("wrong", [0, -1, "many", None, 1.5, float("nan")])
def test_a_limit_is_a_number_of_events(wrong):
    with pytest.raises(ArgumentError, match=f"a whole number of at least 1; you wrote {wrong!r}."):
        record(endless, max_events=wrong)


def recorders():
    """The ids of all that are alive; a stepper of another test may keep one."""
    return {id(thing) for thing in gc.get_objects() if isinstance(thing, Recorder)}


def test_garbage_is_not_kept_by_the_recorder():
    gc.collect()
    before = recorders()
    record(produce_and_consume)
    record(programs.fails)
    gc.collect()
    assert recorders() <= before


def test_a_thread_that_gets_the_id_of_one_that_has_ended_is_a_thread_of_its_own():
    goes = threading.Event()
    before = threading.Thread(target=goes.wait)  # somebody else's, and over before the program's first one begins
    before.start()

    def work():
        return 1

    def main():
        goes.set()
        before.join()
        for name in ("first", "second", "third"):  # one after the other, so that each may get the same id again
            thread = threading.Thread(target=work, name=name)
            thread.start()
            thread.join()

    trace = record(main)
    assert [lane.thread for lane in trace.lanes if lane.name.startswith("work")] == ["first", "second", "third"]


# -- the garbage collector --------------------------------------------------------------------------------------------


def shouts(name):
    try:
        yield name
    finally:
        print(f"{name} is over")


class Guarded:
    """Garbage that says something at its end."""

    def __init__(self):
        self.itself = self

    def __del__(self):
        shouted = list(shouts("object"))
        print(shouted[0], "deleted")


def forget(iterator):
    """Leave it to the garbage collector."""
    next(iterator)
    circle = [iterator]
    circle.append(circle)


def told_of_collecting(program):
    """What is told of a program in whose midst the collector runs, whatever was forgotten before."""
    gc.collect()
    gc.disable()  # only where the program says so
    try:
        unburdened = record(program).text()
        forget(shouts("forgotten"))
        Guarded()
        forget(shouts("forgotten as well"))
        assert record(program).text() == unburdened
    finally:
        gc.enable()
    return unburdened


def test_what_was_forgotten_before_and_is_collected_meanwhile_is_not_the_programs(capsys):
    def program():
        for name in shouts("mine"):
            gc.collect()
            print(name)
        return list(shouts("mine, too"))

    text = told_of_collecting(program)
    assert "forgotten" not in text
    assert "object" not in text
    printed = capsys.readouterr().out
    assert all(f"{name} is over" in printed for name in ("forgotten", "object", "forgotten as well", "mine"))


def test_a_lane_that_is_collected_is_told_also_beside_what_is_not_the_programs():
    def program():
        forget(shouts("mine"))
        gc.collect()
        return list(shouts("mine, too"))

    text = told_of_collecting(program)
    assert "the garbage collector closes shouts" in text
    assert "shouts prints 'mine is over" in text


def test_a_thread_of_the_programs_may_collect():
    def collect():
        gc.collect()
        return list(shouts("mine"))

    def program():
        thread = threading.Thread(target=collect, name="collects")
        thread.start()
        thread.join()

    gc.collect()
    forget(shouts("forgotten"))
    assert "forgotten" not in record(program).text()


# -- recordings that end before the program ----------------------------------------------------------------------------


def recorded_to_the_limit(program, max_events):
    return ProgramRun().trace(program, program, lines=True, max_events=max_events, runs_on=True)


def count_up_to(most):
    number = 0
    while number < most:
        yield number
        number += 1


def test_a_program_runs_on_behind_the_limit_and_gets_everything_back():
    before = count_up_to.__code__
    trace = recorded_to_the_limit(lambda: (sum(count_up_to(1000)), count_up_to.__code__ is before), 50)
    assert trace.result == (499500, True)
    assert trace.cut == "The recording ended after 50 events, and the program ran on; max_events sets another limit."
    assert 50 <= len(trace.events) < 60
    assert Recorder._open is None and Listener.heard is None


def test_a_program_of_one_line_runs_on_as_well():
    trace = recorded_to_the_limit(lambda: [n for n in range(10_000) if n > 9_998], 3)
    assert trace.result == [9_999] and trace.cut


def test_threads_run_on_behind_the_limit():
    def work(found):
        found.append(sum(count_up_to(2000)))

    def program():
        found = []
        threads = [threading.Thread(target=work, args=(found,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    trace = recorded_to_the_limit(program, 200)
    assert trace.result == [1999000] * 3 and trace.cut


def test_where_a_program_records_by_itself_the_recording_around_it_ends():
    def program():
        inner = record(lambda: [*count_up_to(2)])
        return inner, [*count_up_to(1)]

    trace = recorded_to_the_limit(program, 1000)
    inner, after = trace.result
    assert inner.result == [0, 1] and inner.lanes[1].name == "count_up_to" and not inner.cut
    assert after == [0] and [lane.name for lane in trace.lanes] == ["program"]
    assert trace.cut == (
        "The program records or explores by itself; what it did from there on is not in this recording."
    )


def test_the_error_of_a_program_that_runs_on_is_kept():
    def program():
        for _ in count_up_to(100):
            pass
        raise ValueError("after the limit")

    assert str(recorded_to_the_limit(program, 20).error) == "after the limit"


def passes_through():
    yield from (n for n in (1, 2, 3))  # nothing in here could report what it receives


def passes_through_twice():
    yield from passes_through()


@pytest.mark.parametrize("outer", [passes_through, passes_through_twice])
def test_what_is_sent_through_to_a_generator_expression_is_told_at_each_link(outer):
    def program():
        it = outer()
        next(it)
        it.send(5)
        next(it)

    trace = record(program, lines=False)
    resumed = [(event.step, event.value) for event in trace.events if event.kind is Kind.RESUME]
    links = len(trace.lanes) - 1
    assert [value for _, value in resumed] == ["5"] * links + ["None"] * links


def tries():
    try:
        yield 1
        yield 2
    except ValueError:
        pass


def tries_beside_an_iterator():
    try:
        yield from [1, 2]
    except ValueError:
        pass


def resumed_with(program):
    return [event.value for event in record(program, lines=False).events if event.kind is Kind.RESUME]


def test_a_generator_begun_before_that_handles_exceptions_is_known_to_receive_none_from_a_loop_alone():
    it, other = tries(), tries()
    next(it), next(other)

    def loops():
        for _ in it:
            pass

    assert resumed_with(loops) == ["None", "None"]
    assert resumed_with(lambda: next(other)) == [None]


def test_what_delegates_to_an_iterator_receives_none_where_nobody_sends():
    def asks():
        it = tries_beside_an_iterator()
        return next(it), next(it)

    assert resumed_with(lambda: list(tries_beside_an_iterator())) == ["None", "None"]
    assert resumed_with(asks) == ["None"]
