"""assert_every_order(): for a test, which fails with the shortest broken order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from coro_lab.engine.explore.exploration import Exploration
from coro_lab.engine.explore.explorer import explore


def assert_every_order(
    coroutines: Mapping[str, Callable[..., Any]] | Callable[..., Any],
    *,
    setup: Callable[[], Any] | None = None,
    invariant: Callable[..., object] | None = None,
    **options: Any,
) -> Exploration:
    """Explore a program, and raise AssertionError if an order is broken; returns what was found.

    `coroutines`, `setup`, `invariant` and further `options` are those of `explore`. The error says what is wrong, shows
    the shortest broken order, and ends with the call that replays it.

    >>> import asyncio
    >>> async def main():
    ...     box = [0]
    ...     async def increment():
    ...         seen = box[0]
    ...         await asyncio.sleep(0)
    ...         box[0] = seen + 1
    ...     await asyncio.gather(increment(), increment())
    ...     return box[0]
    >>> assert_every_order(main, invariant=lambda total: total > 0)
    6 interleavings, none of them broken
    (every order run)
    """
    __tracebackhide__ = True
    found = explore(coroutines, setup=setup, invariant=invariant, **options)
    if found.counterexample is None or found.finding is None:
        return found
    raise AssertionError("\n".join([repr(found), "", found.counterexample.text(), "", _again(found, coroutines)]))


def _again(found: Exploration, coroutines: Any) -> str:
    """The call that replays the shortest broken order."""
    program = found.program
    given = getattr(coroutines, "__name__", "main") if callable(coroutines) else _spelled(coroutines)
    made = f", setup={getattr(program.setup, '__name__', 'setup')}" if program.setup is not None else ""
    other = getattr(program, "order", "tasks")
    order = "" if other == "tasks" else f', order="{other}"'
    return f'Replay it: replay({given}, "{found.schedule}"{made}{order})'


def _spelled(coroutines: Mapping[str, Callable[..., Any]]) -> str:
    each = ", ".join(f'"{name}": {getattr(function, "__name__", "...")}' for name, function in coroutines.items())
    return f"{{{each}}}"
