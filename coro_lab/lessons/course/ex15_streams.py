"""Exercises of notebook 15: a stream is closed, a queue ends, and no item is lost."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator
from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet, require
from coro_lab.lessons.course.ex09_async_await import coroutine_function
from coro_lab.lessons.course.ex13_families import right_in_every_order

NOTEBOOK = "15-streams"
TITLE = "Streams"

# ---- first_item -----------------------------------------------------------------------------------------------------


def check_first_item(answer: Answer) -> None:
    first_item = coroutine_function(answer, "first_item", "stream")

    async def main() -> tuple[Any, list[str]]:
        log: list[str] = []

        async def stream() -> AsyncGenerator[str]:
            try:
                for item in "abc":
                    log.append(item)
                    yield item
            finally:
                await asyncio.sleep(0)
                log.append("closed")

        opened = stream()
        item = await first_item(opened)
        happened = list(log)
        await opened.aclose()
        return item, happened

    trace = answer.run("first_item(stream)", lambda: asyncio.run(main()))
    item, happened = trace.result
    require(trace, "first_item(stream) returns", item, "a")
    if happened != ["a", "closed"]:
        what = f"When first_item returns, this has happened: {', '.join(happened)}; a, closed is asked for."
        raise NotYet(what, trace=trace, index=-1)


FIRST_ITEM = Exercise(
    name="first_item",
    task="**Write it.** `first_item` returns the first item of an asynchronous generator. But it leaves the stream "
    "open: have it closed before `first_item` returns.",
    given="""
        import asyncio
        from contextlib import aclosing
    """,
    starter="""
        async def first_item(stream):
            async for item in stream:
                return item
    """,
    solution="""
        async def first_item(stream):
            async with aclosing(stream):
                async for item in stream:
                    return item
    """,
    check=check_first_item,
    hints=(
        "`return` leaves the loop as `break` does. What closes a stream where a block ends?",
        "The whole loop belongs inside the block.",
    ),
    mistakes=(
        Mistake(
            """
            async def first_item(stream):
                async for item in stream:
                    stream.aclose()
                    return item
            """,
            "To close a stream may take an `await` inside of it, so closing has to be awaited, too.",
        ),
        Mistake(
            """
            async def first_item(stream):
                items = [item async for item in stream]
                return items[0]
            """,
            "It is closed, since it has been read to its end: one item was asked for.",
        ),
    ),
)

# ---- ship -----------------------------------------------------------------------------------------------------------


def check_ship(answer: Answer) -> None:
    ship = coroutine_function(answer, "ship", "items", "readers")
    begun: list[asyncio.Queue[Any]] = []

    async def keep(queue: asyncio.Queue[Any], kept: list[Any]) -> None:
        begun.append(queue)
        while (item := await queue.get()) is not None:
            await asyncio.sleep(0)
            kept.append(item)

    answer.names["keep"] = keep
    # The orders of two items for two readers take seconds, and those of three readers are too many.
    for items, readers, order in (("ab", 1, "tasks"), ("a", 2, "tasks"), ("ab", 2, "asyncio"), ("ab", 3, "asyncio")):

        async def main(items: str = items, readers: int = readers) -> tuple[list[Any], int, int]:
            begun.clear()
            return sorted(await ship(items, readers), key=str), len(begun), sum(queue.qsize() for queue in {*begun})

        subject = f"ship({items!r}, {readers})"
        broken = (
            f"the items that are kept are not {' and '.join(items)}, or not {readers} of keep have begun, or the queue "
            "is not empty at the end"
        )
        right_in_every_order(subject, main, (list(items), readers, 0).__eq__, broken, order)


SHIP = Exercise(
    name="ship",
    task="**Change one line.** Each `keep` ends when it takes None out of the queue. `ship` starts as many of them as "
    "`readers` says, and still waits for ever where that is more than one.",
    given="""
        import asyncio

        async def keep(queue, kept):
            while (item := await queue.get()) is not None:
                await asyncio.sleep(0)
                kept.append(item)
    """,
    starter="""
        async def ship(items, readers):
            queue, kept = asyncio.Queue(1), []
            async with asyncio.TaskGroup() as group:
                for _ in range(readers):
                    group.create_task(keep(queue, kept))
                for item in [*items, None]:
                    await queue.put(item)
            return kept
    """,
    solution="""
        async def ship(items, readers):
            queue, kept = asyncio.Queue(1), []
            async with asyncio.TaskGroup() as group:
                for _ in range(readers):
                    group.create_task(keep(queue, kept))
                for item in [*items, *[None] * readers]:
                    await queue.put(item)
            return kept
    """,
    check=check_ship,
    hints=(
        "How many None are put, and how many readers wait for one?",
        "`[None] * 3` is a list of three.",
    ),
    mistakes=(
        Mistake(
            """
            async def ship(items, readers):
                queue, kept = asyncio.Queue(1), []
                async with asyncio.TaskGroup() as group:
                    for _ in range(readers):
                        group.create_task(keep(queue, kept))
                    for item in [*items, None, None]:
                        await queue.put(item)
                return kept
            """,
            "That is right for two readers, and for no other number of them.",
        ),
        Mistake(
            """
            async def ship(items, readers):
                queue, kept = asyncio.Queue(1), []
                async with asyncio.TaskGroup() as group:
                    for _ in range(readers):
                        group.create_task(keep(queue, kept))
                    for item in [*[None] * readers, *items]:
                        await queue.put(item)
                return kept
            """,
            "The sentinels come first, so every reader has gone before an item comes.",
        ),
    ),
)

# ---- numbered -------------------------------------------------------------------------------------------------------


def check_numbered(answer: Answer) -> None:
    numbered = answer.function("numbered", "stream")

    async def letters() -> AsyncGenerator[str]:
        for letter in "ab":
            await asyncio.sleep(0)
            yield letter

    async def main() -> Any:
        pairs = numbered(letters())
        if not inspect.isasyncgen(pairs):
            pairs.close()
            return "no asynchronous generator"
        return [pair async for pair in pairs]

    trace = answer.run("numbered(letters())", lambda: asyncio.run(main()))
    require(trace, "numbered(letters()) gives", trace.result, [(1, "a"), (2, "b")])


NUMBERED = Parsons(
    name="numbered",
    task="**Put the lines in order.** `numbered` is an asynchronous generator: for each item of a stream it yields a "
    "pair of its number, from 1 on, and the item. Two lines are not needed.",
    given="""
        import asyncio
    """,
    solution="""
        async def numbered(stream):
            number = 0
            async for item in stream:
                number = number + 1
                yield (number, item)
    """,
    distractors=("    for item in stream:", "        return (number, item)"),
    check=check_numbered,
    hints=(
        "The stream may have to wait for its next item: which loop can wait?",
        "A `return` would end it at the first item.",
    ),
    mistakes=(
        Mistake(
            """
            async def numbered(stream):
                number = 0
                for item in stream:
                    number = number + 1
                    yield (number, item)
            """,
            "A plain `for` cannot wait for an item, so it refuses a stream.",
        ),
        Mistake(
            """
            async def numbered(stream):
                number = 0
                async for item in stream:
                    number = number + 1
                    return (number, item)
            """,
            "Without a `yield` this is a coroutine function, which gives one result.",
        ),
    ),
)

EXERCISES = (FIRST_ITEM, SHIP, NUMBERED)
PREDICTIONS: dict[str, dict[str, str]] = {
    "read_first breaks after line 1. Which line is printed next?": {"file closed": "a-break-closes-the-stream"},
    "All three items are put, then save is cancelled. In which orders are all of them kept?": {
        "in every order": "put-is-done"
    },
    "Two streams have set the name, first Ann, then Bob. What does the stream of Ann say next?": {
        "hello Ann": "a-stream-has-its-own-context"
    },
}
