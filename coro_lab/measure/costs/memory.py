"""The memory of one suspended task: a generator, an asyncio task, a thread.

Each kind is measured in a fresh Python process, because an old process reuses memory of earlier work, which hides what
is added. It is measured twice: Python objects by `tracemalloc`, and the whole process by the operating system, because
a thread's stack is not a Python object. The kernel's own memory for a thread is in neither.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from itertools import repeat

from coro_lab.measure.costs.results import Memory
from coro_lab.trace.packages import needs

KINDS = {"generator": 50_000, "asyncio task": 20_000, "thread": 200}
"""The kinds of tasks, and how many of each are alive during its measurement."""


def measure_memory() -> tuple[Memory, ...]:
    """The bytes of one suspended task of each kind; this takes about a second."""
    with ThreadPoolExecutor(len(KINDS)) as together:
        return tuple(together.map(_in_a_fresh_process, KINDS, KINDS.values()))


def _in_a_fresh_process(kind: str, count: int) -> Memory:
    with needs("measuring memory"):
        import psutil  # noqa: F401  for the other process
    command = [sys.executable, "-m", __name__, kind, str(count)]
    asked = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    return Memory(kind, *json.loads(asked.stdout))


def environment() -> dict[str, str]:
    """The environment for a child process, which finds the same coro_lab even if `sys.path` was changed."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@contextmanager
def _generators(count: int) -> Iterator[None]:
    def generator() -> Generator[None, None, None]:
        yield

    alive = [generator() for _ in repeat(None, count)]
    for each in alive:
        next(each)
    yield


@contextmanager
def _asyncio_tasks(count: int) -> Iterator[None]:
    async def sleep() -> None:
        await asyncio.sleep(0)

    async def start() -> list[asyncio.Task[None]]:
        alive = [asyncio.create_task(sleep()) for _ in repeat(None, count)]
        await asyncio.sleep(0)
        return alive

    with asyncio.Runner() as runner:
        alive = runner.run(start())
        yield
        alive.clear()


@contextmanager
def _threads(count: int) -> Iterator[None]:
    end = threading.Event()
    alive = [threading.Thread(target=end.wait) for _ in repeat(None, count)]
    for each in alive:
        each.start()
    yield
    end.set()
    for each in alive:
        each.join()


SUSPENDED: dict[str, Callable[[int], AbstractContextManager[None]]] = {
    "generator": _generators,
    "asyncio task": _asyncio_tasks,
    "thread": _threads,
}


def _count(kind: str, count: int) -> tuple[float, float, float]:
    """Bytes a task: of Python objects, in RAM, of addresses. RAM is measured first, because tracemalloc uses RAM."""
    import psutil

    alive, process = SUSPENDED[kind], psutil.Process()
    with alive(10):
        pass  # memory that is needed only once is allocated now
    before = process.memory_info()
    with alive(count):
        after = process.memory_info()
    tracemalloc.start()
    objects = tracemalloc.get_traced_memory()[0]
    with alive(count):
        objects = tracemalloc.get_traced_memory()[0] - objects
    return objects / count, (after.rss - before.rss) / count, (after.vms - before.vms) / count


if __name__ == "__main__":
    print(json.dumps(_count(sys.argv[1], int(sys.argv[2]))))
