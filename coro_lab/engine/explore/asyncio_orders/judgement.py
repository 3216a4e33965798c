"""What is wrong at the end of an order of an asyncio program."""

from __future__ import annotations

import asyncio
from typing import Any

from coro_lab.engine.explore.asyncio_orders.callbacks import has_failed, is_done, label_of
from coro_lab.engine.explore.asyncio_orders.names import Prefix, TaskNames
from coro_lab.engine.explore.asyncio_orders.run import AsyncRun
from coro_lab.engine.explore.asyncio_orders.waits import WaitGraph
from coro_lab.engine.explore.asyncio_orders.watch import Watch
from coro_lab.engine.explore.run import describe_error
from coro_lab.engine.explore.verdict import Finding
from coro_lab.errors import SharedSetupError


def judge_async(run: AsyncRun) -> Finding | None:
    """What is wrong with this run, which has ended; None if nothing is."""
    if run.exit is not None:
        return Finding("error", f"{_last(run)} raises {describe_error(run.exit)}")
    if not is_done(run.main):
        return _stuck(run)
    return _raised(run) or _left_behind(run) or _unseen(run) or _invariant(run)


def _last(run: AsyncRun) -> str:
    return TaskNames(run.loop).of(run.loop.chosen[-1])


def _raised(run: AsyncRun) -> Finding | None:
    """An error that has left main, one of the tasks that begin together, or a callback."""
    first = [run.main] if run.program.main is not None else run.loop.tasks[: len(run.program.begins)]
    for task in [each for each in first if has_failed(each)]:
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        assert error is not None
        _check_loop(error)
        return Finding("error", _whose(run, task, error))
    for context in run.loop.errors:
        if "handle" in context:
            label = label_of(context["handle"]._callback, TaskNames(run.loop).of)
            return Finding("error", f"{label} raises {describe_errors(context['exception'])}")
    return None


def _whose(run: AsyncRun, task: asyncio.Future[Any], error: BaseException) -> str:
    """Who raises the error, and who with it: a task that awaits another hands its error on."""
    names = TaskNames(run.loop)
    began = [each for each in run.loop.tasks if each.done() and each is not task and each._exception is error]
    if not began:
        return f"{names.of(task)} raises {describe_errors(error)}"
    return f"{names.of(began[-1])} raises {describe_errors(error)}, and {names.of(task)} with it"


def _left_behind(run: AsyncRun) -> Finding | None:
    """A task that nobody has waited for; but asyncio waits for one that was told to end."""
    left = [task for task in run.pending if not task.cancelling()]
    if not left:
        return None
    names = TaskNames(run.loop)
    who = ", ".join(names.of(task) for task in left)
    ended = f"{names.of(run.main)} ends" if run.program.main is not None else "the others end"
    return Finding("left behind", f"{ended} while {who} {'has' if len(left) == 1 else 'have'} not")


def _unseen(run: AsyncRun) -> Finding | None:
    """A task or a future whose error nobody has asked for."""
    for task in run.loop.tasks:
        if task._log_traceback:
            raised = f"{TaskNames(run.loop).of(task)} raises {describe_errors(task._exception)}"
            return Finding("unseen error", f"{raised}, and nobody sees it")
    for context in run.loop.errors:
        what = context.get("exception")
        said = describe_errors(what) if what is not None else context.get("message", "")
        return Finding("unseen error", f"{said}, and nobody sees it")
    return None


def _invariant(run: AsyncRun) -> Finding | None:
    return None if run.keeps_invariant() else Finding("invariant", "the invariant does not hold at the end")


def _stuck(run: AsyncRun) -> Finding:
    """Nobody can go on; the same order is run once more to see who holds what."""
    with Watch() as watch:
        again = AsyncRun(run.program, Prefix(run.choices.taken), order=run.order).go()
        graph = WaitGraph(again, watch)
        waits, lost = graph.waits(), graph.lost()
        again.close()
    text = "; ".join(map(str, waits))
    if lost is not None:
        return Finding("lost wake-up", f"{text}; {lost[0]} {lost[1]} {lost[2]} while nobody waited", waits)
    return Finding("deadlock", text, waits)


def describe_errors(error: BaseException | None) -> str:
    """An error as a traceback's last line shows it; of a group, those in it."""
    if error is None:
        return "an error"
    if not isinstance(error, BaseExceptionGroup):
        return describe_error(error)
    return f"{type(error).__name__} of {', '.join(describe_errors(each) for each in error.exceptions)}"


def _check_loop(error: Any) -> None:
    """SharedSetupError where a lock or a queue is still bound to the loop of an earlier order."""
    if isinstance(error, RuntimeError) and "is bound to a different event loop" in str(error):
        raise SharedSetupError(
            f"An earlier order has used what this one uses: {error}.\n"
            "  Each order begins afresh, so make locks, queues and events inside main, or in `setup`."
        )
