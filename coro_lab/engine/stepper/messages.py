"""The text of the stepper's errors."""

from __future__ import annotations

import inspect
from types import AsyncGeneratorType, CoroutineType, GeneratorType

from coro_lab.engine.stepper.operations import Input
from coro_lab.trace.safe_repr import describe


def explain_not_a_function(given: object, written: str) -> str:
    """Why `given` cannot be stepped: a function is needed. `written` is the class that the reader called."""
    if isinstance(given, (GeneratorType, CoroutineType)):
        return (
            f"A stepper starts over to go back, so it needs the function that makes a generator, not a generator.\n"
            f"  You wrote: {written}({given.__name__}(...))\n"
            f"  Write:     {written}({given.__name__}, ...) with the arguments after the comma"
        )
    return (
        f"A stepper needs a function with a yield in it, or one defined with async def.\n"
        f"  You wrote: {written}({describe(given)})\n"
        f"  Write:     {written}(A), where A is the name of the function"
    )


def explain_not_steppable(function: object, name: str, made: object, written: str) -> str:
    """Why what `function` returned cannot be stepped. `written` is the class that the reader called."""
    said = f"{name} returned {describe(made)}, which cannot be stepped.\n"
    inner = getattr(function, "__wrapped__", None)
    if isinstance(made, AsyncGeneratorType):
        return f"{said}  Write:     {written}(A), where A is an async function that awaits anext(...) of it"
    if inspect.isgeneratorfunction(inner) or inspect.iscoroutinefunction(inner):
        return f"{said}  Write:     {written}({name}.__wrapped__), which is {name} without its decorator"
    return f"{said}  A stepper needs a function with a yield in it, or one defined with async def."


def explain_different_run(name: str, number: int, item: Input, instead: str) -> str:
    """Why the run of `name` cannot be repeated: the operation of this number, from 1, had another outcome.

    `instead` is what to write so that the arguments are made anew each time; empty without arguments.
    """
    reason = (
        f"{name} did something else when it ran again, so there is no way back.\n"
        f"  Operation {number}, {item}, depends on more than its arguments and what was sent in,\n"
        f"  or on one of these that it changes. What it has changed in that run stays changed."
    )
    return f"{reason}\n  Write:     {instead}, which makes the arguments anew each time" if instead else reason
