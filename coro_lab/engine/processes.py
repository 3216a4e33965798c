"""Spawned processes whose start an interrupt cannot tear apart."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnProcess


class Spawned(SpawnProcess):
    """A process whose start is never half done: an interrupt waits until it is known which process has begun.

    Interrupted in the midst of a start, Python would leave a process behind that nobody can end.
    """

    def start(self) -> None:
        """Start it. An interrupt that comes meanwhile is heard right after."""
        with _interrupts_wait():
            super().start()


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    heard: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    if handler is None or threading.current_thread() is not threading.main_thread():
        yield  # interrupts are not Python's here, or are heard in another thread
        return
    signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if heard:
            signal.raise_signal(signal.SIGINT)
