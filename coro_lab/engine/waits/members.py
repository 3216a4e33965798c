"""The tasks of a loop at one moment: their names, their frames, and what each of them does."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from coro_lab.engine.progress_bar import in_notebook
from coro_lab.engine.recorder.suspendables import chain_of, frame_of, is_begun
from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.engine.waits.awaited import frames_of, is_done, seconds_of_sleep, waiter_of
from coro_lab.engine.waits.result import READY, RUNS, SLEEPS, WAITS
from coro_lab.trace.introspection import plain
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

CELL = "the cell"
_KERNEL = frozenset({"IPython", "ipykernel", "tornado", "zmq", "jupyter_client", "nbclient", "pyodide_kernel"})
_UNNAMED = re.compile(r"Task-(\d+)")


@dataclass(slots=True)
class Member:
    """One task that has not ended."""

    task: Any
    coroutine: Any
    chain: list[Any]  # the coroutine, what it awaits, and so on
    name: str
    frames: list[FrameType]  # the outermost first
    does: str = WAITS
    what: str = ""
    where: str = ""


def members_of(loop: Any, thread: int | None) -> list[Member]:
    """The tasks of the loop that runs in this thread, in the order in which they were made, as far as that shows."""
    current = _current(loop)
    found = sorted(_tasks(loop) | ({current} if current is not None else set()), key=_order)
    members = [_member(task, running_stack(thread) if task is current else None) for task in found]
    shown = [each for each in members if each is not None]
    for each, name in zip(shown, numbered([each.name for each in shown]), strict=True):
        each.name = name
    return shown


def _tasks(loop: Any) -> set[Any]:
    try:
        return set(asyncio.all_tasks(loop))
    except Exception:  # the program's class refuses to say whether it is done
        return set()


def _current(loop: Any) -> Any:
    try:
        return asyncio.current_task(loop)
    except RuntimeError:
        return None


def _order(task: Any) -> tuple[float, str]:
    name = _given_name(task)
    unnamed = _UNNAMED.fullmatch(name)
    return (int(unnamed[1]), "") if unnamed else (float("inf"), name)


def _given_name(task: Any) -> str:
    return plain(asyncio.Task.get_name(task)) if issubclass(type(task), asyncio.Task) else ""


def _member(task: Any, running: list[FrameType] | None) -> Member | None:
    """This task; None for one of the notebook's own."""
    coroutine = asyncio.Task.get_coro(task) if issubclass(type(task), asyncio.Task) else None
    chain = list(chain_of(coroutine))
    frames = [frame for made in chain if (frame := frame_of(made)) is not None] if running is None else running
    name = _own_name(task, coroutine, chain)
    if in_notebook() and _is_kernels(coroutine):
        users = [at for at, frame in enumerate(frames) if is_learners(frame.f_code)]
        if not users:
            return None
        frames, name = frames[users[0] :], CELL
    member = Member(task, coroutine, chain, name, frames, where=place(frames))
    member.does, member.what = (RUNS, "") if running is not None else _doing(member)
    return member


def _own_name(task: Any, coroutine: Any, chain: list[Any]) -> str:
    given = _given_name(task)
    if given and not _UNNAMED.fullmatch(given):
        return " ".join(given.split()) or "task"
    own = "" if not chain else chain[0].__name__ if chain[0] is coroutine else "aclose"
    return " ".join(own.split()) or "task"


def _is_kernels(coroutine: Any) -> bool:
    outermost = frames_of(coroutine)[:1]
    return bool(outermost) and str(outermost[0].f_globals.get("__name__")).split(".")[0] in _KERNEL


def _doing(member: Member) -> tuple[str, str]:
    future = waiter_of(member.task)
    if (member.chain and not is_begun(member.chain[0])) or future is None or is_done(future):
        return READY, ""
    seconds = seconds_of_sleep(member.frames)
    return (WAITS, "") if seconds is None else (SLEEPS, f"{seconds:g} s")


def running_stack(thread: int | None) -> list[FrameType]:
    """The frames that run in a thread inside of its event loop, the outermost first."""
    frame = sys._current_frames().get(thread) if thread is not None else None
    stack: list[FrameType] = []
    while frame is not None and frame.f_code.co_qualname not in _LOOP:
        stack.append(frame)
        frame = frame.f_back
    return [frame for frame in reversed(stack) if not frame.f_code.co_filename.startswith(_OWN)]


_LOOP = frozenset({"Handle._run", "BaseEventLoop._run_once"})
_OWN = __file__.rpartition("members.py")[0]


def place(frames: list[FrameType]) -> str:
    """Where a task is: the innermost line of the learner's code, or of any code."""
    users = [frame for frame in frames if is_learners(frame.f_code)]
    for frame in (users or frames)[-1:]:
        name = CELL if frame.f_code.co_name == "<module>" and in_notebook() else frame.f_code.co_name
        return f"line {frame.f_lineno} in {name}"
    return ""


def numbered(names: list[str]) -> Iterator[str]:
    """These names; a second equal one gets a number: worker, worker 2."""
    taken, counts = set(names), dict.fromkeys(names, 0)
    for name in names:
        counts[name] += 1
        free = name
        while counts[name] > 1 and (free := f"{name} {counts[name]}") in taken:
            counts[name] += 1
        taken.add(free)
        yield free
