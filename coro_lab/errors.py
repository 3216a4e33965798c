"""What goes wrong in words a learner can act on: what was written, and what to write instead."""

from inspect import iscoroutine
from typing import Any

from coro_lab.description import describe


class CoroLabError(Exception):
    """The parent of every error that Coro Lab raises on its own account."""


class RecordingError(CoroLabError):
    """A recording could not begin: another one is running, or the program cannot be called."""


class TraceFormatError(CoroLabError):
    """A text is not a trace, is damaged, or was written by a newer Coro Lab."""


class StepperError(CoroLabError):
    """A stepper was asked for something its generator cannot do in its present state."""


class ScheduleError(CoroLabError):
    """A schedule names a task that does not exist or can no longer run."""


def no_trace(function: str, given: Any) -> TypeError:
    """The error of a function, called so, that shows a run and was given something else."""
    kind = type(given)
    name = getattr(given, "__name__", kind.__name__.lower())
    if hasattr(kind, "program_name"):
        return _not_awaited(function, given.program_name)
    held = next((word for word in ("trace", "counterexample") if hasattr(kind, word)), None)
    if held:
        wrote, instead = name, f"{name}.{held}"
    elif iscoroutine(given):
        wrote, instead = f"{name}()", f"await record({name}())"
    elif callable(given):
        wrote, instead = name, f"record({name})"
    else:
        wrote, instead = describe(given), "record(program)"
    return TypeError(
        f"{function} shows a run, which is a Trace.\n"
        f"  You wrote: {function}({wrote})\n"
        f"  Write:     {function}({instead})"
    )


def _not_awaited(function: str, program: str) -> TypeError:
    """The error of a function that was given the recording of this program, before it has run."""
    return TypeError(
        f"{function} shows a run, and this one has not begun: its await was forgotten.\n"
        f"  You wrote: t = record({program}())\n"
        f"  Write:     t = await record({program}())"
    )
