"""What code with notes in its place calls: it notes an access, and gives back the value.

The learner's functions, and asyncio's own locks and queues, have notes wherever they are called. So a method, an
operator or a property of the learner's notes by itself what it touches; this module notes what builtin code touches.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
from collections.abc import Iterator
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CoroutineType,
    FunctionType,
    GeneratorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

from coro_lab.engine.explore.reduction.async_walk import NotedAsyncWalk
from coro_lab.engine.explore.reduction.calls import note_call
from coro_lab.engine.explore.reduction.footprint import ALL, SIZE
from coro_lab.engine.explore.reduction.notes import Notes
from coro_lab.engine.explore.reduction.numbers import CLASSES, NAMES
from coro_lab.engine.explore.reduction.objects import (
    ATOMS,
    CONTAINERS,
    is_plain,
    is_written,
    kept_by_class,
    sources_of,
)

_FIXED = frozenset(map(id, (tuple, frozenset, str, bytes, range)))
_AWAITED = (CoroutineType, AsyncGeneratorType, GeneratorType, asyncio.Future)
_MANAGERS = (contextlib.suppress, contextlib.nullcontext, contextlib._GeneratorContextManagerBase)
_OF_A_FUTURE = frozenset({"get_loop", "get_coro", "get_context", "cancelling", "uncancel", "get_stack"})


class InPlaceNotes:
    """Notes what code with notes in its place touches."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._of_class: dict[tuple[int, str], tuple[frozenset[Any], bool, type]] = {}

    def everything(self) -> None:
        """Note that what comes next cannot be seen."""
        self._notes.step.everything = True

    def looks_at_frames(self) -> None:
        """Give up: a builtin that looks at the frame of its caller is called."""
        self._notes.give_up("a variable is reached through its frame")

    def name(self, name: str) -> None:
        """Note a read of a variable that functions share."""
        self._notes.step.note(NAMES, name, False)

    def attribute(self, owner: Any, name: str) -> Any:
        """Note that an attribute is read; return its object."""
        kind: Any = type(owner)
        if id(kind) in ATOMS or id(kind) in CONTAINERS:
            return owner
        if kind is ModuleType:
            self.name(name)
            return owner
        places, is_seen, _ = self._of_class.get((id(kind), name)) or self._look_up(kind, name)
        self._notes.step.touched |= places  # places of classes, which are never touched as a whole
        if not is_seen:
            self._notes.step.everything = True
        if isinstance(owner, type):
            self._notes.class_read(owner, name)
        elif kind is not MethodType:
            self._notes.touch(owner, name)
        if name == "__dict__":
            self._notes.give_up("attributes are reached through __dict__")
        return owner

    def _look_up(self, kind: type, name: str) -> tuple[frozenset[Any], bool, type]:
        """The places of a class where an attribute may be, whether reading it can be seen, and the class."""
        places, is_seen = set[Any](), True
        for base in kind.__mro__[:-1]:
            places.add((CLASSES, (id(base), name)))
            if name in vars(base):
                found = vars(base)[name]
                is_seen = isinstance(found, property) or not is_written(base) or not _is_active(found)
                break
        found = self._of_class[id(kind), name] = frozenset(places), is_seen, kind  # kept, so that no other gets its id
        return found

    def item(self, owner: Any, index: Any) -> Any:
        """Note that an item is read, and return it."""
        kind: Any = type(owner)
        if id(kind) in ATOMS or "__getitem__" in _methods(kind):
            return owner[index]
        return self._notes.item(owner, index)

    def stored(self, value: Any, owner: Any, key: Any, place: str) -> Any:
        """Note that something is stored at, or deleted from, a place; return the value."""
        kind: Any = type(owner)
        if place == "item" and "__setitem__" in _methods(kind):
            return value
        if place == "attribute" and isinstance(owner, type):
            self._of_class.clear()
        if place == "attribute" and "__setattr__" not in _methods(kind):
            found = next((vars(base)[key] for base in kind.__mro__ if key in vars(base)), None)
            if isinstance(found, property):
                return value
        return self._notes.stored(value, owner, key, place)

    # -- operations

    def looked(self, value: Any) -> Any:
        """Note that an operation looks into this value, and into what it holds; return it."""
        if id(type(value)) not in ATOMS:
            self._notes.looked((value,))
        return value

    def changed(self, values: tuple[Any, ...]) -> None:
        """Note that an operation looks into these values, and may change the first in place."""
        if id(type(values[0])) in CONTAINERS:
            self._notes.changed(values)
        else:
            self._notes.looked(values)

    def tested(self, value: Any) -> Any:
        """Note a truth test of this value; return it."""
        kind: Any = type(value)
        if id(kind) in CONTAINERS:
            self._notes.touch(value, ALL if kind is set else SIZE)  # of a TaskGroup, see `noted_loop.py`
        elif id(kind) not in ATOMS and not is_plain(kind):
            self._notes.looked((value,))
        return value

    def each(self, over: Any) -> Any:
        """The same one after the other, with a note before each."""
        kind: Any = type(over)
        if id(kind) in _FIXED or "__iter__" in _methods(kind):
            return over
        return self._noted(over, sources_of(over)) if hasattr(kind, "__iter__") else over

    def _noted(self, over: Any, sources: list[Any] | None) -> Iterator[Any]:
        walk = iter(over)
        while True:
            self._notes.step.everything |= sources is None
            for source in sources or ():
                if id(type(source)) in CONTAINERS:
                    self._notes.touch(source, ALL)
                else:
                    self._notes.goes_on(source)
            try:
                got = next(walk)
            except StopIteration:
                return
            yield got

    def each_async(self, over: Any) -> Any:
        """The same one after the other; before and after each, notes that an async generator goes on."""
        return NotedAsyncWalk(self._notes, over) if isinstance(over, AsyncGeneratorType) else over

    def delegated_to(self, inner: Any) -> Any:
        """Give up where a generator is delegated to that others go on with; return it."""
        if isinstance(inner, GeneratorType) and inspect.getgeneratorstate(inner) != inspect.GEN_CREATED:
            self._notes.give_up("it delegates to a generator that has begun")
        elif not isinstance(inner, GeneratorType):
            self.looked(inner)
        return inner

    def awaited(self, value: Any) -> Any:
        """Note that this is awaited; return it. What is neither asyncio's nor the learner's cannot be seen."""
        kind: Any = type(value)
        if not isinstance(value, _AWAITED) and "__await__" not in _methods(kind) and "async_gen" not in kind.__name__:
            self._notes.give_up(f"a {kind.__name__} is awaited")
        return value

    def entered(self, manager: Any) -> Any:
        """Note the head of a `with`; return the manager. What runs at its end has to be seen, too."""
        kind: Any = type(manager)
        methods = _methods(kind)
        if not ({"__enter__", "__aenter__"} & methods.keys() or isinstance(manager, _MANAGERS)):
            self._notes.give_up("a with block runs code at its end")
        return manager

    # -- calls

    def called(self, function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """A call, noted."""
        if function is asyncio.Future:
            return asyncio.get_running_loop().create_future()
        self._note_call(function, arguments, named)
        return function(*arguments, **named)

    def _note_call(self, function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        kind: Any = type(function)
        if kind is FunctionType or kind is MethodType or "__call__" in _methods(kind):
            return  # it has notes, or sys.monitoring notices that it lacks them
        if isinstance(function, functools.partial):
            self._note_call(function.func, (*function.args, *arguments), {**function.keywords, **named})
        elif isinstance(function, type) and is_plain(function) and kind is type:
            self._notes.numbers.check_end(function)
        elif isinstance(function, BuiltinFunctionType) and self._is_asyncios(function):
            return
        else:
            note_call(self._notes, function, arguments, named)

    def _is_asyncios(self, function: Any) -> bool:
        owner = function.__self__
        if isinstance(owner, asyncio.Future):
            return function.__name__ in _OF_A_FUTURE
        return getattr(owner, "__name__", "") == "_asyncio" and "all" not in function.__name__


def _is_active(found: Any) -> bool:
    """Whether reading an attribute that is this in its class runs code of C, beside making a method."""
    return hasattr(type(found), "__get__") and not isinstance(
        found, (FunctionType, MemberDescriptorType, staticmethod, classmethod)
    )


@kept_by_class
def _methods(kind: type) -> dict[str, Any]:
    """The methods of a class that are written in Python."""
    return {
        name: value
        for base in reversed(kind.__mro__)
        if is_written(base)
        for name, value in vars(base).items()
        if isinstance(value, FunctionType)
    }
