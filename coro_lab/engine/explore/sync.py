"""Lock, Condition and a bounded Queue for explored tasks: what `threading` and `queue` have, in a page.

1. A task waits by yielding a `Wait`. Whoever orders the tasks does not let it go on before `is_over` says so.
2. What can be had at once is had without a suspension: to take a free lock is no switch point.
3. Being let go on is no promise: somebody else may have been quicker, so each of them looks again (`while`, not `if`).

In a generator: `yield from lock.acquire()`. In a plain function under `preemptible`: `with lock:`, `lock.acquire()`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import Any

type Pending[T] = Generator[Wait, None, T]


class _Running:
    """Which task takes a step now; whoever orders the tasks says so, one thread at a time."""

    __slots__ = ("name",)

    def __init__(self) -> None:
        self.name: str | None = None


running = _Running()


class Wait:
    """What a task yields when it cannot go on: the thing it waits for, and what has to become of it."""

    __slots__ = ("on", "task", "what")

    def __init__(self, on: Lock | Condition | Queue, what: str) -> None:
        self.on = on
        self.what = what
        self.task = running.name

    def is_over(self) -> bool:
        """Whether the task can go on."""
        return self.on.lets_go(self)

    def __repr__(self) -> str:
        return f"<waits for {self.what}>"


def _me() -> str:
    """The task that runs, as a lock calls its holder."""
    return running.name or "somebody"


class Lock:
    """Held by one task at a time; not by the same one twice."""

    def __init__(self, name: str = "lock") -> None:
        self.name = name
        self.holder: str | None = None

    def acquire(self) -> Pending[bool]:
        """Wait until nobody holds it, then hold it: `yield from lock.acquire()`."""
        while self.holder is not None:
            yield Wait(self, self.name)
        self.holder = _me()
        return True

    def release(self) -> None:
        """Let it go. RuntimeError if nobody holds it."""
        if self.holder is None:
            raise RuntimeError(f"{self.name} is released, but nobody holds it")
        self.holder = None

    def locked(self) -> bool:
        """Whether somebody holds it."""
        return self.holder is not None

    def lets_go(self, wait: Wait) -> bool:
        """Whether this wait is over."""
        return self.holder is None

    def __repr__(self) -> str:
        return f"<{self.name}: {f'held by {self.holder}' if self.holder else 'free'}>"


class Condition:
    """A place to wait in until somebody notifies; belongs to a lock, which a waiting task lets go."""

    def __init__(self, lock: Lock | None = None, name: str = "condition") -> None:
        self.name = name
        self.lock = lock or Lock(f"{name}'s lock")
        self.waiting: list[str | None] = []
        self.unheard: tuple[str, ...] = ()  # who notified while nobody waited

    def acquire(self) -> Pending[bool]:
        """Take its lock."""
        return self.lock.acquire()

    def release(self) -> None:
        """Let its lock go."""
        self.lock.release()

    def wait(self) -> Pending[bool]:
        """Let the lock go, wait to be notified, take the lock again: `yield from condition.wait()`.

        RuntimeError for a task that does not hold the lock.
        """
        self._must_be_held("waited on")
        self.lock.release()
        me = running.name
        self.waiting.append(me)
        while me in self.waiting:
            yield Wait(self, f"a notify of {self.name}")
        return (yield from self.lock.acquire())

    def wait_for(self, predicate: Callable[[], Any]) -> Pending[Any]:
        """Wait until the predicate, asked under the lock, gives something true; that comes back."""
        while not (found := predicate()):
            yield from self.wait()
        return found

    def notify(self, n: int = 1) -> None:
        """Let the first n of those who wait go on; where nobody waits, nobody hears it.

        RuntimeError for a task that does not hold the lock.
        """
        self._must_be_held("notified")
        if not self.waiting and running.name not in (None, *self.unheard):
            self.unheard = (*self.unheard, str(running.name))
        del self.waiting[:n]

    def notify_all(self) -> None:
        """Let all who wait go on."""
        self.notify(max(1, len(self.waiting)))

    def _must_be_held(self, done: str) -> None:
        if self.lock.holder != _me():
            raise RuntimeError(f"{self.name} is {done} by {_me()}, who does not hold its lock")

    def lets_go(self, wait: Wait) -> bool:
        """Whether this wait is over."""
        return wait.task not in self.waiting

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self.waiting)} waiting, {self.lock!r}>"


class Queue:
    """First in, first out; `maxsize` items at most, or any number if it is 0."""

    def __init__(self, maxsize: int = 0, name: str = "queue") -> None:
        self.name = name
        self.maxsize = maxsize
        self.items: deque[Any] = deque()

    def put(self, item: Any) -> Pending[None]:
        """Wait until there is room, then put the item at the end: `yield from queue.put(item)`."""
        while self.full():
            yield Wait(self, f"room in {self.name}")
        self.items.append(item)

    def get(self) -> Pending[Any]:
        """Wait until there is an item, then take the first: `item = yield from queue.get()`."""
        while self.empty():
            yield Wait(self, f"an item in {self.name}")
        return self.items.popleft()

    def full(self) -> bool:
        """Whether there is no room."""
        return 0 < self.maxsize <= len(self.items)

    def empty(self) -> bool:
        """Whether there is no item."""
        return not self.items

    def qsize(self) -> int:
        """How many items are in it."""
        return len(self.items)

    def lets_go(self, wait: Wait) -> bool:
        """Whether this wait is over."""
        return not (self.full() if wait.what.startswith("room") else self.empty())

    def __repr__(self) -> str:
        room = f" of {self.maxsize}" if self.maxsize else ""
        return f"<{self.name}: {list(self.items)}{room}>"
