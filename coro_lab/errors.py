"""Every error that Coro Lab raises by itself: its text names what was written, and what to write instead."""

from __future__ import annotations

from typing import Any


class CoroLabError(Exception):
    """The parent of them all."""


# -- traces and what makes them ----------------------------------------------------------------------------------------


class TraceFormatError(CoroLabError):
    """A text is not a trace, is damaged, or was written by a newer Coro Lab."""


class TraceError(CoroLabError):
    """A trace was asked for something that it does not have."""


class RecordingError(CoroLabError):
    """A recording could not begin: another one is running, or the program cannot be called."""


class StepperError(CoroLabError):
    """A stepper was asked for something its generator cannot do in its present state."""


class ScheduleError(CoroLabError):
    """A schedule names a task that does not exist or can no longer run."""


class EngineError(CoroLabError):
    """A program cannot be run on an engine, or has failed there."""


# -- exploring ---------------------------------------------------------------------------------------------------------


class ExplorationError(CoroLabError):
    """A program cannot be explored as it stands."""


class NotDeterministicError(ExplorationError):
    """The same schedule did two different things."""


class EndlessError(ExplorationError):
    """An order is longer than the limit of steps, or one of its steps never comes to a yield."""


class SpinningError(EndlessError):
    """A task loops step after step, perhaps to wait for another task."""


class InfinitelyManyError(ExplorationError):
    """The orders cannot be counted, because there are infinitely many."""


class DisagreementError(ExplorationError):
    """An order that was run is judged differently than the merged states say; the figures would be wrong."""


class SharedSetupError(ExplorationError):
    """`setup` returns something that an earlier run has changed."""


class InvariantError(ExplorationError):
    """The invariant raised an error, or did not say yes or no."""


class PreemptionError(ExplorationError):
    """A function cannot be switched from outside: its source is missing, or part of it cannot be split."""


class OutsideError(ExplorationError):
    """An explored asyncio program reaches outside: to a socket, another process, a signal or a thread."""


class UnknownStateError(CoroLabError):
    """States cannot be compared reliably, so every order is run. The text says why, and follows the word 'because'."""


# -- measuring ---------------------------------------------------------------------------------------------------------


class NotMeasuredError(CoroLabError, KeyError):
    """A result does not hold this: the budget left it out, or it was not asked for."""

    __str__ = Exception.__str__  # a KeyError's would show the sentence in quotes


class UnavailableError(CoroLabError):
    """A mechanism cannot be measured here, because something it needs is not installed."""


class ThreadsRefusedError(CoroLabError):
    """The operating system would not start another thread; `alive` is how many threads were alive then."""

    def __init__(self, alive: int) -> None:
        super().__init__(f"The machine refused another thread when {alive:,} were alive.")
        self.alive = alive


class ServerError(CoroLabError):
    """The page server could not begin."""


class JobError(CoroLabError):
    """A job was not finished. `run`, a `cores.Run`, holds what was done; None if nothing was begun."""

    def __init__(self, message: str, run: Any = None) -> None:
        super().__init__(message)
        self.run = run


# -- the course --------------------------------------------------------------------------------------------------------


class PredictionError(CoroLabError):
    """A question cannot be asked as it was written."""


class UnknownExerciseError(CoroLabError):
    """No exercise has this name."""


class UnknownMisconceptionError(CoroLabError):
    """No misconception has this name."""


class NotebookError(CoroLabError):
    """A file is not a notebook, or a folder has none."""


class NotebookFolderError(CoroLabError):
    """A folder cannot be used for the notebooks, or the notebooks themselves are missing."""
