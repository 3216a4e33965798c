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
)
