"""Misconceptions about how tasks end, for the notebooks from 12 on."""

from __future__ import annotations

from coro_lab.lessons.misconceptions.misconception import Misconception

ENDINGS = (
    Misconception(
        name="cancel-ends-at-once",
        belief="A task is at an end as soon as `cancel()` returns.",
        truth="`cancel()` only leaves a note. The loop throws the error into the task in its next turn.",
        program="""
            import asyncio

            async def main():
                task = asyncio.create_task(asyncio.sleep(60))
                await asyncio.sleep(0)
                task.cancel()
                print("ended:", task.done())

            asyncio.run(main())
        """,
        believed="ended: True",
        notebook="12-cancelled",
        heading='"cancel() stops a task"',
    ),
    Misconception(
        name="cancelled-means-ended",
        belief="A task that was cancelled ends, and counts as cancelled.",
        truth="A cancellation is an error that can be caught. A task that catches it and goes on has swallowed it.",
        program="""
            import asyncio

            async def stubborn():
                try:
                    await asyncio.sleep(60)
                except BaseException:
                    return "no"

            async def main():
                task = asyncio.create_task(stubborn())
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
                print("cancelled:", task.cancelled())

            asyncio.run(main())
        """,
        believed="cancelled: True",
        notebook="12-cancelled",
        heading='"A cancelled task ends"',
    ),
    Misconception(
        name="cancelled-cannot-await",
        belief="A task that has been cancelled cannot await anything any more, so it cannot clean up.",
        truth="The error is thrown once. After that the task may await what it needs, until it is cancelled again.",
        program="""
            import asyncio

            async def visit():
                try:
                    await asyncio.sleep(60)
                finally:
                    await asyncio.sleep(0)
                    print("cleaned up")

            async def main():
                task = asyncio.create_task(visit())
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])

            asyncio.run(main())
        """,
        believed="",
        notebook="12-cancelled",
        heading="Cleaning up takes an await",
    ),
    Misconception(
        name="gather-ends-all",
        belief="When one task of `gather` fails, the others are stopped.",
        truth="`gather` passes on the error and lets the others run. A task group cancels them and waits for them.",
        program="""
            import asyncio

            async def fails():
                raise ValueError

            async def main():
                other = asyncio.create_task(asyncio.sleep(0.01))
                try:
                    await asyncio.gather(fails(), other)
                except ValueError:
                    print("still running:", not other.done())
                await other

            asyncio.run(main())
        """,
        believed="still running: False",
        notebook="13-families",
        heading='"gather and TaskGroup are the same"',
    ),
    Misconception(
        name="every-error-comes-out",
        belief="When two tasks of `gather` fail, the caller gets both errors.",
        truth="`gather` passes on the first one and drops the other. A task group raises an exception group with both.",
        program="""
            import asyncio

            async def fails(error):
                raise error

            async def main():
                try:
                    await asyncio.gather(fails(OSError()), fails(ValueError()))
                except Exception as error:
                    print(type(error).__name__)

            asyncio.run(main())
        """,
        believed="ExceptionGroup",
        notebook="13-families",
        heading="Two errors at once",
    ),
    Misconception(
        name="an-error-is-always-heard",
        belief="An error in a task stops the program, or at least the code that made the task.",
        truth="It lies in the task until somebody awaits it. Otherwise it is only logged, as the task is thrown away.",
        program="""
            import asyncio

            async def fails():
                raise ValueError

            async def main():
                task = asyncio.create_task(fails())
                await asyncio.sleep(0)
                print("all is well")
                task.exception()

            asyncio.run(main())
        """,
        believed="",
        notebook="13-families",
        heading='"An error is always heard"',
    ),
    Misconception(
        name="the-loop-keeps-tasks",
        belief="A task lives until it is done, even if nobody keeps it.",
        truth="The loop holds a task only while it is ready. A suspended one that nobody else holds is thrown away.",
        program="""
            import asyncio
            import gc

            async def listen():
                try:
                    await asyncio.Future()
                finally:
                    print("closed")

            async def main():
                asyncio.get_running_loop().set_exception_handler(lambda loop, what: None)
                asyncio.create_task(listen())
                await asyncio.sleep(0)
                gc.collect()
                print("collected")

            asyncio.run(main())
        """,
        believed="collected\nclosed",
        notebook="13-families",
        heading='"A task runs until it is done"',
    ),
    Misconception(
        name="the-first-one-ends-the-rest",
        belief="When the first of several tasks has won, the others are over.",
        truth="They go on until somebody cancels them, and waits until they have ended.",
        program="""
            import asyncio

            async def main():
                far = asyncio.create_task(asyncio.sleep(0.01))
                near = asyncio.create_task(asyncio.sleep(0))
                await asyncio.wait([near, far], return_when=asyncio.FIRST_COMPLETED)
                print("far has ended:", far.done())
                await far

            asyncio.run(main())
        """,
        believed="far has ended: True",
        notebook="13-families",
        heading='"The first one wins, so the rest is over"',
    ),
    Misconception(
        name="a-deadlock-needs-locks",
        belief="Without a lock there is no deadlock.",
        truth="A circle of waiting is enough: a full queue whose consumers want to put something into it.",
        program="""
            import asyncio
            from coro_lab import explore

            async def worker(queue):
                await queue.get()
                for link in "ab":
                    await queue.put(link)
                queue.task_done()

            async def crawl():
                queue = asyncio.Queue(1)
                queue.put_nowait("home")
                await worker(queue)

            print(explore(crawl).finding.kind)
        """,
        believed="no deadlock",
        notebook="14-stuck",
        heading="Everybody waits for somebody",
    ),
    Misconception(
        name="a-failure-ends-the-wait",
        belief="A task that waits for one that fails hears of it.",
        truth="Only a task that awaits the other one itself does. One that waits for its work waits for ever.",
        program="""
            import asyncio

            async def reader(queue):
                raise ValueError

            async def main():
                queue = asyncio.Queue()
                queue.put_nowait("page")
                task = asyncio.create_task(reader(queue))
                try:
                    async with asyncio.timeout(0.05):
                        await queue.join()
                except TimeoutError:
                    print("still waiting, and the error is", type(task.exception()).__name__)

            asyncio.run(main())
        """,
        believed="",
        notebook="14-stuck",
        heading="What nobody is left to give",
    ),
    Misconception(
        name="a-lock-knows-its-holder",
        belief="A task that holds a lock of `asyncio` can take it again.",
        truth="The lock only knows that it is held. A task that takes it again waits for itself.",
        program="""
            import asyncio

            async def main():
                lock = asyncio.Lock()
                async with lock:
                    try:
                        await asyncio.wait_for(lock.acquire(), 0.05)
                        print("taken twice")
                    except TimeoutError:
                        print("waits for itself")

            asyncio.run(main())
        """,
        believed="taken twice",
        notebook="14-stuck",
        heading='"A lock knows who holds it"',
    ),
    Misconception(
        name="a-lock-costs-nothing",
        belief="A lock around an `await` does no harm, so one more is always safer.",
        truth="The others wait as long as the `await` takes: what could have been at the same time comes one by one.",
        program="""
            import asyncio
            from coro_lab import explore

            async def download(lock):
                async with lock:
                    await asyncio.sleep(1)

            async def three():
                lock = asyncio.Lock()
                await asyncio.gather(*(download(lock) for _ in range(3)))
                return asyncio.get_running_loop().time()

            found = explore(lambda: three(), invariant=lambda seconds: seconds == 1)
            print("one second" if not found.broken else "longer")
        """,
        believed="one second",
        notebook="14-stuck",
        heading='"More locks make it safer"',
    ),
    Misconception(
        name="a-break-closes-the-stream",
        belief="A `break` closes the asynchronous generator, so its `finally` runs there.",
        truth="A `break` cannot await. The loop closes the generator later, or `aclosing` at the end of a block.",
        program="""
            import asyncio

            async def lines():
                try:
                    yield "line"
                finally:
                    print("closed")

            async def main():
                async for line in lines():
                    break
                print("after the loop")
                await asyncio.sleep(0.01)

            asyncio.run(main())
        """,
        believed="closed\nafter the loop",
        notebook="15-streams",
        heading='"finally runs when I break"',
    ),
    Misconception(
        name="put-is-done",
        belief="What was put into a queue will be worked on.",
        truth="It lies in the queue, or in the hands of the consumer, until that is cancelled. `join` waits for it.",
        program="""
            import asyncio

            async def save(queue, kept):
                while True:
                    item = await queue.get()
                    await asyncio.sleep(0)
                    kept.append(item)

            async def main():
                queue, kept = asyncio.Queue(), []
                task = asyncio.create_task(save(queue, kept))
                await queue.put("item")
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
                print(len(kept), "kept")

            asyncio.run(main())
        """,
        believed="1 kept",
        notebook="15-streams",
        heading='"When all is put, I can cancel the consumer"',
    ),
    Misconception(
        name="a-stream-has-its-own-context",
        belief="What an asynchronous generator sets in a context variable is its own, as in a task.",
        truth="It runs in the context of the one that resumes it, and so do all that this one reads.",
        program="""
            import asyncio
            from contextvars import ContextVar

            user = ContextVar("user")

            async def greetings(name):
                user.set(name)
                yield
                yield user.get()

            async def main():
                ann, bob = greetings("Ann"), greetings("Bob")
                await anext(ann)
                await anext(bob)
                print(await anext(ann))

            asyncio.run(main())
        """,
        believed="Ann",
        notebook="15-streams",
        heading="Who am I? Context variables",
    ),
)
