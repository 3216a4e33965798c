"""The await microscope on long runs: what it tells is what a look at each await by itself would tell, and in time."""

import asyncio
import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from coro_lab import awaits, record
from coro_lab.trace.events import ENTERS, LEAVES, REQUESTS, Event, Kind, Lane
from coro_lab.trace.trace import Trace
from tests.async_programs import GOLDEN


class Counted(tuple):
    """Events that count how often one of them is handed out."""

    read = 0

    def __getitem__(self, at):
        self.read += len(range(*at.indices(len(self)))) if isinstance(at, slice) else 1
        return super().__getitem__(at)

    def __iter__(self):
        self.read += len(self)
        return super().__iter__()


async def worker():
    for _ in range(5):
        await asyncio.sleep(0)


async def crowd(tasks):
    await asyncio.gather(*(worker() for _ in range(tasks)))


def counted(trace):
    return Trace.later(lambda: Counted(trace.events), trace.lanes, driver=trace.driver)


@pytest.mark.parametrize("tasks", [10, 100])
def test_each_event_is_looked_at_a_few_times_however_many_tasks_wait_at_once(tasks):
    trace = counted(record(crowd, tasks))
    repr(awaits(trace))
    assert trace.events.read < 10 * len(trace.events)


def one_by_one(trace):
    """The same as `awaits`, by a look at everything that lies between the beginning of each await and its end."""
    events, goes_on = trace.events, {Kind.LINE, Kind.AWAIT, Kind.SUSPEND, Kind.RETURN, Kind.RAISE}
    for start, event in enumerate(events):
        if event.kind is Kind.AWAIT:
            own = [at for at in range(start + 1, len(events)) if events[at].lane == event.lane]
            end = next((at for at in own if events[at].kind in goes_on), None)
            meanwhile = events[start + 1 : end]
            gave_way = any(other.kind is Kind.DELEGATE and other.lane == event.lane for other in meanwhile)
            yield event.lane, *(others(trace, start, meanwhile) if gave_way else (None, ())), end is not None


def others(trace, start, meanwhile):
    """For how many steps lanes of other tasks ran, and the first lane of each of these tasks."""
    own, earlier = task_of(trace, trace.events[start].lane), {event.step for event in trace.events[: start + 1]}
    theirs = [event for event in meanwhile if task_of(trace, event.lane) != own and event.kind not in REQUESTS]
    arrived = [task_of(trace, lane) for event in meanwhile if (lane := arrives_by(trace, event)) is not None]
    return len({event.step for event in theirs} - earlier), tuple(
        dict.fromkeys(each for each in arrived if each != own)
    )


def arrives_by(trace, event):
    """The lane that gets control by this event; where an eager task gives way first, the one that has made it."""
    if event.kind in LEAVES and event.peer is not None:
        task = trace.lanes[event.lane].task
        return event.peer if task not in (None, trace.lanes[event.peer].task) else None
    return event.lane if event.kind in ENTERS or event.kind is Kind.PREEMPT else None


def task_of(trace, lane):
    """The first lane of the same task; a lane without a task stands for itself."""
    tasks = [each.task for each in trace.lanes]
    return lane if tasks[lane] is None else tasks.index(tasks[lane])


@pytest.mark.parametrize("name", GOLDEN)
def test_each_await_tells_what_lies_between_its_beginning_and_its_end(name):
    trace = record(GOLDEN[name])
    assert [(one.lane, one.steps, one.ran, one.ended) for one in awaits(trace).found] == list(one_by_one(trace))


def test_of_many_awaits_in_one_place_each_task_is_told_once():
    last = repr(awaits(record(crowd, 10))).splitlines()[0]
    assert last.endswith("gave way 50 times to 10 tasks: worker 2, worker 3, worker 4, worker 5 and 6 more")


def told(trace):
    """What is told of each place, by the source of what is awaited there."""
    return {
        row.split("  ")[1].removeprefix("await "): row.rsplit("  ", 1)[1] for row in repr(awaits(trace)).splitlines()
    }


def test_a_task_is_named_once_whatever_it_calls_and_awaits():
    async def inner():
        plain()
        await asyncio.sleep(0)

    def plain():
        return None

    async def outer():
        for _ in range(5):
            await inner()

    async def main():
        await asyncio.gather(outer())

    assert told(record(main))["asyncio.gather(outer())"] == "gave way to outer"


# -- threads: what runs in them is somebody, and a switch of the operating system ends no await -----------------------


AWAITED = threading.Event()


def awaited_first():
    """Let `double` go on once the loop runs again: since Python 3.14, a thread that has ended is not waited for."""
    AWAITED.clear()
    asyncio.get_running_loop().call_soon(AWAITED.set)


def double(n):
    AWAITED.wait()
    return n + half(n)


def half(n):
    return n


async def in_a_thread():
    awaited_first()
    return await asyncio.to_thread(double, 3)


async def in_an_executor():
    awaited_first()
    return await asyncio.get_running_loop().run_in_executor(None, double, 3)


async def in_two_threads():
    awaited_first()
    return await asyncio.gather(asyncio.to_thread(double, 3), asyncio.to_thread(half, 3))


async def in_a_pool():
    awaited_first()
    with ThreadPoolExecutor(1) as pool:
        return await asyncio.wrap_future(pool.submit(double, 3))


@pytest.mark.parametrize("program", [in_a_thread, in_an_executor, in_two_threads, in_a_pool])
def test_an_await_of_a_thread_gives_way(program):
    (one,) = awaits(record(program)).found
    assert one.steps is not None and one.ended


async def while_a_thread_runs():
    begun, go_on = threading.Event(), threading.Event()

    def wait():
        begun.set()
        go_on.wait()
        return half(1)

    work = asyncio.create_task(asyncio.to_thread(wait))
    await asyncio.sleep(0)
    begun.wait()
    asyncio.get_running_loop().call_soon(go_on.set)
    await work


def test_a_thread_that_runs_meanwhile_is_named_with_what_it_is():
    assert told(record(while_a_thread_runs))["work"] == "gave way to wait in another thread"


def switched(*kinds):
    """A run of `main`, which awaits, and of `work` in a thread, with these events between the await and its end."""
    lanes = Lane("main", "coroutine", task="Task-1"), Lane("work", "function", thread="pool")
    between = [Event(step, lane, kind, 2) for step, (lane, kind) in enumerate(kinds, 1)]
    last = len(kinds) + 1
    events = (
        Event(0, 0, Kind.START, 1),
        Event(0, 0, Kind.AWAIT, 2, "f()"),
        *between,
        Event(last, 0, Kind.LINE, 3),
        Event(last, 0, Kind.RETURN, 3),
    )
    return Trace(events, lanes)


START, BACK, GIVES = (1, Kind.START), (0, Kind.PREEMPT), (0, Kind.DELEGATE)
WORK, RETURN, RESUME = (1, Kind.PREEMPT), (1, Kind.RETURN), (0, Kind.RESUME)


@pytest.mark.parametrize(
    "kinds",
    [
        (START, BACK, GIVES, WORK, RETURN, RESUME),
        (START, RETURN, BACK, GIVES, RESUME),
        (GIVES, START, RETURN, RESUME),
        (START, BACK, WORK, BACK, GIVES, WORK, RESUME, WORK, BACK),
        (GIVES, RESUME, START, BACK),
        (GIVES, RESUME, START, BACK, GIVES, RETURN, RESUME),
    ],
)
def test_wherever_the_operating_system_switches_the_await_has_given_way_to_the_thread(kinds):
    trace = switched(*kinds)
    assert repr(awaits(trace)) == "line   2  await f()  gave way to work in another thread"
    (one,) = awaits(trace).found
    assert one.steps == sum(lane == 1 for lane, _ in kinds)


def test_a_switch_of_the_operating_system_alone_is_no_giving_way():
    assert repr(awaits(switched(START, BACK))) == "line   2  await f()  went straight on"


# -- what runs inside the await is not another task -------------------------------------------------------------------


async def slow():
    await asyncio.sleep(10)


async def times_out():
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(slow(), 0.001)


async def fails_later():
    await asyncio.sleep(0)
    raise ValueError


async def fails():
    with contextlib.suppress(ValueError):
        await fails_later()


async def twice():
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def numbers():
    for n in range(2):
        await asyncio.sleep(0)
        yield n


async def reads():
    async for _ in numbers():
        pass


@contextlib.asynccontextmanager
async def entered():
    await twice()
    yield
    await twice()


async def enters():
    async with entered():
        pass


async def nests():
    await twice()


@pytest.mark.parametrize("program", [times_out, fails, nests, reads, enters])
def test_an_await_does_not_give_way_to_what_it_awaits(program):
    for one in awaits(record(program)).found:
        assert one.ran == () and one.steps in (0, None)


async def beside(program):
    other = asyncio.create_task(worker())
    await program()
    await other


@pytest.mark.parametrize("program", [fails, nests, enters])
def test_and_of_an_await_that_is_suspended_twice_every_other_task_is_told(program):
    trace = record(beside, program)
    assert told(trace)["program()"] == "gave way to worker"
    (one,) = [one for one in awaits(trace).found if one.awaited == "program()"]
    assert one.steps == sum(
        event.kind is Kind.DELEGATE and event.lane.name == "beside" for event in events_of(trace, one)
    )


def events_of(trace, one):
    """The events from the beginning of an await to the next line of its lane."""
    start = next(at for at, event in enumerate(trace.events) if event.value == one.awaited)
    lines = [at for at, event in enumerate(trace.events) if event.lane == one.lane and event.kind is Kind.LINE]
    return trace.events[start : next(at for at in lines if at > start)]


def test_what_a_loop_of_the_learners_runs_meanwhile_is_told_and_the_loop_itself_is_not():
    class Turn:
        def __await__(self):
            yield

    async def inner():
        await Turn()

    async def polite():
        await inner()

    def pick(ready):
        return ready.pop(0)

    def run():
        ready = [polite(), polite()]
        while ready:
            coroutine = pick(ready)
            try:
                coroutine.send(None)
            except StopIteration:
                continue
            ready.append(coroutine)

    to_each_other = "gave way 2 times to polite 2, polite"
    assert told(record(run)) == {"Turn()": to_each_other, "inner()": to_each_other}


def test_an_eager_task_that_begins_meanwhile_is_another_task():
    async def starts():
        await begin_another()

    async def begin_another():
        task = asyncio.create_task(worker())
        await asyncio.sleep(0)
        await task

    async def main():
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        await starts()

    assert told(record(main))["starts()"] == "gave way to worker"


def test_an_eager_task_gives_way_to_the_task_that_has_made_it():
    async def once():
        await asyncio.sleep(0)

    async def main():
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        task = asyncio.create_task(once())
        await task

    assert told(record(main))["asyncio.sleep(0)"] == "gave way to main"


def test_a_function_that_the_event_loop_calls_meanwhile_is_named():
    def tick():
        return None

    async def main():
        asyncio.get_running_loop().call_soon(tick)
        await asyncio.sleep(0)

    assert told(record(main))["asyncio.sleep(0)"] == "gave way to tick"


# -- awaits without an end --------------------------------------------------------------------------------------------


def test_an_await_that_has_not_ended_says_so():
    async def outlives():
        task = asyncio.create_task(slow())
        await asyncio.sleep(0)
        kept.append(task)

    async def notebook():
        trace = await record(outlives())
        kept.pop().cancel()
        return trace

    kept = []
    assert told(asyncio.run(notebook()))["asyncio.sleep(10)"] == "gave way to outlives; did not end"


def test_of_several_awaits_in_one_place_those_without_an_end_are_counted():
    lanes = tuple(Lane(name, "coroutine", task=name) for name in "abc")
    first = [Event(n, n, kind, 2, "f()") for n in range(3) for kind in (Kind.START, Kind.AWAIT)]
    second = [Event(3, 0, Kind.DELEGATE, 2), Event(4, 1, Kind.LINE, 3)]
    assert repr(awaits(Trace((*first, *second), lanes))) == (
        "line   2  await f()  gave way to b, c; went straight on; 2 did not end"
    )


def test_a_run_that_was_cut_is_told_as_far_as_it_came():
    trace = record(crowd, 10, max_events=100)
    assert trace.cut and "gave way" in repr(awaits(trace))


def test_an_object_that_is_not_a_trace_is_refused_with_what_to_write():
    async def main():
        pass

    coroutine = main()
    with pytest.raises(TypeError, match=r"wrote: awaits\(main\(\)\)\n  Write:     awaits\(record\(main\)\)"):
        awaits(coroutine)

    async def notebook():
        with pytest.raises(TypeError, match=r"Write:     awaits\(await record\(main\(\)\)\)"):
            awaits(coroutine)

    asyncio.run(notebook())
    coroutine.close()
