"""Who could give what tasks wait for: the tasks, timers and threads from which the object can be reached.

To put an item into a queue or to set an event, code must have hold of it. So the garbage collector is asked what refers
to the object, then what refers to that, and so on, up to the coroutine of a task, a callback of the loop, the frame of
a thread, or the variables of a module. What only stuck tasks can reach will never be given.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import FrameType, GeneratorType, ModuleType
from typing import Any

from coro_lab.engine.recorder.locals import variables
from coro_lab.engine.recorder.lock_records import LockReference
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

MOST = 20
"""Objects for which this is asked; a program that waits for more of them is not judged."""
_MOST_AT_ONCE, _MOST_ON_THE_WAY = 200, 1_000
ANYBODY = -1
"""Stands for a callback, a thread, a class, the loop, or what could not be searched to its end."""
MODULE = -2
"""Stands for all code that can read the variables of a module: every task that can go on."""

type Numbers = Mapping[int, int]
"""By the id of a coroutine or task: the number of the task to which it belongs."""


def who_could_give(things: Sequence[Any], owners: Numbers, running: Iterable[tuple[FrameType, int]]) -> list[set[int]]:
    """For each of these objects, the numbers of the tasks that could reach it, ANYBODY and MODULE.

    `running` are the frames that run now, each with the number of its task, or ANYBODY.
    """
    if len(things) > MOST:
        return [{ANYBODY} for _ in things]
    found: list[set[int]] = [set() for _ in things]
    reached = _search(things, owners, found)
    for frame, number in running:
        for value in variables(frame).values():
            for thing in reached.get(id(value), ()):
                found[thing].add(number)
    return found


def _search(things: Sequence[Any], owners: Numbers, found: list[set[int]]) -> dict[int, set[int]]:
    """Walk back from the objects; returns by id what was met, with the objects that can be reached from there."""
    reached: dict[int, set[int]] = {}
    for number, thing in enumerate(things):
        reached.setdefault(id(thing), set()).add(number)
    level, kept = list({id(thing): thing for thing in things}.values()), list[Any]()
    ours = {id(things), id(found), id(reached), id(kept)}
    while level:
        if len(level) > _MOST_AT_ONCE or len(reached) > _MOST_ON_THE_WAY:
            for each in found:
                each.add(ANYBODY)
            break
        ours.add(id(level))
        kept.append(level)  # nothing that was met may go, or its id could be another's
        level = _next_level(level, reached, owners, found, ours)
    return reached


def _next_level(
    level: list[Any], reached: dict[int, set[int]], owners: Numbers, found: list[set[int]], ours: set[int]
) -> list[Any]:
    """What refers to these objects and has to be searched further."""
    met = {id(each): frozenset(reached[id(each)]) for each in level}
    weak = [(one, met[id(each)]) for each in level if not _is_future(each) for one in _weak_references(each)]
    asked = tuple(level)
    referrers = gc.get_referrers(*asked)
    ours |= {id(met), id(asked), id(referrers), id(weak), *map(id, weak)}
    strong = [(each, _sources(each, met)) for each in referrers if id(each) not in ours and not _is_own(each)]
    further = []
    for each, sources in (*weak, *strong):
        ends_at = owners.get(id(each), _end(each))
        if ends_at is not None:
            for number in sources:
                found[number].add(ends_at)
        elif not sources <= reached.get(id(each), set()):
            reached.setdefault(id(each), set()).update(sources)
            further.append(each)
    return further


def _is_own(each: Any) -> bool:
    """Whether this is a call of this package, which refers to what is searched while it does."""
    code = each.f_code if type(each) is FrameType else each.gi_code if type(each) is GeneratorType else None
    return code is not None and code.co_filename.startswith(_OWN)


def _sources(referrer: Any, met: Mapping[int, frozenset[int]]) -> set[int]:
    return {number for inner in gc.get_referents(referrer) for number in met.get(id(inner), ())}


def _weak_references(each: Any) -> list[Any]:
    """The weak references by which the program could reach this object."""
    return [one for one in weakref.getweakrefs(each) if type(one) is not LockReference]


def _is_future(each: Any) -> bool:
    """Whether asyncio itself keeps weak references to this."""
    return issubclass(type(each), asyncio.Future)


def _end(holder: Any) -> int | None:
    """What the way back has come to; None: it goes on."""
    kind = type(holder)
    if kind is ModuleType or (kind is dict and ("__builtins__" in holder or "__spec__" in holder)):
        return MODULE  # or its variables
    return ANYBODY if issubclass(kind, (asyncio.Handle, asyncio.AbstractEventLoop, type)) else None


_OWN = __file__.rpartition("giving.py")[0]


def running_frames(loop_thread: int | None, current: int | None) -> Iterator[tuple[FrameType, int]]:
    """The frames that run, each with the number `current` if it is the loop's, else with ANYBODY."""
    for thread, top in sys._current_frames().items():
        number = current if thread == loop_thread and current is not None else ANYBODY
        frame: FrameType | None = top
        while frame is not None:
            if not frame.f_code.co_filename.startswith(_OWN):
                yield frame, number
            frame = frame.f_back
