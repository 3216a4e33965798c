"""run_threads(): tasks as real threads, where even a deadlock does no harm.

Real threads run in an order that varies, so the outcome says only which of them ended, raised, or are stuck. They are
daemons, and `run_threads` waits for at most `timeout` seconds: the notebook always goes on.
"""

from __future__ import annotations

import functools
import inspect
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from types import CoroutineType, GeneratorType

from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.safe_repr import describe


@dataclass(frozen=True, slots=True)
class ThreadsOutcome:
    """The names of the threads that ended, raised or are stuck, each in the order in which they were given."""

    ended: tuple[str, ...]  # the threads that ended in time, without an exception
    stuck: tuple[str, ...]  # the threads that did not
    lines: dict[str, str] = field(compare=False)  # the source line at which each stuck thread stands
    raised: tuple[str, ...] = ()  # the threads that an exception ended in time

    def __repr__(self) -> str:
        groups = (("ended", self.ended), ("raised", self.raised), ("stuck", self.stuck))
        return "; ".join(f"{word}: {', '.join(names)}" for word, names in groups if names)


def _each_by_name[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """The same function; ArgumentError where several tasks are given without names: `run_threads(A, B)`."""

    @functools.wraps(function)
    def checked(*args: P.args, **tasks: P.kwargs) -> R:
        if len(args) > 1:
            wrote = ", ".join(getattr(each, "__name__", describe(each)) for each in args)
            said = advice("Each thread needs a name.", f"run_threads({wrote})", "run_threads(A=f, B=g)")
            raise ArgumentError(said, argument="tasks", given=wrote)
        return function(*args, **tasks)

    return checked


@_each_by_name
def run_threads(timeout: float = 5.0, /, **tasks: Callable[[], object]) -> ThreadsOutcome:
    """Run each task in its own thread, all at once; returns which have ended after at most `timeout` seconds.

    `tasks` are functions without a parameter, each under the name of its thread. A stuck thread uses no CPU and ends
    with the program; an exception that ends a thread is printed as by `threading`. Raises ArgumentError for a task
    without a name, or one that cannot be called, for one that only makes a generator or a coroutine, and for a negative
    `timeout`.

    >>> run_threads(A=lambda: None, B=lambda: None)
    ended: A, B
    """
    _check(timeout, tasks)
    raised, made = set[str](), dict[str, object]()

    def play(name: str) -> None:
        try:
            result = tasks[name]()
        except BaseException:
            raised.add(name)
            raise
        if isinstance(result, GeneratorType | CoroutineType):
            made[name] = result

    threads = [threading.Thread(target=play, args=(name,), name=name, daemon=True) for name in tasks]
    for thread in threads:
        thread.start()
    until = monotonic() + timeout
    for thread in threads:
        thread.join(max(0.0, until - monotonic()))
    stuck = [thread for thread in threads if thread.is_alive()]
    for name, result in made.items():
        raise _only_made(name, result)
    return ThreadsOutcome(
        ended=tuple(thread.name for thread in threads if thread not in stuck and thread.name not in raised),
        stuck=tuple(thread.name for thread in stuck),
        lines={thread.name: _line(thread) for thread in stuck},
        raised=tuple(thread.name for thread in threads if thread not in stuck and thread.name in raised),
    )


def _check(timeout: object, tasks: dict[str, Callable[[], object]]) -> None:
    given = describe(timeout)
    if callable(timeout):
        name = getattr(timeout, "__name__", "A").replace("<lambda>", "A")
        said = advice("Each thread needs a name.", f"run_threads({name})", f"run_threads({name}={name})")
        raise ArgumentError(said, argument="timeout", given=given)
    if not isinstance(timeout, (int, float)) or not timeout >= 0:
        what = "timeout is how many seconds to wait at most, so a number of at least 0."
        said = advice(what, f"run_threads({given}, ...)", "run_threads(5.0, A=f), or run_threads(A=f)")
        raise ArgumentError(said, argument="timeout", given=given)
    for name, task in tasks.items():
        if name == "timeout" and isinstance(task, (int, float)):
            rest = ", ".join(f"{each}={each}" for each in tasks if each != name) or "A=f"
            what = "timeout comes first, without its name: a name stands before each task."
            said = advice(what, f"run_threads(timeout={task}, ...)", f"run_threads({task}, {rest})")
            raise ArgumentError(said, argument="timeout", given=describe(task))
        if inspect.isgeneratorfunction(task) or inspect.iscoroutinefunction(task):
            raise _only_made(name, task)
        if not callable(task):
            said = advice(
                "A thread calls its task, so it needs the function, not a value that the function returned.",
                f"run_threads({name}={describe(task)}), or with a call: run_threads({name}=f())",
                f"run_threads({name}=f)",
            )
            raise ArgumentError(said, argument=name, given=describe(task))


def _only_made(name: str, task: object) -> ArgumentError:
    """The error for a task that makes a generator or a coroutine, which nothing then resumes."""
    awaits = inspect.iscoroutinefunction(task) or isinstance(task, CoroutineType)
    what = f"{name} only makes a {'coroutine' if awaits else 'generator'}, so its thread would end with nothing run."
    runs = "asyncio.run(f())" if awaits else "list(f())"
    said = advice(what, f"run_threads({name}=f)", f"run_threads({name}=lambda: {runs})")
    return ArgumentError(said, argument=name, given=describe(task))


def _line(thread: threading.Thread) -> str:
    """The innermost source line at which a thread stands, outside Python's own modules; empty without one."""
    frame = sys._current_frames().get(thread.ident or 0)
    entries = traceback.extract_stack(frame) if frame is not None else []
    own = [entry.line for entry in entries if entry.line and not entry.filename.endswith(("threading.py", "queue.py"))]
    return own[-1] if own else ""
