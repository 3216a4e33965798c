"""run_threads(): tasks as real threads, where even a deadlock does no harm.

Real threads run in an order that varies, so the outcome says only which of them ended and which are stuck. They are
daemons, and `run_threads` waits for at most `timeout` seconds: the notebook always goes on.
"""

from __future__ import annotations

import functools
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.safe_repr import describe


@dataclass(frozen=True, slots=True)
class ThreadsOutcome:
    """The names of the threads that ended and of those that are stuck, in the order in which they were given."""

    ended: tuple[str, ...]  # the threads that ended in time
    stuck: tuple[str, ...]  # the threads that did not
    lines: dict[str, str] = field(compare=False)  # the source line at which each stuck thread stands

    def __repr__(self) -> str:
        groups = (("ended", self.ended), ("stuck", self.stuck))
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
    with the program. Raises ArgumentError for a task without a name, or one that cannot be called, and for a negative
    `timeout`.

    >>> run_threads(A=lambda: None, B=lambda: None)
    ended: A, B
    """
    _check(timeout, tasks)
    threads = [threading.Thread(target=task, name=name, daemon=True) for name, task in tasks.items()]
    for thread in threads:
        thread.start()
    until = monotonic() + timeout
    for thread in threads:
        thread.join(max(0.0, until - monotonic()))
    stuck = [thread for thread in threads if thread.is_alive()]
    return ThreadsOutcome(
        ended=tuple(thread.name for thread in threads if thread not in stuck),
        stuck=tuple(thread.name for thread in stuck),
        lines={thread.name: _line(thread) for thread in stuck},
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
        if not callable(task):
            said = advice(
                "A thread calls its task, so it needs the function, not a value that the function returned.",
                f"run_threads({name}={describe(task)}), or with a call: run_threads({name}=f())",
                f"run_threads({name}=f)",
            )
            raise ArgumentError(said, argument=name, given=describe(task))


def _line(thread: threading.Thread) -> str:
    """The innermost source line at which a thread stands, outside Python's own modules; empty if there is none."""
    frame = sys._current_frames().get(thread.ident or 0)
    entries = traceback.extract_stack(frame) if frame is not None else []
    own = [entry.line for entry in entries if entry.line and not entry.filename.endswith(("threading.py", "queue.py"))]
    return own[-1] if own else ""
