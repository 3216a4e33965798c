"""asyncio itself, on a clock that jumps: what the first order of an exploration is compared with."""

from __future__ import annotations

import asyncio
import gc
import io
import itertools
from contextlib import redirect_stdout, suppress
from typing import Any

from coro_lab.engine.explore.asyncio_orders.entries import NumberedTask


class StuckError(Exception):
    """Nobody can go on, and no timer is set."""


class JumpingLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop; where it would wait for the next timer, the time is at once that of the timer.

    Each look at the clock takes a picosecond, as it does take some time in reality.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now, self._looks = 0.0, 0
        self._selector.select = self._jump
        self._made = itertools.count()
        self.set_task_factory(self._numbered)

    def _numbered(self, loop: JumpingLoop, coro: Any, **options: Any) -> NumberedTask:
        """A task whose place in a set does not depend on its address."""
        task = NumberedTask.__new__(NumberedTask)
        task.number = next(self._made)
        task.__init__(coro, loop=loop, **options)
        return task

    def time(self) -> float:
        self._looks += 1
        return self._now + self._looks * 1e-12

    def _jump(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise StuckError
        if timeout > 0:
            self._now = self._scheduled[0]._when - self._looks * 1e-12
        return []


def run_by_asyncio(main) -> tuple[str, str]:
    """How a program ends by asyncio.run, and what it prints, unless the collector meets a task that nobody holds."""
    out = io.StringIO()
    gc.disable()
    with redirect_stdout(out):
        loop = JumpingLoop()
        asyncio.set_event_loop(None)
        try:
            ended = repr(loop.run_until_complete(main()))
        except StuckError:
            return "stuck", out.getvalue()
        except BaseException as error:
            ended = repr(error)
        finally:
            loop.set_exception_handler(lambda loop, context: None)
            end(loop)
            gc.enable()
        return ended, out.getvalue()


def end(loop: JumpingLoop) -> None:
    """What asyncio.run does behind its program."""
    left = sorted(asyncio.all_tasks(loop), key=hash)
    for task in left:
        task.cancel()
    try:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True)) if left else None
        loop.run_until_complete(loop.shutdown_asyncgens())
    except StuckError:
        for task in asyncio.all_tasks(loop):
            task._log_destroy_pending = False
            with suppress(BaseException):
                task.get_coro().close()
    finally:
        loop.close()
