"""How long does it take to tell who waits for whom among ten thousand tasks?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from coro_lab import waits

TASKS = 10_000


async def worker(awaited: Callable[[], Awaitable[object]]) -> None:
    await awaited()


async def holder(lock: asyncio.Lock) -> None:
    async with lock:
        await asyncio.sleep(1_000)


async def chained(before: asyncio.Future[None]) -> None:
    await before


async def look(kind: str) -> float:
    """How many seconds of one core `waits()` and its text take for this many tasks that wait for this kind of thing."""
    queue, lock, last = asyncio.Queue[int](), asyncio.Lock(), asyncio.Future[None]()
    tasks: list[asyncio.Task[None]] = []
    for _ in range(TASKS):
        made = {
            "one queue": lambda: worker(queue.get),
            "one lock": lambda: holder(lock),
            "an event each": lambda: worker(asyncio.Event().wait),
            "the one before": lambda: chained(tasks[-1] if tasks else last),
        }[kind]()
        tasks.append(asyncio.create_task(made))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    begin = time.process_time()
    repr(waits())
    seconds = time.process_time() - begin
    last.set_result(None)
    for task in tasks if kind != "the one before" else ():
        task.cancel()
    await asyncio.wait(tasks)
    return seconds


def run() -> None:
    """Print the figures."""
    for kind in ("one queue", "one lock", "an event each", "the one before"):
        print(f"{TASKS:,} tasks wait for {kind:15} {asyncio.run(look(kind)):5.2f} s (asked: 1 s)")
