"""Stepper: one generator (or coroutine) by hand, one operation at a time, and back.

`stepper.py` holds the stepper, `operations.py` the operations that going back repeats, `messages.py` the errors' text,
`forking.py` a run with another value, and `origins.py` what made a trace.
"""

from coro_lab.engine.stepper.operations import OPERATIONS
from coro_lab.engine.stepper.stepper import Stepper

__all__ = ["OPERATIONS", "Stepper"]
