"""Rings of threads that take turns: by a lock, and by a queue.

One thread runs at a time; all others are blocked in the operating system. The measuring thread is a member of the ring.
The number of threads is not limited here: if the operating system refuses another thread, the threads of the ring are
ended, and ThreadsRefusedError says how many they were.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue

from coro_lab.errors import ThreadsRefusedError

Clock = Callable[[], float]
Turn = Callable[[int], float]


@contextmanager
def by_lock(tasks: int, clock: Clock) -> Iterator[Turn]:
    """A ring of threads: each waits for its own lock, then releases the lock of the next thread."""
    locks = [threading.Lock() for _ in range(tasks)]
    for lock in locks:
        lock.acquire()
    ending = False

    def member(place: int) -> None:
        mine, following = locks[place], locks[(place + 1) % tasks]
        while True:
            mine.acquire()
            if ending:
                return
            following.release()

    def turn(turns: int) -> float:
        mine, following = locks[0], locks[1]
        begin = clock()
        for _ in range(turns):
            following.release()
            mine.acquire()
        return clock() - begin

    members: list[threading.Thread] = []
    try:
        _start(members, member, tasks)
        yield turn
    finally:
        ending = True
        for lock, thread in zip(locks[1:], members):
            if lock.locked():  # an interrupted turn has released one lock already
                lock.release()
            thread.join()


@contextmanager
def by_queue(tasks: int, clock: Clock) -> Iterator[Turn]:
    """A ring of threads: each waits for its own queue, then puts an item into the queue of the next thread."""
    queues: list[Queue[bool]] = [Queue() for _ in range(tasks)]

    def member(place: int) -> None:
        mine, following = queues[place], queues[(place + 1) % tasks]
        while mine.get():
            following.put(True)

    def turn(turns: int) -> float:
        mine, following = queues[0], queues[1]
        begin = clock()
        for _ in range(turns):
            following.put(True)
            mine.get()
        return clock() - begin

    members: list[threading.Thread] = []
    try:
        _start(members, member, tasks)
        yield turn
    finally:
        for queue, thread in zip(queues[1:], members):
            queue.put(False)
            thread.join()


def _start(members: list[threading.Thread], member: Callable[[int], None], tasks: int) -> None:
    """Start a thread for each place of the ring except the first, and add it to `members`."""
    for place in range(1, tasks):
        thread = threading.Thread(target=member, args=(place,), daemon=True)
        try:
            thread.start()
        except (RuntimeError, MemoryError):  # 'can't start new thread'
            said = f"The machine refused another thread when {place:,} were alive."
            raise ThreadsRefusedError(said, alive=place) from None
        members.append(thread)
