"""Misconceptions about what resumes a coroutine, for notebooks 08 and 10."""

from __future__ import annotations

from coro_lab.lessons.misconceptions.misconception import Misconception

LOOPS = (
    Misconception(
        name="every-await-switches",
        belief="Every `await` lets another task run.",
        truth="An `await` switches only if something inside it suspends. A coroutine that never does is run like a "
        "function, straight through.",
        program="""
            async def nothing():
                return None

            async def worker(name):
                for step in (1, 2):
                    print(name, step)
                    await nothing()

            tasks = [worker("A"), worker("B")]
            while tasks:
                task = tasks.pop(0)
                try:
                    task.send(None)
                except StopIteration:
                    continue
                tasks.append(task)
        """,
        believed="A 1\nB 1\nA 2\nB 2",
        notebook="10-asyncio",
        heading='2. "Every await switches"',
    ),
    Misconception(
        name="a-result-goes-past-the-caller",
        belief="What an inner call returns arrives unchanged at the outermost one.",
        truth="It arrives at the caller, one step up. The caller decides what it returns itself.",
        program="""
            def outer():
                return middle()

            def middle():
                return inner() + 1

            def inner():
                return 41

            print(outer())
        """,
        believed="41",
        notebook="08-subroutines-are-coroutines",
        heading="A call is a yield",
    ),
    Misconception(
        name="suspended-is-waiting",
        belief="A coroutine that has yielded still runs, as a caller does that waits for its call.",
        truth="It is suspended: it has left the stack, and it goes on only when somebody resumes it.",
        program="""
            import inspect

            def task():
                yield

            one = task()
            next(one)
            print(inspect.getgeneratorstate(one))
        """,
        believed="GEN_RUNNING",
        notebook="08-subroutines-are-coroutines",
        heading="A call is a yield",
    ),
    Misconception(
        name="a-running-one-can-be-resumed",
        belief="A generator can be resumed while it runs.",
        truth="Only a suspended generator can be resumed. Python refuses one that is running, with ValueError.",
        program="""
            def myself():
                try:
                    own.send(None)
                    print("resumed")
                except ValueError:
                    print("refused")
                yield

            own = myself()
            next(own)
        """,
        believed="resumed",
        notebook="08-subroutines-are-coroutines",
        heading="What generators lack",
    ),
)
