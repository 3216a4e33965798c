"""Who may take part in a program: generator functions, each under a name, and what is said to anything else."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from coro_lab.engine.explore.faults import ExplorationError
from coro_lab.engine.explore.run import World
from coro_lab.trace.safe_repr import describe

_COLLECTING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def no_mapping(coroutines: object) -> str:
    """What to say to something that gives the coroutines no names."""
    return (
        "Each coroutine takes part under a name of its own.\n"
        f"  You wrote: {describe(coroutines)}\n"
        '  Write:     {"A": A, "B": B}'
    )


def check(name: str, function: Any) -> None:
    """ExplorationError where this cannot take part, or not under this name."""
    if not (isinstance(name, str) and name and name.isprintable()):
        raise ExplorationError(
            "A coroutine goes by a name in quotes, on one line.\n"
            f"  You wrote: {{{describe(name)}: {getattr(function, '__name__', '...')}}}\n"
            f'  Write:     {{"A": {getattr(function, "__name__", "...")}}}'
        )
    if inspect.isgenerator(function):
        raise ExplorationError(
            f"Every order begins afresh, so exploring needs the generator function, not a generator.\n"
            f'  You wrote: {{"{name}": {function.__name__}(...)}}\n'
            f'  Write:     {{"{name}": {function.__name__}}}'
        )
    if inspect.iscoroutinefunction(function):
        raise ExplorationError(
            f"{name!r} is an async def; exploring takes generator functions, with a yield as switch point."
        )
    if not callable(function):
        raise ExplorationError(f"{name!r} should be a generator function; it is {type(function).__name__}.")


def check_tasks(world: World) -> None:
    """ExplorationError where something that was called did not return a generator."""
    for name, task, function in zip(world.program.names, world.tasks, world.program.coroutines.values(), strict=True):
        if not inspect.isgenerator(task):
            word = getattr(function, "__name__", "f").replace("<lambda>", "f")
            raise ExplorationError(
                f"{name!r} is a plain function without a yield, so nobody can be switched to inside it.\n"
                f'  Write a yield where it may be left, or explore it as a thread: {{"{name}": preemptible({word})}}'
            )


def check_arguments(who: str, function: Callable[..., Any], most: int, given: str, instead: str) -> None:
    """ExplorationError where a function needs more arguments than the `most` that it can be given."""
    try:  # what a decorator has put in place may itself give the rest to the function that it holds
        parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    except (TypeError, ValueError):
        return
    needs = [p.name for p in parameters if p.default is p.empty and p.kind not in _COLLECTING]
    if len(needs) > most or any(p.kind is p.KEYWORD_ONLY and p.name in needs for p in parameters):
        raise ExplorationError(f"{who} needs {', '.join(needs)}, and is given {given}.\n  Write: {instead}")


def arguments(function: Callable[..., Any]) -> int:
    """How many arguments without a default a function takes by position (one, if it does not say)."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in by_position and p.default is p.empty for p in parameters)


def takes_any(function: Callable[..., Any]) -> bool:
    """Whether a function takes whatever it is given, as `*args`: what a decorator puts in place does."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)
