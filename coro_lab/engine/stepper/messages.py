"""Why a stepper cannot do what it was asked to do."""

from __future__ import annotations

from types import CoroutineType, GeneratorType

from coro_lab.engine.stepper.operations import Input
from coro_lab.trace.safe_repr import describe


def no_function(given: object, written: str) -> str:
    """Why this cannot be stepped, where a function was needed; `written` is what the reader has called."""
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


def no_way_back(name: str, number: int, item: Input, anew: str) -> str:
    """Why the run of `name` cannot be repeated: the operation of this number, from 1, had another outcome.

    `anew` is what to write for arguments that are made anew each time; empty where there are none.
    """
    told = (
        f"{name} did something else when it ran again, so there is no way back.\n"
        f"  Operation {number}, {item}, depends on more than its arguments and what was sent in,\n"
        f"  or on one of these that it changes. What it has changed in that run stays changed."
    )
    return f"{told}\n  Write:     {anew}, which makes the arguments anew each time" if anew else told
