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
