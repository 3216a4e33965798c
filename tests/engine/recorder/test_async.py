"""record() of async programs and of threads, and what each await did."""

import asyncio
import gc
import threading
import warnings
from contextlib import aclosing

import pytest

from coro_lab import Kind, Scheduler, awaits, record
from coro_lab.errors import RecordingError


def told(trace, *, lines=False):
    return [line.split(maxsplit=1)[1] for line in trace.text(lines=lines).splitlines()]


async def ready():
    return 1


async def worker(name):
    await ready()
    await asyncio.sleep(0)
    return name


async def pair():
    return await asyncio.gather(worker("a"), worker("b"))


async def numbers():
    for n in range(2):
        got = yield n
        await asyncio.sleep(0)
        if got:
            return


async def read():
    return [n async for n in numbers()]


async def locked(lock, kept):
    async with lock:
        kept.append("in")
        await asyncio.sleep(0)


async def contended():
    lock, kept = asyncio.Lock(), []
    async with asyncio.TaskGroup() as group:
        group.create_task(locked(lock, kept), name="first")
        group.create_task(locked(lock, kept), name="second")


async def too_late():
    try:
        async with asyncio.timeout(0):
            await asyncio.sleep(10)
    except TimeoutError:
        return "too late"


async def burst(kind):
    await asyncio.sleep(0)
    raise kind("burst")


async def group_of_errors():
    async with asyncio.TaskGroup() as group:
        group.create_task(burst(KeyError))
        group.create_task(burst(ValueError))


def test_an_async_function_is_run_by_asyncio():
    trace = record(pair)
    assert trace.result == ["a", "b"]
    assert trace.driver == "event loop"
    assert [lane.name for lane in trace.lanes] == ["pair", "worker", "ready", "worker 2", "ready 2"]
    assert [lane.task for lane in trace.lanes] == ["Task-1", "Task-2", "Task-2", "Task-3", "Task-3"]


def test_in_a_running_loop_a_recording_is_awaited():
    async def notebook():
        return await record(pair()), await record(pair)

    one, other = asyncio.run(notebook())
    assert one.result == other.result == ["a", "b"]
    assert told(one) == told(other) == told(record(pair))


@pytest.mark.parametrize("program", [pair, read, contended, too_late])
def test_equal_async_runs_give_equal_traces(program):
    assert record(program) == record(program)
    assert next(iter(record(program).switches())).kind is Kind.START
    lean = record(program, lines=False)
    assert [e._replace(changed=()) for e in record(program).switches()] == list(lean.switches())


def test_a_task_says_what_it_waits_for():
    sentences = told(record(contended))
    assert "locked 2 delegates at line 46 and passes <Future of Lock.acquire> out" in sentences
    assert "contended delegates at line 53 and passes <Future of TaskGroup.__aexit__> out" in sentences
    assert [lane.task for lane in record(contended).lanes] == ["Task-1", "first", "second"]


def test_an_async_generator_yields_its_real_value():
    trace = record(read)
    lane = [lane.name for lane in trace.lanes].index("numbers")
    yielded = [event.value for event in trace.events if event.lane == lane and event.kind is Kind.SUSPEND]
    assert yielded == ["0", "1"]
    assert trace.lanes[lane].kind == "async generator"


def test_what_asend_sends_is_known():
    async def send():
        async with aclosing(numbers()) as it:
            await it.asend(None)
            try:
                await it.asend("stop")
            except StopAsyncIteration:
                return "stopped"

    trace = record(send)
    assert trace.result == "stopped"
    assert any(event.kind is Kind.RESUME and event.value == "'stop'" for event in trace.events)


def test_a_timeout_is_thrown_in():
    trace = record(too_late)
    assert trace.result == "too late"
    assert "CancelledError() is thrown into too_late at line 61" in told(trace)


def test_a_group_of_errors_is_kept():
    error = record(group_of_errors).error
    assert isinstance(error, ExceptionGroup)
    assert {type(inner) for inner in error.exceptions} == {KeyError, ValueError}


def test_a_coroutine_that_nobody_awaits_is_still_warned_about():
    async def forgetful():
        ready()
        gc.collect()

    with pytest.warns(RuntimeWarning, match="never awaited"):
        record(forgetful)


def test_the_loops_debug_mode_and_task_factory_stay():
    def factory(loop, coroutine, **options):
        return asyncio.Task(coroutine, loop=loop, **options)

    async def notebook():
        loop = asyncio.get_running_loop()
        loop.set_task_factory(factory)
        loop.set_debug(True)
        trace = await record(pair())
        return trace, loop.get_debug(), loop.get_task_factory()

    trace, *after = asyncio.run(notebook())
    assert after == [True, factory]
    assert [lane.task for lane in trace.lanes][:2] == ["Task-1", "Task-2"]


async def forever():
    while True:
        await asyncio.sleep(0)


async def hidden_forever():
    task = asyncio.create_task(forever())
    await asyncio.sleep(3600)
    task.cancel()


def endless():
    while True:
        pass


async def in_a_pool():
    work = asyncio.create_task(asyncio.to_thread(endless))
    await asyncio.sleep(3600)
    return work


async def in_a_pool_awaited():
    await asyncio.to_thread(endless)


async def after_another_loop():
    async def first():
        kept.append(asyncio.current_task())

    kept = []
    thread = threading.Thread(target=lambda: asyncio.run(first()))
    thread.start()
    thread.join()
    endless()


@pytest.mark.parametrize("program", [forever, hidden_forever, in_a_pool, in_a_pool_awaited, after_another_loop])
def test_an_async_run_that_does_not_end_is_stopped(program, caplog):
    async def notebook():
        return await record(program(), max_events=300)

    for trace in (record(program, max_events=300), asyncio.run(notebook())):
        assert trace.cut
        assert trace.error is None
        assert len(trace.events) < 400
    assert caplog.text == ""  # nor does asyncio complain of what was ended


def test_a_task_that_outlives_the_recording_is_left_suspended():
    async def notebook():
        tasks = []

        async def starts_one():
            tasks.append(asyncio.create_task(worker("late")))
            await asyncio.sleep(0)

        trace = await record(starts_one())
        return trace, await tasks[0]

    trace, late = asyncio.run(notebook())
    assert late == "late"
    assert "worker" in [lane.name for lane in trace.lanes]
    assert record(pair).result == ["a", "b"]


def test_a_cancelled_recording_gives_everything_back():
    async def notebook():
        task = asyncio.create_task(record(asyncio.sleep(3600)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError as error:
            return error.trace

    assert asyncio.run(notebook()) is not None
    assert record(pair).result == ["a", "b"]


def test_a_recording_inside_an_async_recording_is_refused():
    async def inside():
        return await record(pair())

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        error = record(inside).error
    assert isinstance(error, RecordingError)
    assert "record only the outermost call" in str(error)


def test_the_scheduler_runs_native_coroutines():
    class Turn:
        def __await__(self):
            yield

    async def A():
        print(1)
        await Turn()
        print(2)

    scheduler = Scheduler()
    scheduler.spawn(A())
    assert scheduler.run().output == "1\n2\n"


# -- what each await did ----------------------------------------------------------------------------------------------


def test_await_is_not_a_switch():
    assert repr(awaits(record(pair))).splitlines() == [
        "line  24  await ready()                                   went straight on 2 times",
        "line  25  await asyncio.sleep(0)                          gave way 2 times to worker 2, worker",
        'line  30  await asyncio.gather(worker("a"), worker("b"))  gave way to worker, worker 2',
    ]


def test_how_long_an_await_gave_way_is_counted_in_steps():
    slept = [one for one in awaits(record(pair)).found if one.awaited == "asyncio.sleep(0)"]
    assert [one.steps for one in slept] == [3, 1]


def test_async_with_and_async_for_await_too():
    assert repr(awaits(record(contended))).splitlines() == [
        "line  46  async with lock                                     gave way to locked; went straight on",
        "line  46  the end of async with lock                          went straight on 2 times",
        "line  48  await asyncio.sleep(0)                              gave way 2 times to locked 2",
        "line  53  async with asyncio.TaskGroup() as group             went straight on",
        "line  53  the end of async with asyncio.TaskGroup() as group  gave way to locked, locked 2",
    ]
    assert repr(awaits(record(read))).splitlines() == [
        "line  36  await asyncio.sleep(0)  gave way 2 times, and no other task was ready",
        "line  42  async for               gave way 2 times, and no other task was ready; went straight on",
    ]


def test_without_lines_nothing_is_known_of_awaits():
    assert "Nothing was awaited" in repr(awaits(record(pair, lines=False)))


# -- threads ----------------------------------------------------------------------------------------------------------


def test_threads_that_the_program_starts_are_followed():
    def shout():
        print("from a thread")

    def program():
        thread = threading.Thread(target=shout, name="crier")
        thread.start()
        thread.join()

    trace = record(program)
    assert [(lane.name, lane.thread) for lane in trace.lanes] == [("program", "MainThread"), ("shout", "crier")]
    assert "from a thread" in trace.output


def test_a_switch_by_the_operating_system_is_an_event_of_its_own():
    first, second = threading.Event(), threading.Event()

    def answer():
        first.wait()
        second.set()

    def program():
        thread = threading.Thread(target=answer)
        thread.start()
        first.set()
        second.wait()
        thread.join()

    trace = record(program)
    preemptions = [event for event in trace.events if event.kind is Kind.PREEMPT]
    assert preemptions
    for event in preemptions:
        assert event.peer is None or trace.lanes[event.lane].thread != trace.lanes[event.peer].thread
    assert any("the operating system switches to" in sentence for sentence in told(trace))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # Python itself says nothing of it
def test_an_endless_thread_is_stopped():
    def spin():
        while True:
            pass

    def program():
        thread = threading.Thread(target=spin)
        thread.start()
        thread.join()

    assert record(program, max_events=300).cut


def test_a_coroutine_that_asks_with_itself_as_the_default_is_recorded():
    async def late():
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_result, 1)
        yield await future

    async def asks():
        return await anext(late(), itself)

    async def notebook():
        nonlocal itself
        itself = asks()
        return await record(itself)

    itself = None
    assert asyncio.run(notebook()).result == 1


def test_what_a_task_waits_for_is_told_alike_in_each_lane_also_behind_a_variable_that_has_changed():
    async def passes(future):
        times = 0

        async def asks():
            nonlocal times
            times += 1
            return await future

        return await asks()

    async def program():
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_result, 3)
        return await passes(future)

    passed_on = [event for event in record(program).events if event.kind is Kind.DELEGATE]
    assert [event.value for event in passed_on] == ["<Future of asks>"] * 3
    assert [event.changed for event in passed_on] == [(), (("times", "1"),), ()]
