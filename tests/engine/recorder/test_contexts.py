"""What each lane's context has of the program's context variables."""

import asyncio
import contextvars
from contextvars import ContextVar

import pytest

from coro_lab import record
from coro_lab.engine.recorder.locals import LocalsWatch
from coro_lab.engine.recorder.recorder import Recorder

user: ContextVar[object] = ContextVar("user", default="nobody")


def told(trace):
    """Each time that a context variable is told: in which lane, with which value."""
    return [
        (event.lane.name, name, value) for event in trace for name, value in event.changed if name.endswith("(context)")
    ]


def greet():
    return user.get()


async def handles(name):
    user.set(name)
    await asyncio.sleep(0)
    return greet()


def test_each_task_has_a_value_of_its_own_context():
    async def main():
        return await asyncio.gather(handles("anna"), handles("ben"))

    trace = record(main)
    assert trace.result == ["anna", "ben"]
    assert told(trace) == [
        ("handles", "user (context)", "'anna'"),
        ("handles 2", "user (context)", "'ben'"),
        ("greet", "user (context)", "'anna'"),
        ("greet 2", "user (context)", "'ben'"),
    ]
    assert "handles is at line" in (text := trace.text()) and ", user (context) = 'anna'" in text


def test_a_task_begins_with_a_copy_of_its_makers_context():
    async def child():
        before = user.get()
        user.set("child")
        return before

    async def main():
        user.set("main")
        return await asyncio.create_task(child()), user.get()

    trace = record(main)
    assert trace.result == ("main", "main")
    assert told(trace) == [
        ("main", "user (context)", "'main'"),
        ("child", "user (context)", "'main'"),
        ("child", "user (context)", "'child'"),
    ]


def test_a_reset_and_the_end_of_a_context_take_the_value_back():
    def inside():
        user.set("inside")
        greet()

    def program():
        token = user.set("set")
        user.reset(token)
        contextvars.copy_context().run(inside)
        greet()

    assert told(record(program)) == [
        ("program", "user (context)", "'set'"),
        ("program", "user (context)", None),
        ("inside", "user (context)", "'inside'"),
        ("greet", "user (context)", "'inside'"),
    ]


def test_a_generator_sees_the_context_of_the_one_that_resumes_it():
    def reads():
        while True:
            yield user.get()

    def program():
        it = reads()
        next(it)
        contextvars.copy_context().run(lambda: (user.set("other"), next(it)))
        next(it)

    assert [event for event in told(record(program)) if event[0] == "reads"] == [
        ("reads", "user (context)", "'other'"),
        ("reads", "user (context)", None),
    ]


def test_a_variable_of_a_function_around_it_is_found_and_equal_names_are_numbered():
    def program():
        mine: ContextVar[int] = ContextVar("user")

        def inner():
            mine.set(1)
            user.set(2)

        return contextvars.copy_context().run(inner)

    assert [name for lane, name, _ in told(record(program)) if lane == "inner"] == [
        "user 2 (context)",
        "user (context)",
    ]


def test_a_thread_has_the_context_that_it_is_given():
    async def main():
        user.set("main")
        return await asyncio.to_thread(greet)

    assert told(record(main))[-1] == ("greet", "user (context)", "'main'")


class Asked:
    """Fails if it is asked for anything."""

    def __repr__(self):
        raise AssertionError("a value of a context variable was asked")

    __eq__ = __hash__ = __str__ = __bool__ = __repr__  # type: ignore[assignment]


def test_no_code_of_the_program_is_run_to_describe_a_value():
    def program():
        user.set(Asked())
        user.set(1)

    trace = contextvars.copy_context().run(record, program)
    assert trace.error is None
    assert told(trace)[0] == ("program", "user (context)", "<Asked>")


@pytest.mark.parametrize("lines", [True, False])
def test_a_program_without_any_pays_for_none(lines):
    def program():
        return [sum(range(3))]

    def looks():
        lanes = list(Recorder._open._callbacks.lanes.by_frame.values())
        return [type(lane.watch) for lane in lanes]

    assert record(lambda: (program(), looks())[1], lines=lines).result == [LocalsWatch if lines else type(None)] * 2


def test_without_lines_nothing_is_told():
    assert told(record(lambda: asyncio.run(handles("anna")), lines=False)) == []
