"""How often the code of a step may jump back, and what is raised when it has jumped more often.

`step_limit.py` counts the jumps.
"""

from __future__ import annotations

import math
import sys

MOST_JUMPS = 1_000_000
"""In one run of one or more steps; a million take about a tenth of a second."""
NAME = "coro_lab step limit"
"""The tool of `sys.monitoring` that counts."""
_MONITOR = sys.monitoring


class StepLimitReached(BaseException):
    """A step jumped too often; the argument names the function. A BaseException, so `except Exception` misses it."""

    @property
    def line(self) -> int | None:
        """The line of the function at which it jumped, from 1."""
        entry, line = self.__traceback__, None
        while entry is not None:
            if entry.tb_frame.f_code.co_name == str(self):
                line = entry.tb_lineno
            entry = entry.tb_next
        return line


class Budget:
    """How many jumps are left to the steps that are running now; infinitely many between steps."""

    left: float = math.inf
    waits: StepLimitReached | None = None  # for a step that only waits, which is ended as if none were left

    @property
    def is_counting(self) -> bool:
        """Whether jumps are counted now."""
        return any(_MONITOR.get_tool(tool) == NAME for tool in range(6))


budget = Budget()
