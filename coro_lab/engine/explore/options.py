"""What is given beside the coroutines: `setup`, `invariant` and `max_steps`; and what arguments a function takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any

from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.safe_repr import describe


class WithInvariant:
    """What is asked at the end of an order: `invariant`, of the shared object that `setup` has made and the output."""

    setup: Callable[[], Any] | None
    invariant: Callable[..., object] | None

    @cached_property
    def invariant_takes(self) -> int:
        """With how many arguments the invariant is called."""
        return 0 if self.invariant is None else count_arguments(self.invariant)

    @property
    def judges_output(self) -> bool:
        """Whether the invariant may be called with what was printed: without a setup, or as its second argument."""
        return self.invariant is not None and (self.setup is None or self.invariant_takes > 1)


def check_options(max_steps: object, setup: Any, invariant: Any) -> None:
    """ExplorationError or InvariantError for options that make no sense."""
    if not isinstance(max_steps, int) or max_steps < 1:
        given = describe(max_steps)
        said = f"max_steps is how many steps an order may take, at least 1; you wrote {given}."
        raise ArgumentError(said, argument="max_steps", given=given)
    if not (setup is None or callable(setup)):
        what = "setup is a function that makes the shared object afresh for each run."
        instead = "setup=lambda: [0], or setup=Tally with the name of a class"
        raise ArgumentError(advice(what, f"setup={describe(setup)}", instead), argument="setup", given=describe(setup))
    if setup is not None:
        instead = f"setup=lambda: {getattr(setup, '__name__', 'setup')}(...) with all that it needs"
        check_arguments("setup", setup, 0, "nothing", instead)
    if not (invariant is None or callable(invariant)):
        given = describe(invariant)
        what = "invariant is a function that says whether all is well at the end of an order."
        said = advice(what, f"invariant={given}", "invariant=lambda shared: shared.value == 2")
        raise ArgumentError(said, argument="invariant", given=given)
    if invariant is not None:
        given = "what setup has made, and what was printed"
        check_arguments("invariant", invariant, 2, given, "invariant=lambda shared, output: ...")


def check_arguments(who: str, function: Callable[..., Any], most: int, given: str, instead: str) -> None:
    """ArgumentError where a function needs more arguments than the `most` that it can be given."""
    try:  # the wrapper that a decorator returns may give further arguments to the function inside it
        parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    except (TypeError, ValueError):
        return
    collecting = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needs = [p.name for p in parameters if p.default is p.empty and p.kind not in collecting]
    if len(needs) > most or any(p.kind is p.KEYWORD_ONLY and p.name in needs for p in parameters):
        said = f"{who} needs {', '.join(needs)}, and is given {given}.\n  Write: {instead}"
        argument = "coroutines" if who.startswith("Coroutine") else who
        raise ArgumentError(said, argument=argument, given=describe(function))


def count_arguments(function: Callable[..., Any]) -> int:
    """How many arguments without a default a function takes by position; 1 where Python does not know."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in by_position and p.default is p.empty for p in parameters)


def takes_any(function: Callable[..., Any]) -> bool:
    """Whether a function has an `*args`, as the wrapper that a decorator returns often has."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)
