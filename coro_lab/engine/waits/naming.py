"""Names for asyncio's objects, which have none: each is called by a variable in which the program keeps it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import CodeType, FrameType, MethodType, ModuleType
from typing import Any

from coro_lab.engine.recorder.locals import variables
from coro_lab.engine.waits.awaited import ASYNCIO_FILES, LOCKS, Awaited
from coro_lab.trace.introspection import class_name, fields_of
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

_DEEP = 2  # attributes and places in containers, on the way from a variable to an object
_MOST = 100  # items of a container in which an object is looked for
_MOST_MISSES = 20  # tasks with the same code in whose values an object is looked for in vain
_ENDS = (str, bytes, type, asyncio.Future, ModuleType, *LOCKS)  # nothing is looked for in these

type Variables = Iterable[tuple[str | None, Any]]
"""Names of variables and their values."""


type Steps = tuple[Callable[[str | None], str], ...]
"""The way from a variable to an object in its value: each step makes a longer path of a path."""


class Places:
    """What lies in the values of variables; each value is searched once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], tuple[Any, dict[int, Steps]]] = {}  # with the value, which keeps its id

    def inside(self, value: Any, deep: int = _DEEP) -> dict[int, Steps]:
        """By the id of each object in this value, the way to it."""
        if deep == 0 or issubclass(type(value), _ENDS):
            return {}
        each: Any = value  # a method is made anew each time that it is asked for
        key = (id(each.__self__), id(each.__func__), deep) if type(each) is MethodType else (id(each), deep)
        known = self._known.get(key)
        if known is None:
            found: dict[int, Steps] = {}
            for step, inner in _inside(value):
                found.setdefault(id(inner), (step,))
                for at, steps in self.inside(inner, deep - 1).items():
                    found.setdefault(at, (step, *steps))
            known = self._known[key] = value, found
        return known[1]


def name_of(wanted: Any, variables: Variables, places: Places | None = None) -> str:
    """The name of the variable, attribute or place that holds this object; 'a lock' and the like if none does.

    `places` is for many questions about the same moment.
    """
    return name_among(wanted, variables, places or Places()) or kind_of(wanted)


def name_among(wanted: Any, variables: Variables, places: Places) -> str | None:
    """The name of the first of these variables, or of the place in it, that holds this object; None if none does."""
    for path, value in variables:
        steps: Steps | None = () if value is wanted else places.inside(value).get(id(wanted))
        if steps is not None and (found := functools.reduce(lambda way, step: step(way), steps, path)) is not None:
            return found
    return None


class OwnNames:
    """The names that the tasks that wait for one object have for it."""

    def __init__(self, wanted: Any, places: Places) -> None:
        self._wanted = wanted
        self._places = places
        self._misses: dict[tuple[CodeType, ...], int] = {}  # by the code of tasks that have no name for it

    def of(self, frames: Sequence[FrameType]) -> str | None:
        """The name that a task with these frames has: a variable that is the object goes before a place in a value.

        Where many tasks with the same code have no name, no place is looked for in the next ones.
        """
        seen: list[tuple[str, Any]] = []
        for name, value in variables_of(frames):
            if value is self._wanted:
                return name
            seen.append((name, value))
        codes = tuple(frame.f_code for frame in frames)
        misses = self._misses.get(codes, 0)
        found = name_among(self._wanted, seen, self._places) if misses < _MOST_MISSES else None
        self._misses[codes] = misses + (found is None)
        return found


def kind_of(wanted: Any) -> str:
    """What stands for the name of an object that no variable holds, such as 'a lock'."""
    kind = class_name(type(wanted)).lstrip("_").lower() or "future"
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def variables_of(frames: Iterable[FrameType]) -> Iterator[tuple[str, Any]]:
    """The locals of these frames, each with the globals that its code names; those of asyncio are left out."""
    for frame in frames:
        if frame.f_code.co_filename not in ASYNCIO_FILES:
            yield from variables(frame).items()
            names = frame.f_code.co_names
            yield from ((name, frame.f_globals[name]) for name in names if name in frame.f_globals)


def _inside(value: Any) -> Iterator[tuple[Callable[[str | None], str], Any]]:
    """What is directly in a value, each with the way there."""
    kind = type(value)
    if issubclass(kind, (list, tuple)):
        base: Any = list if issubclass(kind, list) else tuple
        items = base.__getitem__(value, slice(_MOST))
        yield from ((lambda path, at=at: f"{path or ''}[{at}]", each) for at, each in enumerate(items))
    elif issubclass(kind, dict):
        for key, each in [*dict.items(value)][:_MOST]:
            yield (lambda path, key=key: f"{path or ''}[{describe(key)}]"), each  # type: ignore[misc]
    else:
        for name, each in fields_of(value).items():
            yield (lambda path, name=name: f"{path}.{name}" if path and path != "self" else name), each  # type: ignore[misc]


def wording(awaited: Awaited, name: str) -> str:
    """What a task waits for that awaits this object of this name."""
    on, kind = awaited.on, type(awaited.on)
    if issubclass(kind, asyncio.Queue):
        other = {"put": f"room in {name}", "join": f"the end of the work in {name}"}
        return other.get(awaited.how, f"an item in {name}")
    if issubclass(kind, asyncio.Condition):
        return f"a notify of {name}"
    if issubclass(kind, asyncio.Event):
        return f"a set of {name}"
    if issubclass(kind, asyncio.Semaphore):
        return f"a permit of {name}"
    if issubclass(kind, asyncio.Barrier):
        return f"the others at {name}, where {on.n_waiting} of {on.parties} are"
    return name if issubclass(kind, asyncio.Lock) else f"the result of {name}"
