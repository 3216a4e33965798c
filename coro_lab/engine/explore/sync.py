"""Lock, Condition and a bounded Queue for explored tasks, as in `threading` and `queue`.

1. A task waits by yielding a `Wait`. It takes no further step until `is_over` is true.
2. Nothing suspends without need: acquiring a free lock is not a switch point.
3. A wake-up is only a hint: check the condition again, in a `while`.

In a generator: `yield from lock.acquire()`. In a plain function under `preemptible`: `with lock:`, `lock.acquire()`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import Any

from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.safe_repr import describe

type Pending[T] = Generator[Wait, None, T]


class _Running:
    """Which task takes a step now, set before each step; `quietly` allows one thread at a time."""

    __slots__ = ("name",)

    def __init__(self) -> None:
        self.name: str | None = None


running = _Running()


class Wait:
    """What a task yields when it cannot go on: the object that it waits for, and what it waits for in words."""

    __slots__ = ("on", "task", "what")

    def __init__(self, on: Lock | Condition | Queue, what: str) -> None:
        self.on = on
        self.what = what
        self.task = running.name

    def is_over(self) -> bool:
        """Whether the task can go on."""
        return self.on.is_satisfied(self)

    def __repr__(self) -> str:
        return f"<waits for {self.what}>"


def _me() -> str:
    """The name of the task that runs now."""
    return running.name or "somebody"


class Lock:
    """Held by one task at a time, and by each only once."""

    def __init__(self, name: str = "lock") -> None:
        self.name = name
        self.holder: str | None = None

    def acquire(self) -> Pending[bool]:
        """Wait until the lock is free, then hold it: `yield from lock.acquire()`."""
        while self.holder is not None:
            yield Wait(self, self.name)
        self.holder = _me()
        return True

    def release(self) -> None:
        """Free the lock. RuntimeError if it is free already."""
        if self.holder is None:
            raise RuntimeError(f"{self.name} is released, but nobody holds it")
        self.holder = None

    def locked(self) -> bool:
        """Whether a task holds the lock."""
        return self.holder is not None

    def is_satisfied(self, wait: Wait) -> bool:
        """Whether this wait is over."""
        return self.holder is None

    def __repr__(self) -> str:
        return f"<{self.name}: {f'held by {self.holder}' if self.holder else 'free'}>"


class Condition:
    """Where tasks wait for a notify. It has a lock, which a task holds before and after it waits.

    Raises ArgumentError for a lock that is no Lock.
    """

    def __init__(self, lock: Lock | None = None, name: str = "condition") -> None:
        if not isinstance(lock, Lock | None):
            given, what = describe(lock), "A condition shares a Lock of coro_lab, or makes one."
            said = advice(what, f"Condition({given})", f"Condition(lock), or Condition(name={given})")
            raise ArgumentError(said, argument="lock", given=given)
        self.name = name
        self.lock = lock or Lock(f"{name}'s lock")
        self.waiting: list[str | None] = []
        self.lost_notifies: tuple[str, ...] = ()  # the tasks that notified while no task waited

    def acquire(self) -> Pending[bool]:
        """Acquire its lock."""
        return self.lock.acquire()

    def release(self) -> None:
        """Release its lock."""
        self.lock.release()

    def wait(self) -> Pending[bool]:
        """Release the lock, wait for a notify, acquire the lock again: `yield from condition.wait()`.

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
        """Wait until the predicate, called with the lock held, returns a true value; return that value."""
        while not (found := predicate()):
            yield from self.wait()
        return found

    def notify(self, n: int = 1) -> None:
        """Wake the first n tasks that wait. If none waits, nothing happens.

        RuntimeError for a task that does not hold the lock.
        """
        self._must_be_held("notified")
        if not self.waiting and running.name not in (None, *self.lost_notifies):
            self.lost_notifies = (*self.lost_notifies, str(running.name))
        del self.waiting[:n]

    def notify_all(self) -> None:
        """Wake all tasks that wait."""
        self.notify(max(1, len(self.waiting)))

    def _must_be_held(self, done: str) -> None:
        if self.lock.holder != _me():
            raise RuntimeError(f"{self.name} is {done} by {_me()}, who does not hold its lock")

    def is_satisfied(self, wait: Wait) -> bool:
        """Whether this wait is over."""
        return wait.task not in self.waiting

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self.waiting)} waiting, {self.lock!r}>"


class Queue:
    """First in, first out, with at most `maxsize` items; without a limit if it is 0.

    Raises ArgumentError for a size that is no whole number.
    """

    def __init__(self, maxsize: int = 0, name: str = "queue") -> None:
        if not isinstance(maxsize, int):
            given, what = describe(maxsize), "maxsize is how many items there is room for, so a whole number."
            said = advice(what, f"Queue({given})", f"Queue(3), or Queue(name={given})")
            raise ArgumentError(said, argument="maxsize", given=given)
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
        """Whether a put would wait."""
        return 0 < self.maxsize <= len(self.items)

    def empty(self) -> bool:
        """Whether a get would wait."""
        return not self.items

    def qsize(self) -> int:
        """How many items it holds."""
        return len(self.items)

    def is_satisfied(self, wait: Wait) -> bool:
        """Whether this wait is over."""
        return not (self.full() if wait.what.startswith("room") else self.empty())

    def __repr__(self) -> str:
        room = f" of {self.maxsize}" if self.maxsize else ""
        return f"<{self.name}: {list(self.items)}{room}>"
