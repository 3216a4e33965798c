"""What is told of an eager task, which begins to run while it is being created."""

import asyncio
import gc

from coro_lab import Kind, record


async def answer():
    return 42


async def fails():
    raise ValueError("no")


async def ask(future):
    return await future


async def asks(future):
    return await ask(future)


def eagerly(program):
    """The same program on a loop whose tasks are eager."""

    async def eager():
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        return await program()

    return eager


def tasks(trace):
    """The tasks of the lanes, but for that of the program."""
    return [lane.task for lane in trace.lanes if lane.task != "Task-1"]


def given(trace, name):
    """The values that lanes of this name gave away."""
    kinds = (Kind.RETURN, Kind.RAISE, Kind.DELEGATE, Kind.SUSPEND)
    return [event.value for event in trace.events if event.kind in kinds and event.lane.name == name]


def test_an_eager_task_goes_by_the_name_that_it_gets_after_it_has_begun():
    async def names():
        await asyncio.create_task(answer(), name="made")
        await asyncio.get_running_loop().create_task(answer(), name="made by the loop")
        async with asyncio.TaskGroup() as group:
            group.create_task(answer(), name="made by a group")

    assert tasks(record(eagerly(names))) == ["made", "made by the loop", "made by a group"]


def test_an_eager_task_without_a_name_keeps_its_number():
    async def unnamed():
        future = asyncio.get_running_loop().create_future()
        waiting = asyncio.create_task(ask(future))
        asyncio.get_running_loop().call_soon(future.set_result, "late")
        return await waiting

    trace = record(eagerly(unnamed))
    assert tasks(trace) == ["Task-2"]
    assert given(trace, "unnamed") == ["<Task Task-2>", "'late'"]


def test_a_name_belongs_to_the_innermost_task_that_is_being_created():
    async def outer():
        await asyncio.create_task(answer())

    async def nested():
        await asyncio.create_task(outer(), name="outer one")

    assert tasks(record(eagerly(nested))) == ["outer one", "Task-2"]


def beginnings(trace):
    """How each lane begins, and what is printed, without the steps."""
    sentences = [line.split(maxsplit=1)[1] for line in trace.text(lines=False).splitlines()]
    return [told for told in sentences if " starts" in told or " prints" in told]


async def makes_one():
    task = asyncio.create_task(says())
    print("made")
    return await task


async def says():
    print("begins")


def test_a_task_begins_when_the_loop_gets_to_it():
    assert beginnings(record(makes_one)) == [
        "makes_one starts",
        r"makes_one prints 'made\n'",
        "says starts",
        r"says prints 'begins\n'",
    ]


def test_an_eager_task_begins_where_it_is_made_and_may_end_there():
    trace = record(eagerly(makes_one))
    assert beginnings(trace)[-3:] == [
        "makes_one starts says at once, because its task is eager",
        r"says prints 'begins\n'",
        r"makes_one prints 'made\n'",
    ]
    made = next(event.step for event in trace.of("makes_one", kind="output"))
    assert trace.of("says", kind="return")[0].step < made


def test_only_the_first_lane_of_an_eager_task_is_told_to_begin_so():
    async def outer():
        return await says()

    async def nests():
        return await asyncio.create_task(outer())

    assert beginnings(record(eagerly(nests)))[-3:-1] == [
        "nests starts outer at once, because its task is eager",
        "outer starts says",
    ]


def test_an_eager_task_that_a_callback_makes_begins_in_the_callback():
    async def program():
        loop, made = asyncio.get_running_loop(), []
        loop.call_soon(lambda: made.append(loop.create_task(says())))
        await asyncio.sleep(0)
        await made[0]

    assert "<lambda> starts says at once, because its task is eager" in beginnings(record(eagerly(program)))


def test_one_that_has_ended_already_is_gathered_and_grouped_and_waited_for():
    async def waited():
        async with asyncio.TaskGroup() as group:
            done = group.create_task(answer())
        await asyncio.wait([done])
        return await asyncio.gather(done, asyncio.create_task(answer()))

    assert record(eagerly(waited)).result == [42, 42]


def test_one_that_has_failed_already_ends_its_group():
    async def fails_at_once():
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())

    assert type(record(eagerly(fails_at_once)).error) is ExceptionGroup


def test_an_eager_task_returns_to_itself_and_not_to_its_creator():
    async def straight():
        return await asyncio.create_task(answer())

    trace = record(eagerly(straight))
    assert given(trace, "answer") == ["42 (for its task)"]
    assert "answer returns 42 (for its task) to straight" in trace.text()


def test_what_an_eager_task_raises_is_for_the_task_too():
    async def catches():
        task = asyncio.create_task(fails())
        try:
            await task
        except ValueError:
            return "caught"

    trace = record(eagerly(catches))
    assert (given(trace, "fails"), trace.result) == (["ValueError('no') (for its task)"], "caught")


def test_what_an_eager_task_waits_for_is_told_as_of_any_other():
    async def waits():
        future = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(asks(future))
        asyncio.get_running_loop().call_soon(future.set_result, "late")
        return await task

    trace = record(eagerly(waits))
    assert given(trace, "ask") == ["<Future of ask>", "'late'"]
    assert given(trace, "asks") == ["<Future of ask> (for its task)", "'late'"]


def test_once_it_has_waited_an_eager_task_is_like_any_other():
    async def waits():
        await asyncio.sleep(0)
        return 42

    async def twice():
        return await asyncio.create_task(waits())

    assert given(record(eagerly(twice)), "waits") == ["None (for its task)", "42"]


def test_an_eager_task_that_is_forgotten_is_closed_as_any_other():
    async def forever(future):
        await future

    async def forgets():
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        asyncio.create_task(forever(asyncio.Future()))  # noqa: RUF006 (this is the mistake)
        gc.collect()

    assert "forever is closed for good" in record(eagerly(forgets)).text()


def test_a_task_that_begins_later_gives_to_the_lane_that_runs_the_loop():
    async def later():
        return await asyncio.create_task(answer(), name="later")

    def program():
        return asyncio.run(later())

    trace = record(program)
    assert (tasks(trace), given(trace, "answer")) == ([None, "later"], ["42"])


def test_a_function_called_by_an_eager_task_returns_to_its_caller():
    def double(n):
        return 2 * n

    async def doubles():
        return double(21)

    async def straight():
        await asyncio.create_task(doubles())

    trace = record(eagerly(straight))
    assert (given(trace, "double"), given(trace, "doubles")) == (["42"], ["42 (for its task)"])
