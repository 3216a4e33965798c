"""Who waits for whom: in a loop that runs now, in a loop that is blocked, and in a recorded run."""

from coro_lab.engine.waits.asking import waits
from coro_lab.engine.waits.result import Wait, Waits
from coro_lab.engine.waits.watching import watch_loop

__all__ = ["Wait", "Waits", "waits", "watch_loop"]
