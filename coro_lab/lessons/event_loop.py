"""The learner's event loop: tasks, sleep and sockets in at most 60 lines of code, as notebook 09 grows it.

Three rules. A task that has to wait makes a request: `ask` suspends its whole chain of awaits, and the request goes out
to the loop. The loop keeps each task in one place only: in the ready queue, asleep, or with the socket it waits for. A
task whose request is fulfilled goes to the end of the ready queue.

A real loop does more: waiting for a task's result, cancellation, several tasks at one socket, calls from other
threads. `asyncio` has all of it.
"""

from __future__ import annotations

import time
from bisect import insort
from collections import deque
from collections.abc import Coroutine, Generator
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from socket import socket
from types import coroutine
from typing import Any


@coroutine
def ask(*request: Any) -> Generator[tuple[Any, ...], None, None]:
    """Hand a request to the loop, and suspend until it is fulfilled. Nothing else here suspends."""
    yield request


async def sleep(seconds: float) -> None:
    """Let the other tasks run for at least this many seconds; 0 lets each of them run once."""
    await ask("sleep", seconds)


async def accept(server: socket) -> socket:
    """Wait for the next client of a listening socket, and return the connection."""
    await ask("socket", server, EVENT_READ)
    return server.accept()[0]


async def receive(connection: socket) -> bytes:
    """Wait for bytes, and return those that have arrived; b"" means that the other side has closed."""
    await ask("socket", connection, EVENT_READ)
    return connection.recv(1024)


async def send(connection: socket, data: bytes) -> None:
    """Send all bytes, in parts that are small enough for any connection that is ready."""
    while data:
        await ask("socket", connection, EVENT_WRITE)
        data = data[connection.send(data[:1024]) :]


class Loop:
    """Runs tasks until none is left, once.

    >>> async def greet(name, seconds):
    ...     await sleep(seconds)
    ...     print(name)
    >>> loop = Loop()
    >>> loop.spawn(greet("late", 0.02))
    >>> loop.spawn(greet("early", 0.01))
    >>> loop.run()
    early
    late
    """

    def __init__(self) -> None:
        self.ready: deque[Coroutine[Any, None, None]] = deque()
        self.sleeping: list[tuple[float, Coroutine[Any, None, None]]] = []  # (when to resume, task), the earliest first
        self.selector = DefaultSelector()  # the sockets, each with the task that waits for it

    def spawn(self, task: Coroutine[Any, None, None]) -> None:
        """Add a coroutine to run later."""
        self.ready.append(task)

    def step(self) -> None:
        """Run the first task in the queue to its next request, and begin to fulfil that."""
        task = self.ready.popleft()
        with suppress(StopIteration):
            word, *what = task.send(None)
            getattr(self, "do_" + word)(task, *what)

    def do_sleep(self, task: Coroutine[Any, None, None], seconds: float) -> None:
        """Keep the task asleep for this many seconds."""
        due = time.monotonic() + seconds
        insort(self.sleeping, (due, task), key=lambda pair: pair[0])

    def do_socket(self, task: Coroutine[Any, None, None], connection: socket, event: int) -> None:
        """Keep the task until there is something to read, or room to write."""
        self.selector.register(connection, event, task)

    def collect(self) -> None:
        """Put the tasks that have slept long enough back into the queue."""
        while self.sleeping and self.sleeping[0][0] <= time.monotonic():
            self.spawn(self.sleeping.pop(0)[1])

    def wait(self) -> None:
        """Put the tasks whose sockets are ready back into the queue. Returns at once if another task can run."""
        soonest: float | None = None
        if self.sleeping:
            soonest = max(0, self.sleeping[0][0] - time.monotonic())
        # Windows has no select() without a socket
        look: Any = self.selector.select if self.selector.get_map() else time.sleep
        for key, _ in look(0 if self.ready else soonest) or ():
            self.selector.unregister(key.fileobj)
            self.spawn(key.data)

    def run(self) -> None:
        """Run until no task is left. An exception that leaves a task ends the run; the others stay as they are."""
        while self.ready or self.sleeping or self.selector.get_map():
            self.wait()
            self.collect()
            for _ in range(len(self.ready)):
                self.step()
        self.selector.close()
