"""Writing down one value, whatever its kind, so that what is written alike is alike.

Each object that can change gets a number when it is met first, so that two names for one list differ from two equal
lists. A class that `setup` makes anew for each run is written by what it holds; any other class and all code by which
it is.
"""

from __future__ import annotations

import gc
import struct
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FrameType,
    FunctionType,
    GeneratorType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    WrapperDescriptorType,
)
from typing import Any

from coro_lab.engine.explore.fingerprint.containers import ATOMS, RANGE_ITERATOR, Containers
from coro_lab.engine.explore.fingerprint.effects import Footprint
from coro_lab.engine.explore.fingerprint.pure_builtins import (
    BUILTIN_CLASSES,
    NO_STATE,
    PLAIN_CLASSES,
    is_made_by_dataclass,
    is_safe_function,
    is_special,
    slots_of,
)
from coro_lab.errors import UnknownStateError

AGAIN, UNSET = object(), object()
"""Stand for an object that was met before, and for a name or a slot that holds nothing."""

_DESCRIPTORS = (MethodDescriptorType, WrapperDescriptorType, MemberDescriptorType, GetSetDescriptorType)
_ITERATORS = frozenset(
    {type(iter([])), type(iter(())), type(iter("")), type(iter("é")), type(iter(b""))}
    | {type(reversed([])), enumerate, zip, reversed}
)
"""Iterators that say all there is to them by `__reduce__`."""
_POINTER = struct.calcsize("P")
_MADE_BY_CLASS = 1 << 9  # Py_TPFLAGS_HEAPTYPE


@dataclass(frozen=True)
class MadeBySetup:
    """What `setup` makes anew for each run, beside plain objects."""

    classes: frozenset[tuple[str, str]] = frozenset()  # their modules and names
    globals: bool = False  # code that has globals of its own
    codes: dict[object, CodeType] = field(default_factory=dict)  # of code that is equal, the one met first


class Values(Containers):
    """Writes down values. Raises UnknownStateError where one holds more than can be read soundly."""

    def __init__(self, made: MadeBySetup | None = None) -> None:
        super().__init__()
        self._footprint = Footprint()
        self._numbers: dict[int, int] = {}
        self._made = made or MadeBySetup()
        self._codes: dict[int, int] = {}
        self._slots: dict[type, list[MemberDescriptorType]] = {}

    def key(self, value: object) -> Hashable:
        """One value, written down."""
        self._begin()
        self._put(value)
        return tuple(self._out)

    def _begin(self) -> None:
        if self._made.globals:
            raise UnknownStateError("`setup` runs code that has globals of its own")
        self._numbers, self._out, self._kept = {}, [], []

    def _put(self, value: Any) -> None:
        kind = type(value)
        if kind in ATOMS:
            if self._by_value or not self._is_again(value):
                self._out += (kind, value)
        elif kind in _BY_VALUE:
            if self._by_value or not self._is_again(value):
                _BY_VALUE[kind](self, value)
        elif (number := self._numbers.get(id(value))) is not None:
            self._out += (AGAIN, number)
        else:
            self._numbers[id(value)] = len(self._numbers)
            writer = _WRITERS.get(kind)
            if writer is not None:
                writer(self, value)
            elif kind in self._slots:
                self._out.append(kind)
                self._attributes(kind, value, self._slots[kind])
            else:
                self._put_other(kind, value)

    def _is_again(self, value: object) -> bool:
        """Whether this object was met before; then its number is written, and else it gets one."""
        number = self._numbers.get(id(value))
        if number is None:
            self._numbers[id(value)] = len(self._numbers)
            return False
        self._out += (AGAIN, number)
        return True

    def _put_other(self, kind: type, value: Any) -> None:
        if kind in _ITERATORS:
            self._iterator(value)
        elif kind in _DESCRIPTORS:
            if is_special(value.__name__):
                raise UnknownStateError(f"a state holds {value.__qualname__}")
            self._out += (kind, id(value))
        elif kind is object:
            self._out.append(object)
        else:
            self._object(kind, value)

    # -- functions

    def _code(self, code: CodeType) -> int:
        """The number of this code; the same for equal code that `setup` compiles for each run."""
        number = self._codes.get(id(code))
        if number is None:
            same = self._made.codes.setdefault((code, code.co_filename), code)
            number = id(same)
            if same is code:
                self._codes[number] = number
        return number

    def _look_at(self, code: CodeType, namespace: Any) -> int:
        number = self._code(code)
        same = code if number == id(code) else self._made.codes[code, code.co_filename]
        if not self._footprint.knows_code(same, namespace):
            self._footprint.add_code(same, namespace)
        return number

    def _cell(self, cell: CellType) -> None:
        self._out.append(CellType)
        try:
            held = cell.cell_contents
        except ValueError:
            self._out.append(UNSET)
        else:
            self._put(held)

    def _function(self, function: FunctionType) -> None:
        number = self._look_at(function.__code__, function.__globals__)
        self._out += (FunctionType, number, id(function.__globals__), function.__name__, function.__qualname__)
        self._data_of(function)

    def _data_of(self, function: FunctionType) -> None:
        """What a function encloses, its defaults, and its attributes."""
        for part in (function.__closure__, function.__defaults__, function.__kwdefaults__):
            if part:
                self._put(part)
            else:
                self._out.append(None)
        if function.__dict__:
            self._put(function.__dict__)

    def _method(self, method: MethodType) -> None:
        self._out.append(MethodType)
        self._put(method.__func__)
        self._put(method.__self__)

    def _builtin(self, function: BuiltinFunctionType) -> None:
        owner = function.__self__
        self._out += (BuiltinFunctionType, function.__name__)
        if owner is None or type(owner) is type(gc):
            if not is_safe_function(function):
                raise UnknownStateError(f"a state holds {function.__name__}")
            self._out.append(id(function))
        elif is_special(function.__name__):
            raise UnknownStateError(f"a state holds {function.__qualname__}")
        else:
            self._put(owner)

    def _member(self, member: Any) -> None:
        """A staticmethod, a classmethod or a property."""
        self._out.append(type(member))
        parts = (member.fget, member.fset, member.fdel) if type(member) is property else (member.__func__,)
        for part in parts:
            self._put(part)

    # -- classes

    def _class(self, cls: type) -> None:
        if id(cls) in BUILTIN_CLASSES and id(cls) not in PLAIN_CLASSES:
            raise UnknownStateError(f"a state holds the class {cls.__name__}")
        if self._is_made(cls):
            self._what_is_made(cls)
            return
        if not self._footprint.knows(cls):
            self._footprint.add_class(cls)
        self._out += (type, id(cls))

    def _is_made(self, cls: type) -> bool:
        return bool(self._made.classes) and (cls.__module__, cls.__qualname__) in self._made.classes

    def _what_is_made(self, cls: type) -> None:
        """A class of this run alone: its name, its bases and what it holds."""
        self._footprint.add_class(cls, kept=False)
        self._out += (type, cls.__module__, cls.__qualname__)
        self._put(cls.__bases__)
        for name, value in vars(cls).items():
            kind = type(value)
            self._out.append(name)
            by_dataclass = name != "__init__" and is_made_by_dataclass(cls, value)
            if by_dataclass or kind in (MemberDescriptorType, GetSetDescriptorType):
                self._out.append(kind)
            elif name not in NO_STATE or kind is FunctionType:
                self._put(value)

    # -- what is suspended

    def _look_through(self, generator: Any) -> None:
        if generator.gi_frame is not None:
            self._look_at(generator.gi_code, generator.gi_frame.f_globals)

    def _generator(self, generator: GeneratorType[Any, Any, Any]) -> None:
        code, frame = generator.gi_code, generator.gi_frame
        if frame is None:
            self._out += (GeneratorType, self._code(code))
            return
        number = self._look_at(code, frame.f_globals)
        self._out += (GeneratorType, number, id(frame.f_globals), frame.f_lasti, tuple(frame.f_locals))
        held = gc.get_referents(generator)
        for value in held[after_code(held, code) :]:
            if type(value) is not FrameType:
                self._put(value)

    # -- objects

    def _object(self, kind: type, value: Any) -> None:
        """An object of a class of the learner's, or of Coro Lab's own locks and queues: its attributes, by value."""
        slots = self._looked_at(kind)
        if self._is_made(kind):
            self._put(kind)
        else:
            self._out.append(kind)
        self._attributes(kind, value, slots)

    def _attributes(self, kind: type, value: Any, slots: list[MemberDescriptorType]) -> None:
        for slot in slots:
            try:
                held = slot.__get__(value)
            except AttributeError:
                self._out.append(UNSET)
            else:
                self._put(held)
        if kind.__dictoffset__:
            attributes = object.__getattribute__(value, "__dict__")
            number = self._numbers.get(id(attributes))
            if number is None:
                self._numbers[id(attributes)] = len(self._numbers)
                self._dictionary(attributes)
            else:
                self._out += (AGAIN, number)

    def _looked_at(self, kind: type) -> list[MemberDescriptorType]:
        """The slots of objects of this class, if they hold nothing else but attributes."""
        slots = slots_of(kind)
        if not _is_plain(kind, len(slots)):
            raise UnknownStateError(f"a state holds a {kind.__name__}")
        if not self._is_made(kind):
            self._footprint.add_class(kind)
            if not self._footprint.is_reading:
                self._slots[kind] = slots
        return slots


_WRITERS: dict[type, Callable[[Any, Any], None]] = {
    list: lambda self, value: self._sequence(list, value),
    deque: Values._deque,
    dict: Values._dictionary,
    defaultdict: Values._dictionary,
    Counter: Values._counter,
    range: Values._range,
    RANGE_ITERATOR: Values._range_iterator,
    slice: Values._slice,
    CellType: Values._cell,
    FunctionType: Values._function,
    MethodType: Values._method,
    BuiltinFunctionType: Values._builtin,
    staticmethod: Values._member,
    classmethod: Values._member,
    property: Values._member,
    type: Values._class,
    GeneratorType: Values._generator,
}


_BY_VALUE: dict[type, Callable[[Any, Any], None]] = {
    float: Values._float,
    complex: Values._complex,
    tuple: lambda self, value: self._sequence(tuple, value),
    frozenset: lambda self, value: self._sequence(frozenset, value),
}
"""What cannot change, but may hold what can."""


def after_code(held: list[Any], code: CodeType) -> int:
    """Where the locals and the stack begin among what a suspended generator refers to: behind its code."""
    for at, value in enumerate(held):
        if value is code:
            return at + 1
    raise UnknownStateError("this Python does not show what a suspended frame holds")


def _is_plain(kind: type, slots: int) -> bool:
    """Whether objects of this class hold nothing but attributes; one written in C has room for more."""
    return (
        bool(kind.__flags__ & _MADE_BY_CLASS)
        and not issubclass(kind, (type, BaseException))
        and kind.__basicsize__ == object.__basicsize__ + _POINTER * slots
        and not any(type(vars(base).get("__dict__")) not in (type(None), GetSetDescriptorType) for base in kind.__mro__)
    )
