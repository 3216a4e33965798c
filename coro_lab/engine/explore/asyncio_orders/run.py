"""One run of an asyncio program in one order, and what can be said of it at its end."""

from __future__ import annotations

import asyncio
import inspect
import io
import math
import sys
from asyncio import events, tasks
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from coro_lab.engine.explore.asyncio_orders.callbacks import is_done
from coro_lab.engine.explore.asyncio_orders.loop import Choices, ChosenLoop, TooManySteps
from coro_lab.engine.explore.asyncio_orders.names import TaskNames
from coro_lab.engine.explore.asyncio_orders.program import ORDERS, AsyncProgram
from coro_lab.engine.explore.idle_steps import StepWaits
from coro_lab.engine.explore.jump_budget import MOST_JUMPS, StepLimitReached, budget
from coro_lab.engine.explore.run import keeps_invariant
from coro_lab.engine.explore.step_limit import within_limit
from coro_lab.errors import EndlessError, SpinningError

MOST_AT_END = 1_000
"""Steps that cancelled tasks may take while a run is closed."""
MOST_CLOSED = 20
"""How often to close a coroutine that does not end: once for each loop around its wait."""


def _in_order(given: Iterable[Any] = ()) -> Any:
    """The set of these, or if they are coroutines, a collection that keeps their order.

    `as_completed` makes tasks of the coroutines in a set; in which order would depend on their addresses.
    """
    kept = dict.fromkeys(given)
    return kept if any(inspect.iscoroutine(each) for each in kept) else set(kept)


class own_loop:  # noqa: N801 - it reads as what happens in the `with`
    """In this `with`, runs may set the running loop; afterwards it is again the one that runs outside, if any.

    From Python 3.14 on, a thread has one running task, not one for each loop. So that of the loop outside steps aside.
    """

    def __enter__(self) -> None:
        self._loop = events._get_running_loop()
        self._task = None if self._loop is None else tasks._swap_current_task(self._loop, None)  # type: ignore[attr-defined]
        self._hooks = sys.get_asyncgen_hooks()
        self._had = vars(tasks).get("set")
        vars(tasks)["set"] = _in_order

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        try:
            self._give_back()
        finally:
            self._give_back()  # once more, if the learner interrupted

    def _give_back(self) -> None:
        events._set_running_loop(self._loop)
        if self._loop is not None:
            tasks._swap_current_task(self._loop, self._task)  # type: ignore[attr-defined]
        sys.set_asyncgen_hooks(*self._hooks)
        if self._had is None:
            vars(tasks).pop("set", None)
        else:
            vars(tasks)["set"] = self._had


class AsyncRun:
    """One run of a program: to be used in `quietly` and in `own_loop`."""

    __slots__ = ("choices", "exit", "loop", "main", "order", "out", "program", "shared")

    def __init__(
        self, program: AsyncProgram, choices: Choices, *, order: str | None = None, loop: ChosenLoop | None = None
    ) -> None:
        """A run in which the tasks have been made, and nothing has happened yet."""
        self.program = program
        self.choices = choices
        self.exit: SystemExit | None = None
        self.out = sys.stdout = io.StringIO()
        self.order = order or program.order
        loop = self.loop = loop or ORDERS[self.order](choices, program.max_steps)
        events._set_running_loop(loop)
        sys.set_asyncgen_hooks(loop._asyncgen_firstiter_hook, loop._asyncgen_finalizer_hook)  # type: ignore[attr-defined]
        try:
            self.shared = None if program.setup is None else within_limit("setup", program.setup)
            self.main = program.begin(loop, self.shared)
        except BaseException:
            self.close()
            raise

    @property
    def output(self) -> str:
        """What was printed so far."""
        return self.out.getvalue()

    @property
    def pending(self) -> list[asyncio.Task[Any]]:
        """The tasks of the program that are not done."""
        loop = self.loop
        return [task for task in loop.tasks if not is_done(task) and hasattr(loop.coroutine_of(task), "cr_frame")]

    def names(self) -> tuple[str, ...]:
        """Who took each step, in order, until main ended."""
        names = TaskNames(self.loop)
        return tuple(names.of(one) for one in self.loop.chosen[: self.loop.ended_at])

    def go(self) -> AsyncRun:
        """Run to the end. EndlessError where a step, or the order, does not come to its end."""
        return self.during(lambda: self.loop.go(self.main))

    def during(self, goes: Callable[[], None]) -> AsyncRun:
        """Let this part of the run go on, with the errors of `go`."""
        try:
            self._during(goes)
            if self.loop.refused is not None:
                raise self.loop.refused
        except BaseException:
            self.close()
            raise
        return self

    def _during(self, goes: Callable[[], None]) -> None:
        budget.left = MOST_JUMPS
        try:
            goes()
        except SystemExit as error:
            self.exit = error
        except TooManySteps as found:
            raise self._too_long(found.args[0]) from None
        except StepLimitReached as found:
            budget.left = math.inf
            raise self._no_await(found) from None
        finally:
            budget.left = math.inf

    def result(self) -> Any:
        """What main returns; raises what it raises. None where it is not done."""
        if self.exit is not None:
            raise self.exit
        return self.main.result() if is_done(self.main) else None

    def keeps_invariant(self) -> bool:
        """Whether the invariant holds at the end of this run; InvariantError if it does not say."""
        program, invariant = self.program, self.program.invariant
        if invariant is None:
            return True
        made = self.shared if program.setup is not None else self.main.result()
        has_made = program.setup is not None or made is not None
        shown = (made, self.output)[: max(1, program.invariant_takes)] if has_made else (self.output,)
        return keeps_invariant(invariant, shown, self.names)

    def close(self) -> None:
        """End the tasks that are left, silently, so that the garbage collector has nothing to report."""
        loop = self.loop
        loop.is_ending = True
        left = [task for task in loop.tasks if not is_done(task)]
        if left or loop._asyncgens or loop._open:
            self._end(left)
        for closing in loop.closings:
            _close(closing)
        loop.end()

    def _end(self, left: list[asyncio.Task[Any]]) -> None:
        """Cancel the tasks, as asyncio.run does; close those that do not end."""
        loop = self.loop
        budget.left = MOST_JUMPS // 10
        try:
            loop._max_steps = len(loop.chosen) + 2 * MOST_AT_END
            for task in left:
                task.cancel()
            loop.drain(left, MOST_AT_END)
            while loop._asyncgens or loop._open:  # a callback may be about to close a stream
                loop.drain([loop.create_task(loop.shutdown_asyncgens())], MOST_AT_END)
        except (Exception, SystemExit, GeneratorExit, StepLimitReached):  # judged already: no error can change that
            pass
        finally:
            budget.left = math.inf
            for task in loop.tasks:
                if not is_done(task):
                    task._log_destroy_pending = False  # type: ignore[attr-defined]
                    _close(loop.coroutine_of(task))

    def _too_long(self, last: Any) -> EndlessError:
        names, schedule = TaskNames(self.loop), self._chosen()
        begin = " ".join(schedule[:8])
        return SpinningError(
            f"{names.of(last)} did not come to its end within {self.program.max_steps:,} steps "
            f"(the order begins {begin} ...).\n"
            "  A program to be explored has to end. If a task waits in a loop for another one, let it wait instead:\n"
            "  await event.wait(), condition.wait() or queue.get(). If it is only long: max_steps=...",
            schedule=schedule,
            limit=self.program.max_steps,
        )

    def _no_await(self, found: StepLimitReached) -> EndlessError:
        names = TaskNames(self.loop)
        last = self.loop.chosen[-1] if self.loop.chosen else found.args[0]
        schedule = self._chosen()
        begin = " ".join(schedule[:8])
        if isinstance(found, StepWaits):
            return EndlessError(
                f"{names.of(last)} waits at {found.place}\n"
                f"and meanwhile no other task can go on, since all run in one thread (the order begins {begin}).\n"
                "  Let a task wait by an await, for what asyncio has and main makes. Write: await asyncio.sleep(1),\n"
                "  await queue.get(), await event.wait(), async with lock.",
                schedule=schedule,
                loops={names.of(last): found.line},
            )
        return EndlessError(
            f"{names.of(last)} runs in a loop and never comes to an await that suspends, so no other task can go on "
            f"(the order begins {begin}).\n"
            "  A coroutine gives up its turn only where an await has to wait. If it waits in this loop for another\n"
            "  one, write: await event.wait(), condition.wait() or queue.get().",
            schedule=schedule,
            limit=MOST_JUMPS,
        )

    def _chosen(self) -> tuple[str, ...]:
        """Who took each step so far, in order."""
        names = TaskNames(self.loop)
        return tuple(names.of(one) for one in self.loop.chosen)


def _close(coroutine: Any) -> None:
    """Close a coroutine that does not end, or the `aclose()` of a stream, which Python 3.13 expects to be awaited.

    One that catches even this and waits again is stopped where it jumps back. Otherwise the garbage collector would
    close it later, outside of any limit.
    """
    for _ in range(MOST_CLOSED):
        budget.left = 0
        try:
            coroutine.close()
            return
        except BaseException:
            pass
        finally:
            budget.left = math.inf
