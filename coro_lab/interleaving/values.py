"""Writing down one value, whatever its kind, so that what is written alike is alike.

Each object that can change gets a number when it is met first, so that two names for one list differ from two equal
lists.
"""

from __future__ import annotations

import functools
import gc
import struct
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodDescriptorType,
    MethodType,
    WrapperDescriptorType,
)
from typing import Any

from coro_lab.interleaving.containers import ATOMS, RANGE_ITERATOR, Containers
from coro_lab.interleaving.footprint import Footprint, UnknownStateError

AGAIN = object()
"""Stands for an object that was met before."""

_CONSTANTS = (MethodDescriptorType, WrapperDescriptorType, CodeType)
_ITERATORS = frozenset(
    {type(iter([])), type(iter(())), type(iter("")), type(iter("é")), type(iter(b""))}
    | {type(reversed([])), enumerate, zip, reversed}
)
"""Iterators that say all there is to them by `__reduce__`."""
_POINTER = struct.calcsize("P")


class Values(Containers):
    """Writes down values. Raises UnknownStateError where one holds more than can be read soundly."""

    def __init__(self) -> None:
        super().__init__()
        self._footprint = Footprint()
        self._numbers: dict[int, int] = {}

    def of_value(self, value: object) -> Hashable:
        """One value, written down."""
        self._numbers, self._out = {}, []
        self._put(value)
        return tuple(self._out)

    def _put(self, value: Any) -> None:
        kind = type(value)
        if kind in ATOMS:
            self._out += (kind, value)
        elif kind is float:
            self._out += (kind, value.hex())
        elif kind is tuple or kind is frozenset:
            self._sequence(kind, value)
        elif (number := self._numbers.get(id(value))) is not None:
            self._out += (AGAIN, number)
        else:
            self._numbers[id(value)] = len(self._numbers)
            writer = _WRITERS.get(kind)
            if writer is not None:
                writer(self, value)
            elif kind in _ITERATORS:
                self._iterator(value)
            elif isinstance(value, _CONSTANTS):
                self._out += (kind, id(value))
            else:
                self._object(kind, value)

    def _cell(self, cell: CellType) -> None:
        self._out.append(CellType)
        try:
            self._put(cell.cell_contents)
        except ValueError:
            self._out.append("empty")

    def _function(self, function: FunctionType) -> None:
        if not self._footprint.knows(function.__code__):
            self._footprint.add_function(function)
        self._out += (FunctionType, id(function.__code__))
        for part in (function.__closure__, function.__defaults__, function.__kwdefaults__):
            if part:
                self._put(part)
        if function.__dict__:
            self._out.append("attributes")
            self._dictionary(function.__dict__)

    def _method(self, method: MethodType) -> None:
        self._out.append(MethodType)
        self._put(method.__func__)
        self._put(method.__self__)

    def _builtin(self, function: BuiltinFunctionType) -> None:
        owner = function.__self__
        self._out += (BuiltinFunctionType, function.__name__)
        if owner is None or type(owner) is type(gc):
            self._out.append(id(function))
        else:
            self._put(owner)

    def _class(self, cls: type) -> None:
        if cls.__module__ != "builtins" and not self._footprint.knows(cls):
            self._footprint.add_class(cls)
        self._out += (type, id(cls))

    def _look_through(self, generator: Any) -> None:
        if generator.gi_frame is not None and not self._footprint.knows(generator.gi_code):
            self._footprint.add_code(generator.gi_code, generator.gi_frame.f_globals)

    def _generator(self, generator: GeneratorType[Any, Any, Any]) -> None:
        code, frame = generator.gi_code, generator.gi_frame
        if frame is None:
            self._out += (GeneratorType, id(code))
            return
        self._look_through(generator)
        self._out += (GeneratorType, id(code), frame.f_lasti, tuple(frame.f_locals))
        held = gc.get_referents(generator)
        for value in held[after_code(held, code) :]:
            kind = type(value)
            if kind in ATOMS:
                self._out += (kind, value)
            elif kind is not FrameType:
                self._put(value)

    def _object(self, kind: type, value: Any) -> None:
        """An object of a class of the learner's, or of Coro Lab's own locks and queues: its attributes, by value."""
        if not _is_plain(kind) or isinstance(value, (type, BaseException)):
            raise UnknownStateError(f"a state holds a {kind.__name__}")
        if not self._footprint.knows(kind):
            self._footprint.add_class(kind)
        self._out += (kind, id(kind))
        for slot in _slots(kind):
            self._put(getattr(value, slot, ...))
        attributes = getattr(value, "__dict__", None)
        if attributes:
            self._dictionary(attributes)


_WRITERS: dict[type, Callable[[Any, Any], None]] = {
    list: lambda self, value: self._sequence(list, value),
    deque: Values._deque,
    dict: Values._dictionary,
    defaultdict: Values._dictionary,
    Counter: Values._dictionary,
    range: Values._range,
    RANGE_ITERATOR: Values._range_iterator,
    slice: Values._slice,
    CellType: Values._cell,
    FunctionType: Values._function,
    MethodType: Values._method,
    BuiltinFunctionType: Values._builtin,
    type: Values._class,
    GeneratorType: Values._generator,
}


def after_code(held: list[Any], code: CodeType) -> int:
    """Where the locals and the stack begin among what a suspended generator refers to: behind its code."""
    try:
        return held.index(code) + 1
    except ValueError:
        raise UnknownStateError("this Python does not show what a suspended frame holds") from None


@functools.cache
def _is_plain(kind: type) -> bool:
    """Whether objects of this class hold nothing but attributes; one written in C has room for more."""
    return kind.__module__ != "builtins" and kind.__basicsize__ == object.__basicsize__ + _POINTER * len(_slots(kind))


@functools.cache
def _slots(kind: type) -> list[str]:
    slots = [vars(base).get("__slots__", ()) for base in kind.__mro__]
    names = [name for own in slots for name in ([own] if isinstance(own, str) else own)]
    return [name for name in names if name not in ("__dict__", "__weakref__")]
