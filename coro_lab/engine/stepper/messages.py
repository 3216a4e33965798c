"""What a stepper says: of its state, and why something is not possible."""

from __future__ import annotations

from types import CoroutineType, GeneratorType
from typing import TYPE_CHECKING

from coro_lab.engine.stepper.operations import Input
from coro_lab.trace.safe_repr import describe

if TYPE_CHECKING:
    from coro_lab.engine.stepper.stepper import Stepper


def state_of(stepper: Stepper) -> str:
    """Where it is, and what came out last."""
    frame = getattr(stepper._made, "gi_frame", None) or getattr(stepper._made, "cr_frame", None)
    if stepper.state == "created":
        return "created, nothing has run yet"
    if frame is not None and stepper.error is not None:
        return f"still suspended at line {frame.f_lineno}, close() raised {describe(stepper.error)}"
    if frame is not None:
        return f"suspended at line {frame.f_lineno}, it yielded {describe(stepper.value)}"
    if stepper._recorder.cut:
        return f"closed. {stepper._recorder.cut}"
    if stepper.error is not None:
        return f"closed, it raised {describe(stepper.error)}"
    closed = bool(stepper.history) and stepper.history[-1].operation == "close"
    return "closed by close()" if closed else f"closed, it returned {describe(stepper.value)}"


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


def no_way_back(stepper: Stepper, number: int, item: Input) -> str:
    """Why the run cannot be repeated: the operation of this number, from 1, had another outcome."""
    told = (
        f"{stepper.name} did something else when it ran again, so there is no way back.\n"
        f"  Operation {number}, {item}, depends on more than its arguments and what was sent in,\n"
        f"  or on one of these that it changes. What it has changed in that run stays changed."
    )
    if not (stepper._make.args or stepper._make.keywords):
        return told
    anew = f"{stepper._written}(lambda: {stepper.name}(...)), which makes the arguments anew each time"
    return f"{told}\n  Write:     {anew}"
