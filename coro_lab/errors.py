"""What goes wrong in words a learner can act on: what was written, and what to write instead."""


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


class NotMeasuredError(CoroLabError, KeyError):
    """A result was asked for what it does not hold: the budget left it out, or nobody asked to measure it."""

    __str__ = Exception.__str__  # a KeyError's would show the sentence in quotes
