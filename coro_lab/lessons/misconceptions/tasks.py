"""Misconceptions about what happens at an `await`, for notebooks 09 and 11."""

from __future__ import annotations

from coro_lab.lessons.misconceptions.misconception import Misconception

TASKS = (
    Misconception(
        name="the-outermost-one-receives",
        belief="What is sent to a coroutine is received by that coroutine, even while it delegates.",
        truth="`yield from` and `await` hand it through to the innermost one, whose `yield` waits for it.",
        program="""
            def wait():
                print("wait receives", (yield))

            def task():
                yield from wait()
                print("task receives nothing")

            t = task()
            t.send(None)
            try:
                t.send("go")
            except StopIteration:
                pass
        """,
        believed="task receives go",
        notebook="09-async-await",
        heading="yield from: a yield one floor down",
    ),
    Misconception(
        name="notified-means-true",
        belief="A task that was notified finds what it has waited for.",
        truth="Before a notified task has the lock again, another task may come and take it away. So it has to look "
        "again: `while`, not `if`.",
        program="""
            import asyncio
            from coro_lab import explore

            async def take(items, filled):
                async with filled:
                    if not items:
                        await filled.wait()
                    return items.pop()

            async def put(items, filled):
                async with filled:
                    items.append("tea")
                    filled.notify()

            async def kitchen():
                both = [], asyncio.Condition()
                await asyncio.gather(take(*both), take(*both), put(*both), put(*both))

            print("sometimes" if explore(kitchen).broken else "never", "empty")
        """,
        believed="never empty",
        notebook="11-every-order",
        heading="if or while?",
    ),
    Misconception(
        name="a-time-limit-undoes",
        belief="What a time limit cuts off has not happened.",
        truth="It is cut off at an `await`, and what it has done before stays done.",
        program="""
            import asyncio
            from types import coroutine

            purse = {"Ann": 1, "Bob": 0}

            @coroutine
            def pay():
                yield

            async def transfer():
                purse["Ann"] -= 1
                await pay()
                purse["Bob"] += 1

            task = transfer()
            task.send(None)
            try:
                task.throw(asyncio.CancelledError())
            except asyncio.CancelledError:
                print(purse["Ann"] + purse["Bob"])
        """,
        believed="1",
        notebook="11-every-order",
        heading="A time limit",
    ),
)
