"""Callbacks of an event loop: which belong to a task, which only wake one, and what the others are called.

A callback that belongs to a task is its next step. A callback by which asyncio only passes a result on, as from the
timer of a sleep to the sleeper or from the tasks of a `gather` to the one that awaits it, wakes a task and does nothing
that another task could notice; so it needs no place in an order. Any other callback does: a time limit that cancels a
task, a TaskGroup that cancels the others, a callback of the learner's.
"""

from __future__ import annotations

import asyncio
from asyncio import futures, taskgroups, tasks, timeouts
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

_STEP_METHODS = ("task_wakeup", "__step", "__wakeup")  # of a task written in C, or in Python
_TASKS = (asyncio.Task, tasks._PyTask)  # type: ignore[attr-defined]


def task_of(callback: Any) -> asyncio.Task[Any] | None:
    """The task of which this callback is the next step, if it is one."""
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, _TASKS) and getattr(callback, "__name__", "__step") in _STEP_METHODS:
        return owner
    return None


def _codes(*functions: Any) -> Iterator[CodeType]:
    """The code of these functions, and of what is defined in them."""
    for function in functions:
        if function is not None:
            yield function.__code__
            yield from (each for each in function.__code__.co_consts if isinstance(each, CodeType))


_COMPLETION = getattr(getattr(tasks, "_AsCompletedIterator", None), "_handle_completion", None)
_PASS_ON = frozenset(
    code
    for code in _codes(
        tasks.gather,
        tasks._wait,  # type: ignore[attr-defined]
        tasks.shield,
        tasks.as_completed,
        tasks._release_waiter,  # type: ignore[attr-defined]
        futures._set_result_unless_cancelled,  # type: ignore[attr-defined]
        _COMPLETION,
    )
    if code.co_name != "_on_timeout"
)
_GROUP_DONE = taskgroups.TaskGroup._on_task_done


def only_wakes(handle: Any) -> bool:
    """Whether all that this callback does is to wake a task."""
    function = getattr(handle._callback, "__func__", handle._callback)
    if function is _GROUP_DONE:  # of a task that has failed, it cancels the others
        task = handle._args[0]
        return task.cancelled() or task._exception is None
    return getattr(function, "__code__", None) in _PASS_ON


def add_to_those_that_wake(maker: Callable[..., Any]) -> None:
    """From now on, what is defined in this function is known to wake and do nothing else."""
    global _PASS_ON
    _PASS_ON |= frozenset(_codes(maker))


def label_of(callback: Any, name_of: Callable[[Any], str]) -> str:
    """What a callback is called in a schedule; `name_of` names a task."""
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, timeouts.Timeout):
        return f"time limit of {name_of(owner._task)}"  # type: ignore[attr-defined]
    if isinstance(owner, taskgroups.TaskGroup):
        return f"TaskGroup of {name_of(owner._parent_task)}"  # type: ignore[attr-defined]
    if isinstance(owner, _TASKS):
        return f"{callback.__name__} of {name_of(owner)}"
    function = getattr(callback, "func", callback)  # of a functools.partial
    if owner is not None and not isinstance(owner, type(asyncio)):
        return f"{type(owner).__name__}.{getattr(function, '__name__', 'callback')}"
    return str(getattr(function, "__name__", "callback")).replace("<lambda>", "callback")
