"""Spawned processes that an interrupt cannot leave half started, and what functions and values go to them by."""

from __future__ import annotations

import pickle
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnProcess
from typing import Any

CAN_START = sys.platform not in ("emscripten", "wasi")
"""Whether Python can start a process here; in a browser it cannot, and can start no thread either."""
GUARD = "In a script, put the code that starts {} under: if __name__ == '__main__':"
"""What to write where a process ended before it began: it runs the script again, and so would start another one."""


class Spawned(SpawnProcess):
    """A process that is never half started: an interrupt waits until the start is complete.

    An interrupt during a start would leave a process behind whose id Python does not know and so cannot end.
    """

    def start(self) -> None:
        """Start the process. An interrupt that comes meanwhile is raised right after."""
        with _interrupts_deferred():
            super().start()


def pickler() -> Any:
    """The module whose `dumps` makes bytes for another process; `pickle.loads` reads them.

    It is cloudpickle, which takes along the functions of a notebook. Without it, pickle takes those of a module.
    """
    try:
        import cloudpickle  # type: ignore[import-untyped]
    except ImportError:
        return pickle
    return cloudpickle


@contextmanager
def _interrupts_deferred() -> Iterator[None]:
    received: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    if handler is None or threading.current_thread() is not threading.main_thread():
        yield  # Python does not handle interrupts here, or handles them in another thread
        return
    signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if received:
            signal.raise_signal(signal.SIGINT)
