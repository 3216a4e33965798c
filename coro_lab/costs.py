"""What a switch, a coroutine, a thread and a process cost on this machine: `costs.measure()`, `costs.wait()`."""

from coro_lab.measure.costs import *  # noqa: F403
from coro_lab.measure.costs import __all__ as __all__
