"""Further kinds of asyncio programs, each broken, `KINDS[name](False)`, and repaired, `KINDS[name](True)`."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import math


def cleanup(ok):
    """A second cancel cuts off what `finally` awaits."""

    async def main():
        pool = ["permit"]

        async def use():
            permit = pool.pop()
            try:
                await asyncio.sleep(0)
            finally:
                if not ok:
                    await asyncio.sleep(0)
                pool.append(permit)

        async def stop(task):
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()

        task = asyncio.create_task(use())
        await asyncio.wait([task, asyncio.create_task(stop(task))])
        assert pool == ["permit"]

    return main


def groups(ok):
    """A TaskGroup in a TaskGroup."""

    async def main():
        log = []

        async def write():
            seen = len(log)
            if not ok:
                await asyncio.sleep(0)
            log.append(seen)

        async def inner():
            async with asyncio.TaskGroup() as group:
                group.create_task(write())

        async with asyncio.TaskGroup() as group:
            group.create_task(inner())
            group.create_task(write())
        assert log == [0, 1]

    return main


def sentinel(ok):
    """Each of two producers says that it was the last."""

    async def main():
        queue, got = asyncio.Queue(), []

        async def produce(item):
            await queue.put(item)
            if not ok:
                await queue.put(None)

        async def consume():
            while (item := await queue.get()) is not None:
                got.append(item)

        task = asyncio.create_task(consume())
        await asyncio.gather(produce(1), produce(2))
        if ok:
            await queue.put(None)
        await task
        assert sorted(got) == [1, 2]

    return main


def barrier(ok):
    """A barrier is reset while one waits there."""

    async def main():
        gate, passed = asyncio.Barrier(2), []

        async def arrive(name):
            with contextlib.suppress(asyncio.BrokenBarrierError):
                await gate.wait()
                passed.append(name)

        async def reset():
            if not ok:
                await gate.reset()

        await asyncio.wait_for(asyncio.gather(arrive(1), arrive(2), reset()), 5)
        assert len(passed) == 2

    return main


def context(ok):
    """A global variable in place of a context variable."""
    variable, shared = contextvars.ContextVar("user"), [0]

    async def main():
        seen = []

        async def handle(user):
            shared[0] = user
            variable.set(user)
            await asyncio.sleep(0)
            seen.append(variable.get() if ok else shared[0])

        await asyncio.gather(handle(1), handle(2))
        assert sorted(seen) == [1, 2]

    return main


def eager(ok):
    """Tasks that begin at once."""

    async def main():
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        box = [0]

        async def increment():
            seen = box[0]
            if not ok:
                await asyncio.sleep(0)
            box[0] = seen + 1
            await asyncio.sleep(0)

        await asyncio.gather(*(asyncio.create_task(increment()) for _ in range(2)))
        assert box == [2]

    return main


def completed(ok):
    """What ends first is not what began first."""

    async def main():
        async def answer(number):
            await asyncio.sleep(0)
            return number

        got = [await each for each in asyncio.as_completed([answer(1), answer(2)])]
        assert (sorted(got) if ok else got) == [1, 2]

    return main


def soon(ok):
    """A callback that was to be called soon, and one that was cancelled."""

    async def main():
        loop, box = asyncio.get_running_loop(), []
        loop.call_soon(box.append, 1)
        loop.call_soon(box.append, 2).cancel()

        async def look():
            while ok and not box:
                await asyncio.sleep(0.1)
            assert box == [1]

        await asyncio.gather(look())

    return main


def later(ok):
    """A timer, and one for now that is cancelled at once: time stands still meanwhile."""

    async def main():
        loop, box = asyncio.get_running_loop(), []
        loop.call_later(1, box.append, "late")

        async def wait():
            loop.call_later(0, box.append, "never").cancel()
            await asyncio.sleep(0)
            assert loop.time() == 0
            await asyncio.sleep(2 if ok else 1)
            assert box == ["late"]

        await asyncio.gather(wait(), wait())

    return main


def by_hand(ok):
    """Two set the result of one future."""

    async def main():
        answer = asyncio.get_running_loop().create_future()

        async def give(number):
            await asyncio.sleep(0)
            if not (ok and answer.done()):
                answer.set_result(number)

        await asyncio.gather(give(1), give(2))
        assert await answer in (1, 2)

    return main


def exceptions(ok):
    """`gather` does not wait for the others when one fails."""

    async def main():
        done = []

        async def fail():
            raise ValueError

        async def work():
            await asyncio.sleep(0)
            done.append(1)

        with contextlib.suppress(ValueError):
            await asyncio.gather(fail(), work(), return_exceptions=ok)
        assert done

    return main


def impatient(ok):
    """A time limit for a lock."""

    async def main():
        lock, late = asyncio.Lock(), []

        async def hold():
            async with lock:
                await asyncio.sleep(2)

        async def want():
            try:
                await asyncio.wait_for(lock.acquire(), 3 if ok else 1)
            except TimeoutError:
                late.append(1)
            else:
                lock.release()

        await asyncio.gather(hold(), want())
        assert not late

    return main


def rescheduled(ok):
    """A time limit that is put off."""

    async def main():
        async with asyncio.timeout(1) as limit:
            if ok:
                limit.reschedule(asyncio.get_running_loop().time() + 5)
            await asyncio.sleep(2)

    return main


def bounded(ok):
    """A permit is given back twice."""

    async def main():
        seats = asyncio.BoundedSemaphore(1)

        async def sit():
            await seats.acquire()
            await asyncio.sleep(0)
            seats.release()
            if not ok:
                seats.release()

        await asyncio.gather(sit(), sit())

    return main


def threads(ok):
    """A read in a thread, and a write behind it."""

    async def main():
        box, lock = [0], asyncio.Lock()

        async def increment():
            async with lock if ok else contextlib.AsyncExitStack():
                seen = await asyncio.to_thread(lambda: box[0])
                box[0] = seen + 1

        await asyncio.gather(increment(), increment())
        assert box == [2]

    return main


def for_ever(ok):
    """A sleep without end."""

    async def main():
        task = asyncio.create_task(asyncio.sleep(math.inf))
        await asyncio.sleep(5)
        if ok:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return main


def priority(ok):
    """What comes out first of a PriorityQueue depends on what is in it."""

    async def main():
        queue, got = asyncio.PriorityQueue(), []

        async def get():
            got.append(await queue.get())

        puts = asyncio.gather(queue.put(2), queue.put(1))
        if ok:
            await puts
        await asyncio.gather(puts, get(), get())
        assert got == [1, 2]

    return main


def stubborn(ok):
    """A task that waits on where it was told to end."""

    async def main():
        async def work():
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                if ok:
                    raise
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await asyncio.sleep(0.5)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return main


def except_star(ok):
    """An error of one task cancels the other."""

    async def main():
        saved = []

        async def fail():
            raise KeyError

        async def save():
            if not ok:
                await asyncio.sleep(0)
            saved.append(1)

        with contextlib.suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                group.create_task(save())
                await asyncio.sleep(1 if ok else 0)
                group.create_task(fail())
        assert saved

    return main


def shared_walk(ok):
    """Two tasks go through one async generator."""

    async def main():
        async def numbers():
            for number in range(2):
                yield number
                await asyncio.sleep(0)

        shared = numbers()

        async def read():
            async for _ in numbers() if ok else shared:
                pass

        await asyncio.gather(read(), read())

    return main


def shut(ok):
    """A queue is shut down at once, though something is in it."""

    async def main():
        queue, got = asyncio.Queue(), []

        async def produce():
            await queue.put(1)
            queue.shutdown(immediate=not ok)

        async def consume():
            with contextlib.suppress(asyncio.QueueShutDown):
                while True:
                    got.append(await queue.get())

        await asyncio.gather(produce(), consume())
        assert got == [1]

    return main


KINDS = {
    each.__name__: each
    for each in (
        *(cleanup, groups, sentinel, barrier, context, eager, completed, soon, later, by_hand, exceptions, impatient),
        *(rescheduled, bounded, threads, for_ever, priority, stubborn, except_star, shared_walk),
        *((shut,) if hasattr(asyncio, "QueueShutDown") else ()),
    )
}
