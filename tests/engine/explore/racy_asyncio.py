"""asyncio programs in pairs: a racy one, and its safe twin, over which explore must stay silent."""

from __future__ import annotations

import asyncio


async def lost_update():
    box = [0]

    async def increment():
        seen = box[0]
        await asyncio.sleep(0)
        box[0] = seen + 1

    await asyncio.gather(increment(), increment())
    assert box == [2]


async def locked_update():
    box, lock = [0], asyncio.Lock()

    async def increment():
        async with lock:
            seen = box[0]
            await asyncio.sleep(0)
            box[0] = seen + 1

    await asyncio.gather(increment(), increment())
    assert box == [2]


async def overdraws():
    account = {"balance": 100}

    async def withdraw(amount):
        if account["balance"] >= amount:
            await asyncio.sleep(0.1)
            account["balance"] -= amount

    async with asyncio.TaskGroup() as group:
        group.create_task(withdraw(80))
        group.create_task(withdraw(80))
    assert account["balance"] >= 0


async def withdraws_in_one_step():
    account = {"balance": 100}

    async def withdraw(amount):
        await asyncio.sleep(0.1)
        if account["balance"] >= amount:
            account["balance"] -= amount

    async with asyncio.TaskGroup() as group:
        group.create_task(withdraw(80))
        group.create_task(withdraw(80))
    assert account["balance"] >= 0


async def fills_twice():
    cache, calls = {}, []

    async def fetch(key):
        if key not in cache:
            calls.append(key)
            await asyncio.sleep(1)
            cache[key] = key.upper()
        return cache[key]

    assert await asyncio.gather(fetch("a"), fetch("a")) == ["A", "A"]
    assert calls == ["a"]


async def fills_once():
    cache, calls = {}, []

    async def load(key):
        calls.append(key)
        await asyncio.sleep(1)
        return key.upper()

    async def fetch(key):
        if key not in cache:
            cache[key] = asyncio.create_task(load(key))
        return await cache[key]

    assert await asyncio.gather(fetch("a"), fetch("a")) == ["A", "A"]
    assert calls == ["a"]


def two_locks(*, opposite):
    async def main():
        left, right = asyncio.Lock(), asyncio.Lock()

        async def eat(first, second):
            async with first:
                await asyncio.sleep(0)
                async with second:
                    pass

        await asyncio.gather(eat(left, right), eat(right, left) if opposite else eat(left, right))

    return main


def condition(*, again):
    async def main():
        shelf, full = [], asyncio.Condition()

        async def take():
            async with full:
                if again:
                    while not shelf:
                        await full.wait()
                elif not shelf:
                    await full.wait()
                return shelf.pop()

        async def put(loaf):
            await asyncio.sleep(0)
            async with full:
                shelf.append(loaf)
                full.notify_all()

        await asyncio.gather(take(), take(), put("rye"), put("oat"))

    return main


def time_limit(*, rolls_back):
    async def main():
        accounts = {"a": 10, "b": 0}

        async def move():
            accounts["a"] -= 1
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                if rolls_back:
                    accounts["a"] += 1
                raise
            accounts["b"] += 1

        try:
            await asyncio.wait_for(move(), 1)
        except TimeoutError:
            pass
        assert sum(accounts.values()) == 10

    return main


def forgotten(*, awaited):
    async def main():
        done = []

        async def save():
            await asyncio.sleep(0)
            done.append(1)

        task = asyncio.create_task(save())
        await asyncio.sleep(0)
        if awaited:
            await task

    return main


def unseen(*, asked):
    async def main():
        async def fail():
            raise ValueError("too small")

        task = asyncio.create_task(fail())
        await asyncio.wait([task])
        if asked:
            task.exception()

    return main


def cancelled_while_holding(*, lets_go):
    async def main():
        lock = asyncio.Lock()

        async def work():
            await lock.acquire()
            try:
                await asyncio.sleep(1)
            finally:
                if lets_go:
                    lock.release()
            if not lets_go:
                lock.release()

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with lock:
            pass

    return main


def bounded_queue(*, takes):
    async def main():
        belt = asyncio.Queue(1)

        async def produce():
            for n in range(3):
                await belt.put(n)

        async def consume():
            return [await belt.get() for _ in range(takes)]

        _, got = await asyncio.gather(produce(), consume())
        assert got == [0, 1, 2]

    return main


def semaphore(*, at_once):
    async def main():
        seats, inside = asyncio.Semaphore(at_once), []

        async def enter():
            async with seats:
                inside.append(1)
                await asyncio.sleep(0)
                assert len(inside) <= 2
                inside.pop()

        await asyncio.gather(enter(), enter(), enter())

    return main


def barrier(*, parties):
    async def main():
        gate = asyncio.Barrier(parties)

        async def arrive():
            await gate.wait()

        await asyncio.gather(arrive(), arrive())

    return main


def event(*, cleared):
    async def main():
        ready = asyncio.Event()

        async def listen():
            await ready.wait()

        async def announce():
            ready.set()
            if cleared:
                ready.clear()

        await asyncio.gather(listen(), announce())

    return main


def await_each_other(*, both):
    async def main():
        tasks = []

        async def wait_for(other):
            await asyncio.sleep(0)
            if both or other:
                await tasks[other]

        tasks += [asyncio.create_task(wait_for(1)), asyncio.create_task(wait_for(0))]
        await asyncio.wait(tasks)

    return main


PAIRS = {
    "lost update": (lost_update, locked_update, {"error"}),
    "check-then-act": (overdraws, withdraws_in_one_step, {"error"}),
    "cache filled twice": (fills_twice, fills_once, {"error"}),
    "two locks": (two_locks(opposite=True), two_locks(opposite=False), {"deadlock"}),
    "if for while": (condition(again=False), condition(again=True), {"error"}),
    "time limit": (time_limit(rolls_back=False), time_limit(rolls_back=True), {"error"}),
    "forgotten task": (forgotten(awaited=False), forgotten(awaited=True), {"left behind"}),
    "unseen error": (unseen(asked=False), unseen(asked=True), {"unseen error"}),
    "cancelled": (cancelled_while_holding(lets_go=False), cancelled_while_holding(lets_go=True), {"deadlock"}),
    "bounded queue": (bounded_queue(takes=4), bounded_queue(takes=3), {"deadlock"}),
    "semaphore": (semaphore(at_once=3), semaphore(at_once=2), {"error"}),
    "barrier": (barrier(parties=3), barrier(parties=2), {"deadlock"}),
    "event": (event(cleared=True), event(cleared=False), {"lost wake-up"}),
    "await each other": (await_each_other(both=True), await_each_other(both=False), {"deadlock"}),
}
