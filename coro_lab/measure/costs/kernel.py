"""kernel_switches(): count how often the operating system's kernel takes part in switching."""

from __future__ import annotations

import time

from coro_lab.measure.costs.measuring import named
from coro_lab.measure.costs.mechanisms import Mechanism
from coro_lab.measure.counts import check_count


def kernel_switches(mechanism: str | Mechanism, switches: int = 1_000, *, tasks: int = 10) -> int:
    """How often the kernel took a thread off its core, because it began to wait, during `switches` switches.

    `mechanism` is a name of one of MECHANISMS, and `tasks` is how many tasks take turns. The voluntary context switches
    of all threads of this process are counted. Raises UnknownNameError for an unknown mechanism, and ArgumentError for
    a wrong number of them.
    """
    check_count("switches", switches, "how many switches there are", least=0)
    check_count("tasks", tasks, "how many tasks take turns")
    with named(mechanism).ring(tasks, time.perf_counter) as turn:
        turn(1)
        before = _voluntary_switches()
        turn(switches // tasks)
        return _voluntary_switches() - before


def _voluntary_switches() -> int:
    try:
        import resource
    except ImportError:  # Windows, where psutil counts the whole process
        import psutil

        return int(psutil.Process().num_ctx_switches().voluntary)
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
