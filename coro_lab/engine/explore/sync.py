"""Lock, Condition and a bounded Queue for explored tasks, as in `threading` and `queue`.

1. A task waits by yielding a `Wait`. It takes no further step until `is_over` is true.
2. Nothing suspends without need: acquiring a free lock is not a switch point.
3. A wake-up is only a hint: check the condition again, in a `while`.

In a generator: `yield from lock.acquire()`; without the `yield from` it is a RuntimeError. In a plain function under
`preemptible`: `with lock:`, `lock.acquire()`.
"""

from __future__ import annotations

import dis
import functools
import sys
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


class _Touched:
    """What notes each use of a lock, condition or queue; None: nothing does."""

    __slots__ = ("by",)

    def __init__(self) -> None:
        self.by: Any = None


touched = _Touched()


def _touch(what: Lock | Condition | Queue, *, writes: bool) -> None:
    if touched.by is not None:
        touched.by.whole(what, writes)


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


def _check_name(what: str, name: object) -> None:
    """ArgumentError for a name that is not text; `what` is the class that the reader wrote."""
    if not isinstance(name, str):
        given = describe(name)
        said = advice(f"A {what} goes by a name in quotes.", f"{what}({given})", f'{what}(name="{what.lower()}")')
        raise ArgumentError(said, argument="name", given=given)


_IS_NOT_RUN = frozenset({dis.opmap["POP_TOP"], dis.opmap["YIELD_VALUE"]})


def _to_be_run[**P, T](method: Callable[P, Pending[T]]) -> Callable[P, Pending[T]]:
    """The same method; RuntimeError where the caller only drops or yields what it makes: `yield from` was forgotten."""

    @functools.wraps(method)
    def made(*args: P.args, **kwargs: P.kwargs) -> Pending[T]:
        caller = sys._getframe(1)
        code, at = caller.f_code.co_code, caller.f_lasti + 2
        while code[at] == 0:  # the caches of the call
            at += 2
        if code[at] in _IS_NOT_RUN:
            call = f"{getattr(args[0], 'name', '')}.{method.__name__}({'...' * (len(args) > 1)})"
            raise RuntimeError(f"{call} was made but never run; write yield from before it")
        return method(*args, **kwargs)

    return made


class Lock:
    """A lock for explored tasks: one task at a time holds it, and no task twice.

    `name` is what `explore` calls it where it reports who waits for what. Raises ArgumentError for a name that is not
    text.

    >>> from coro_lab import explore
    >>> def increment(shared):
    ...     yield from shared["lock"].acquire()
    ...     seen = shared["count"]
    ...     yield
    ...     shared["count"] = seen + 1
    ...     shared["lock"].release()
    >>> explore(
    ...     setup=lambda: {"count": 0, "lock": Lock()},
    ...     coroutines={"A": increment, "B": increment},
    ...     invariant=lambda shared: shared["count"] == 2,
    ... )
    4 interleavings, none of them broken
    """

    def __init__(self, name: str = "lock") -> None:
        _check_name("Lock", name)
        self.name = name  # as it was given
        self.holder: str | None = None  # the task that holds it; None: it is free

    @_to_be_run
    def acquire(self) -> Pending[bool]:
        """Wait until the lock is free, then hold it: `yield from lock.acquire()`. Returns True."""
        while self.locked():
            yield Wait(self, self.name)
        _touch(self, writes=True)
        self.holder = _me()
        return True

    def release(self) -> None:
        """Free the lock. Raises RuntimeError if it is free already."""
        _touch(self, writes=True)
        if self.holder is None:
            raise RuntimeError(f"{self.name} is released, but nobody holds it")
        self.holder = None

    def locked(self) -> bool:
        """Whether a task holds the lock."""
        _touch(self, writes=False)
        return self.holder is not None

    def is_satisfied(self, wait: Wait) -> bool:
        """Whether a task that yielded `wait` can go on."""
        return self.holder is None

    def __repr__(self) -> str:
        return f"<{self.name}: {f'held by {self.holder}' if self.holder else 'free'}>"


class Condition:
    """Where explored tasks wait for a notify. It has a lock, which a task holds before and after it waits.

    Several conditions can share one `lock`; without one, the condition makes its own. `name` is what `explore` calls it
    where it reports who waits for what. Raises ArgumentError for a lock that is not a Lock,
    and for a name that is not text.

    >>> from coro_lab import explore
    >>> def consume(shared):
    ...     yield from shared["filled"].acquire()
    ...     yield from shared["filled"].wait_for(lambda: shared["items"])
    ...     print(shared["items"].pop())
    ...     shared["filled"].release()
    >>> def produce(shared):
    ...     yield from shared["filled"].acquire()
    ...     shared["items"].append("bread")
    ...     shared["filled"].notify()
    ...     shared["filled"].release()
    >>> explore(
    ...     setup=lambda: {"items": [], "filled": Condition(name="filled")},
    ...     coroutines={"consume": consume, "produce": produce},
    ... )
    2 interleavings, none of them broken
    """

    def __init__(self, lock: Lock | None = None, name: str = "condition") -> None:
        if not isinstance(lock, Lock | None):
            given, what = describe(lock), "A condition shares a Lock of coro_lab, or makes one."
            said = advice(what, f"Condition({given})", f"Condition(lock), or Condition(name={given})")
            raise ArgumentError(said, argument="lock", given=given)
        _check_name("Condition", name)
        self.name = name  # as it was given
        self.lock = lock or Lock(f"{name}'s lock")  # the one that was given, or its own
        self.waiting: list[str | None] = []  # the tasks that wait for a notify, the first to wake first
        self.lost_notifies: tuple[str, ...] = ()  # the tasks that notified while no task waited

    @_to_be_run
    def acquire(self) -> Pending[bool]:
        """Acquire its lock: `yield from condition.acquire()`. Returns True."""
        return self.lock.acquire()

    def release(self) -> None:
        """Release its lock. Raises RuntimeError if that is free already."""
        self.lock.release()

    @_to_be_run
    def wait(self) -> Pending[bool]:
        """Release the lock, wait for a notify, acquire the lock again: `yield from condition.wait()`. Returns True.

        Raises RuntimeError for a task that does not hold the lock.
        """
        self._must_be_held("waited on")
        self.lock.release()
        me = running.name
        _touch(self, writes=True)
        self.waiting.append(me)
        while me in self.waiting:
            yield Wait(self, f"a notify of {self.name}")
            _touch(self, writes=False)
        return (yield from self.lock.acquire())

    @_to_be_run
    def wait_for(self, predicate: Callable[[], Any]) -> Pending[Any]:
        """Wait until `predicate`, called with the lock held, returns a true value; return that value.

        Write `yield from condition.wait_for(...)`. Raises RuntimeError for a task that does not hold the lock.
        """
        while not (found := self._asked(predicate)):
            yield from self.wait()
        return found

    def _asked(self, predicate: Callable[[], Any]) -> Any:
        if touched.by is not None:
            touched.by.everything()  # it is not seen what a predicate reads
        return predicate()

    def notify(self, n: int = 1) -> None:
        """Wake the first `n` tasks that wait. If none waits, nothing happens.

        Raises RuntimeError for a task that does not hold the lock.
        """
        self._must_be_held("notified")
        _touch(self, writes=True)
        if not self.waiting and running.name not in (None, *self.lost_notifies):
            self.lost_notifies = (*self.lost_notifies, str(running.name))
        del self.waiting[:n]

    def notify_all(self) -> None:
        """Wake all tasks that wait. Raises RuntimeError for a task that does not hold the lock."""
        _touch(self, writes=True)
        self.notify(max(1, len(self.waiting)))

    def _must_be_held(self, done: str) -> None:
        _touch(self.lock, writes=False)
        if self.lock.holder != _me():
            raise RuntimeError(f"{self.name} is {done} by {_me()}, who does not hold its lock")

    def is_satisfied(self, wait: Wait) -> bool:
        """Whether a task that yielded `wait` can go on."""
        return wait.task not in self.waiting

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self.waiting)} waiting, {self.lock!r}>"


class Queue:
    """A queue for explored tasks: first in, first out, with at most `maxsize` items; without a limit if that is 0.

    `name` is what `explore` calls it where it reports who waits for what. Raises ArgumentError for a size that is not
    a whole number from 0, and for a name that is not text.

    >>> from coro_lab import explore
    >>> def produce(queue):
    ...     for item in (1, 2):
    ...         yield from queue.put(item)
    >>> def consume(queue):
    ...     while True:
    ...         print((yield from queue.get()))
    >>> explore(setup=lambda: Queue(1, "belt"), coroutines={"produce": produce, "consume": consume})
    2 interleavings, 2 leave a task behind; first produce consume produce consume
    consume waits for an item in belt, which nobody is left to give
    """

    def __init__(self, maxsize: int = 0, name: str = "queue") -> None:
        if not isinstance(maxsize, int) or maxsize < 0:
            given, what = describe(maxsize), "maxsize is how many items there is room for, so a whole number from 0."
            instead = (
                f"Queue(3), or Queue(name={given})" if isinstance(maxsize, str) else "Queue(3), or Queue() for any"
            )
            raise ArgumentError(advice(what, f"Queue({given})", instead), argument="maxsize", given=given)
        _check_name("Queue", name)
        self.name = name  # as it was given
        self.maxsize = maxsize  # as it was given
        self.items: deque[Any] = deque()  # what it holds; the next to be taken stands first

    @_to_be_run
    def put(self, item: Any) -> Pending[None]:
        """Wait until there is room, then put `item` at the end: `yield from queue.put(item)`."""
        while self.full():
            yield Wait(self, f"room in {self.name}")
        _touch(self, writes=True)
        self.items.append(item)

    @_to_be_run
    def get(self) -> Pending[Any]:
        """Wait until there is an item, then take and return the first: `item = yield from queue.get()`."""
        while self.empty():
            yield Wait(self, f"an item in {self.name}")
        _touch(self, writes=True)
        return self.items.popleft()

    def full(self) -> bool:
        """Whether a put would wait."""
        _touch(self, writes=False)
        return 0 < self.maxsize <= len(self.items)

    def empty(self) -> bool:
        """Whether a get would wait."""
        _touch(self, writes=False)
        return not self.items

    def qsize(self) -> int:
        """How many items it holds."""
        _touch(self, writes=False)
        return len(self.items)

    def is_satisfied(self, wait: Wait) -> bool:
        """Whether a task that yielded `wait` can go on."""
        return not 0 < self.maxsize <= len(self.items) if wait.what.startswith("room") else bool(self.items)

    def __repr__(self) -> str:
        room = f" of {self.maxsize}" if self.maxsize else ""
        return f"<{self.name}: {list(self.items)}{room}>"
