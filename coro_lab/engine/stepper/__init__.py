"""Stepper: one generator (or coroutine) by hand, one operation at a time, and back.

`stepper.py` is the stepper; `operations.py` is what goes in, which going back repeats; `messages.py` is what it says.
"""

from coro_lab.engine.stepper.operations import OPERATIONS
from coro_lab.engine.stepper.stepper import Stepper

__all__ = ["OPERATIONS", "Stepper"]
