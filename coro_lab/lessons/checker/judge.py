"""judge(): the outcome of an attempt, so that the notebook's kernel survives all that the code does.

This module chooses where the attempt runs; `attempt.py` finds what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable

from coro_lab.engine.processes import CAN_START
from coro_lab.lessons.checker.exercise import Exercise
from coro_lab.lessons.checker.outcome import Outcome

judge: Callable[[Exercise, str], Outcome]
"""The outcome of this attempt, run in a separate process, or in this one where none can be started."""

if CAN_START:
    from coro_lab.lessons.checker import sandbox

    judge = sandbox.judge
else:
    from coro_lab.lessons.checker import same_process

    judge = same_process.judge
