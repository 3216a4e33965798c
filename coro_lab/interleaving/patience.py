"""A step that never ends: a loop without a yield in it, found by counting how often the code jumps back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

from coro_lab.interleaving.faults import EndlessError

MOST_JUMPS = 1_000_000
_MONITOR = sys.monitoring


@contextmanager
def patience(most: int = MOST_JUMPS) -> Iterator[None]:
    """What runs in here is stopped with an EndlessError after `most` jumps; it takes a free id of sys.monitoring."""
    free = [tool for tool in (5, 4, 3, 2, 1, 0) if _MONITOR.get_tool(tool) is None]
    if not free:
        yield
        return
    tool, left = free[0], most

    def jump(code: CodeType, offset: int, destination: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise EndlessError(
                f"{code.co_name} runs in a loop and never comes to a yield, so nobody else can go on.\n"
                "  A coroutine gives up its turn only at a yield. If it waits in this loop for another one, write\n"
                "  yield from lock.acquire(), condition.wait() or queue.get()."
            )

    _MONITOR.use_tool_id(tool, "coro_lab patience")
    _MONITOR.register_callback(tool, _MONITOR.events.JUMP, jump)
    _MONITOR.set_events(tool, _MONITOR.events.JUMP)
    try:
        yield
    finally:
        _MONITOR.set_events(tool, 0)
        _MONITOR.register_callback(tool, _MONITOR.events.JUMP, None)
        _MONITOR.free_tool_id(tool)
