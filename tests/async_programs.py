"""One small async program for each construct of the language and of asyncio, for golden traces.

None of them depends on the clock: they sleep for nothing, and what waits for longer never comes.
"""

import asyncio
import contextlib
import gc
import operator
import warnings
from collections.abc import AsyncIterator

# -- coroutines -------------------------------------------------------------------------------------------------------


async def answer():
    return 42


async def await_a_coroutine():
    return await answer()


async def innermost():
    await asyncio.sleep(0)
    return "from within"


async def middle():
    return await innermost()


async def chain_of_awaits():
    return await middle()


class Turn:
    def __await__(self):
        yield
        return "my turn"


async def own_awaitable():
    return await Turn()


async def sleep_for_nothing():
    print("before")
    await asyncio.sleep(0)
    print("after")


async def never_awaited():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer()
    print(caught[0].message)


# -- async generators and context managers ----------------------------------------------------------------------------


async def countdown(n):
    while n:
        yield n
        await asyncio.sleep(0)
        n -= 1


async def async_for():
    async for n in countdown(2):
        print(n)


async def tidy_pair():
    try:
        yield 1
        yield 2
    finally:
        await asyncio.sleep(0)
        print("tidies up")


async def async_for_left_early():
    async for n in tidy_pair():
        print(n)
        break
    print("left")
    await asyncio.sleep(0)  # only now has the event loop a chance to close the generator
    await asyncio.sleep(0)


async def left_as_the_run_ends():
    async for n in tidy_pair():
        print(n)
        break
    print("left")  # the loop is told, and the run ends before the generator is closed


async def held_as_the_run_ends():
    held[:] = [tidy_pair()]
    print(await anext(held[0]))


held: list[AsyncIterator[int]] = []


async def collected_by_the_collector():
    knot = [forever()]
    knot.append(knot)
    knot[0].send(None)
    del knot
    gc.collect()


async def destroyed_while_it_waits():
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    task = asyncio.create_task(waits_for(asyncio.Future()), name="waiting")
    await asyncio.sleep(0)
    task = None
    gc.collect()
    print("gone", task)


async def async_comprehension():
    return [n * n async for n in countdown(2)]


async def running_total():
    total = 0
    while True:
        try:
            total += yield total
        except ValueError:
            total = 0


async def asend_athrow_aclose():
    totals = running_total()
    got = [await totals.asend(None), await totals.asend(5)]
    got.append(await totals.athrow(ValueError("again")))
    await totals.aclose()
    return got


class Door:
    async def __aenter__(self):
        await asyncio.sleep(0)
        print("opens")

    async def __aexit__(self, *error):
        await asyncio.sleep(0)
        print("closes")


async def async_with():
    async with Door():
        print("inside")


# -- tasks ------------------------------------------------------------------------------------------------------------


async def worker(name):
    print(name, "begins")
    await asyncio.sleep(0)
    print(name, "ends")
    return name.upper()


async def a_task():
    first = asyncio.create_task(worker("a"), name="first")
    print("nothing has run yet")
    return await first, await answer()


async def gather_two():
    return await asyncio.gather(worker("a"), worker("b"))


async def task_group():
    async with asyncio.TaskGroup() as group:
        group.create_task(worker("a"), name="first")
        group.create_task(worker("b"), name="second")
    print("both have ended")


async def fails():
    await asyncio.sleep(0)
    raise ValueError("burst")


async def forever():
    await asyncio.Event().wait()


async def failing_task_group():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails(), name="failing")
            group.create_task(forever(), name="waiting")
    except* ValueError as errors:
        print(errors.exceptions)


async def group_in_a_child():
    with contextlib.suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(failing_block(), name="inner")
            group.create_task(forever(), name="waiting")


async def failing_block():
    async with asyncio.TaskGroup() as group:
        group.create_task(forever(), name="in the inner one")
        await asyncio.sleep(0)
        raise KeyError("block")


async def gather_in_gather():
    both = asyncio.gather(asyncio.gather(answer(), fails()), worker("a"))
    with contextlib.suppress(ValueError):
        await both


async def nobody_fetches_it():
    asyncio.get_running_loop().set_exception_handler(operator.is_)  # which says nothing
    task = asyncio.create_task(fails(), name="failing")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task = None
    print("dropped", task)


async def as_they_come():
    tasks = [asyncio.create_task(worker("a")), asyncio.create_task(answer())]
    for each in asyncio.as_completed(tasks):
        print(await each)


async def a_lost_future():
    asyncio.get_running_loop().set_exception_handler(operator.is_)
    future = asyncio.get_running_loop().create_future()
    future.set_exception(KeyError("nobody"))
    future = None
    print("dropped", future)


async def eager_tasks():
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    straight = asyncio.create_task(answer(), name="straight")
    sleeping = asyncio.create_task(worker("a"), name="sleeping")
    print(straight.done(), sleeping.done())
    await sleeping


# -- cancellation and time --------------------------------------------------------------------------------------------


async def tidy():
    try:
        await forever()
    except asyncio.CancelledError:
        print("tidies up")
        raise


async def cancel_a_task():
    task = asyncio.create_task(tidy(), name="tidy")
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("is cancelled:", task.cancelled())


async def cancel_before_it_begins():
    task = asyncio.create_task(tidy(), name="tidy")
    task.cancel("never mind")
    await asyncio.wait([task])


async def swallows():
    try:
        await forever()
    except asyncio.CancelledError as asked:
        print("goes on after", asked)
    await asyncio.sleep(0)
    return "still here"


async def swallow_a_cancellation():
    task = asyncio.create_task(swallows(), name="swallows")
    await asyncio.sleep(0)
    task.cancel("stop")
    return await task


async def waits_for(task):
    await task


async def cancellation_is_passed_on():
    inner = asyncio.create_task(tidy(), name="tidy")
    outer = asyncio.create_task(waits_for(inner), name="waits_for")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    outer.cancel("both")
    await asyncio.wait([outer])


async def cancel_what_is_gathered():
    both = asyncio.gather(tidy(), swallows(), return_exceptions=True)
    await asyncio.sleep(0)
    both.cancel("all")
    with contextlib.suppress(asyncio.CancelledError):
        await both


async def cancel_myself():
    me = asyncio.current_task()
    me.cancel("me")
    print("runs on")
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        print("takes it back:", me.uncancel())


async def shielded_from_it():
    inner = asyncio.create_task(tidy(), name="tidy")
    asyncio.get_running_loop().call_soon(asyncio.current_task().cancel, "too long")
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.shield(inner)


async def timeout_expires():
    try:
        async with asyncio.timeout(0):
            await forever()
    except TimeoutError:
        print("too late")


async def wait_for_in_time():
    return await asyncio.wait_for(answer(), timeout=60)


async def wait_for_too_late():
    try:
        await asyncio.wait_for(forever(), timeout=0.001)
    except TimeoutError:
        print("too late")


# -- what tasks share -------------------------------------------------------------------------------------------------


async def locked(lock):
    async with lock:
        print("holds the lock")
        await asyncio.sleep(0)


async def shared_lock():
    lock = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        group.create_task(locked(lock), name="first")
        group.create_task(locked(lock), name="second")


async def producer(queue):
    for n in (1, 2, 3):
        await queue.put(n)
        print("put", n)


async def consumer(queue):
    for _ in range(3):
        print("got", await queue.get())


async def bounded_queue():
    queue = asyncio.Queue(1)
    await asyncio.gather(producer(queue), consumer(queue))


async def runner(started):
    await started.wait()
    print("runs")


async def shared_event():
    started = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(runner(started), name="runner")
        await asyncio.sleep(0)
        print("ready, steady")
        started.set()


async def reader(future):
    print("reads", await future)


async def future_by_hand():
    future = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(reader(future), name="reader")
    await asyncio.sleep(0)
    future.set_result("the news")
    await task


GOLDEN = {
    program.__name__: program
    for program in (
        await_a_coroutine,
        chain_of_awaits,
        own_awaitable,
        sleep_for_nothing,
        never_awaited,
        async_for,
        async_for_left_early,
        left_as_the_run_ends,
        held_as_the_run_ends,
        collected_by_the_collector,
        destroyed_while_it_waits,
        async_comprehension,
        asend_athrow_aclose,
        async_with,
        a_task,
        gather_two,
        task_group,
        failing_task_group,
        group_in_a_child,
        gather_in_gather,
        nobody_fetches_it,
        as_they_come,
        a_lost_future,
        eager_tasks,
        cancel_a_task,
        cancel_before_it_begins,
        swallow_a_cancellation,
        cancellation_is_passed_on,
        cancel_what_is_gathered,
        cancel_myself,
        shielded_from_it,
        timeout_expires,
        wait_for_in_time,
        wait_for_too_late,
        shared_lock,
        bounded_queue,
        shared_event,
        future_by_hand,
    )
}
