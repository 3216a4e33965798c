"""Who belongs together, who failed, who was cancelled for it: read from recorded runs, and as text."""

import asyncio
import subprocess
import sys
import sysconfig
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from coro_lab import Kind, Trace, families, record
from coro_lab.errors import ArgumentError
from coro_lab.trace.error_tree import error_tree
from coro_lab.trace.safe_repr import describe


class Hostile(BaseException):
    asked = 0

    def __repr__(self):
        Hostile.asked += 1
        return "hostile"

    def __bool__(self):
        Hostile.asked += 1
        return False


class Crew(asyncio.TaskGroup):
    async def __aexit__(self, *error):
        return await super().__aexit__(*error)


async def fails(error):
    await asyncio.sleep(0)
    raise error


async def forever():
    await asyncio.Event().wait()


def members(family):
    return [(member.name, member.outcome) for member in family.members]


def test_a_group_knows_who_failed_and_who_was_cancelled_for_it():
    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(fails(ValueError("no")))
            group.create_task(forever())

    trace = record(main)
    (family,) = trace.families
    assert family.name == "TaskGroup"
    assert family.owner.name == "main"
    assert members(family) == [("fails", "raised ValueError('no')"), ("forever", "was cancelled")]
    assert family.errors == ((0, "ExceptionGroup: unhandled errors in a TaskGroup"), (1, "ValueError('no')"))
    assert "├ forever was cancelled in step 3, as fails raised ValueError; ended in step 4" in repr(families(trace))
    assert trace == Trace.from_json(trace.to_json())


def test_a_block_that_fails_and_a_task_that_a_helper_adds():
    def add(group):
        group.create_task(forever())

    async def main():
        async with asyncio.TaskGroup() as group:
            add(group)
            await asyncio.sleep(0)
            raise KeyError(1)

    (family,) = record(main).families
    assert (family.block, family.members[0].by.name) == ("KeyError(1)", "add")


def test_a_subclass_of_a_task_group_makes_a_family():
    async def main():
        async with Crew() as group:
            group.create_task(fails(LookupError("x")))
            group.create_task(forever())

    (family,) = record(main).families
    assert members(family) == [("fails", "raised LookupError('x')"), ("forever", "was cancelled")]
    assert [text for _, text in family.errors][1:] == ["LookupError('x')"]


# In a process that has recorded nothing yet: code of a library is looked at when it first starts.
AFTER_A_THREAD = """
import threading
import anyio
from coro_lab import record

def work():
    return [1]

async def fails():
    raise LookupError("x")

async def main():
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    async with anyio.create_task_group() as group:
        group.start_soon(fails)
        group.start_soon(anyio.sleep_forever)

(family,) = record(main).families
print(family.members[0].name, family.members[0].outcome)
"""


@pytest.mark.integration
def test_a_task_group_of_anyio_makes_a_family_also_after_a_thread():
    run = subprocess.run([sys.executable, "-c", AFTER_A_THREAD], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("fails raised LookupError('x')\n", "")


def start_and_join():
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()


@pytest.mark.parametrize("then", [lambda: None, start_and_join], ids=["one thread", "after a second one"])
def test_a_function_of_another_library_with_such_a_name_runs_as_alone(then):
    library = {"__name__": "library"}
    file = Path(sysconfig.get_paths()["stdlib"]) / "library.py"
    exec(compile("def gather():\n    raise KeyError(1)", file, "exec"), library)

    def main():
        then()
        with suppress(KeyError):
            library["gather"]()
        return "done"

    trace = record(main)
    assert (trace.result, trace.families) == ("done", ())


def test_gather_in_gather_that_is_cancelled():
    async def main():
        inner = asyncio.gather(forever())
        outer = asyncio.gather(inner, fails(OSError()), return_exceptions=True)
        for _ in range(5):
            await asyncio.sleep(0)
        outer.cancel()
        await outer

    first, second = record(main).families
    assert [first.name, second.name] == ["gather", "gather 2"]
    assert members(second) == [("gather", "raised CancelledError()"), ("fails", "raised OSError()")]


def test_a_future_does_not_get_the_name_of_one_that_is_gone():
    async def main():
        for _ in range(20):
            await asyncio.gather(asyncio.sleep(0))
            futures = [asyncio.get_running_loop().create_future() for _ in range(8)]
            for each in futures:
                each.set_result(1)
            await asyncio.wait(futures)
            futures = each = None

    waited = [each for each in record(main).families if each.name.startswith("wait")]
    assert {name for family in waited for name, _ in members(family)} == {"Future"}


def test_a_coroutine_inside_waits_from_the_step_in_which_its_task_gives_way():
    async def inner():
        await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0.001))

    async def main():
        await inner()

    for lines in (True, False):
        trace = record(main, lines=lines)
        (family,) = trace.families
        assert (family.opened, family.waits) == (1, 1)
        assert [event.lane.name for event in trace.events if event.step == 1 and event.kind is Kind.DELEGATE] == [
            "inner",
            "main",
        ]


def test_a_gather_of_the_library_is_told_unless_it_ends_what_is_left():
    async def left_open():
        try:
            yield
        finally:
            await asyncio.sleep(0)

    async def main():
        server = await asyncio.start_server(print, "127.0.0.1", 0)
        server.close()
        left.append(left_open())
        await anext(left[0])
        left.append(asyncio.create_task(asyncio.sleep(1000)))

    left = []
    trace = record(main)
    (family,) = trace.families
    assert (family.name, family.owner.name, family.opened, family.ended) == ("gather", "main", 0, 0)
    assert trace.of("left_open", kind=Kind.RAISE)


def test_a_gather_in_a_gather_is_cancelled_as_alone():
    async def nested():
        await asyncio.gather(asyncio.gather(forever(), asyncio.sleep(0)))

    async def main():
        task = asyncio.create_task(nested())
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel("enough")
        await asyncio.wait([task])
        return task.cancelled()

    trace = record(main)
    assert trace.result is True
    assert trace.of("nested", kind="cancel")[0].value == "cancel('enough')"


def test_the_member_that_failed_first_goes_by_the_name_of_its_lane():
    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(forever())
            group.create_task(asyncio.sleep(0))
            group.create_task(worker(1))
            group.create_task(worker(0))

    async def worker(turns):
        for _ in range(turns):
            await asyncio.sleep(0)
        if not turns:
            raise ValueError(turns)

    assert "├ forever was cancelled in step 4, as worker 2 raised ValueError" in repr(families(record(main)))


@pytest.mark.parametrize("aside", [[], ["break"]], ids=["all", "the first one"])
def test_as_completed_makes_a_family(aside):
    async def main():
        tasks = [asyncio.create_task(asyncio.sleep(0, "a")), asyncio.create_task(fails(OSError()))]
        for each in asyncio.as_completed(tasks):
            with suppress(OSError):
                await each
            if aside:
                break
        await asyncio.wait(tasks)

    family, _ = record(main).families
    assert (family.name, family.owner.name, family.opened, family.waits) == ("as_completed", "main", 0, 0)
    assert members(family) == [("fails", "raised OSError()"), ("sleep", "returned 'a'")]
    assert family.outcome == "ended"


def test_as_completed_that_takes_too_long():
    async def main():
        with suppress(TimeoutError):
            for each in asyncio.as_completed([forever()], timeout=0):
                await each

    (family,) = record(main).families
    assert (family.outcome, members(family)) == ("timed out, 1 pending,", [("forever", "was cancelled")])
    assert "forever was cancelled in step 3, after the family had ended" in repr(families(record(main)))


def test_what_is_lost_without_a_lane_is_told_where_it_is_dropped():
    library = {"__name__": "library"}
    file = Path(sysconfig.get_paths()["stdlib"]) / "library.py"
    exec(compile("async def reads():\n    raise EOFError(1)", file, "exec"), library)

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        future = asyncio.Future()
        future.set_exception(OSError("x"))
        del future
        task = asyncio.create_task(library["reads"]())
        await asyncio.sleep(0)
        del task

    assert repr(families(record(main))).splitlines() == [
        "step 0: main drops a future, and nobody has fetched OSError('x') of Future",
        "step 3: main drops a future, and nobody has fetched EOFError(1) of reads",
    ]


def test_wait_tells_how_many_are_done():
    async def main():
        tasks = [asyncio.create_task(asyncio.sleep(0)), asyncio.create_task(forever())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        tasks[1].cancel()

    (family,) = record(main).families
    assert (family.name, family.outcome) == ("wait", "returned, 1 done and 1 pending,")


def test_an_exception_with_a_hostile_repr_is_asked_as_often_as_alone():
    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(fails(Hostile("x")))

    Hostile.asked = 0
    with pytest.raises(BaseExceptionGroup):
        asyncio.run(main())
    alone, Hostile.asked = Hostile.asked, 0
    (family,) = record(main).families
    assert Hostile.asked == alone
    assert [text for _, text in family.errors] == [
        "BaseExceptionGroup: unhandled errors in a TaskGroup",
        "Hostile('x')",
    ]


def test_an_error_of_the_block_is_told_though_it_is_false():
    async def main():
        async with asyncio.TaskGroup():
            raise Hostile("block")

    Hostile.asked = 0
    with pytest.raises(BaseExceptionGroup):
        asyncio.run(main())
    alone, Hostile.asked = Hostile.asked, 0
    (family,) = record(main).families
    assert (family.block, Hostile.asked) == ("Hostile('block')", alone)


def test_a_group_of_groups_is_described_as_a_tree():
    inner = ExceptionGroup("a long message that takes much of the room", [ValueError("a"), KeyError("b")])
    outer = ExceptionGroup("another long message, and more of it", [inner, OSError()])
    assert describe(outer) == "ExceptionGroup(…, [ExceptionGroup(…, [ValueError('a'), KeyError('b')]), OSError…"
    assert [depth for depth, _ in error_tree(outer)] == [0, 1, 2, 2, 1]
    assert error_tree(OSError()) == ()


def test_the_exceptions_of_a_group_are_drawn_as_a_tree():
    async def inner():
        async with asyncio.TaskGroup() as group:
            group.create_task(fails(ValueError("a")))
            group.create_task(fails(KeyError("b")))

    async def main():
        with suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                group.create_task(inner())
                group.create_task(cleans_up_badly())

    async def cleans_up_badly():
        try:
            await forever()
        finally:
            raise OSError("c")

    assert repr(families(record(main))).partition("\n└ raised")[2].splitlines()[1:6] == [
        "  └ ExceptionGroup: unhandled errors in a TaskGroup",
        "    ├ ExceptionGroup: unhandled errors in a TaskGroup",
        "    │ ├ ValueError('a')",
        "    │ └ KeyError('b')",
        "    └ OSError('c')",
    ]


@pytest.mark.parametrize("children", [1, 2])
def test_a_group_that_raises_ends_in_the_step_in_which_its_owner_gets_the_exception(children):
    async def breaks():
        raise ValueError

    async def main():
        with suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                for _ in range(children):
                    group.create_task(breaks())

    trace = record(main)
    (family,) = trace.families
    (thrown,) = trace.of("main", kind="throw")
    assert family.ended == thrown.step
    assert f"└ raised in step {thrown.step}" in repr(families(trace))


def test_a_wait_that_is_cancelled_ends_in_the_step_in_which_its_owner_gets_it():
    async def waits():
        await asyncio.wait([asyncio.ensure_future(forever())])

    async def main():
        task = asyncio.create_task(waits())
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    trace = record(main)
    (thrown,) = trace.of("waits", kind="throw")
    (family,) = (each for each in trace.families if each.owner.name == "waits")
    assert (family.outcome, family.ended) == ("raised CancelledError()", thrown.step)


def test_a_group_that_ends_without_waiting_ends_at_once():
    async def main():
        async with asyncio.TaskGroup():
            pass
        await asyncio.sleep(0)

    (family,) = record(main).families
    assert (family.opened, family.ended) == (0, 0)


def test_nothing_to_tell():
    assert (
        repr(families(record(lambda: None))) == "No TaskGroup, gather, wait or as_completed, and no exception is lost."
    )
    with pytest.raises(ArgumentError, match="families"):
        families(forever)
