"""The learner's answer, loaded, and the requirements that a check tests it for.

Every requirement is tested by running the answer under a recording. What can go wrong with any code (it never ends,
raises, asks for input, takes other arguments, prints instead of returning) is explained here, once for all exercises.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import inspect
import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from inspect import CO_COROUTINE
from types import CodeType, GeneratorType
from typing import Any

from coro_lab.engine.recorder import record
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.lessons.checker.source import compiled
from coro_lab.lessons.checker.stopped import explain_stop
from coro_lab.lessons.checker.trace_diff import explain
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace

MAX_EVENTS = 20_000  # of one run of an answer; every exercise needs far fewer
_LONG = 500  # characters of output or of an error's message that a reason quotes at most


class InputAskedError(Exception):
    """The answer called input(), which a check cannot answer."""


class Answer:
    """The code of one answer after it has been run once, ready to be called. Raises NotYet if it cannot be run."""

    def __init__(self, name: str, source: str, *, given: str = "", solution: str = "") -> None:
        """`name`, `given` and `solution` come from the exercise."""
        self._name, self._given_source, self._solution = name, given, solution
        self.source = "\n" + source  # below the %%check line, so that its lines are numbered as in the cell
        self.names: dict[str, Any] = {"__name__": "__answer__", "input": _refuse_input}
        exec(compiled(given, f"{name}-given"), self.names)
        self._given = dict(self.names)
        try:
            code = compiled(self.source, name, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except SyntaxError as error:
            at = f", at line {error.lineno}" if error.lineno else ""  # as for a null character
            raise NotYet(f"Python cannot read your code: {error.msg}{at}.") from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise NotYet(f"Python cannot read your code: {error or 'it is nested too deeply'}.") from error
        self._filename = code.co_filename
        self.traces: list[Trace] = []  # of every run so far
        self.unawaited: list[str] = []  # coroutines that these runs made and never awaited
        self.trace = self.run("Your cell", _run_cell, code, self.names)

    # -- what a check can require -------------------------------------------------------------------------------------

    def get(self, name: str) -> Any:
        """The value of this name in the answer. Raises NotYet if the answer does not define it."""
        if name not in self.names:
            made = [key for key, value in self.names.items() if self._is_own(key, value)]
            instead = f"; it defines {', '.join(made)}" if made else ""
            raise NotYet(f"Your cell defines no `{name}`{instead}. The name is part of the task.")
        return self.names[name]

    def function(self, name: str, *parameters: str) -> Callable[..., Any]:
        """The function of this name. Raises NotYet unless it can be called with these positional parameters."""
        function = self.get(name)
        asked = f"def {name}({', '.join(parameters)}):"
        if not inspect.isfunction(function):
            raise NotYet(f"`{name}` is {describe(function)}, and the task asks for a function. Write {asked}")
        try:
            inspect.signature(function).bind(*parameters)
        except TypeError:
            call = f"{name}({', '.join(parameters)})"
            yours = f"def {name}{inspect.signature(function)}:"
            raise NotYet(f"`{name}` is called as {call}, and yours cannot be: {yours} Write {asked}") from None
        return function

    def generator_function(self, name: str, *parameters: str, example: Sequence[Any] = ()) -> Callable[..., Any]:
        """The generator function of this name. For a plain function, NotYet says what a call with `example` does."""
        function = self.function(name, *parameters)
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            asked = f"def {name}({', '.join(parameters)}):"
            raise NotYet(f"`{name}` begins with `async def`, and the task asks for a generator function. Write {asked}")
        if not inspect.isgeneratorfunction(function):
            did, trace = self._done_at_once(function, example)
            raise NotYet(f"`{name}` has no `yield` in it, so it is not a generator function: {did}", trace=trace)
        return function

    def _done_at_once(self, function: Callable[..., Any], args: Sequence[Any]) -> tuple[str, Trace | None]:
        """What a call of this plain function does, in words, and the run that shows it (None if `args` do not fit)."""
        try:
            inspect.signature(function).bind(*args)
        except TypeError:
            return "a call runs it at once.", None
        call = _call(function, args)
        try:
            trace = self.run(call, function, *args, raises=True)
        except NotYet as found:
            return f"a call runs it at once. {found.reason}", found.trace
        did = f", prints {_quoted(trace.output.strip())}" if trace.output.strip() else ""
        if trace.error is not None:
            return f"{call} runs it at once{did} and raises {self.describe_error(trace.error)}.", trace
        return f"{call} runs it at once{did} and returns {describe(trace.result)}.", trace

    def run(self, subject: str, program: Callable[..., Any], *args: Any, raises: bool = False) -> Trace:
        """Record `program(*args)`; `subject` begins the sentence about a failure ("countdown(3)").

        With `raises` an exception is a result like any other: the trace's `error`.
        """
        try:
            with contextlib.redirect_stdout(io.StringIO()), self._collecting_unawaited():
                trace = self._recorded(subject, program, args)
        except KeyboardInterrupt:
            raise NotYet(
                f"{subject} raises KeyboardInterrupt, which is the reader's way to stop a cell. Leave it out."
            ) from None
        self.traces.append(trace)
        if trace.cut:
            raise NotYet(explain_stop(subject, trace, MAX_EVENTS), trace=trace, index=len(trace.events) - 1)
        if isinstance(trace.error, (InputAskedError, EOFError)):
            raise NotYet(
                f"{subject} calls input(), and in a check nobody is there to type. "
                "Let the value come in as an argument, or by `send`.",
                trace=trace,
            )
        if isinstance(trace.error, SystemExit):
            raise NotYet(f"{subject} ends Python by exit(). Leave that out: a function ends by `return`.", trace=trace)
        if trace.error is not None and not raises:
            reason = f"{subject} raises {self.describe_error(trace.error)}."
            raise NotYet(reason, trace=trace, index=len(trace.events) - 1)
        return trace

    def returns(self, wanted: object, function: Callable[..., Any], *args: Any) -> Trace:
        """Require that `function(*args)` returns a value equal to `wanted` and of the same type."""
        call = _call(function, args)
        trace = self.run(call, function, *args)
        if trace.result != wanted or type(trace.result) is not type(wanted):
            if trace.result is None and str(wanted) in trace.output:
                raise NotYet(
                    f"{call} prints {_quoted(trace.output.strip())} and returns None. " + _PRINTED, trace=trace
                )
            if isinstance(trace.result, GeneratorType):
                raise NotYet(
                    f"{call} returns a generator, which nobody has resumed yet; {describe(wanted)} is asked for."
                )
            raise NotYet(f"{call} returns {describe(trace.result)}; {describe(wanted)} is asked for.", trace=trace)
        return trace

    def prints(self, wanted: str, subject: str, program: Callable[..., Any], *args: Any) -> Trace:
        """Require that `program(*args)` prints `wanted`, apart from space at both ends and after a line."""
        trace = self.run(subject, program, *args)
        mine, theirs = trace.output.strip().splitlines(), wanted.strip().splitlines()
        for number, (line, asked) in enumerate(zip(mine, theirs, strict=False), start=1):
            if line.rstrip() != asked:
                raise NotYet(f"{subject} prints {_quoted(line)} as line {number}; {asked!r} is asked for.", trace=trace)
        if len(mine) != len(theirs):
            what = f"{len(mine)} lines" if mine else "nothing"
            raise NotYet(f"{subject} prints {what}; {len(theirs)} lines are asked for.", trace=trace)
        return trace

    def behaves(self, subject: str, drive: Callable[[dict[str, Any]], Any], *, returned: bool = True) -> Trace:
        """Require that `drive(names)` does the same with the answer's names as with the solution's.

        With `returned=False` the values that it returns may differ, because the task asks for none.
        """
        trace = self.run(subject, drive, self.names, raises=True)
        solved = Answer(self._name, self._solution, given=self._given_source)
        wanted = solved.run(subject, drive, solved.names, raises=True)
        asked = {lane.name for lane in wanted.lanes}  # a helper function that only the answer has may do anything
        difference = trace.diff(wanted, among=asked, returned=returned)
        if difference is not None:
            at = min(difference.at, len(trace) - 1)
            raise NotYet(f"{subject}: {explain(difference)}", trace=trace, index=at)
        return trace

    def _recorded(self, subject: str, program: Callable[..., Any], args: Sequence[Any]) -> Trace:
        """The Trace of a run. NotYet where the answer has replaced a function of builtins, which gets it back."""
        now = builtins.__dict__  # what goes on from here to their return calls none of them
        before = now.copy()
        replaced = []
        try:
            trace: Trace = record(program, *args, max_events=MAX_EVENTS)
        finally:
            for name in before:
                if now.get(name) is not before[name]:
                    now[name] = before[name]
                    replaced.append(name)
        if replaced:
            listed = ", ".join(f"`{name}`" for name in replaced[:3]) + (", ..." if len(replaced) > 3 else "")
            raise NotYet(
                f"{subject} replaces {listed} in builtins, which everything in Python uses. Give yours another name."
            )
        return trace

    @contextlib.contextmanager
    def _collecting_unawaited(self) -> Iterator[None]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
        found = (re.match(r"coroutine '(.*)' was never awaited", str(warning.message)) for warning in caught)
        self.unawaited += [match[1] for match in found if match]

    def _is_own(self, name: str, value: object) -> bool:
        """Whether the answer itself defined this name, so its value was neither given nor imported."""
        if name.startswith("__") or (name in self._given and value is self._given[name]):
            return False
        if inspect.isroutine(value) or inspect.isclass(value):
            return bool(getattr(value, "__module__", None) == self.names["__name__"])
        return not inspect.ismodule(value)

    # -- the words of a reason ----------------------------------------------------------------------------------------

    def describe_error(self, error: BaseException) -> str:
        """The exception as a phrase, with the last line of the answer that it went through."""
        line, at = None, error.__traceback__
        while at is not None:
            if at.tb_frame.f_code.co_filename == self._filename:
                line = at.tb_lineno
            at = at.tb_next
        message = message_of(error)
        message = message if len(message) <= _LONG else f"{message[:_LONG]}…"
        text = f"{type(error).__name__}: {message}" if message else type(error).__name__
        return text if line is None else f"{text}, at line {line}, `{self.line(line)}`"

    def line(self, number: int) -> str:
        """The text of one line of the cell; line 1 is the %%check line."""
        lines = self.source.splitlines()
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""


_PRINTED = "A printed value is for the reader of the page; `return` gives it to the caller."


def _run_cell(code: CodeType, names: dict[str, Any]) -> None:
    """Run the cell as a notebook does: an `await` may stand outside of any function."""
    if code.co_flags & CO_COROUTINE:
        import asyncio

        asyncio.run(eval(code, names))
    else:
        exec(code, names)


def message_of(error: BaseException) -> str:
    """What an exception says; nothing, where its own code for that raises another one."""
    try:
        return str(error)
    except BaseException:
        return ""


def _refuse_input(*_: object) -> str:
    raise InputAskedError


def _call(function: Callable[..., Any], args: Sequence[Any]) -> str:
    return f"{function.__name__}({', '.join(map(describe, args))})"


def _quoted(text: str) -> str:
    return repr(text) if len(text) <= _LONG else describe(text)
