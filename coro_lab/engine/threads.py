"""The real thing beside the explored one: tasks as threads, and a deadlock that does no harm.

Threads are run for real here, so nothing tells an order that is not forced. They are daemons, and are waited for no
longer than `patience` seconds: the notebook always goes on.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from coro_lab.trace.safe_repr import describe


@dataclass(frozen=True, slots=True)
class ThreadsOutcome:
    """How some threads ended, by their names, each in the order in which they were given."""

    ended: tuple[str, ...]
    stuck: tuple[str, ...]  # did not come to their end
    lines: dict[str, str] = field(compare=False)  # in which line of the program each of those stands

    def __repr__(self) -> str:
        told = [
            f"{word}: {', '.join(names)}" for word, names in (("ended", self.ended), ("stuck", self.stuck)) if names
        ]
        return "; ".join(told)


def run_threads(patience: float = 5.0, /, **tasks: Callable[[], object]) -> ThreadsOutcome:
    """Run each task in a thread of its own, all at once, and say which have ended after at most `patience` seconds.

    A thread that is stuck stays so, does no work, and ends with the program. Raises TypeError for a task without
    a name, or one that cannot be called.

    >>> run_threads(A=lambda: None, B=lambda: None)
    ended: A, B
    """
    _check(patience, tasks)
    threads = [threading.Thread(target=task, name=name, daemon=True) for name, task in tasks.items()]
    for thread in threads:
        thread.start()
    until = monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, until - monotonic()))
    stuck = [thread for thread in threads if thread.is_alive()]
    return ThreadsOutcome(
        ended=tuple(thread.name for thread in threads if thread not in stuck),
        stuck=tuple(thread.name for thread in stuck),
        lines={thread.name: _line(thread) for thread in stuck},
    )


def _check(patience: object, tasks: dict[str, Callable[[], object]]) -> None:
    if callable(patience):
        name = getattr(patience, "__name__", "A")
        raise TypeError(
            f"Each thread goes by a name.\n  You wrote: run_threads({name})\n  Write:     run_threads({name}={name})"
        )
    for name, task in tasks.items():
        if not callable(task):
            raise TypeError(
                f"A thread calls its task, so it needs the function, not what that has returned.\n"
                f"  You wrote: run_threads({name}={describe(task)}), or a call that gave it: run_threads({name}=f())\n"
                f"  Write:     run_threads({name}=f)"
            )


def _line(thread: threading.Thread) -> str:
    """The line in which a thread stands: the innermost that is not Python's own; empty if none can be shown."""
    frame = sys._current_frames().get(thread.ident or 0)
    entries = traceback.extract_stack(frame) if frame is not None else []
    own = [entry.line for entry in entries if entry.line and not entry.filename.endswith(("threading.py", "queue.py"))]
    return own[-1] if own else ""
