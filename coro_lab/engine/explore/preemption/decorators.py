"""What stands around a function: decorators, and what is said where `preemptible` cannot look through them."""

from __future__ import annotations

import inspect
from types import BuiltinFunctionType, FunctionType
from typing import Any

from coro_lab.engine.recorder.user_code import is_learners_file
from coro_lab.errors import PreemptionError
from coro_lab.trace.safe_repr import describe

SUSPENDS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def refuse_suspending(function: FunctionType) -> None:
    """PreemptionError for a function that has a yield or an await, also behind decorators of the learner's."""
    if _suspends(function) or _suspends(inspect.unwrap(function)):
        raise PreemptionError(
            f"{function.__name__} suspends by itself, so it is explored as it is.\n"
            f'  Write: {{"A": {function.__name__}}}   (preemptible is for plain functions)'
        )


def _suspends(function: Any) -> bool:
    return isinstance(function, FunctionType) and bool(function.__code__.co_flags & SUSPENDS)


def refuse_library(function: FunctionType) -> None:
    """PreemptionError for a function that a decorator of a library has put in place of the learner's own."""
    filename = function.__code__.co_filename
    if not filename.startswith("<") and not is_learners_file(filename):
        raise _decorated(function) if hasattr(function, "__wrapped__") else _of_library(function)


def no_function(given: Any) -> PreemptionError:
    """The error for something that is no function, or is one behind a decorator written in C."""
    if isinstance(given, classmethod):
        return PreemptionError(
            f"{given.__name__} is a classmethod, and which class it is called with is not said here.\n"
            f"  Write: preemptible(lambda shared: Account.{given.__name__}(shared))   (with the name of your class)"
        )
    if callable(getattr(given, "__wrapped__", None)):
        return _decorated(given)
    if isinstance(given, type):
        return PreemptionError(
            f"preemptible takes a function; {given.__name__} is a class.\n"
            f"  Write: preemptible(lambda: {given.__name__}())"
        )
    if isinstance(given, BuiltinFunctionType):
        return PreemptionError(
            f"preemptible takes a function that is written in Python; {describe(given)} is none.\n"
            f"  Write: preemptible(lambda shared: ...)   (with the call of {given.__name__} in it)"
        )
    return PreemptionError(
        f"preemptible takes a function; {type(given).__name__} is none.\n"
        "  Write: preemptible(increment)   (the function, not what it returns)"
    )


def _decorated(function: Any) -> PreemptionError:
    """The error for a function behind a decorator that cannot be split; `__wrapped__` is what it decorates."""
    name = getattr(function, "__name__", "the function")
    decorator, instead = _decorator(function), f"preemptible({name}.__wrapped__)   (without the decorator)"
    inner = inspect.unwrap(function)
    if _suspends(inner):
        instead = f"a plain function that uses {name}, and preemptible of that"
    return PreemptionError(
        f"{name} is decorated with {decorator}, whose own code cannot be split into steps.\n"
        f"  You wrote: preemptible({name})\n"
        f"  Write:     {instead}"
    )


def _decorator(function: Any) -> str:
    """What the decorator is called: by its function, or by the class of what it has made."""
    if isinstance(function, FunctionType):
        outer = function.__code__.co_qualname.partition(".<locals>")[0]
        return f"{function.__globals__.get('__name__', 'a library')}.{outer}"
    kind = type(function)
    word = "cache or functools.lru_cache" if kind.__name__ == "_lru_cache_wrapper" else kind.__qualname__
    return f"{kind.__module__}.{word}"


def _of_library(function: FunctionType) -> PreemptionError:
    return PreemptionError(
        f"{function.__name__} is a function of {function.__module__}, and only your own are split into steps.\n"
        f"  Write: preemptible(lambda shared: ...)   (with the call of {function.__name__} in it)"
    )
