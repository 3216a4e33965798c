"""fork(): repeat a stepper's run up to one event, and send another value there; stepper_of(): whose run a trace is."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from coro_lab.engine.stepper import Stepper
from coro_lab.engine.stepper.origins import maker_of
from coro_lab.errors import ArgumentError, StepperError
from coro_lab.trace.trace import Trace


def stepper_of(trace: Trace) -> Stepper[Any, Any, Any] | None:
    """The stepper that made this very trace, as it was then; None for any other trace."""
    maker = maker_of(trace)
    return maker if isinstance(maker, Stepper) else None


def fork(stepper: Stepper[Any, Any, Any], at: int, value: object) -> Trace:
    """The trace of a new run: the stepper's inputs before event `at` (from 0) are repeated, then `value` is sent.

    The stepper stays where it is, and nothing is printed a second time. Raises ArgumentError if no input made that
    event, StepperError if the value cannot be sent there or if the program does something else when it runs again.

    >>> def echo():
    ...     heard = yield "ready"
    ...     yield heard
    >>> stepper = Stepper(echo).next().send(1)
    >>> fork(stepper, 3, 2).events[3].value
    '2'
    """
    with redirect_stdout(StringIO()):
        other = stepper.repeated(())
        try:
            for item in stepper.history:
                if len(other.trace.events) >= at:
                    break
                other.do(item)
            if len(other.trace.events) != at:
                said = f"Nothing came in from you at event {at}. Fork where you send, throw or close."
                raise ArgumentError(said, argument="at", given=str(at))
            if other.trace.events != stepper.trace.events[:at]:
                said = f"{stepper.name} did something else when it ran again, so it cannot be forked."
                raise StepperError(said, function=stepper.name, state=stepper.state)
            return other.send(value).trace
        finally:
            other.discard()
