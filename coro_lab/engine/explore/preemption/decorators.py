"""What `preemptible` cannot split: functions that suspend, library functions, and functions behind their decorators."""

from __future__ import annotations

import inspect
from types import BuiltinFunctionType, FunctionType
from typing import Any

from coro_lab.engine.recorder.user_code import is_learners_file
from coro_lab.errors import ArgumentError, PreemptionError, advice
from coro_lab.trace.safe_repr import describe

SUSPENDS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def check_plain(function: FunctionType) -> None:
    """PreemptionError for a function with a yield or an await, also behind decorators that the learner wrote."""
    if _suspends(function) or _suspends(inspect.unwrap(function)):
        raise PreemptionError(
            f"{function.__name__} suspends by itself, so it is explored as it is.\n"
            f'  Write: {{"A": {function.__name__}}}   (preemptible is for plain functions)',
            function=function.__name__,
        )


def _suspends(function: Any) -> bool:
    return isinstance(function, FunctionType) and bool(function.__code__.co_flags & SUSPENDS)


def check_learners(function: FunctionType) -> None:
    """PreemptionError for a function of a library, or one that a library's decorator returned."""
    filename = function.__code__.co_filename
    if not filename.startswith("<") and not is_learners_file(filename):
        raise _decorated_error(function) if hasattr(function, "__wrapped__") else _library_error(function)


def not_splittable_error(given: Any) -> PreemptionError | ArgumentError:
    """The error for a function that Python code does not define, and for anything but a function."""
    if isinstance(given, classmethod):
        return PreemptionError(
            f"{given.__name__} is a classmethod, and which class it is called with is not said here.\n"
            f"  Write: preemptible(lambda shared: Account.{given.__name__}(shared))   (with the name of your class)",
            function=given.__name__,
        )
    if callable(getattr(given, "__wrapped__", None)):
        return _decorated_error(given)
    if isinstance(given, type):
        said = f"preemptible takes a function; {given.__name__} is a class.\n"
        said += f"  Write: preemptible(lambda: {given.__name__}())"
        return ArgumentError(said, argument="function", given=describe(given))
    if isinstance(given, BuiltinFunctionType):
        return PreemptionError(
            f"preemptible takes a function that is written in Python; {describe(given)} is not.\n"
            f"  Write: preemptible(lambda shared: ...)   (with the call of {given.__name__} in it)",
            function=given.__name__,
        )
    said = f"preemptible takes a function; {type(given).__name__} is not one.\n"
    said += "  Write: preemptible(increment)   (the function, not what it returns)"
    return ArgumentError(said, argument="function", given=describe(given))


def _decorated_error(function: Any) -> PreemptionError:
    """The error for a function behind a decorator that cannot be split; `__wrapped__` is what it decorates."""
    name = getattr(function, "__name__", "the function")
    decorator, instead = _decorator_name(function), f"preemptible({name}.__wrapped__)   (without the decorator)"
    inner = inspect.unwrap(function)
    if _suspends(inner):
        instead = f"a plain function that uses {name}, and preemptible of that"
    what = f"{name} is decorated with {decorator}, whose own code cannot be split into steps."
    return PreemptionError(advice(what, f"preemptible({name})", instead), function=name)


def _decorator_name(function: Any) -> str:
    """The decorator's name: its function's, or the class of the object that it returned."""
    if isinstance(function, FunctionType):
        outer = function.__code__.co_qualname.partition(".<locals>")[0]
        return f"{function.__globals__.get('__name__', 'a library')}.{outer}"
    kind = type(function)
    word = "cache or functools.lru_cache" if kind.__name__ == "_lru_cache_wrapper" else kind.__qualname__
    return f"{kind.__module__}.{word}"


def _library_error(function: FunctionType) -> PreemptionError:
    return PreemptionError(
        f"{function.__name__} is a function of {function.__module__}, and only your own are split into steps.\n"
        f"  Write: preemptible(lambda shared: ...)   (with the call of {function.__name__} in it)",
        function=function.__name__,
    )
