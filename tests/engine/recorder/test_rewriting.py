"""The syntax-tree pass: what goes in is heard, and nothing else changes."""

import __future__

import ast
import linecache
import traceback
import types
import warnings
from itertools import count

import pytest

from coro_lab import Kind, Stepper, record
from coro_lab.engine.recorder.rewriting import (
    CodeTable,
    Listener,
    compile_quietly,
    handing_over,
    nested,
    put_hooks,
    received,
    rewrite_tree,
)

_serial = count()


def in_a_file(source, folder=None, flags=0):
    """The names that a file of the learner's defines, and its path."""
    filename = str(folder / "learners.py") if folder else f"/learner/rewriting_{next(_serial)}.py"
    if folder:
        (folder / "learners.py").write_text(source)
    else:
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    namespace = {"__name__": "learners"}
    exec(compile(source, filename, "exec", flags=flags, dont_inherit=True), namespace)
    return namespace


def sent(function, *values, **options):
    """What the trace says was sent in, when these values were, after the first step."""

    def program():
        it = function()
        next(it)
        for value in values:
            try:
                it.send(value)
            except StopIteration:
                break

    trace = record(program, **options)
    assert trace.error is None
    return [event.value for event in trace.events if event.kind == "resume"]


# -- where values are heard -------------------------------------------------------------------------------------------

FORMS = {
    "bare": "def it():\n    yield\n    yield\n",
    "assigned": "def it():\n    x = yield 1\n    yield x\n",
    "in a call": "def it():\n    print('', end=str((yield))[:0])\n    yield\n",
    "in an f-string": "def it():\n    x = f'{(yield)}'\n    yield\n",
    "twice in a line": "def it():\n    x = [(yield), (yield)]\n",
    "augmented": "def it():\n    x = 'x'\n    x += str((yield))\n    yield\n",
    "walrus": "def it():\n    while (x := (yield)) != 'end':\n        pass\n",
    "in a lambda": "it = lambda: ((yield), (yield))\n",
    "in a method": "class C:\n    def it(self):\n        yield\n        yield\nit = C().it\n",
    "with a default": "def it(x=3, *, y=4):\n    yield x\n    yield y\n",
    "decorated": "from functools import wraps\ndef same(f):\n    @wraps(f)\n    def g(*a):\n        return f(*a)\n"
    "    return g\n@same\ndef it():\n    yield\n    yield\n",
    "of a closure": "def make():\n    n = 1\n    def it():\n        nonlocal n\n        n += 1\n        yield n\n"
    "        yield n\n    return it\nit = make()\n",
    "with a class cell": "class A:\n    def it(self):\n        yield\nclass B(A):\n    def it(self):\n"
    "        super().it()\n        yield __class__\n        yield\nit = B().it\n",
    "in a try": "def it():\n    try:\n        yield\n    except KeyError:\n        pass\n    finally:\n        yield\n",
    "in a with": "from contextlib import nullcontext\ndef it():\n    with nullcontext((yield)):\n        yield\n",
    "generic": "def it[T](x: T = 3):\n    yield x\n    yield x\n",
    "with a docstring": "def it():\n    'words'\n    yield\n    yield\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_sent_is_heard_wherever_the_yield_stands(form):
    assert sent(in_a_file(FORMS[form])["it"], "first", 2)[:1] == ["'first'"]


def test_a_chain_hears_at_every_link():
    source = "def inner():\n    got = yield\n    yield got\ndef it():\n    return (yield from inner())\n"
    assert sent(in_a_file(source)["it"], "hello") == ["'hello'", "'hello'"]


def test_future_flags_of_the_file_are_kept():
    source = "from __future__ import annotations\ndef it(x: Unknown = 1) -> AlsoUnknown:\n    yield\n    yield\n"
    names = in_a_file(source)
    assert names["it"].__annotations__ == {"x": "Unknown", "return": "AlsoUnknown"}
    assert sent(names["it"], 1) == ["1"]
    assert names["it"].__code__.co_flags & __future__.annotations.compiler_flag


# -- nothing else changes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_function_gets_its_very_own_code_back(form):
    made = in_a_file(FORMS[form])["it"]
    it = getattr(made, "__func__", made)
    before = it.__code__, it.__defaults__, it.__kwdefaults__, it.__closure__, it.__name__, it.__doc__
    sent(made, 1)
    assert (it.__code__, it.__defaults__, it.__kwdefaults__, it.__closure__, it.__name__, it.__doc__) == before
    assert it.__code__ is before[0]


def test_equal_functions_of_two_files_keep_their_files():
    first, second = (in_a_file(FORMS["bare"])["it"] for _ in range(2))
    files = first.__code__.co_filename, second.__code__.co_filename
    for function in (first, second, first):
        sent(function, 1)
        assert (first.__code__.co_filename, second.__code__.co_filename) == files


def test_a_function_made_while_recording_ends_up_with_the_code_that_lies_in_its_maker():
    make = in_a_file("def make():\n    def it():\n        yield\n        yield\n    return it\n")["make"]
    it = record(make).result
    assert any(it.__code__ is constant for constant in make.__code__.co_consts)


def test_the_positions_of_a_traceback_are_kept():
    source = "def it():\n    got = [\n        1,\n        (yield 2) / 0,\n    ]\n    yield got\n"
    it = in_a_file(source)["it"]

    def program():
        running = it()
        next(running)
        running.send(3)

    def places(error):
        return [
            (at.name, at.lineno, at.colno, at.end_colno, at.line) for at in traceback.extract_tb(error.__traceback__)
        ]

    with pytest.raises(ZeroDivisionError) as alone:
        program()
    assert places(record(program).error) == places(alone.value)[1:]


@pytest.mark.parametrize("form", FORMS)
def test_every_instruction_stays_on_its_line(form):
    filename, source = "/learner/lines.py", FORMS[form]
    original = compile_quietly(source, filename)
    rewritten = put_hooks(compile_quietly(rewrite_tree(ast.parse(source)), filename))
    for one, other in zip(nested(original), nested(rewritten), strict=True):
        assert {line for *_, line in one.co_lines() if line} == {line for *_, line in other.co_lines() if line}
        assert (one.co_names, one.co_varnames, one.co_freevars) == (
            other.co_names,
            other.co_varnames,
            other.co_freevars,
        )


def test_names_of_the_learners_cannot_get_in_the_way():
    source = "received = handing_over = None\ndef it():\n    got = yield received\n    yield got\n"
    assert sent(in_a_file(source)["it"], 5) == ["5"]


def test_the_hooks_alone_pass_everything_on():
    assert Listener.heard is None and Listener.handed_over is None
    value = object()
    assert received(value) is value and handing_over(value) is value


def test_a_warning_of_the_compiler_is_not_given_twice(recwarn):
    with pytest.warns(SyntaxWarning):
        it = in_a_file("def it():\n    yield\n    yield 1 is 1\n")["it"]
    recwarn.clear()
    assert sent(it, 1) == ["1"]
    assert not recwarn.list


# -- only certain sources ---------------------------------------------------------------------------------------------


def test_code_without_a_source_is_left_alone():
    namespace = {}
    exec("def it():\n    yield\n    yield\n", namespace)
    assert CodeTable().rewritten(namespace["it"].__code__) is None


def test_a_function_that_suspends_nowhere_is_left_alone():
    assert CodeTable().rewritten(in_a_file("def plain():\n    return 1\n")["plain"].__code__) is None


EDITED = {
    "another value": "def it():\n    got = yield 2\n    yield got\n",
    "a line before": "# new\ndef it():\n    got = yield 1\n    yield got\n",
    "broken": "def it(:\n",
    "emptied": "",
    "binary": "\x00\x00",
}


@pytest.mark.parametrize("edit", EDITED)
def test_in_a_file_that_was_edited_since_nothing_is_guessed(edit, tmp_path):
    it = in_a_file("def it():\n    got = yield 1\n    yield got\n", tmp_path)["it"]
    (tmp_path / "learners.py").write_text(EDITED[edit])
    linecache.checkcache(it.__code__.co_filename)
    assert CodeTable().rewritten(it.__code__) is None
    own = it.__code__
    assert sent(it, 7) in ([None], ["7"])  # unknown, or read from the generator itself; never another value
    assert it.__code__ is own


def test_a_file_that_was_edited_and_loaded_again_is_read_again(tmp_path):
    first = in_a_file("def it():\n    got = yield 1\n    yield got\n", tmp_path)["it"]
    assert sent(first, 7) == ["7"]
    second = in_a_file("def it():\n    'new'\n    got = yield 1\n    yield got\n", tmp_path)["it"]
    linecache.checkcache(second.__code__.co_filename)
    assert CodeTable().rewritten(second.__code__) is not None
    assert sent(second, 8) == ["8"]


def test_a_source_that_awaits_at_its_top_is_read_too():
    filename = f"/learner/rewriting_{next(_serial)}.py"
    source = "def it():\n    got = yield 1\n    yield got\n\nawait later()\n"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    whole = compile(source, filename, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    it = types.FunctionType(next(each for each in nested(whole) if each.co_name == "it"), {"__name__": "learners"})
    assert sent(it, 7) == ["7"]
    assert CodeTable().rewritten(it.__code__) is not None and CodeTable().is_from_source(whole)


def test_one_table_reads_a_file_again_that_has_changed(tmp_path):
    table = CodeTable()
    first = in_a_file("def it():\n    got = yield 1\n    yield got\n", tmp_path)["it"].__code__
    assert table.rewritten(first) is not None and table.is_from_source(first)
    second = in_a_file("def it():\n    'new'\n    got = yield 1\n    yield got\n", tmp_path)["it"].__code__
    linecache.checkcache(second.co_filename)
    rewritten = table.rewritten(second)
    assert rewritten is not None and rewritten.co_consts[0] == "new"
    assert table.is_from_source(second) and not table.is_from_source(first)


def test_the_rewritten_code_comes_from_the_same_source_as_the_learners():
    code = in_a_file("def it():\n    yield\n")["it"].__code__
    table = CodeTable()
    assert table.is_from_source(table.rewritten(code))
    assert not table.is_from_source(compile("x = 1", code.co_filename, "exec"))


def test_the_table_knows_the_way_back():
    table = CodeTable()
    code = in_a_file("def it():\n    yield (n for n in 'ab')\n")["it"].__code__
    rewritten = table.rewritten(code)
    assert rewritten is not None and rewritten is not code
    assert table.original(rewritten) == code
    assert [table.original(inner) for inner in nested(rewritten)] == list(nested(code))
    assert table.original(code) is None
    assert table.rewritten(code) is rewritten


@types.coroutine
def declared_awaitable():
    answer = yield "ready"
    return answer


async def awaits_it():
    return await declared_awaitable()


def test_what_is_sent_is_heard_in_a_generator_that_can_be_awaited():
    own = declared_awaitable.__code__
    trace = Stepper(awaits_it).next().send("go").trace
    assert [event.value for event in trace.events if event.kind is Kind.RESUME] == ["'go'", "'go'"]
    assert declared_awaitable.__code__ is own


def test_a_warning_of_the_source_is_given_once(tmp_path):
    """Python gives it where it compiles the file; a recording compiles the source again, silently."""
    with pytest.warns(SyntaxWarning, match="invalid escape sequence"):
        names = in_a_file('def g():\n    got = yield "\\d"\n', tmp_path)
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        assert record(lambda: [*names["g"]()]).result == ["\\d"]
    assert given == []
