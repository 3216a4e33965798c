"""asyncio programs with a fault, each with its repaired twin: `PROGRAMS[name](False)` and `PROGRAMS[name](True)`."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars

PROGRAMS = {}


def cache(ok):
    async def main():
        cache, calls, lock = {}, [], asyncio.Lock()

        async def load(k):
            calls.append(k)
            await asyncio.sleep(0)
            return k * 2

        async def get(k):
            if ok:
                async with lock:
                    if k not in cache:
                        cache[k] = await load(k)
            else:
                if k not in cache:
                    cache[k] = await load(k)
            return cache[k]

        await asyncio.gather(*(get(1) for _ in range(3)))
        assert len(calls) == 1

    return main


PROGRAMS["cache"] = cache


def check(ok):
    async def main():
        seats = {"free": 1}
        sold = []

        async def buy(who):
            if seats["free"] > 0:
                if not ok:
                    await asyncio.sleep(0)
                seats["free"] -= 1
                sold.append(who)
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as g:
            for w in "abc":
                g.create_task(buy(w))
        assert seats["free"] >= 0 and len(sold) == 1

    return main


PROGRAMS["check"] = check


def order(ok):
    async def main():
        a, b = asyncio.Lock(), asyncio.Lock()
        acc = [100, 100]

        async def move(i, j, n):
            both = [a, b]
            x, y = (both[i], both[j]) if not ok else (both[min(i, j)], both[max(i, j)])
            async with x:
                await asyncio.sleep(0)
                async with y:
                    acc[i] -= n
                    await asyncio.sleep(0)
                    acc[j] += n

        await asyncio.gather(move(0, 1, 5), move(1, 0, 7), move(0, 1, 1))

    return main


PROGRAMS["lock order"] = order


def cond(ok):
    async def main():
        q = []
        c = asyncio.Condition()

        async def get():
            async with c:
                if ok:
                    while not q:
                        await c.wait()
                elif not q:
                    await c.wait()
                return q.pop()

        async def put(x):
            async with c:
                q.append(x)
                c.notify_all()

        await asyncio.gather(get(), get(), put(1), put(2))

    return main


PROGRAMS["cond"] = cond


def lost(ok):
    async def main():
        c = asyncio.Condition()
        st = {"r": False}

        async def w():
            async with c:
                if ok:
                    await c.wait_for(lambda: st["r"])
                else:
                    await c.wait()

        async def s():
            await asyncio.sleep(0)
            async with c:
                st["r"] = True
                c.notify()

        await asyncio.gather(w(), s())

    return main


PROGRAMS["lost wakeup"] = lost


def timeout(ok):
    async def main():
        box = {"items": [], "n": 0}

        async def work():
            for i in range(2):
                box["items"].append(i)
                if ok:
                    box["n"] += 1
                await asyncio.sleep(1)
                if not ok:
                    box["n"] += 1

        async def other():
            for _ in range(3):
                await asyncio.sleep(0)

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.gather(work(), other())
        assert box["n"] == len(box["items"])

    return main


PROGRAMS["timeout"] = timeout


def transfer(ok):
    async def main():
        acc = {"a": 10, "b": 0}

        async def move():
            acc["a"] -= 5
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                if ok:
                    acc["a"] += 5
                raise
            acc["b"] += 5

        t = asyncio.create_task(move())

        async def canceller():
            await asyncio.sleep(0)
            t.cancel()

        c = asyncio.create_task(canceller())
        await asyncio.gather(t, c, return_exceptions=True)
        assert sum(acc.values()) == 10

    return main


PROGRAMS["transfer"] = transfer


def sem(ok):
    async def main():
        s = asyncio.Semaphore(1 if ok else 2)
        box = [0]

        async def inc():
            async with s:
                v = box[0]
                await asyncio.sleep(0)
                box[0] = v + 1

        await asyncio.gather(inc(), inc(), inc())
        assert box[0] == 3

    return main


PROGRAMS["semaphore"] = sem


def qjoin(ok):
    async def main():
        q = asyncio.Queue()
        done = []

        async def worker():
            while True:
                x = await q.get()
                if not ok:
                    q.task_done()
                await asyncio.sleep(0)
                done.append(x)
                if ok:
                    q.task_done()

        ws = [asyncio.create_task(worker()) for _ in range(2)]
        for i in range(3):
            q.put_nowait(i)
        await q.join()
        for w in ws:
            w.cancel()
        await asyncio.gather(*ws, return_exceptions=True)
        assert sorted(done) == [0, 1, 2]

    return main


PROGRAMS["queue join"] = qjoin


def event(ok):
    async def main():
        e = asyncio.Event()

        async def listen():
            await e.wait()

        async def ring():
            e.set()
            await asyncio.sleep(0)
            if not ok:
                e.clear()

        await asyncio.gather(listen(), ring(), listen())

    return main


PROGRAMS["event cleared"] = event


def group(ok):
    async def main():
        log = []

        async def bad():
            await asyncio.sleep(0)
            raise ValueError("x")

        async def good():
            log.append("open")
            try:
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                log.append("close")
            except asyncio.CancelledError:
                if ok:
                    log.append("close")
                raise

        with contextlib.suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as g:
                g.create_task(bad())
                g.create_task(good())
        assert log.count("open") == log.count("close")

    return main


PROGRAMS["group error"] = group


def shield(ok):
    async def main():
        saved = []

        async def save():
            await asyncio.sleep(0)
            saved.append(1)

        inner = asyncio.create_task(save())

        async def user():
            await (asyncio.shield(inner) if ok else inner)

        u = asyncio.create_task(user())
        await asyncio.sleep(0)
        u.cancel()
        await asyncio.gather(u, return_exceptions=True)
        if ok:
            await inner
        else:
            await asyncio.gather(inner, return_exceptions=True)
        assert saved == [1]

    return main


PROGRAMS["shield"] = shield


def completed(ok):
    async def main():
        async def f(i):
            await asyncio.sleep(0)
            return i

        got = []
        if ok:
            got = await asyncio.gather(f(0), f(1))
        else:
            for c in asyncio.as_completed([f(0), f(1)]):
                got.append(await c)
        assert got == [0, 1]

    return main


PROGRAMS["as_completed"] = completed


def agen(ok):
    async def main():
        items = [1, 2, 3]

        async def stream():
            for x in list(items) if ok else items:
                yield x
                await asyncio.sleep(0)

        got = []

        async def read():
            async for x in stream():
                got.append(x)

        async def drop():
            await asyncio.sleep(0)
            if items and not ok:
                items.pop(0)

        await asyncio.gather(read(), drop())
        assert got == [1, 2, 3]

    return main


PROGRAMS["async generator"] = agen


def ctx(ok):
    async def main():
        var = contextvars.ContextVar("v")
        box = [None]
        seen = {}

        async def handle(n):
            var.set(n)
            box[0] = n
            await asyncio.sleep(0)
            seen[n] = var.get() if ok else box[0]

        await asyncio.gather(handle(1), handle(2))
        assert seen == {1: 1, 2: 2}

    return main


PROGRAMS["contextvars"] = ctx


def thread(ok):
    async def main():
        box = [0]

        def work():
            box[0] += 1

        async def inc():
            v = box[0]
            if not ok:
                await asyncio.to_thread(work)
            else:
                pass
            box[0] = v + 1 if not ok else box[0] + 1

        await asyncio.gather(inc(), inc())
        assert box[0] == (4 if not ok else 2)

    return main


PROGRAMS["to_thread"] = thread


def cm(ok):
    async def main():
        open_ = []

        @contextlib.asynccontextmanager
        async def conn():
            open_.append(1)
            await asyncio.sleep(0)
            try:
                yield len(open_)
            finally:
                open_.pop()

        lock = asyncio.Lock()

        async def use():
            if ok:
                async with lock, conn() as n:
                    assert n == 1
            else:
                async with conn() as n:
                    assert n == 1

        await asyncio.gather(use(), use())

    return main


PROGRAMS["asynccontextmanager"] = cm


class Account:
    def __init__(self):
        self._b = 100

    @property
    def balance(self):
        return self._b

    @balance.setter
    def balance(self, v):
        self._b = v


def prop(ok):
    async def main():
        a = Account()

        async def pay(n):
            v = a.balance
            if not ok:
                await asyncio.sleep(0)
            else:
                a.balance = v - n
            if not ok:
                a.balance = v - n
            await asyncio.sleep(0)

        await asyncio.gather(pay(10), pay(20))
        assert a.balance == 70

    return main


PROGRAMS["property"] = prop


def stop(ok):
    async def main():
        q = asyncio.Queue(2)
        got = []

        async def produce(n):
            for i in range(2):
                await q.put(i)
            if not ok:
                await q.put(None)

        async def consume():
            while (x := await q.get()) is not None:
                got.append(x)

        c = asyncio.create_task(consume())
        await asyncio.gather(produce(0), produce(1))
        if ok:
            await q.put(None)
        await c
        assert len(got) == 4

    return main


PROGRAMS["sentinel"] = stop


def first(ok):
    async def main():
        res = []

        async def f(i):
            await asyncio.sleep(0)
            res.append(i)
            return i

        ts = [asyncio.create_task(f(i)) for i in range(3)]
        done, pend = await asyncio.wait(ts, return_when=asyncio.FIRST_COMPLETED)
        for p in pend:
            p.cancel()
        if ok:
            await asyncio.gather(*pend, return_exceptions=True)
        assert ok or len(res) == len(done) == 1

    return main


PROGRAMS["first completed"] = first
