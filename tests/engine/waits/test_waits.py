"""Who waits for whom: in a loop that runs, in one that is blocked, and in a recorded run."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
import threading
import time
import types
import weakref
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coro_lab import Kind, explore, record, wait_graph, waits, watch_loop
from coro_lab.errors import ArgumentError


def look_at(*programs, turns=20):
    """What `waits` finds when each of these coroutine functions has had time to get stuck."""

    async def watch():
        tasks = [asyncio.create_task(program()) for program in programs]
        for _ in range(turns):
            await asyncio.sleep(0)
        found = waits()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return found

    return asyncio.run(watch())


def said(found):
    """What each task does, without the one that looks."""
    return [str(row) for row in found.rows if row.task != "watch"]


async def deposit(account, other):
    async with account:
        await asyncio.sleep(0)
        async with other:
            pass


async def bank():
    left, right = asyncio.Lock(), asyncio.Lock()
    await asyncio.gather(deposit(left, right), deposit(right, left))


def test_two_locks_in_two_orders_are_a_deadlock():
    found = look_at(bank)
    assert found.finding == "Deadlock: deposit waits for deposit 2, which waits for deposit"
    assert said(found) == [
        "bank waits for deposit, deposit 2",
        "deposit waits for other, held by deposit 2",
        "deposit 2 waits for other, held by deposit",
    ]
    assert found.rows[2].of == ("deposit 2",)
    assert all(row.stuck for row in found.rows if row.task != "watch")


async def crew(queue):
    while True:
        await queue.get()
        await queue.put("more")
        await queue.put("more")
        queue.task_done()


async def crawl(room):
    queue = asyncio.Queue(room)
    workers = [asyncio.create_task(crew(queue)) for _ in (1, 2)]
    try:
        await queue.put("home")
        await queue.join()
    finally:
        for each in workers:
            each.cancel()


def test_a_full_queue_is_a_deadlock_without_a_lock():
    found = look_at(lambda: crawl(1))
    assert found.finding == "Deadlock: crew waits for crew 2, which waits for crew"
    assert "crew and 1 more    line" not in repr(found)
    assert said(found)[0] == "crawl waits for the end of the work in queue"


async def reader(queue):
    await queue.get()


async def library():
    queue = asyncio.Queue()
    queue.put_nowait("page")
    task = asyncio.create_task(reader(queue))
    await queue.join()
    task.cancel()


def test_what_nobody_is_left_to_give():
    found = look_at(library)
    assert found.finding == "Stuck: library waits for the end of the work in queue, which nobody is left to give"
    assert not found.cycle


async def patient():
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(60):
            await asyncio.Future()


async def held_by_a_timer():
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(60, event.set)
    await event.wait()


async def answered_by_a_thread():
    release = threading.Event()
    asyncio.get_running_loop().call_later(0.05, release.set)
    await asyncio.to_thread(release.wait)


async def fed_by_a_sleeper():
    queue = asyncio.Queue()

    async def feed():
        await asyncio.sleep(60)
        await queue.put(1)

    await asyncio.gather(queue.get(), feed())


async def deeply_held():
    event = asyncio.Event()
    app = types.SimpleNamespace(state=types.SimpleNamespace(parts={"door": [types.SimpleNamespace(opened=event)]}))

    async def owner(app):
        await asyncio.sleep(60)
        app.state.parts["door"][0].opened.set()

    task = asyncio.create_task(owner(app))
    del app
    try:
        await event.wait()
    finally:
        task.cancel()


async def weakly_held():
    """The loop refers to a reader by a weak reference alone."""
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    try:
        await reader.readline()
    finally:
        theirs.close()
        writer.close()
        await writer.wait_closed()


async def first_of_two():
    never, soon = asyncio.Future(), asyncio.create_task(asyncio.sleep(60))
    await asyncio.wait([never, soon], return_when=asyncio.FIRST_COMPLETED)


@pytest.mark.parametrize(
    "program",
    [patient, held_by_a_timer, answered_by_a_thread, fed_by_a_sleeper, deeply_held, weakly_held, first_of_two],
)
def test_nobody_is_called_stuck_who_can_go_on(program):
    found = look_at(program)
    assert not [row for row in found.rows if row.stuck]
    assert found.finding.endswith("none is known to be stuck")


async def in_a_manager():
    lock = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def locked():
        async with lock:
            yield

    async def numbers():
        async with lock:
            yield 1

    async def manager():
        async with locked():
            await numbers().__anext__()

    async def stack():
        async with contextlib.AsyncExitStack() as kept:
            await kept.enter_async_context(asyncio.Lock())
            await lock.acquire()

    await asyncio.gather(manager(), stack())


def test_a_lock_that_a_generator_holds_belongs_to_its_task():
    found = look_at(in_a_manager)
    assert said(found)[1:] == [
        "manager waits for lock, held by manager",
        "stack waits for lock, held by manager",
    ]


async def in_a_condition():
    filled = asyncio.Condition()

    async def consumer():
        async with filled:
            await filled.wait()

    await asyncio.gather(consumer(), consumer())


def test_who_waits_in_a_condition_does_not_hold_its_lock():
    found = look_at(in_a_condition)
    assert said(found)[1] == "consumer waits for a notify of filled, which nobody is left to give"


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(3)))
def test_explore_and_waits_agree_on_who_holds_what(second):
    """Each of three tasks holds its own lock and wants another: a deadlock in every order."""

    async def eat(forks, ready, mine, wanted):
        async with forks[mine]:
            await ready.wait()
            async with forks[wanted]:
                pass

    async def dine():
        forks, ready = [asyncio.Lock() for _ in second], asyncio.Barrier(len(second))
        async with asyncio.TaskGroup() as group:
            for mine, wanted in enumerate(second):
                group.create_task(eat(forks, ready, mine, wanted))

    explored, live = explore(dine), look_at(dine)
    assert [(wait.task, wait.what, wait.holder, wait.of) for wait in explored.waits] == [
        (row.task, row.what, row.holder, row.of) for row in live.rows if row.task != "watch"
    ]
    assert {wait.task for wait in explored.waits} == {row.task for row in live.rows if row.stuck}
    assert live.cycle


async def next_of_two():
    async def late():
        await asyncio.Event().wait()

    async def takes():
        for each in asyncio.as_completed([late(), asyncio.create_task(late(), name="other")]):
            await each

    await asyncio.shield(asyncio.create_task(takes()))


async def two_of_three():
    barrier = asyncio.Barrier(3)

    async def comes():
        await barrier.wait()

    await asyncio.gather(comes(), comes())


def test_who_waits_at_a_barrier_does_not_wait_for_those_who_are_there():
    found = look_at(two_of_three)
    said = "waits for the others at barrier, where 2 of 3 are, which nobody is left to give"
    assert found.finding == f"Stuck: comes {said}, and 1 more task waits in vain"


def test_who_waits_by_shield_or_as_completed_waits_for_the_tasks():
    found = {row.task: row for row in look_at(next_of_two).rows}
    assert str(found["next_of_two"]) == "next_of_two waits for takes"
    assert sorted(found["takes"].of) == ["late", "other"]
    assert found["takes"].stuck


def test_a_call_that_blocks_is_found_with_its_line():
    def block(watch):
        while not watch.found:
            threading.Event().wait(0.01)

    async def download(watch):
        block(watch)

    async def main():
        with watch_loop(0.2) as watch:
            await asyncio.create_task(download(watch), name="<b>loud</b>")
        return watch

    watch = asyncio.run(main())
    found = watch.found[-1]
    assert found.finding.startswith("Blocked: the loop does not go round; block is at line ")
    assert [str(row) for row in found.rows] == ["main waits for <b>loud</b>", "<b>loud</b> runs"]
    assert "watch_loop" not in [thread.name for thread in threading.enumerate()]


def test_a_loop_that_goes_round_is_not_called_blocked():
    async def main():
        with watch_loop(5) as seen:
            await asyncio.sleep(0)
        return seen

    begin = time.monotonic()
    assert repr(asyncio.run(main())) == "The loop was never blocked for 5 s."
    assert time.monotonic() - begin < 4  # the watch does not wait for its time


def test_a_loop_in_another_thread_can_be_asked():
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        waiting = asyncio.run_coroutine_threadsafe(bank(), loop)
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.05), loop).result(10)
        assert waits(loop).finding == "Deadlock: deposit waits for deposit 2, which waits for deposit"
        waiting.cancel()
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Hostile:
    """An awaitable and a value that answers every question with an error."""

    def __init__(self, future):
        self.future = future

    def __await__(self):
        yield from self.future

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise RuntimeError("repr")

    def __eq__(self, other):
        raise RuntimeError("eq")

    __hash__ = None  # type: ignore[assignment]

    @property
    def __class__(self):
        raise RuntimeError("class")


class OddTask(asyncio.Task):
    def get_name(self):
        raise RuntimeError("name")

    def __repr__(self):
        raise RuntimeError("repr")


async def odd():
    async def inner():
        hostile = {"in": [Hostile(asyncio.Future())]}
        await hostile["in"][0]

    async def numbers():
        await asyncio.Event().wait()
        yield 1

    async def reads():
        async for _ in numbers():
            pass

    made = inner()
    made.__name__ = "<script>alert(1)</script>\n"
    loop = asyncio.get_running_loop()
    await asyncio.gather(made, OddTask(inner(), loop=loop), reads(), numbers().__anext__(), numbers().aclose())


def test_nothing_a_program_does_makes_it_raise():
    found = look_at(odd)
    assert "<script>alert(1)</script>" in [row.task for row in found.rows]
    drawn = wait_graph(found).svg
    assert "<script" not in drawn
    assert ElementTree.fromstring(drawn) is not None


def test_it_leaves_nothing_behind_in_the_program():
    class Kept:
        pass

    async def main():
        async def waiting():
            kept = Kept()
            gone.append(weakref.ref(kept))
            await asyncio.sleep(0)
            del kept
            await event.wait()

        event, gone = asyncio.Event(), []
        task = asyncio.create_task(waiting())
        await asyncio.sleep(0)
        waits()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waits()
        gc.collect()
        event.set()
        await task
        return gone[0]() is None

    assert asyncio.run(main())


def test_a_program_that_asks_is_recorded_as_one_that_does_not():
    def program(asks):
        async def worker(lock):
            async with lock:
                await asyncio.sleep(0)

        async def main():
            lock = asyncio.Lock()
            tasks = [asyncio.create_task(worker(lock)) for _ in range(3)]
            await asyncio.sleep(0)
            asks()
            await asyncio.gather(*tasks)

        return record(main, lines=False)

    alone, asked = program(lambda: None), program(waits)
    events = [(event.lane.name, event.kind, event.value) for event in asked.events]
    assert [each for each in events if "lambda" not in each[0]] == [
        (event.lane.name, event.kind, event.value) for event in alone.events if "lambda" not in event.lane.name
    ]


def test_a_recorded_run_says_what_each_task_awaits_at_a_step():
    async def worker(event):
        await event.wait()

    async def main():
        event = asyncio.Event()
        task = asyncio.create_task(worker(event))
        await asyncio.sleep(0)
        event.set()
        await task

    trace = record(main)
    assert said(waits(trace, 1)) == ["main waits for asyncio.sleep(0)", "worker waits for event.wait()"]
    assert said(waits(trace, 2))[1] == "worker waits for event.wait()"
    assert waits(trace).rows == ()
    for step in range(trace.steps):
        assert repr(waits(trace, step))


def test_a_task_is_where_it_runs_or_waits_and_not_in_a_generator_that_is_suspended():
    async def ticks():
        await asyncio.sleep(0)
        yield 1

    def numbers():
        yield 2

    def drop():
        it = numbers()
        next(it)

    async def main():
        async for _ in ticks():
            here.append(sys._getframe().f_lineno + 1)
            await asyncio.sleep(1e-9)
        drop()
        it = numbers()
        here.append((next(it), sys._getframe().f_lineno + 1)[1])
        await asyncio.sleep(1e-9)

    here = []
    trace = record(main)
    gives_way = [event.step for event in trace.of("main", kind=Kind.DELEGATE)][1:]
    assert [waits(trace, step).rows[0].where for step in gives_way] == [f"line {line} in main" for line in here]
    yields = trace.of("ticks", kind=Kind.SUSPEND)[0].step
    runs = [waits(trace, step).rows[0] for step in (yields, yields + 1)]
    assert [(row.does, "in main" in row.where) for row in runs] == [("runs", True), ("waits", True)]
    returns = trace.of("drop", kind=Kind.RETURN)[0].step
    assert (row := waits(trace, returns).rows[0]).does == "runs" and row.where.endswith("in main")


def test_a_task_runs_while_another_thread_begins_to():
    def work():
        began.set()
        go_on.wait()

    async def main():
        thread = threading.Thread(target=work)
        thread.start()
        began.wait()
        go_on.set()
        thread.join()

    began, go_on = threading.Event(), threading.Event()
    trace = record(main)
    begins = trace.of("work", kind=Kind.START)[0].step
    assert [(row.task, row.does) for row in waits(trace, begins).rows] == [("main", "runs")]


def recorded_and_live(program, turns=20):
    """A recording of this program, the step in which `waits` was asked, and what it found."""
    found = []

    async def watch():
        task = asyncio.create_task(program())
        for _ in range(turns):
            await asyncio.sleep(0)
        found.append(waits())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    trace = record(watch)
    asked = trace.of("watch", kind="resume")[turns - 1].step
    assert type(trace).from_json(trace.to_json()).locks == trace.locks
    return trace, asked, found[0]


@settings(max_examples=12, deadline=None)
@given(st.permutations(range(3)), st.booleans())
def test_a_recorded_run_knows_who_holds_what_as_the_loop_did(second, in_group):
    async def eat(forks, mine, wanted):
        async with forks[mine]:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            async with forks[wanted]:
                pass

    async def dine():
        forks = [asyncio.Lock() for _ in second]
        async with asyncio.TaskGroup() as group:
            if in_group:
                for each in enumerate(second):
                    group.create_task(eat(forks, *each))
            else:
                await asyncio.gather(*(eat(forks, *each) for each in enumerate(second)))

    trace, asked, live = recorded_and_live(dine)
    told = waits(trace, asked)
    assert told.cycle == live.cycle != ()
    assert [(row.task, row.holder, row.of, row.stuck) for row in told.rows[1:]] == [
        (row.task, row.holder, row.of, row.stuck) for row in live.rows[1:]
    ]
    assert waits(trace, trace.steps - 1).rows == ()


def test_a_recorded_semaphore_has_holders_and_is_not_judged():
    async def program():
        seats = asyncio.Semaphore(2)

        async def sit():
            async with seats:
                await asyncio.sleep(1000)

        await asyncio.gather(sit(), sit(), sit())

    trace, asked, live = recorded_and_live(program)
    told = waits(trace, asked).rows[-1]
    assert (told.of, told.holder, told.stuck) == (live.rows[-1].of, None, False) == (("sit", "sit 2"), None, False)


async def in_turn():
    lock = asyncio.Lock()

    async def use():
        async with lock:
            await asyncio.sleep(0)

    async def limited():
        async with lock, asyncio.timeout(0.01):
            await lock.acquire()

    await asyncio.gather(use(), use(), limited(), return_exceptions=True)


def test_a_lock_is_held_until_it_is_given_back():
    trace = record(in_turn)
    found = [waits(trace, step) for step in range(trace.steps)]
    assert {row.holder for each in found for row in each.rows} == {None, "use", "use 2", "limited"}
    assert not any(row.stuck for each in found for row in each.rows)
    assert any("waits for lock, at most until a time limit, held by limited" in repr(each) for each in found)


def test_without_its_lines_a_task_waits_for_the_future_that_it_has_passed_out():
    async def takes(queue):
        await asyncio.sleep(0)
        await queue.get()

    async def main():
        queue = asyncio.Queue()
        first, second = asyncio.create_task(takes(queue)), asyncio.create_task(takes(queue))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        queue.put_nowait(1)
        await first
        second.cancel()

    trace = record(main, lines=False)
    found = {str(row) for step in range(trace.steps) for row in waits(trace, step).rows if row.task.startswith("takes")}
    assert {each for each in found if "waits for" in each} == {
        "takes waits for its next turn",
        "takes 2 waits for its next turn",
        "takes waits for <Future of Queue.get>",
        "takes 2 waits for <Future of Queue.get>",
    }


async def waits_once(bell, rung):
    async with bell:
        await bell.wait()


async def waits_for_it(bell, rung):
    async with bell:
        await bell.wait_for(lambda: rung)


@pytest.mark.parametrize("waiter", [waits_once, waits_for_it])
def test_who_was_notified_waits_for_the_lock_of_its_condition(waiter):
    async def rings(bell):
        async with bell:
            rung.append(True)
            bell.notify()
            for _ in range(3):
                await asyncio.sleep(0)

    async def main():
        bell = asyncio.Condition()
        first = asyncio.create_task(waiter(bell, rung))
        await asyncio.sleep(0)
        await asyncio.gather(first, rings(bell))

    rung = []
    trace = record(main)
    said_of_it = [
        str(row) for step in range(trace.steps) for row in waits(trace, step).rows if row.task == waiter.__name__
    ]
    assert f"{waiter.__name__} waits for the lock of bell, held by rings" in said_of_it
    assert any(" waits for bell.wait" in each for each in said_of_it)  # before the notify


def test_a_time_limit_is_told_of_the_wait_that_it_ends():
    async def naps(seconds):
        await asyncio.sleep(seconds)

    async def program():
        await asyncio.gather(naps(0))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.gather(naps(1000))
        await asyncio.gather(naps(0))

    trace = record(program)
    gives_way = [event.step for event in trace.of("program", kind=Kind.DELEGATE)]
    told = [waits(trace, step).rows[0].what for step in gives_way]
    assert ["time limit" in each for each in told] == [False, True, False]


def test_one_task_awaits_another_in_a_recorded_run():
    async def first():
        await asyncio.sleep(0)
        await both[1]

    async def second():
        await asyncio.wait([both[0]])  # plain awaits in a circle could not be cancelled

    both = []

    async def program():
        both.extend([asyncio.create_task(first()), asyncio.create_task(second())])
        await asyncio.sleep(1000)

    trace, asked, live = recorded_and_live(program)
    assert waits(trace, asked).finding == live.finding == "Deadlock: first waits for second, which waits for first"
    both.clear()


class waiters(asyncio.TaskGroup):  # noqa: N801 - its name begins like that of `wait`, for which one task is enough
    """A group waits for all of its tasks, also under this name."""


def test_a_group_of_the_programs_own_class_waits_for_all_in_a_recorded_run():
    async def asks(task):
        await asyncio.wait([task])

    async def owner():
        async with waiters() as group:
            group.create_task(asks(asyncio.current_task()))
            group.create_task(asyncio.sleep(1000))

    async def program():
        await asyncio.create_task(owner())

    trace, asked, live = recorded_and_live(program)
    assert "Deadlock" in waits(trace, asked).finding and "Deadlock" in live.finding


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: waits(), "Write:     waits(loop)"),
        (lambda: waits(5), "You wrote: waits(5)"),
        (lambda: waits(record(bool), 7), "step must be a step of the run"),
        (lambda: watch_loop(-1), "Write:     seconds=0.1"),
        (lambda: watch_loop().__enter__(), "No event loop runs here"),
        (lambda: wait_graph(5), "wait_graph(waits())"),
    ],
)
def test_a_wrong_call_says_what_to_write(call, says):
    with pytest.raises(ArgumentError) as raised:
        call()
    assert says in str(raised.value)


def test_many_tasks_alike_share_a_row_and_a_box():
    async def worker(queue):
        await queue.get()

    async def many():
        queue = asyncio.Queue()
        await asyncio.gather(*(worker(queue) for _ in range(300)))

    found = look_at(many)
    assert len(found.rows) == 302
    assert len(repr(found).splitlines()) == 4
    assert "worker and 299 more" in repr(found)
    assert len(ElementTree.fromstring(wait_graph(found).svg).findall(".//*[@class='task']")) == 3


def test_a_deadlock_is_red_in_the_picture():
    drawn = ElementTree.fromstring(wait_graph(look_at(bank)).svg)
    assert len(drawn.findall(".//{*}polyline[@class='waits circle']")) == 2
    assert len(drawn.findall(".//{*}polyline[@class='gives circle']")) == 2
    assert [each.text for each in drawn.findall(".//{*}text[@class='held']")][:2] == [
        "held by deposit 2",
        "held by deposit",
    ]
