"""The error where a Trace was expected: what was written, and what to write instead."""

import sys
from inspect import iscoroutine
from typing import Any

from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.safe_repr import describe


def no_trace(function: str, given: Any) -> ArgumentError:
    """The error of a `function` that shows a run and was given something else."""
    kind = type(given)
    name = getattr(given, "__name__", kind.__name__.lower())
    if hasattr(kind, "program_name"):
        return _not_awaited(function, given.program_name)
    held = next((word for word in ("trace", "counterexample") if hasattr(kind, word)), None)
    if held:
        wrote, instead = name, f"{name}.{held}"
    elif iscoroutine(given):
        wrote, instead = f"{name}()", _recorded(name)
    elif callable(given):
        wrote, instead = name, f"record({name})"
    else:
        wrote, instead = describe(given), "record(program)"
    said = advice(f"{function} shows a run, which is a Trace.", f"{function}({wrote})", f"{function}({instead})")
    return ArgumentError(said, argument="trace", given=describe(given))


def _loop_is_running() -> bool:
    """Whether an event loop runs here; elsewhere an `await` in the same place would be a SyntaxError."""
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None


def _recorded(program: str) -> str:
    """How to record this coroutine function here."""
    return f"await record({program}())" if _loop_is_running() else f"record({program})"


def _not_awaited(function: str, program: str) -> ArgumentError:
    """The error of a function that was given the recording of this program, before it has run."""
    why = ": its await was forgotten" if _loop_is_running() else ""
    what = f"{function} shows a run, and this one has not begun{why}."
    said = advice(what, f"t = record({program}())", f"t = {_recorded(program)}")
    return ArgumentError(said, argument="trace", given=f"record({program}())")
