"""Exercises of notebook 14: nobody waits for ever, and nobody waits in vain."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet, require
from coro_lab.lessons.course.ex09_async_await import coroutine_function
from coro_lab.lessons.course.ex12_cancelled import cancel
from coro_lab.lessons.course.ex13_families import right_in_every_order

NOTEBOOK = "14-stuck"
TITLE = "Stuck"

# ---- shelf ----------------------------------------------------------------------------------------------------------


def check_shelf(answer: Answer) -> None:
    shelf = coroutine_function(answer, "shelf", "queue")
    done: list[str] = []

    async def read(page: str) -> None:
        await asyncio.sleep(0)
        if page == "second":
            raise ValueError(page)
        done.append(page)

    answer.names["read"] = read
    answer.names["print"] = lambda *_: None

    async def main() -> list[str]:
        done.clear()
        queue: asyncio.Queue[str] = asyncio.Queue()
        for page in ("first", "second", "last"):
            queue.put_nowait(page)
        task = asyncio.create_task(shelf(queue))
        await queue.join()
        task.cancel()
        await asyncio.wait([task])
        return [*done, "cancelled" if task.cancelled() else "not cancelled"]

    subject = "With the pages first, second and last, of which the second is torn"
    wanted = ["first", "last", "cancelled"]
    broken = "first or last is not read, or shelf does not end when it is cancelled"
    right_in_every_order(subject, main, lambda end: end == wanted, broken)

    async def cancelled_early() -> bool:
        queue: asyncio.Queue[str] = asyncio.Queue()
        queue.put_nowait("first")
        task = asyncio.create_task(shelf(queue))
        await asyncio.gather(task, cancel(task), return_exceptions=True)
        return task.cancelled()

    subject = "When shelf is cancelled, at any time"
    right_in_every_order(subject, cancelled_early, bool, "it does not count as cancelled")


SHELF = Exercise(
    name="shelf",
    task="**Write it.** `read(page)` raises `ValueError` where a page is torn. Let `shelf` go on with the next page "
    "after that, and have `queue.join()` return in every case. A cancellation still ends it.",
    given="""
        import asyncio

        async def read(page):
            await asyncio.sleep(0)
            if page == "torn":
                raise ValueError(page)
            print("read", page)
    """,
    starter="""
        async def shelf(queue):
            while True:
                page = await queue.get()
                await read(page)
                queue.task_done()
    """,
    solution="""
        async def shelf(queue):
            while True:
                page = await queue.get()
                try:
                    await read(page)
                except ValueError:
                    print("cannot read", page)
                finally:
                    queue.task_done()
    """,
    check=check_shelf,
    hints=(
        "`join` counts: each page that was put needs one `task_done`, however reading it has ended.",
        "Catch the one error that may be expected, inside the loop, and say `task_done` in `finally`.",
    ),
    mistakes=(
        Mistake(
            """
            async def shelf(queue):
                try:
                    while True:
                        page = await queue.get()
                        try:
                            await read(page)
                        finally:
                            queue.task_done()
                except ValueError:
                    pass
            """,
            "The error ends the loop, so nobody is left to read the last page: catch it inside of the loop.",
        ),
        Mistake(
            """
            async def shelf(queue):
                while True:
                    page = await queue.get()
                    try:
                        await read(page)
                        queue.task_done()
                    except ValueError:
                        pass
            """,
            "`shelf` goes on, but `task_done` was never called for the torn page, and `join` counts it.",
        ),
        Mistake(
            """
            async def shelf(queue):
                while True:
                    page = await queue.get()
                    try:
                        await read(page)
                        queue.task_done()
                    except ValueError:
                        print("cannot read", page)
                    finally:
                        queue.task_done()
            """,
            "For a page that can be read, `task_done` is called twice, and the queue counts both.",
        ),
    ),
)

# ---- get_page -------------------------------------------------------------------------------------------------------


def check_get_page(answer: Answer) -> None:
    get_page = coroutine_function(answer, "get_page", "cache", "locks", "page")
    fetched: list[str] = []

    async def fetch(page: str) -> str:
        fetched.append(page)
        await asyncio.sleep(1)
        return page.upper()

    answer.names["fetch"] = fetch

    async def main() -> tuple[list[Any], list[str], float]:
        fetched.clear()
        cache: dict[str, str] = {}
        locks: dict[str, asyncio.Lock] = {}
        clock = asyncio.get_running_loop().time
        begin = clock()
        pages = await asyncio.gather(*(get_page(cache, locks, page) for page in ("a", "a", "b")))
        return list(pages), sorted(fetched), clock() - begin

    subject = "get_page for a, a and b at the same time"
    for wanted, broken in (
        (lambda end: end[0] == ["A", "A", "B"], "the pages that are returned are not A, A and B"),
        (lambda end: end[1] == ["a", "b"], "a page is fetched twice"),
        (lambda end: end[2] == 1, "a page waits for the other one, so it takes more than a second"),
    ):
        right_in_every_order(subject, main, wanted, broken)


GET_PAGE = Exercise(
    name="get_page",
    task="**Change one line.** `fetch` takes a second. With `get_page` no page is fetched twice, but different pages "
    "wait for each other, since all share one lock. Give each page its lock.",
    given="""
        import asyncio

        async def fetch(page):
            await asyncio.sleep(1)
            return page.upper()
    """,
    starter="""
        async def get_page(cache, locks, page):
            async with locks.setdefault("all", asyncio.Lock()):
                if page not in cache:
                    cache[page] = await fetch(page)
            return cache[page]
    """,
    solution="""
        async def get_page(cache, locks, page):
            async with locks.setdefault(page, asyncio.Lock()):
                if page not in cache:
                    cache[page] = await fetch(page)
            return cache[page]
    """,
    check=check_get_page,
    hints=(
        "`locks` is a dictionary, and `setdefault` looks for a key in it. Which key do all of them use?",
        "Two that want the same page have to find the same lock, and two that want different pages must not.",
    ),
    mistakes=(
        Mistake(
            """
            async def get_page(cache, locks, page):
                async with asyncio.Lock():
                    if page not in cache:
                        cache[page] = await fetch(page)
                return cache[page]
            """,
            "A lock that each call makes for itself keeps nobody out.",
        ),
        Mistake(
            """
            async def get_page(cache, locks, page):
                async with locks.setdefault("page", asyncio.Lock()):
                    if page not in cache:
                        cache[page] = await fetch(page)
                return cache[page]
            """,
            "It is still one lock for all, under another name.",
        ),
    ),
)

# ---- lag ------------------------------------------------------------------------------------------------------------


def check_lag(answer: Answer) -> None:
    lag = coroutine_function(answer, "lag", "seconds")
    slept: list[str] = []
    now = [100.0]

    def went_by(what: str) -> None:
        slept.append(what)
        now[0] += 0.75

    async def sleep(seconds: float) -> None:
        went_by(f"asyncio.sleep({seconds})")

    answer.names["asyncio"] = SimpleNamespace(sleep=sleep)
    answer.names["time"] = SimpleNamespace(
        monotonic=lambda: now[0], sleep=lambda seconds: went_by(f"time.sleep({seconds})")
    )
    trace = answer.run("lag(0.5)", lambda: asyncio.run(lag(0.5)))
    if slept != ["asyncio.sleep(0.5)"]:
        done = ", ".join(slept) or "nothing"
        raise NotYet(f"lag(0.5) awaits {done}; asyncio.sleep(0.5) is asked for.", trace=trace, index=-1)
    require(trace, "Where 0.75 seconds go by, lag(0.5) returns", trace.result, 0.25)


LAG = Parsons(
    name="lag",
    task="**Put the lines in order.** `lag` sleeps for the seconds that it is given, and returns by how much it was "
    "resumed too late: the sign of a loop that was blocked. Two lines are not needed.",
    given="""
        import asyncio
        import time
    """,
    solution="""
        async def lag(seconds):
            before = time.monotonic()
            await asyncio.sleep(seconds)
            return time.monotonic() - before - seconds
    """,
    distractors=("    time.sleep(seconds)", "    return time.monotonic() - before"),
    check=check_lag,
    hints=(
        "The clock is asked twice, before the sleep and after it.",
        "Only what it slept too long is the delay: take `seconds` away from what went by.",
    ),
    mistakes=(
        Mistake(
            """
            async def lag(seconds):
                before = time.monotonic()
                time.sleep(seconds)
                return time.monotonic() - before - seconds
            """,
            "This sleep blocks the loop itself, so it would measure only itself.",
        ),
        Mistake(
            """
            async def lag(seconds):
                before = time.monotonic()
                await asyncio.sleep(seconds)
                return time.monotonic() - before
            """,
            "That is how long it took. Return by how much that was too long.",
        ),
        Mistake(
            """
            async def lag(seconds):
                await asyncio.sleep(seconds)
                before = time.monotonic()
                return time.monotonic() - before - seconds
            """,
            "Both looks at the clock come after the sleep, so no time goes by between them.",
        ),
    ),
)

EXERCISES = (SHELF, GET_PAGE, LAG)
PREDICTIONS: dict[str, dict[str, str]] = {
    "Two workers, seven pages, a queue with room for one. When does the crawl end?": {
        "in every order": "a-deadlock-needs-locks"
    },
    "reader fails at the second page, and library awaits queue.join(). When does join return?": {
        "when reader has failed": "a-failure-ends-the-wait"
    },
    "deposit holds the lock, and awaits tell, which takes the same lock. What happens?": {
        "it prints balance: 5": "a-lock-knows-its-holder"
    },
    "Three downloads of a second each share one lock. How many seconds do they take?": {"1": "a-lock-costs-nothing"},
}
