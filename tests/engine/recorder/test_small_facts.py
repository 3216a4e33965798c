"""The small facts on which a recording is built, each asked for directly."""

import asyncio
import collections
import importlib
import pkgutil
import sys

import pytest

import coro_lab.engine.recorder as recorder
from coro_lab.engine.recorder.code_info import CodeInfo, is_at_for, is_calling, name_of, segment
from coro_lab.engine.recorder.limits import MAX_EVENTS
from coro_lab.engine.recorder.suspendables import cannot_receive, chain_of, frame_of, is_running, wrapped_value
from coro_lab.trace import own_builtins

MODULES = [
    importlib.import_module(f"{recorder.__name__}.{each.name}") for each in pkgutil.iter_modules(recorder.__path__)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_no_module_of_the_recorder_looks_at_builtins_that_a_program_may_replace(module):
    assert vars(module)["__builtins__"] is own_builtins._KEPT


# -- who can receive a value -------------------------------------------------------------------------------------------


class Sends:
    def __iter__(self):
        return self

    def __next__(self):
        return 1

    def send(self, value):
        return value


class OnlyNext:
    def __iter__(self):
        return self

    def __next__(self):
        return 1


class MakesAGenerator:
    def __iter__(self):
        yield 1


class Derived(list):
    """What the interpreter makes an iterator of."""


def generator():
    yield 1


@pytest.mark.parametrize(
    "iterable, answer",
    [
        ([1], True),
        ((1,), True),
        (range(1), True),
        (map(abs, [1]), True),
        (collections.deque([1]), True),
        (Derived([1]), True),
        (iter([1]), True),
        (OnlyNext(), True),
        (Sends(), False),
        (MakesAGenerator(), False),
        (generator(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_none_can_arrive_in_what_has_no_send(iterable, answer):
    assert cannot_receive(iterable) is answer


# -- what is suspended -------------------------------------------------------------------------------------------------


def test_a_chain_goes_from_the_outermost_inwards_over_what_asyncio_wraps():
    async def innermost():
        await asyncio.sleep(0)

    async def ticks():
        await innermost()
        yield 1

    async def outermost():
        async for _ in ticks():
            pass

    made = outermost()
    made.send(None)
    assert [one.__qualname__.rpartition(".")[2] for one in chain_of(made)] == [
        "outermost", "ticks", "innermost", "sleep", "__sleep0"
    ]  # fmt: skip
    made.close()


def test_what_is_no_generator_has_no_chain():
    assert list(chain_of(None)) == list(chain_of(iter([1]))) == []


def test_a_generator_has_a_frame_until_it_is_closed_and_runs_while_it_runs():
    def looks():
        yield is_running(made)

    made = looks()
    assert frame_of(made) is made.gi_frame is not None
    assert (is_running(made), next(made)) == (False, True)
    made.close()
    assert frame_of(made) is None


def test_what_an_async_generator_yields_is_taken_out_of_its_wrapper():
    assert wrapped_value("plain") == "plain"
    assert wrapped_value(None) is None


# -- what a frame is doing ---------------------------------------------------------------------------------------------


def asks(question):
    def resumed():
        yield question(sys._getframe(1))

    return resumed


def test_a_loop_resumes_with_none_and_a_call_need_not():
    made = asks(is_at_for)
    assert [answer for answer in made()] == [True]  # noqa: C416 - the loop itself is asked
    for answer in made():
        assert answer
    assert not next(made())
    assert not made().send(None)
    assert not is_at_for(None)


def test_a_call_of_a_method_is_known_by_its_name():
    made = asks(lambda frame: (is_calling(frame, "send"), is_calling(frame, "close")))
    sent = made().send(None)  # not in an assert: pytest moves what stands there
    asked = next(made())
    assert (sent, asked) == ((True, False), (False, False))
    assert not is_calling(None, "send")


# -- the source of an expression ---------------------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "source.py"
    file.write_text("first = 1\nénergie = await (get(1,\n    2))  # a comment\n", encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    "place, text",
    [
        ((1, 1, 8, 9), "1"),
        ((2, 3, 11, 7), "(get(1, 2))"),  # columns count bytes, and an é has two
        ((2, 2, 0, 8), "énergie"),
        ((3, 3, 4, 5), "2"),
        ((3, 4, 0, 0), "?"),
        ((None, 1, 0, 0), "?"),
        ((1, None, 0, 0), "?"),
        ((1, 1, None, 0), "?"),
        ((1, 1, 0, None), "?"),
    ],
)
def test_an_expression_is_told_in_one_line_without_its_await(source, place, text):
    assert segment(source, *place) == text


# -- names -------------------------------------------------------------------------------------------------------------


class Owner:
    def method(self):
        def inner():
            pass

        return inner


def test_a_function_goes_by_its_name_and_a_method_by_that_of_its_class_too():
    assert name_of(generator.__code__) == "generator"
    assert name_of(Owner.method.__code__) == "Owner.method"
    assert name_of(Owner().method().__code__) == "inner"


def test_a_module_goes_by_its_file_and_a_cell_is_a_cell(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    for file in (tmp_path / "lesson.py", package / "__init__.py"):
        file.write_text("")
    names = [name_of(compile("", str(file), "exec")) for file in (tmp_path / "lesson.py", package / "__init__.py")]
    assert [*names, name_of(compile("", "<cell>", "exec"))] == ["lesson", "package", "cell"]


async def coroutine():
    await asyncio.sleep(0)


async def async_generator():
    yield


@pytest.mark.parametrize(
    "function, kind",
    [(name_of, "function"), (generator, "generator"), (coroutine, "coroutine"), (async_generator, "async generator")],
)
def test_the_kind_of_a_function_is_that_of_what_it_makes(function, kind):
    assert CodeInfo.of(function.__code__).kind == kind


def test_a_recording_keeps_a_hundred_thousand_events():
    assert MAX_EVENTS == 100_000
