"""Generated asyncio programs: lists of operations, and what runs them."""

from __future__ import annotations

import asyncio

from hypothesis import strategies as st

PAIRS = st.integers(0, 1)
DELAYS = st.integers(0, 3)
SIMPLE = st.one_of(
    st.tuples(st.just("sleep"), DELAYS),
    st.tuples(st.just("set"), PAIRS),
    st.tuples(st.just("clear"), PAIRS),
    st.tuples(st.just("wait"), PAIRS),
    st.tuples(st.just("put"), PAIRS),
    st.tuples(st.just("get"), PAIRS),
    st.tuples(st.just("notify"), PAIRS),
    st.tuples(st.just("listen"), PAIRS),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("join"), st.integers(0, 5)),
    st.tuples(st.just("soon"), PAIRS),
    st.tuples(st.just("later"), DELAYS),
    st.tuples(st.just("raise"), PAIRS),
    st.tuples(st.just("each"), st.integers(1, 3)),
)


def nested(operations):
    some = st.lists(operations, min_size=1, max_size=3)
    both = st.lists(some, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(st.just("lock"), PAIRS, some),
        st.tuples(st.just("permit"), PAIRS, some),
        st.tuples(st.just("limit"), DELAYS, some),
        st.tuples(st.just("wait_for"), DELAYS, some),
        st.tuples(st.just("shield"), PAIRS, some),
        st.tuples(st.just("spawn"), PAIRS, some),
        st.tuples(st.just("gather"), st.booleans(), both),
        st.tuples(st.just("group"), PAIRS, both),
        st.tuples(st.just("first"), PAIRS, both),
        st.tuples(st.just("completed"), PAIRS, both),
    )


PROGRAMS = st.lists(st.recursive(SIMPLE, nested, max_leaves=12), min_size=1, max_size=5)


class Program:
    """One run of a generated program; each operation is printed before and behind."""

    def __init__(self) -> None:
        self.locks = [asyncio.Lock(), asyncio.Lock()]
        self.permits = [asyncio.Semaphore(1), asyncio.Semaphore(2)]
        self.events = [asyncio.Event(), asyncio.Event()]
        self.queues = [asyncio.Queue(1), asyncio.Queue()]
        self.conditions = [asyncio.Condition(), asyncio.Condition()]
        self.tasks = []
        self.names = 0

    async def run(self, operations):
        self.names += 1
        name = self.names
        try:
            for operation, *given in operations:
                print(name, operation, *given[:1], asyncio.get_running_loop().time() // 1)
                await getattr(self, f"do_{operation}")(*given)
                print(name, "after", operation)
        except BaseException as error:
            print(name, repr(error))
            raise
        return name

    def task(self, operations):
        self.tasks.append(asyncio.create_task(self.run(operations)))
        return self.tasks[-1]

    async def do_sleep(self, delay):
        await asyncio.sleep(delay)

    async def do_set(self, at):
        self.events[at].set()

    async def do_clear(self, at):
        self.events[at].clear()

    async def do_wait(self, at):
        await self.events[at].wait()

    async def do_put(self, at):
        await self.queues[at].put(at)

    async def do_get(self, at):
        print(await self.queues[at].get())

    async def do_notify(self, at):
        async with self.conditions[at]:
            self.conditions[at].notify()

    async def do_listen(self, at):
        async with self.conditions[at]:
            await self.conditions[at].wait()

    async def do_cancel(self, at):
        if at < len(self.tasks):
            print(self.tasks[at].cancel())

    async def do_join(self, at):
        me = asyncio.current_task()
        mine = self.tasks.index(me) if me in self.tasks else -1
        if mine < at < len(self.tasks):  # later ones only: tasks that wait for each other cannot even be cancelled
            await self.tasks[at]

    async def do_soon(self, at):
        asyncio.get_running_loop().call_soon(print, "soon")

    async def do_later(self, delay):
        asyncio.get_running_loop().call_later(delay, print, "later")

    async def do_raise(self, at):
        raise [ValueError, KeyError][at]

    async def do_each(self, many):
        async def count():
            try:
                for each in range(3):
                    await asyncio.sleep(0)
                    yield each
            finally:
                print("finally")

        async for each in count():
            if each == many:
                break

    async def do_lock(self, at, operations):
        async with self.locks[at]:
            await self.run(operations)

    async def do_permit(self, at, operations):
        async with self.permits[at]:
            await self.run(operations)

    async def do_limit(self, delay, operations):
        try:
            async with asyncio.timeout(delay):
                await self.run(operations)
        except TimeoutError:
            print("too late")

    async def do_wait_for(self, delay, operations):
        try:
            print(await asyncio.wait_for(self.run(operations), delay))
        except TimeoutError:
            print("too late")

    async def do_shield(self, at, operations):
        await asyncio.shield(self.task(operations))

    async def do_spawn(self, at, operations):
        self.task(operations).add_done_callback(lambda task: print(at, "is done"))

    async def do_gather(self, at, lists):
        print(await asyncio.gather(*(self.task(each) for each in lists), return_exceptions=at))

    async def do_group(self, at, lists):
        try:
            async with asyncio.TaskGroup() as group:
                self.tasks += [group.create_task(self.run(each)) for each in lists]
        except* ValueError:
            print("group")

    async def do_first(self, at, lists):
        tasks = [self.task(each) for each in lists]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        print([task in done for task in tasks])

    async def do_completed(self, at, lists):
        for each in asyncio.as_completed([self.task(one) for one in lists]):
            print(await each)


def main_of(operations):
    """The program of these operations, as an async function."""

    async def main():
        return await Program().run(operations)

    return main
