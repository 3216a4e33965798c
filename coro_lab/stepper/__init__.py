"""Stepper: one generator (or coroutine) by hand, one operation at a time, and back.

`stepper.py` is the stepper; `inputs.py` is what goes in, which going back repeats; `telling.py` is what it says.
"""

from coro_lab.stepper.inputs import OPERATIONS
from coro_lab.stepper.stepper import Stepper

__all__ = ["OPERATIONS", "Stepper"]
