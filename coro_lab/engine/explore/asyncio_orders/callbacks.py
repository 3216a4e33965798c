"""Callbacks of an event loop: which belong to a task, which only wake one, and what the others are called.

A callback that belongs to a task is its next step. A callback by which asyncio only passes a result on, as from the
timer of a sleep to the sleeper or from the tasks of a `gather` to the one that awaits it, wakes a task and does nothing
that another task could notice; so it needs no place in an order. Any other callback does: a time limit that cancels a
task, a TaskGroup that cancels the others, a learner's callback.
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
    """The task whose next step this callback is; None for other callbacks."""
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, _TASKS) and getattr(callback, "__name__", "__step") in _STEP_METHODS:
        return owner
    return None


def is_done(future: Any) -> bool:
    """Whether a task or a future is done; a loop that notes what is asked of it does not note this."""
    return bool(future._state != "PENDING")


def has_failed(future: Any) -> bool:
    """Whether a future that is done has an error, or was cancelled; a loop does not note this question either."""
    return bool(future._exception or future._state == "CANCELLED")


def _codes(*functions: Any) -> Iterator[CodeType]:
    """The code of these functions, and of what is defined in them."""
    for function in functions:
        if function is not None:
            yield function.__code__
            yield from (each for each in function.__code__.co_consts if isinstance(each, CodeType))


_wait, _release, _set_result = tasks._wait, tasks._release_waiter, futures._set_result_unless_cancelled  # type: ignore[attr-defined]
_shielded = frozenset(code for code in _codes(tasks.shield) if code.co_name == "_outer_done_callback")
_ALWAYS = frozenset(_codes(_wait, _release, _set_result)) | _shielded
# they pass a result on to the future that is their variable `outer`
_IF_AWAITED = frozenset(_codes(tasks.gather, tasks.shield)) - _shielded
_ours: set[CodeType] = set()


def only_wakes(handle: Any) -> bool:
    """Whether this callback only wakes a task, or makes one, which may go on at any time.

    Where nobody waits yet, it does more: it decides whether a task that comes later has to wait.
    """
    callback = handle._callback
    function = getattr(callback, "__func__", callback)
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, taskgroups.TaskGroup):
        return _only_counts(owner, *handle._args)
    if isinstance(owner, asyncio.AbstractEventLoop):
        return bool(function.__name__ == "create_task")
    code = getattr(function, "__code__", None)
    if code in _IF_AWAITED:
        return _is_awaited(variable_of(function, "outer"))
    return code in _ALWAYS or code in _ours


def variable_of(function: Any, name: str) -> Any:
    """The value of this variable of the enclosing function; None if this function does not use it."""
    names = function.__code__.co_freevars
    return function.__closure__[names.index(name)].cell_contents if name in names else None


def passed_on_to(handle: Any) -> Any:
    """The future that waits for several, and hears from this callback that one is done; None for other callbacks."""
    callback = handle._callback
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, taskgroups.TaskGroup):
        return owner._on_completed_fut  # type: ignore[attr-defined]
    function = getattr(callback, "func", callback)  # of a functools.partial
    code = getattr(function, "__code__", None)
    if code is _release.__code__:
        return (*getattr(callback, "args", ()), *handle._args)[0]
    names = ("outer",) if code in _IF_AWAITED else ("together", "waiter") if code in _ALWAYS or code in _ours else ()
    for name in names:
        if (found := variable_of(function, name)) is not None:
            return found
    return None


def needs_all(handle: Any) -> bool:
    """Whether the future that waits for several is done only when all of them are, as this callback sees it."""
    function = handle._callback
    if getattr(function, "__code__", None) in _ALWAYS:
        return bool(variable_of(function, "return_when") in (None, asyncio.ALL_COMPLETED))
    return True


def fails(handle: Any) -> bool:
    """Whether this callback passes on an error, which ends the waiting for the others."""
    source, function = handle._args[0], handle._callback
    if getattr(function, "__code__", None) not in _IF_AWAITED or variable_of(function, "return_exceptions"):
        return False
    return has_failed(source)


def woken_by(handle: Any) -> asyncio.Task[Any] | None:
    """The task that the timer of a sleep or of a `wait` wakes; None for other callbacks."""
    if getattr(handle._callback, "__code__", None) not in _ALWAYS:
        return None
    return next((task for callback, _ in handle._args[0]._callbacks or () if (task := task_of(callback))), None)


def _is_awaited(future: Any) -> bool:
    """Whether a task waits for this future."""
    return future is not None and any(task_of(callback) is not None for callback, _ in future._callbacks or ())


def _only_counts(group: Any, task: asyncio.Task[Any]) -> bool:
    """Whether a TaskGroup that is waited for has one task less to wait for, and does not cancel the others."""
    return _is_awaited(group._on_completed_fut) and not group._aborting and (task.cancelled() or not task._exception)


def add_to_those_that_wake(maker: Callable[..., Any]) -> None:
    """From now on, what is defined in this function is known to wake and do nothing else."""
    _ours.update(_codes(maker))


def label_of(callback: Any, name_of: Callable[[Any], str], group_of: Any = None) -> str:
    """What a callback is called in a schedule; `name_of` names a task, and `group_of` is the task of its TaskGroup."""
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, timeouts.Timeout):
        return f"time limit of {name_of(owner._task)}"  # type: ignore[attr-defined]
    if isinstance(owner, taskgroups.TaskGroup):
        parent = group_of or owner._parent_task  # type: ignore[attr-defined]  # since 3.14 None once it has ended
        return "TaskGroup" if parent is None else f"TaskGroup of {name_of(parent)}"
    if isinstance(owner, _TASKS):
        return f"callback {callback.__name__} of {name_of(owner)}"
    function = getattr(callback, "func", callback)  # of a functools.partial
    name = str(getattr(function, "__name__", type(function).__name__)).replace("<lambda>", "lambda")
    if str(getattr(function, "__module__", "")).startswith("asyncio.") and "." in getattr(function, "__qualname__", ""):
        name = function.__qualname__.replace(".<locals>", "")  # gather._done_callback, Event.set
    return name if name.startswith("thread ") else f"callback {name}"
