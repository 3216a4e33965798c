"""Every error that Coro Lab raises by itself: its text names what was written, and what to write instead.

The same mistake is the same class in every function: a wrong argument is an ArgumentError, a name that nothing has an
UnknownNameError, a damaged file a FormatError, a missing package an UnavailableError. The other classes say what a
program or a machine did. A call with too many arguments, too few, or a misspelt one is Python's own TypeError.

The data of a failure are attributes: plain values that a test or a tool can compare, and that a copy and a pickle keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class CoroLabError(Exception):
    """The base class of all of them."""


def advice(what: str, wrote: str, write: str) -> str:
    """The text of an error: the sentence `what`, then the code that the reader wrote, and the code to write instead."""
    return f"{what}\n  You wrote: {wrote}\n  Write:     {write}"


# -- mistakes in a call ------------------------------------------------------------------------------------------------


class ArgumentError(CoroLabError, TypeError, ValueError):
    """An argument is not what the function takes: of another kind, or out of its range.

    `argument` is the name of the parameter, `given` a description of what it was given.
    """

    def __init__(self, message: str, *, argument: str = "", given: str = "") -> None:
        super().__init__(message)
        self.argument = argument
        self.given = given


class UnknownNameError(CoroLabError, LookupError):
    """Nothing has this name. `name` is what was written, `known` are the names that could be."""

    def __init__(self, message: str, *, name: str = "", known: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.name = name
        self.known = known


class FormatError(CoroLabError, ValueError):
    """A text is not what `to_json` has written, is damaged, or was written by a newer Coro Lab.

    `place` is where it is wrong: 'costs[2].samples' for a part of it, 'line 3, column 7' where it is not JSON; empty
    where it is another text altogether. `found` describes what is there; None if a part is missing.
    """

    def __init__(self, message: str, *, place: str = "", found: str | None = None) -> None:
        super().__init__(message)
        self.place = place
        self.found = found


class TraceFormatError(FormatError):
    """A text is not a trace, is damaged, or was written by a newer Coro Lab."""


class UnavailableError(CoroLabError, ImportError):
    """Something that this needs is not installed; `package` is its name on the package index."""

    def __init__(self, message: str, *, package: str = "") -> None:
        super().__init__(message)
        self.package = package


# -- running a program -------------------------------------------------------------------------------------------------


class RecordingError(CoroLabError):
    """A recording could not begin: another one is running, or the interpreter has no place for it.

    `running` names what the reader has written to begin that, such as 'record' or 'Stepper'; None if none runs. `tools`
    are the names of the tools that have all places of `sys.monitoring`.
    """

    def __init__(self, message: str, *, running: str | None = None, tools: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.running = running
        self.tools = tools


class StepperError(CoroLabError):
    """A stepper was asked for something that its generator cannot do in its present state.

    `function` is the name of the generator's function. `state` is created, running, suspended or closed. `operation` is
    what was asked for, as written: 'send(3)', 'back()'.
    """

    def __init__(self, message: str, *, function: str = "", state: str = "", operation: str = "") -> None:
        super().__init__(message)
        self.function = function
        self.state = state
        self.operation = operation


class ScheduleError(CoroLabError):
    """A schedule names a task that does not exist or can no longer run.

    `task` is the name, `turn` its place in the schedule (from 1), and `ready` are the tasks that could run then.
    `schedule` is the whole schedule; None if its names were made one by one.
    """

    def __init__(
        self,
        message: str,
        *,
        task: str = "",
        turn: int = 0,
        ready: tuple[str, ...] = (),
        schedule: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(message)
        self.task = task
        self.turn = turn
        self.ready = ready
        self.schedule = schedule


class EngineError(CoroLabError):
    """A program cannot be run on an engine, or has failed there.

    `engine` is its name and `function` that of the function concerned. `raised` describes the exception that ended the
    program; None if it has not begun, or was stopped.
    """

    def __init__(self, message: str, *, engine: str = "", function: str = "", raised: str | None = None) -> None:
        super().__init__(message)
        self.engine = engine
        self.function = function
        self.raised = raised


# -- exploring ---------------------------------------------------------------------------------------------------------


class ExplorationError(CoroLabError):
    """A program cannot be explored as it stands."""


class NotDeterministicError(ExplorationError):
    """The same schedule did two different things, or `setup` makes two different objects.

    `schedule` names the task of each step; empty for a `setup`. Where the two runs part, `step` is the number of the
    step (from 0); None if only what was seen at the end differs. `first` and `second` describe what was seen in the two
    runs: what was printed and what is wrong, or only the latter.
    """

    def __init__(
        self,
        message: str,
        *,
        schedule: tuple[str, ...] = (),
        step: int | None = None,
        first: str | None = None,
        second: str | None = None,
    ) -> None:
        super().__init__(message)
        self.schedule = schedule
        self.step = step
        self.first = first
        self.second = second


class EndlessError(ExplorationError):
    """A step never comes to a yield, or `setup` or the invariant never to its end.

    `schedule` names the task of each step so far. `loops` maps the name of each task (or function) that does not end to
    the line of its loop, from 1; None if the line is not known. `limit` is how often a loop may turn in one step.
    """

    def __init__(
        self,
        message: str,
        *,
        schedule: tuple[str, ...] = (),
        loops: Mapping[str, int | None] | None = None,
        limit: int = 0,
    ) -> None:
        super().__init__(message)
        self.schedule = schedule
        self.loops = dict(loops or {})
        self.limit = limit


class SpinningError(EndlessError):
    """A task loops step after step, perhaps to wait for another task. `limit` is how many steps an order may take."""


class InfinitelyManyError(ExplorationError):
    """The orders cannot be counted, because there are infinitely many.

    `states` is the number of different states, `endings` the number of states in which they end.
    """

    def __init__(self, message: str, *, states: int = 0, endings: int = 0) -> None:
        super().__init__(message)
        self.states = states
        self.endings = endings


class TooManyOrdersError(ExplorationError):
    """There are too many orders to show all; `limit` is how many (orders, or beginnings of orders) can be shown."""

    def __init__(self, message: str, *, limit: int = 0) -> None:
        super().__init__(message)
        self.limit = limit


class DisagreementError(ExplorationError):
    """An order that was run is judged differently than the merged states say; the figures would be wrong.

    `schedule` names the task of each step. `found` is what is wrong with this order (the `kind` of a Finding; None:
    nothing), `merged` what may be wrong with it by the merged states.
    """

    def __init__(
        self,
        message: str,
        *,
        schedule: tuple[str, ...] = (),
        found: str | None = None,
        merged: tuple[str | None, ...] = (),
    ) -> None:
        super().__init__(message)
        self.schedule = schedule
        self.found = found
        self.merged = merged


class SharedSetupError(ExplorationError):
    """`setup` returns something that an earlier run has changed; `changed` names it, as far as it is known."""

    def __init__(self, message: str, *, changed: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.changed = changed


class InvariantError(ExplorationError):
    """The invariant raised an error, or did not say yes or no.

    `schedule` names the task of each step. `raised` describes that error, which is also the `__cause__`; None if the
    invariant returned None.
    """

    def __init__(self, message: str, *, schedule: tuple[str, ...] = (), raised: str | None = None) -> None:
        super().__init__(message)
        self.schedule = schedule
        self.raised = raised


class PreemptionError(ExplorationError):
    """A function cannot be switched from outside: its source is missing, or part of it cannot be split.

    `function` is its name, `line` the line of that part, from 1; None where the whole function is concerned.
    """

    def __init__(self, message: str, *, function: str = "", line: int | None = None) -> None:
        super().__init__(message)
        self.function = function
        self.line = line


class OutsideError(ExplorationError):
    """An explored asyncio program reaches outside: to a socket, another process, a signal or a thread.

    `call` is the method of the event loop that it has called.
    """

    def __init__(self, message: str, *, call: str = "") -> None:
        super().__init__(message)
        self.call = call


class UnknownStateError(CoroLabError):
    """States cannot be compared reliably, so every order is run. The text says why, and follows the word 'because'."""


# -- measuring ---------------------------------------------------------------------------------------------------------


class NotMeasuredError(CoroLabError, KeyError):
    """A result does not hold this: the budget left it out, or it was not asked for.

    `asked` is what was looked for: a mechanism and its number of tasks, or numbers of processes and of coroutines.
    """

    def __init__(self, message: str, *, asked: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.asked = asked

    __str__ = Exception.__str__  # a KeyError's would show the sentence in quotes


class ThreadsRefusedError(CoroLabError):
    """The operating system would not start another thread; `alive` is how many threads were alive then."""

    def __init__(self, message: str, *, alive: int = 0) -> None:
        super().__init__(message)
        self.alive = alive


class ServerError(CoroLabError):
    """The page server could not begin at `port`; `reason` is what the operating system said, None if nothing."""

    def __init__(self, message: str, *, port: int = 0, reason: str | None = None) -> None:
        super().__init__(message)
        self.port = port
        self.reason = reason


class JobError(CoroLabError):
    """A job was not finished. `run`, a `cores.Run`, holds what was done; None if nothing was begun."""

    def __init__(self, message: str, *, run: Any = None) -> None:
        super().__init__(message)
        self.run = run


# -- the course --------------------------------------------------------------------------------------------------------


class PredictionError(CoroLabError):
    """A question has no answer, or is asked at a place that the run does not have.

    `question` is its text, `raised` describes the exception that left it without an answer; None without one.
    `mark` is the place in a Quiz, with the word beside it; None if the question is not part of a Quiz.
    """

    def __init__(
        self, message: str, *, question: str = "", raised: str | None = None, mark: tuple[int, str] | None = None
    ) -> None:
        super().__init__(message)
        self.question = question
        self.raised = raised
        self.mark = mark


class UnknownExerciseError(UnknownNameError):
    """No exercise has this name."""


class UnknownMisconceptionError(UnknownNameError):
    """No misconception has this name."""


class NotebookError(CoroLabError):
    """A file is not a notebook, or a folder has none; `path` is the file or folder."""

    def __init__(self, message: str, *, path: Path | None = None) -> None:
        super().__init__(message)
        self.path = path


class NotebookFolderError(CoroLabError):
    """A folder cannot be used for the notebooks, or the notebooks themselves are missing; `path` is the folder."""

    def __init__(self, message: str, *, path: Path | None = None) -> None:
        super().__init__(message)
        self.path = path
