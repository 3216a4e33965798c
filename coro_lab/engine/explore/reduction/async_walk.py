"""Going through an async generator, noted."""

from __future__ import annotations

from types import AsyncGeneratorType
from typing import Any

from coro_lab.engine.explore.reduction.notes import Notes


class NotedAsyncWalk:
    """Goes through an async generator, and notes that it changes."""

    def __init__(self, notes: Notes, over: AsyncGeneratorType[Any, Any]) -> None:
        self._notes = notes
        self._over = over

    def __aiter__(self) -> NotedAsyncWalk:
        return self

    async def __anext__(self) -> Any:
        self._notes.goes_on(self._over)
        try:
            return await anext(self._over)
        finally:
            self._notes.goes_on(self._over)
