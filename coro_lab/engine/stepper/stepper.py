"""Stepper: one generator (or coroutine) by hand, one operation at a time, and back.

A generator cannot be copied, so going back makes a new one and repeats all recorded inputs but the last. The new one
replaces the old one only if it did the same.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import io
from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator
from types import CoroutineType, GeneratorType
from typing import Any, Self, overload

from coro_lab.engine.recorder import MAX_EVENTS, LimitReached, Recorder, without_recorder
from coro_lab.engine.stepper.messages import explain_different_run, explain_not_a_function, explain_not_steppable
from coro_lab.engine.stepper.operations import Input
from coro_lab.engine.stepper.origins import note
from coro_lab.errors import ArgumentError, StepperError, advice
from coro_lab.trace.noticing import notice
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace

keep_builtins(globals())

type Suspendable[Y, S, R] = Generator[Y, S, R] | Coroutine[Y, S, R]


class Stepper[Y, S, R]:
    """A generator (or coroutine) of `function(*args, **kwargs)` that you resume yourself.

    Each operation returns the stepper, so operations can be chained. `value` is what the generator yielded or returned.
    An exception that leaves the generator is not raised but kept as `error`. After `max_events` events the generator is
    closed, and the Trace so far remains. Raises ArgumentError if the function makes no generator and no coroutine.

    >>> def averager():
    ...     total, count, average = 0, 0, None
    ...     while True:
    ...         total += yield average
    ...         count += 1
    ...         average = total / count
    >>> Stepper(averager).next().send(10).send(20)
    <Stepper of averager: suspended at line 4, it yielded 15.0>
    """

    history: tuple[Input, ...]  # the operations so far, the first one first
    value: Y | R | None  # what the generator yielded or returned last; None if it raised
    error: BaseException | None  # the exception that left the generator last; None if none did

    _written = "Stepper"  # the class name that the reader wrote

    @overload
    def __init__[**P](
        self, function: Callable[P, Generator[Y, S, R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> None: ...
    @overload
    def __init__[**P](
        self, function: Callable[P, Coroutine[Y, S, R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> None: ...
    @overload
    def __init__[**P](
        self: Stepper[Y, Any, Any], function: Callable[P, Iterator[Y]], /, *args: P.args, **kwargs: P.kwargs
    ) -> None: ...
    @overload
    def __init__(
        self, function: Callable[..., Suspendable[Y, S, R]], /, *args: Any, max_events: int, **kwargs: Any
    ) -> None: ...
    def __init__(  # type: ignore[misc]  # a function that itself takes `max_events` is wrapped in a lambda
        self, function: Callable[..., Any], /, *args: Any, max_events: int = MAX_EVENTS, **kwargs: Any
    ) -> None:
        if isinstance(function, (GeneratorType, CoroutineType)) or not callable(function):
            said = explain_not_a_function(function, self._written)
            raise ArgumentError(said, argument="function", given=describe(function))
        self._make = functools.partial(function, *args, **kwargs)
        self._max_events = max_events
        while isinstance(function, functools.partial):  # of a partial the name of its function, also of a nested one
            function = function.func
        self.name: str = getattr(function, "__name__", type(function).__name__)  # the function's
        self._start()
        notice(self)

    def _start(self) -> None:
        self._recorder = Recorder(max_events=self._max_events, driver="you", limit_of=self._written)
        with self._recorder:
            made = self._make()
        if not isinstance(made, (GeneratorType, CoroutineType)):
            said = explain_not_steppable(self._make.func, self.name, made, self._written)
            raise ArgumentError(said, argument="function", given=self.name)
        self._made: Any = made
        self.history = ()
        self.value = None
        self.error = None
        self._trace: Trace | None = None

    # -- the four operations ------------------------------------------------------------------------------------------

    def next(self) -> Self:
        """Run to the next yield, as `next(generator)` does. Raises StepperError if the generator is closed."""
        return self.do(Input("next"))

    def send(self, value: S | None) -> Self:
        """Resume with this `value`, as `generator.send(value)` does.

        Raises StepperError if the generator is closed, or has only been created and the value is not None.
        """
        return self.do(Input("send", value))

    def throw(self, error: BaseException | type[BaseException]) -> Self:
        """Raise this exception where the generator is suspended, as `generator.throw(error)` does.

        Raises StepperError if the generator is closed, and ArgumentError for something that is not an exception.
        """
        kind: Any = error if issubclass(type(error), type) else type(error)
        if not issubclass(kind, BaseException):
            raise ArgumentError(
                f"Only an exception can be thrown.\n"
                f"  You wrote: .{Input('throw', error)}\n"
                f"  Write:     .throw(ValueError({describe(error)})), or any other exception",
                argument="error",
                given=describe(error),
            )
        return self.do(Input.throw(error))

    def close(self) -> Self:
        """Close the generator, as `generator.close()` does; closing a closed one does nothing."""
        return self if self.state == "closed" else self.do(Input("close"))

    def back(self) -> Self:
        """Take the last operation back: a new generator, given the same inputs but the last one.

        Output is kept in the trace and not printed again. The old generator is closed once the new one has run, so a
        `finally` of the old one runs last. Raises StepperError without an operation to take back, or if the program
        does something else the second time; the stepper then stays where it is.
        """
        if not self.history:
            done = "only been created" if self.state == "created" else "got nothing from you yet"
            said = f"There is nothing to take back: this generator has {done}."
            raise StepperError(said, function=self.name, state=self.state, operation="back()")
        *kept, taken = self.history
        with contextlib.redirect_stdout(io.StringIO()):
            other = self.repeated(kept)
            self.__dict__, other.__dict__ = other.__dict__, self.__dict__  # this stepper gets the new run
            taken.restore()
            other.discard()
        return self

    def repeated(self, inputs: Iterable[Input]) -> Self:
        """A new stepper of the same function and arguments, after these first inputs of this one.

        Raises StepperError if the new run differs. What the run has changed outside the generator stays changed.
        """
        other = copy.copy(self)
        other._start()
        if other._made is self._made:
            raise StepperError(
                f"{self.name} gave the same generator a second time, so its run cannot be repeated.\n"
                f"  Write:     {self._written}(A), where A makes a new generator each time",
                function=self.name,
                state=self.state,
            )
        try:
            for number, item in enumerate(inputs, 1):
                if other.refusal(item.operation, item.value) or not other.do(item)._is_beginning_of(self):
                    said = explain_different_run(self.name, number, item, self._with_new_arguments)
                    raise StepperError(said, function=self.name, state=self.state, operation=str(item))
        except BaseException:
            other.discard()
            raise
        return other

    def discard(self) -> None:
        """Close the generator without an entry in the history, even if it raises or runs into the limit of events."""
        with self._recorder, contextlib.suppress(Exception, LimitReached):
            self._made.close()

    def _is_beginning_of(self, other: Stepper[Y, S, R]) -> bool:
        """Whether the run of `other` begins with the events of this one."""
        events = self.trace.events
        return events == other.trace.events[: len(events)]

    def refusal(self, operation: str, value: Any = None) -> str | None:
        """Why this `operation` (with this `value`) is not possible now, in a sentence; None if it is possible."""
        if self.state == "closed" and operation != "close" and self._recorder.cut:
            return f"{self.name} is closed. {self._recorder.cut}"
        if self.state == "closed" and operation != "close":
            return f"{self.name} is closed: it has no frame left to resume."
        if operation == "send" and value is not None and self.state == "created":
            return f"{self.name} was only created: it has not reached a yield, so nothing receives {describe(value)}."
        return None

    def do(self, item: Input) -> Self:
        """Perform the operation `item`. Raises StepperError if it is not possible now."""
        refusal = self.refusal(item.operation, item.value)
        if refusal is not None:
            instead = ".next() first" if self.state == "created" else f".back(), or a new {self._written}({self.name})"
            said = advice(refusal, f".{item}", instead)
            raise StepperError(said, function=self.name, state=self.state, operation=str(item))
        self._trace, self.error = None, None
        with self._recorder:
            self._recorder.expect(item.value, name=self.name)
            self._operate(item)
        self.history = (*self.history, item)
        return self

    def _operate(self, item: Input) -> None:
        made = self._made
        item.restore()
        try:
            if item.operation == "close":
                self.value = made.close()
            else:
                self.value = made.throw(item.value) if item.operation == "throw" else made.send(item.value)
        except StopIteration as stop:
            self.value = stop.value
        except LimitReached:
            self.value = None
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self.value, self.error = None, without_recorder(error)

    # -- state, trace and repr ----------------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """created, running, suspended or closed."""
        made = self._made
        of = inspect.getgeneratorstate if isinstance(made, GeneratorType) else inspect.getcoroutinestate
        return of(made).partition("_")[2].lower()

    @property
    def trace(self) -> Trace:
        """The run so far."""
        if self._trace is None:
            now = copy.copy(self)
            result = self.value if self.state == "closed" else None
            self._trace = self._recorder.trace(result=result, error=self.error)
            note(self._trace, now)
        return self._trace

    def __repr__(self) -> str:
        return f"<Stepper of {self.name}: {self._status()}>"

    def _status(self) -> str:
        """The state of the generator, and what it last yielded, returned or raised."""
        frame = getattr(self._made, "gi_frame", None) or getattr(self._made, "cr_frame", None)
        if self.state == "created":
            return "created, nothing has run yet"
        if frame is not None and self.error is not None:
            return f"still suspended at line {frame.f_lineno}, close() raised {describe(self.error)}"
        if frame is not None and not self.history:  # by a decorator, for example
            return f"suspended at line {frame.f_lineno}, to which {self.name} has already run it"
        if frame is not None:
            return f"suspended at line {frame.f_lineno}, it yielded {describe(self.value)}"
        if self._recorder.cut:
            return f"closed. {self._recorder.cut}"
        if self.error is not None:
            return f"closed, it raised {describe(self.error)}"
        if not self.history:
            return "closed before the first operation"
        closed = self.history[-1].operation == "close"
        return "closed by close()" if closed else f"closed, it returned {describe(self.value)}"

    @property
    def _with_new_arguments(self) -> str:
        """The call that makes the arguments anew each time, as the reader would write it; empty without arguments."""
        has_arguments = self._make.args or self._make.keywords
        return f"{self._written}(lambda: {self.name}(...))" if has_arguments else ""
