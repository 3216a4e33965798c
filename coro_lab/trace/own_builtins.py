"""The builtins as they were when Coro Lab was imported, for the code that runs beside a recorded program.

A program may replace `len` or `isinstance` in `builtins`, for a test for instance, and must not meet this replacement
in one of our callbacks. A function looks builtins up in what its module has as `__builtins__` when the function is
made. What the standard library does for us needs `undisturbed`.
"""

import builtins
import functools
from collections.abc import Callable
from types import FunctionType
from typing import Any

_KEPT = dict(vars(builtins))


def keep_builtins(module: dict[str, Any]) -> None:
    """Have the functions that a module makes from here on use today's builtins; `module`: its globals()."""
    module["__builtins__"] = _KEPT


keep_builtins(globals())


def with_builtins[Class: type](named_tuple: Class) -> Class:
    """The same NamedTuple, whose `__new__` has builtins.

    `collections` makes it without any. If the garbage collector runs in the middle of it and finds a coroutine that was
    never awaited, Python cannot import what it takes to warn of that.
    """
    new = named_tuple.__new__
    names = {**new.__globals__, "__builtins__": _KEPT}
    made = FunctionType(new.__code__, names, new.__name__, new.__defaults__)
    setattr(named_tuple, "__new__", staticmethod(made))  # noqa: B010 - mypy allows no assignment to it
    return named_tuple


def undisturbed[**Given, Result](function: Callable[Given, Result]) -> Callable[Given, Result]:
    """The same function; while it runs, the builtins are as they were."""

    @functools.wraps(function)
    def call(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        now = vars(builtins)
        replaced = {name: now[name] for name, kept in _KEPT.items() if now.get(name, kept) is not kept}
        if not replaced:
            return function(*args, **kwargs)
        now.update((name, _KEPT[name]) for name in replaced)
        try:
            return function(*args, **kwargs)
        finally:
            now.update(replaced)

    return call
