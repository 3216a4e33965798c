"""The garbage collector, held back while something is made of many parts."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable

from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


def uncollected[**Given, Result](function: Callable[Given, Result]) -> Callable[Given, Result]:
    """The same function, during which the garbage collector does not run.

    For a function that makes many objects, none of them garbage: to look for some takes as long as the rest.
    """

    @functools.wraps(function)
    def call(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        was_on = gc.isenabled()
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            if was_on:
                gc.enable()

    return call
