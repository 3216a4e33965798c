"""An asyncio program to be explored: one coroutine function that begins it, or several whose tasks begin together."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from coro_lab.engine.explore.asyncio_orders.any_order import AnyOrderLoop, AnyTimeLoop
from coro_lab.engine.explore.asyncio_orders.callbacks import add_to_those_that_wake
from coro_lab.engine.explore.asyncio_orders.first_in_first_out import FirstInFirstOutLoop
from coro_lab.engine.explore.asyncio_orders.loop import ChosenLoop
from coro_lab.engine.explore.options import (
    WithInvariant,
    check_arguments,
    check_options,
    count_arguments,
    takes_any,
)
from coro_lab.engine.explore.program import LONG, MAX_STEPS, check_name
from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.safe_repr import describe

ORDERS: dict[str, type[ChosenLoop]] = {"tasks": AnyOrderLoop, "time": AnyTimeLoop, "asyncio": FirstInFirstOutLoop}


@dataclass(frozen=True)
class AsyncProgram(WithInvariant):
    """What is explored: `main`, or `tasks` by name. Raises ExplorationError for what cannot be explored."""

    main: Callable[..., Any] | None
    tasks: Mapping[str, Callable[..., Any]]
    setup: Callable[[], Any] | None = None
    invariant: Callable[..., object] | None = None
    max_steps: int = MAX_STEPS
    order: str = "tasks"

    begins: tuple[tuple[str, Callable[..., Any], bool], ...] = field(init=False, repr=False, compare=False)
    """For each coroutine with which a run begins: its name, its function, and whether it takes the shared object."""

    def __post_init__(self) -> None:
        check_options(self.max_steps, self.setup, self.invariant)
        if self.order not in ORDERS:
            wrote = describe(self.order)
            said = f'order is which orders are explored, "tasks", "time" or "asyncio"; you wrote {wrote}.'
            raise ArgumentError(said, argument="order", given=wrote)
        begin = {"main": self.main} if self.main is not None else self.tasks
        for name, function in begin.items():
            _check_function(name, function, is_main=self.main is not None)
            if count_arguments(function) and self.setup is None:
                raise _nothing_given(name, function, is_main=self.main is not None)
        given = self.setup is not None
        takes = {name: given and (count_arguments(each) > 0 or takes_any(each)) for name, each in begin.items()}
        object.__setattr__(self, "begins", tuple((name, each, takes[name]) for name, each in begin.items()))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the coroutines with which a run begins."""
        if self.main is not None:
            return (getattr(self.main, "__name__", "main").replace("<lambda>", "main"),)
        return tuple(self.tasks)

    def begin(self, loop: ChosenLoop, shared: object) -> asyncio.Future[Any]:
        """Make the tasks with which a run begins; the future is done when all of them are."""
        if self.main is not None:
            return loop.create_task(_coroutine(*self.begins[0], shared))
        return _all_of(loop, [loop.create_task(_coroutine(*each, shared), name=each[0]) for each in self.begins])

    def spell(self, schedule: Sequence[str], *, spaced: bool = True) -> str:
        """A schedule as text: 'main worker worker 2 main', or 'ABAB' where each name is one character."""
        letters = not spaced and self.main is None and all(len(name) == 1 for name in schedule)
        return ("" if letters else " ").join(schedule)

    def parse(self, schedule: str | Sequence[str]) -> str:
        """The names in a schedule that `spell` wrote, or that is a sequence of names, each behind a space."""
        words = schedule.split() if isinstance(schedule, str) else list(schedule)
        if self.main is None and not set(words) <= {*self.tasks} and {*"".join(words)} <= {*self.tasks}:
            words = [*"".join(words)]
        return " ".join(words)

    def abbreviate(self, schedule: Sequence[str]) -> str:
        """A schedule for a sentence: a long one counts the steps that one task takes in a row."""
        if len(schedule) <= LONG:
            return self.spell(schedule)
        runs = [(name, len(list(steps))) for name, steps in groupby(schedule)]
        return ", ".join(name if steps == 1 else f"{name} ×{steps}" for name, steps in runs)


def is_async(function: Any) -> bool:
    """Whether calling this makes a coroutine, as far as can be seen without a call."""
    while isinstance(function, functools.partial):
        function = function.func
    call = getattr(type(function), "__call__", None)  # noqa: B004 - it is asked what it is, not whether it is there
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)


def program_of(
    given: Any,
    setup: Callable[[], Any] | None,
    invariant: Callable[..., object] | None,
    max_steps: int,
    order: str,
) -> AsyncProgram | None:
    """The asyncio program that was given to `explore`; None where the coroutines are generators."""
    if inspect.iscoroutine(given):
        given.close()
        raise _already_called(given)
    if not isinstance(given, Mapping):
        if not callable(given) or inspect.isgeneratorfunction(given):
            return None
        return AsyncProgram(given, {}, setup, invariant, max_steps, order)
    kinds = {name: is_async(function) for name, function in given.items()}
    if not any(kinds.values()):
        return None
    for name, function in given.items():
        check_name(name, function)
        if not kinds[name]:
            raise _mixed(name, next(other for other, is_task in kinds.items() if is_task))
    return AsyncProgram(None, dict(given), setup, invariant, max_steps, order)


def _all_of(loop: ChosenLoop, tasks: Sequence[asyncio.Task[Any]]) -> asyncio.Future[Any]:
    """A future that is done as soon as all tasks are; it has no result and no error."""
    together = loop.create_future()
    left = len(tasks)

    def count_down(task: asyncio.Task[Any]) -> None:
        nonlocal left
        left -= 1
        if not left:
            together.set_result(None)

    for task in tasks:
        task.add_done_callback(count_down)
    return together


add_to_those_that_wake(_all_of)


def _coroutine(name: str, function: Callable[..., Any], takes_shared: bool, shared: object) -> Any:
    try:
        made = function(shared) if takes_shared else function()
    except RuntimeError as error:
        if "cannot be called from a running event loop" not in str(error):
            raise
        raise _makes_none(name, function, "a call of asyncio.run") from None
    if not inspect.iscoroutine(made):
        raise _makes_none(name, function, describe(made))
    return made


def _check_function(name: str, function: Any, *, is_main: bool) -> None:
    who = "main" if is_main else f"Coroutine {name!r}"
    if not callable(function):
        raise _wrong(f"{who} should be an async function; it is {type(function).__name__}.", function)
    rest = f"functools.partial({getattr(function, '__name__', 'main')}, ...)"
    check_arguments(who, function, 1, "one object, which setup makes", rest)


# -- errors ------------------------------------------------------------------------------------------------------------


def _wrong(said: str, given: object) -> ArgumentError:
    return ArgumentError(said, argument="coroutines", given=describe(given))


def _nothing_given(name: str, function: Any, *, is_main: bool) -> ArgumentError:
    who = getattr(function, "__name__", "main") if is_main else f"Coroutine {name!r}"
    said = (
        f"{who} takes an argument, but nothing says what it is given.\n"
        "  Write: setup=..., a function that makes the shared object afresh for each run."
    )
    return _wrong(said, function)


def _already_called(coroutine: Any) -> ArgumentError:
    word = coroutine.__name__
    what = "Every order begins afresh, so exploring needs the async function, not a coroutine."
    instead = f"explore({word}), or explore(lambda: {word}(...)) if it takes arguments"
    return _wrong(advice(what, f"explore({word}(...))", instead), coroutine)


def _makes_none(name: str, function: Any, made: str) -> ArgumentError:
    word = getattr(function, "__name__", name)
    said = (
        f"{word} was called, and made no coroutine but {made}.\n"
        "  Write: explore(main), with an async def main() that awaits what is to be explored, without asyncio.run"
    )
    return _wrong(said, function)


def _mixed(generator: str, coroutine: str) -> ArgumentError:
    said = (
        f"{coroutine!r} is an async def and {generator!r} is not; what is explored together is of one kind.\n"
        f"  Write: an async def for {generator!r} too, with `await asyncio.sleep(0)` in place of `yield`"
    )
    return _wrong(said, generator)
