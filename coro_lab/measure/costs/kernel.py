"""Counting how often the operating system's kernel takes part in switching."""

from __future__ import annotations

import time

from coro_lab.measure.costs.measuring import named
from coro_lab.measure.costs.mechanisms import Mechanism


def kernel_switches(mechanism: str | Mechanism, switches: int = 1_000, *, tasks: int = 10) -> int:
    """How often the kernel took a thread of this process off its core during so many switches of a mechanism.

    It counts the times at which a thread began to wait, of its own will; all threads of the process together.
    """
    with named(mechanism).ring(tasks, time.perf_counter) as turn:
        turn(1)
        before = _given_up()
        turn(switches // tasks)
        return _given_up() - before


def _given_up() -> int:
    try:
        import resource
    except ImportError:  # Windows, where psutil counts the whole process
        import psutil

        return int(psutil.Process().num_ctx_switches().voluntary)
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
