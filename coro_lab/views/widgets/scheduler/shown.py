"""What the browser gets of a program whose orders are shown: every state, and the sources."""

from __future__ import annotations

from typing import Any

from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.asyncio_orders.states import async_choices
from coro_lab.engine.explore.lattice_counts import choices
from coro_lab.engine.explore.program import Program
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.trace.events import Source


def shown(program: Program | AsyncProgram) -> dict[str, Any]:
    """Everything that the browser gets of a program."""
    if isinstance(program, AsyncProgram):
        return async_choices(program)
    return choices(program) | {"sources": _sources(program)}


def _sources(program: Program) -> list[list[Any]]:
    """The first line and the source of each coroutine; the source is empty if it is not known."""
    with quietly():
        run = LiveRun(program)
        codes = [task.gi_code for task in run.tasks]  # type: ignore[attr-defined]
        run.close()
    return [list(CodeInfo.of(code).source or Source(1, "")) for code in codes]
