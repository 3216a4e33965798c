"""A recorded program does what it does alone, whatever it was handed, drops, collects or replaces.

Each program is run twice, alone and recorded, with the garbage collector switched off, and has to print the same: every
finaliser speaks, and weak references say whether what they refer to is still there.
"""

import asyncio
import builtins
import functools
import gc
import inspect
import io
import sys
import weakref
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coro_lab
from coro_lab import record
from coro_lab.engine.recorder.monitor import EVENTS
from coro_lab.engine.recorder.throwing import Throwing
from tests.engine.recorder.test_golden import PROGRAMS as GOLDEN

OURS = str(Path(coro_lab.__file__).parent)


class Loud:
    """It says when it is gone."""

    def __init__(self, name):
        self.name = name
        self.me = self.name

    def __del__(self):
        print(f"{self.name} is gone")


# -- generators that hold something while they sleep -------------------------------------------------------------------


def tidy(loud):
    try:
        got = yield loud.name
        print("got", got)
        yield loud.name
    finally:
        print("tidied up")


def plain(loud):
    yield loud.name
    yield loud.name


def outer(loud):
    yield from tidy(loud)


def over_items(loud):
    yield from {loud.name: 1}.items()


def expression(loud):
    return (item.name for item in [loud, loud])


def closure(loud):
    def inner():
        yield loud.name
        yield loud.name

    return inner()


async def waits(loud):
    await Once()
    print("waited for", loud.name)


async def waits_inside(loud):
    try:
        await waits(loud)
    finally:
        print("waited inside")


class Once:
    def __await__(self):
        yield "waiting"


KINDS = [tidy, plain, outer, over_items, expression, closure, waits, waits_inside]


# -- programs of a few moves over three places -------------------------------------------------------------------------


def perform(moves, places, weak):
    for move, place in moves:
        held = places[place]
        try:
            if move in range(len(KINDS)):
                places[place] = KINDS[move](Loud(f"loud {place}"))
                weak.append(weakref.ref(places[place]))
            elif move == "send":
                print("sent", held.send(None) if held else held)
            elif move == "send 5":
                print("sent", held.send(5) if held else held)
            elif move == "close" and held:
                held.close()
            elif move == "throw" and held:
                held.throw(KeyError("thrown"))
            elif move == "list":
                print("the rest", list(held) if held and not hasattr(held, "cr_code") else None)
            elif move == "any":
                print("any", any(item for item in plain(Loud("unnamed"))))
            elif move == "break":
                for _ in tidy(Loud("left early")):
                    break
            elif move == "hand out":
                print("handed out", list(map(held.send, [None])) if held else None)
            elif move == "drop":
                held = None
                places[place] = None
        except BaseException as error:
            print(type(error).__name__)
        held = None
        print(move, [reference() is not None for reference in weak])


MOVES = st.sampled_from(
    [*range(len(KINDS)), "send", "send", "send 5", "close", "throw", "list", "any", "break", "hand out", "drop", "drop"]
)
PROGRAMS = st.lists(st.tuples(MOVES, st.sampled_from("abc")), max_size=14)


def printed(before, moves, after, run):
    """What is printed where the first moves are made before `run`, the next in it and the last after it."""
    places, weak = dict.fromkeys("abc"), []
    with without_collector(), redirect_stdout(io.StringIO()) as output:
        perform(before, places, weak)
        run(perform, moves, places, weak)
        perform(after, places, weak)
        places.clear()
    return output.getvalue()


@contextmanager
def without_collector():
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def alone(program, *arguments):
    program(*arguments)


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize("lines", [True, False])
@settings(max_examples=60)
@given(before=PROGRAMS, moves=PROGRAMS, after=PROGRAMS)
def test_finalisers_and_weak_references_speak_when_they_would(lines, before, moves, after):
    recorded = functools.partial(record, lines=lines)
    assert printed(before, moves, after, recorded) == printed(before, moves, after, alone)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("ending", ["drop", "close", "throw"])
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_what_was_begun_before_ends_in_a_recording_as_it_would(kind, ending):
    before = [(KINDS.index(kind), "a"), ("send", "a")]
    moves = [("send", "a"), (ending, "a"), ("drop", "a")]
    assert printed(before, moves, [], record) == printed(before, moves, [], alone)


def both(program):
    """What a program gives and prints alone, and recorded."""
    with without_collector(), redirect_stdout(io.StringIO()) as said_alone:
        result = program()
    with without_collector(), redirect_stdout(io.StringIO()) as said_recorded:
        trace = record(program)
    return (result, said_alone.getvalue()), (trace.result, said_recorded.getvalue())


def test_a_tuple_of_a_generator_begun_before_is_whole():
    def numbers():
        yield from (1, 2, 3)

    it = numbers()
    next(it)
    assert record(lambda: tuple(it)).result == (2, 3)


def test_tasks_made_before_are_let_go_as_they_would():
    async def job(loud):
        await asyncio.sleep(0)
        return loud.name

    async def program(recorded):
        task = asyncio.create_task(job(Loud("job")))
        await asyncio.sleep(0)

        async def go_on():
            nonlocal task
            name, reference = await task, weakref.ref(task)
            task = None
            print("dropped", name, reference() is None)

        await (record(go_on()) if recorded else asyncio.create_task(go_on()))

    said = []
    for recorded in (False, True):
        with without_collector(), redirect_stdout(io.StringIO()) as output:
            asyncio.run(program(recorded))
        said.append(output.getvalue())
    assert said[0] == said[1]


def test_a_function_made_before_that_the_program_drops_is_gone_at_once():
    def make():
        loud = Loud("in the closure")

        def holds():
            yield loud

        return holds

    functions = [make(), make()]

    def program():
        del functions[0]
        print("dropped")

    alone, recorded = both(program)
    assert alone == recorded == (None, "in the closure is gone\ndropped\n")


def lets_go(given, *, named):
    references = weakref.ref(given), weakref.ref(named)
    del given, named
    return [reference() for reference in references]


async def lets_go_and_awaits(given, *, named):
    references = weakref.ref(given), weakref.ref(named)
    del given, named
    await asyncio.sleep(0)
    return [reference() for reference in references]


@pytest.mark.parametrize("program", [lets_go, lets_go_and_awaits])
def test_an_argument_is_gone_when_the_program_lets_go_of_it(program):
    trace = record(program, Loud("given"), named=Loud("named"))  # in an assert, pytest would hold them
    assert trace.result == [None, None]


def test_generators_that_hold_each_other_do_not_hang_a_recording():
    def player():
        other = yield
        while True:
            yield other

    async def program():
        a, b = player(), player()
        next(a), next(b)
        a.send(b), b.send(a)
        await asyncio.gather(asyncio.sleep(0))
        return "done"

    assert record(program).result == "done"


def falls_too_deep():
    def deeper(n):
        return deeper(n + 1)

    try:
        deeper(0)
    except RecursionError:
        print("caught")
    return "end"


def falls_too_deep_by_delegating():
    def deeper(n):
        yield from deeper(n + 1)

    try:
        list(deeper(0))
    except RecursionError:
        print("caught")
    return "end"


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("program", [falls_too_deep, falls_too_deep_by_delegating])
def test_a_program_that_has_no_room_left_on_the_stack_goes_on_as_it_would(program, lines, capsys):
    with without_collector():  # where it has no room for our hook, Python says so, and nothing else follows from it
        trace = record(program, lines=lines)
    assert (trace.result, trace.error) == ("end", None)
    assert capsys.readouterr() == ("caught\n", "")
    last = [line.split(maxsplit=1)[1] for line in trace.text(lines=False).splitlines()[-2:]]
    assert last == [f"{program.__name__} prints 'caught\\n'", f"{program.__name__} returns 'end'"]


LIMIT = sys.getrecursionlimit()


def falls_and_goes_on(room):
    def deeper(n):
        try:
            return by_another(n)
        except RecursionError:
            sys.setrecursionlimit(LIMIT)
        return (x := n) + abs(x) + doubled(x)

    def by_another(n):
        return deeper(n + 1)

    sys.setrecursionlimit(len(inspect.stack(0)) + room)
    return deeper(1)


def doubled(number):
    return 2 * number


@pytest.mark.parametrize("room", range(10, 18))  # frames
def test_what_a_program_does_after_a_fall_is_told_in_full_however_little_room_there_was(room):
    record(falls_and_goes_on, 100)  # what is known of its code is kept, and so it comes deeper now
    try:
        trace = record(falls_and_goes_on, room)
    finally:
        sys.setrecursionlimit(LIMIT)
    told = [line.split(maxsplit=1)[1] for line in trace.text().splitlines()]
    deepest = trace.result // 4
    at = next(n for n, line in enumerate(told) if "calls doubled" in line)
    assert told[at - 1].endswith(f"x = {deepest}")
    assert told[at].endswith(f"calls doubled, number = {deepest}")


# -- what a program can see of the interpreter -------------------------------------------------------------------------


class Knot:
    def __init__(self):
        self.me = self


class Default:
    value = 0

    def rise(self):
        self.value = self.value + 1


def test_the_collector_counts_as_alone():
    def program():
        gc.collect()
        knot = Knot()
        found = [len(gc.get_referents(knot))]
        del knot
        counter = Default()
        counter.rise()
        return found, gc.collect(), [type(held).__name__ for held in gc.get_referents(counter)]

    alone, recorded = both(program)
    assert alone == recorded


@pytest.mark.replaces_builtins
@pytest.mark.parametrize("name", ["len", "type", "id", "isinstance", "repr", "print", "next", "map", "getattr", "any"])
def test_a_program_may_replace_a_builtin(name):
    def gives():
        x = yield 1
        yield x

    def program():
        before = getattr(builtins, name)
        setattr(builtins, name, lambda *_: 1 / 0)
        try:
            it = gives()
            return it.send(None), it.send([2]), it.close()
        finally:
            builtins.__dict__[name] = before

    alone, recorded = both(program)
    assert alone == recorded == ((1, [2], None), "")


@pytest.mark.replaces_builtins
@pytest.mark.parametrize("name", ["len", "isinstance", "str", "sorted"])
def test_a_program_that_leaves_a_builtin_replaced_has_its_trace(name, monkeypatch):
    monkeypatch.setattr(builtins, name, getattr(builtins, name))  # to be given back at the end of this test

    def program():
        setattr(builtins, name, None)

    replace = builtins.setattr
    trace = record(program)
    left = builtins.__dict__[name]
    replace(builtins, name, _BUILTINS[name])
    assert left is None and trace.error is None
    assert trace.text().splitlines()[-1].endswith("program returns None")


@pytest.mark.replaces_builtins
def test_a_module_may_be_imported_meanwhile(tmp_path, monkeypatch):
    (tmp_path / "counts.py").write_text("def numbers():\n    yield 1\n    yield 2\n")
    monkeypatch.syspath_prepend(tmp_path)

    def program():
        import counts

        before, builtins.len = builtins.len, lambda *_: 1 / 0
        try:
            return list(counts.numbers())
        finally:
            builtins.len = before

    trace = record(program)
    assert trace.result == [1, 2]
    assert "counts returns None to program" in trace.text()
    assert "numbers yields 2 to program" in trace.text()
    monkeypatch.delitem(sys.modules, "counts")


_BUILTINS = dict(vars(builtins))


def ours():
    return [tool for tool in range(6) if sys.monitoring.get_tool(tool) == "coro_lab"]


def gives_once():
    return list(iter([1]))


def test_a_freed_place_among_the_tools_is_taken_again():
    def gives():
        yield 1

    def program():
        for tool in ours():
            sys.monitoring.free_tool_id(tool)
        return list(gives())

    trace = record(program)
    assert (trace.result, trace.error) == ([1], None)
    if sys.version_info >= (3, 14):  # nothing arrives any more, and the Trace says so
        assert "took the place of the recording" in trace.cut
    else:
        assert trace.cut is None and "gives yields 1 to program" in trace.text()
    assert ours() == []
    assert record(gives_once).text()


def test_a_place_that_another_tool_takes_is_left_to_it():
    taken = []

    def gives():
        yield 1

    def program():
        for tool in ours():
            sys.monitoring.free_tool_id(tool)
            sys.monitoring.use_tool_id(tool, "theirs")
            taken.append(tool)
        return list(gives())

    trace = record(program)
    (tool,) = taken
    try:
        assert trace.result == [1]
        assert "took the place of the recording" in trace.text()
        assert sys.monitoring.get_tool(tool) == "theirs"
        assert sys.monitoring.get_events(tool) == 0
        assert all(
            sys.monitoring.register_callback(tool, event, None) is None for event in (EVENTS.PY_START, EVENTS.LINE)
        )
        assert list(gives()) == [1]
    finally:
        sys.monitoring.free_tool_id(tool)


# -- nothing of ours is left half-way ----------------------------------------------------------------------------------


@pytest.mark.integration
@pytest.mark.parametrize("lines", [True, False])
def test_no_generator_of_ours_is_left_half_way(lines, monkeypatch):
    """The end of one is an event as well: an interrupt that arrives there would be thrown away by the interpreter."""
    thrown = []
    on_throw = Throwing.on_throw

    def noting(self, code, offset, error, *, frame):
        if code.co_filename.startswith(OURS):
            thrown.append(code.co_qualname)
        return on_throw(self, code, offset, error, frame=frame)

    monkeypatch.setattr(Throwing, "on_throw", noting)
    moves = (2, "send", "any", "break", "hand out", "drop", 4, "list", 7, "send", "close")
    with redirect_stdout(io.StringIO()):
        record(perform, [(move, "a") for move in moves], dict.fromkeys("abc"), [], lines=lines)
        for program in GOLDEN.values():
            record(program, lines=lines)
    assert thrown == []
