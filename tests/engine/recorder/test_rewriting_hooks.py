"""The rewritten code by itself, without a recorder: what its hooks hear, and which code it stands in for."""

import __future__

import ast
import asyncio
import contextlib
import importlib
import linecache
import sys
import types

import pytest

from coro_lab import record
from coro_lab.engine.recorder.rewriting import CodeTable, Listener, compile_quietly, nested, put_hooks, rewrite_tree

FILE = "/learner/hooks.py"


def compiled(source, flags=0, filename=FILE):
    """The code of a file with this source, which can be read."""
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    return compile(source, filename, "exec", flags=flags, dont_inherit=True)


def names_of(source):
    """What the source defines when its rewritten code runs."""
    names = {}
    exec(put_hooks(compile_quietly(rewrite_tree(ast.parse(source)), FILE)), names)
    return names


@pytest.fixture
def heard(monkeypatch):
    """What the yields gave back, and what was delegated to."""
    values = []
    monkeypatch.setattr(Listener, "heard", lambda value: values.append(("received", value)))
    monkeypatch.setattr(Listener, "handed_over", lambda value: values.append(("handed over", value)))
    return values


# -- what the hooks hear ----------------------------------------------------------------------------------------------


def drive(it, *values):
    next(it)
    with contextlib.suppress(StopIteration):
        for value in values:
            it.send(value)


def test_a_yield_inside_a_yield_is_heard_too(heard):
    drive(names_of("def it():\n    yield (yield (yield 1))\n")["it"](), "a", "b", "c")
    assert heard == [("received", "a"), ("received", "b"), ("received", "c")]


def test_what_is_delegated_to_is_heard_before_it_begins(heard):
    inner = iter("xy")
    drive(names_of("def it(inner):\n    yield from inner\n")["it"](inner), None)
    assert heard == [("handed over", inner)]


def test_a_yield_inside_a_yield_from_is_heard_too(heard):
    inner = iter("xy")
    drive(names_of("def it():\n    yield from (yield 1)\n")["it"](), inner)
    assert heard == [("received", inner), ("handed over", inner)]


def test_what_is_asked_of_an_async_generator_is_heard(heard):
    async def program():
        it = names_of("async def it():\n    yield (yield 1)\n")["it"]()
        await anext(it)
        await it.asend("a")
        await it.aclose()

    asyncio.run(program())
    assert heard == [("received", "a")]


def test_with_nobody_listening_nothing_is_called():
    assert Listener.heard is None and Listener.handed_over is None
    assert list(names_of("def it():\n    yield from (yield 1) or 'xy'\n")["it"]()) == [1, "x", "y"]


@pytest.mark.parametrize(
    "constant", ["'coro_lab: something else'", "b'coro_lab'", "frozenset({1})", "...", "1.5", "()"]
)
def test_constants_stay_what_they_are(constant):
    names = names_of(f"def it(x):\n    yield x in {{1, 2}}, {constant}\n")
    assert next(names["it"](3)) == (False, eval(constant))


# -- which code is rewritten ------------------------------------------------------------------------------------------

SUSPENDABLE = {
    "a generator": "def it():\n    yield\n",
    "a coroutine": "async def it():\n    await other()\n",
    "an async generator": "async def it():\n    yield\n",
    "a function that makes one": "def it():\n    def inner():\n        yield\n    return inner\n",
    "a function that makes such a function": "def it():\n    def made():\n        return lambda: (yield)\n",
    "a method of a class": "class it:\n    def method(self):\n        yield\n",
}


def own(code, name="it"):
    """The code object of this name inside a file's."""
    return next(inner for inner in nested(code) if inner.co_name == name)


@pytest.mark.parametrize("form", SUSPENDABLE)
def test_whatever_can_be_suspended_or_makes_such_is_rewritten(form):
    code = own(compiled(SUSPENDABLE[form]))
    rewritten = CodeTable().rewritten(code)
    assert rewritten is not None and rewritten is not code
    assert rewritten.co_flags == code.co_flags


def test_a_cell_that_awaits_at_its_top_is_rewritten():
    source = "async def other():\n    yield\nasync for x in other():\n    pass\n"
    code = compiled(source, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    table = CodeTable()
    assert table.rewritten(code) is not None
    assert table.rewritten(own(code, "other")) is not None


FEATURES = [name for name in __future__.all_feature_names if name != "barry_as_FLUFL"]


@pytest.mark.parametrize("feature", FEATURES)
def test_a_cell_that_got_a_future_from_an_earlier_one_is_rewritten_with_it(feature):
    flag = getattr(__future__, feature).compiler_flag
    code = own(compiled("def it(x: Unknown = 1):\n    yield x\n", flags=flag | __future__.annotations.compiler_flag))
    rewritten = CodeTable().rewritten(code)
    assert rewritten is not None and rewritten.co_flags == code.co_flags


def test_one_file_is_compiled_once_and_its_functions_are_found_in_it():
    source = "def one():\n    yield 1\ndef two():\n    yield 2\n"
    code, table = compiled(source), CodeTable()
    one, two = table.rewritten(own(code, "one")), table.rewritten(own(code, "two"))
    whole = table.rewritten(code)
    assert {id(inner) for inner in nested(whole)} >= {id(one), id(two)}


def test_code_that_was_rewritten_once_is_not_looked_up_again(monkeypatch):
    code, table = own(compiled("def it():\n    yield\n")), CodeTable()
    first = table.rewritten(code)
    monkeypatch.setattr(table, "_look_up", lambda code: pytest.fail("it is known"))
    assert table.rewritten(code) is first


def test_equal_code_that_was_compiled_anew_comes_back_itself():
    source = "def it():\n    yield lambda: (yield)\n"
    table, first, second = CodeTable(), own(compiled(source)), own(compiled(source))
    assert first == second and first is not second
    for code in (first, second):
        rewritten = table.rewritten(code)
        assert table.original(rewritten) is code
        assert [table.original(inner) for inner in nested(rewritten)] == list(nested(code))
        assert all(a is b for a, b in zip(map(table.original, nested(rewritten)), nested(code), strict=True))


def test_types_coroutine_makes_code_that_is_rewritten_as_such():
    names = {}
    exec(compiled("def plain():\n    yield 1\ndef it():\n    got = yield 2\n    return got\n"), names)
    awaitable = types.coroutine(names["it"]).__code__
    table = CodeTable()
    rewritten = table.rewritten(awaitable)
    assert rewritten is not None and rewritten.co_flags == awaitable.co_flags
    assert table.original(rewritten) is awaitable
    assert table.rewritten(names["plain"].__code__).co_flags == names["plain"].__code__.co_flags


def test_code_that_types_coroutine_made_of_something_else_is_left_alone():
    names = {}
    exec(compiled("def it():\n    yield 2\n"), names)
    compiled("def it():\n    yield 3\n")  # what can be read now
    assert CodeTable().rewritten(types.coroutine(names["it"]).__code__) is None


# -- the lines that code was compiled from ----------------------------------------------------------------------------


def test_the_lines_of_rewritten_code_are_those_of_its_own():
    source = "def it():\n    yield\n"
    code, table = own(compiled(source)), CodeTable()
    assert table.lines(code) == table.lines(table.rewritten(code)) == source.splitlines(True)


def test_what_python_read_before_the_file_was_edited_is_read_again(tmp_path):
    path = tmp_path / "edited.py"
    sources = ["def it():\n    yield 1\n", "def it():\n    yield 1\n    yield 2\n"]
    table = CodeTable()
    for source in sources:
        path.write_text(source)
        names = {}
        exec(compile(source, str(path), "exec", dont_inherit=True), names)  # linecache is told of nothing
        assert table.lines(names["it"].__code__) == source.splitlines(True)
        assert table.rewritten(names["it"].__code__) is not None


def test_after_reload_the_old_functions_are_no_longer_in_the_file(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = tmp_path / "learners_module.py"
    path.write_text("def it():\n    got = yield 1\n    yield got\n")
    module = importlib.import_module("learners_module")
    old = module.it
    path.write_text("def it():\n    got = yield 10\n    yield got\n    yield\n")
    importlib.invalidate_caches()
    importlib.reload(module)

    def program(it):
        running = it()
        next(running)
        running.send(7)

    assert [event.value for event in record(program, module.it).events if event.kind == "resume"] == ["7"]
    assert CodeTable().rewritten(old.__code__) is None


# -- close() is reported ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wait", ["yield", "yield from (1, 2)", "yield (yield)"])
def test_close_is_reported_where_a_generator_is_suspended_outside_of_any_try(wait):
    names = {}
    exec(compiled(f"def it():\n    {wait}\n"), names)

    def program():
        running = names["it"]()
        next(running)
        running.close()

    trace = record(program)
    assert "close" in [event.kind for event in trace.events if event.lane.name == "it"]


@pytest.mark.skipif(sys.version_info < (3, 13), reason="before 3.13 the compiler sets no such mark")
def test_only_the_mark_by_which_close_goes_unreported_is_taken_away():
    source = "def it():\n    yield\n    try:\n        yield\n    finally:\n        yield from ()\n"
    code, unmarked = own(compiled(source)), own(put_hooks(compiled(source)))
    changed = [(a, b) for a, b in zip(code.co_code, unmarked.co_code, strict=True) if a != b]
    assert changed and all(a & ~4 == b and a & 4 for a, b in changed)


def test_a_function_that_cannot_be_suspended_keeps_its_bytes():
    code = own(compiled("def it():\n    return [x for x in 'ab']\n"))
    assert put_hooks(code).co_code == code.co_code
