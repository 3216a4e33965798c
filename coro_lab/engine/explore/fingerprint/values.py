"""A canonical key for one value: equal keys mean equal values.

Each object that can change gets a number where it is met first, so that two names for one list differ from two equal
lists. A class that `setup` makes anew for each run is written by its contents; another class, and code, by its id.
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
    SimpleNamespace,
    WrapperDescriptorType,
)
from typing import Any

from coro_lab.engine.explore.fingerprint.containers import (
    ATOMS,
    RANGE_ITERATOR,
    write_complex,
    write_counter,
    write_deque,
    write_dictionary,
    write_float,
    write_iterator,
    write_range,
    write_range_iterator,
    write_sequence,
    write_slice,
)
from coro_lab.engine.explore.fingerprint.effects import Effects
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
"""Marks in a key: for an object that was met before, and for a name or a slot without a value."""

_DESCRIPTORS = frozenset(
    map(id, (MethodDescriptorType, WrapperDescriptorType, MemberDescriptorType, GetSetDescriptorType))
)
_ITERATORS = frozenset(
    {id(type(made)) for made in (iter([]), iter(()), iter(""), iter("é"), iter(b""), reversed([]))}
    | {id(enumerate), id(zip), id(reversed)}
)
"""Iterators whose `__reduce__` tells all about them."""
_DICTS = frozenset(map(id, (type(None), GetSetDescriptorType)))
_POINTER = struct.calcsize("P")
_MADE_BY_CLASS = 1 << 9  # Py_TPFLAGS_HEAPTYPE


@dataclass(frozen=True)
class MadeBySetup:
    """The classes and globals that `setup` makes anew for each run."""

    classes: frozenset[tuple[str, str]] = frozenset()  # their modules and names
    globals: bool = False  # code with new globals
    codes: dict[object, CodeType] = field(default_factory=dict)  # for equal code, the code object that was met first


class Values:
    """Writes keys for values. Raises UnknownStateError where a value holds more than can be read reliably."""

    def __init__(self, made: MadeBySetup | None = None) -> None:
        self.out: list[Any] = []
        self.kept: list[Any] = []
        self.is_apart = True
        self.by_value = True
        self.effects = Effects()
        self._made = made or MadeBySetup()
        self._numbers: dict[int, int] = {}
        self._codes: dict[int, int] = {}
        self._slots: dict[int, list[MemberDescriptorType]] = {}  # by the ids of classes, which the effects keep alive

    def begin(self) -> None:
        """Begin a new key."""
        if self._made.globals:
            raise UnknownStateError("`setup` runs code with new globals")
        self._numbers, self.out, self.kept = {}, [], []

    def key(self, value: object) -> Hashable:
        """The key of one value."""
        self.begin()
        self.put(value)
        return tuple(self.out)

    def put(self, value: Any) -> None:
        """Write one value of any kind."""
        kind = type(value)
        which = id(kind)
        if which in ATOMS:
            if self.by_value or not self._is_again(value):
                self.out += (kind, value)
        elif which in _BY_VALUE:
            if self.by_value or not self._is_again(value):
                _BY_VALUE[which](self, value)
        elif (number := self._numbers.get(id(value))) is not None:
            self.out += (AGAIN, number)
        else:
            self._numbers[id(value)] = len(self._numbers)
            writer = _WRITERS.get(which)
            if writer is not None:
                writer(self, value)
            elif which in self._slots:
                self.out.append(which)
                self._attributes(kind, value, self._slots[which])
            else:
                self._put_other(kind, value)

    def _is_again(self, value: object) -> bool:
        """Whether this object was met before. If so, its number is written; if not, it gets one."""
        number = self._numbers.get(id(value))
        if number is None:
            self._numbers[id(value)] = len(self._numbers)
            return False
        self.out += (AGAIN, number)
        return True

    def _put_other(self, kind: type, value: Any) -> None:
        if id(kind) in _ITERATORS:
            write_iterator(self, value)
        elif id(kind) in _DESCRIPTORS:
            if is_special(value.__name__):
                raise UnknownStateError(f"a state holds {value.__qualname__}")
            self.out += (kind, id(value))
        elif kind is object:
            self.out.append(object)
        else:
            self._object(kind, value)

    # -- functions

    def code_number(self, code: CodeType) -> int:
        """The number of this code; equal code has the same number, because `setup` may compile it for each run."""
        number = self._codes.get(id(code))
        if number is None:
            same = self._made.codes.setdefault((code, code.co_filename), code)
            number = id(same)
            if same is code:
                self._codes[number] = number
        return number

    def _look_at(self, code: CodeType, namespace: Any) -> int:
        number = self.code_number(code)
        same = code if number == id(code) else self._made.codes[code, code.co_filename]
        self.effects.add_code(same, namespace)
        return number

    def _cell(self, cell: CellType) -> None:
        self.out.append(CellType)
        try:
            held = cell.cell_contents
        except ValueError:
            self.out.append(UNSET)
        else:
            self.put(held)

    def _function(self, function: FunctionType) -> None:
        number = self._look_at(function.__code__, function.__globals__)
        self.out += (FunctionType, number, id(function.__globals__), function.__name__, function.__qualname__)
        self.data_of(function)

    def data_of(self, function: FunctionType) -> None:
        """Write what a function encloses, its defaults, and its attributes."""
        for part in (function.__closure__, function.__defaults__, function.__kwdefaults__):
            if part:
                self.put(part)
            else:
                self.out.append(None)
        if function.__dict__:
            self.put(function.__dict__)

    def _method(self, method: MethodType) -> None:
        self.out.append(MethodType)
        self.put(method.__func__)
        self.put(method.__self__)

    def _builtin(self, function: BuiltinFunctionType) -> None:
        owner = function.__self__
        self.out += (BuiltinFunctionType, function.__name__)
        if owner is None or type(owner) is type(gc):
            if not is_safe_function(function):
                raise UnknownStateError(f"a state holds {function.__name__}")
            self.out.append(id(function))
        elif is_special(function.__name__):
            raise UnknownStateError(f"a state holds {function.__qualname__}")
        else:
            self.put(owner)

    def _member(self, member: Any) -> None:
        """A staticmethod, a classmethod or a property."""
        self.out.append(type(member))
        parts = (member.fget, member.fset, member.fdel) if type(member) is property else (member.__func__,)
        for part in parts:
            self.put(part)

    # -- classes

    def _class(self, cls: type) -> None:
        if id(cls) in BUILTIN_CLASSES and id(cls) not in PLAIN_CLASSES:
            raise UnknownStateError(f"a state holds the class {cls.__name__}")
        if self._is_made(cls):
            self._class_of_this_run(cls)
            return
        self.effects.add_class(cls)
        self.out += (type, id(cls))

    def _is_made(self, cls: type) -> bool:
        return bool(self._made.classes) and (cls.__module__, cls.__qualname__) in self._made.classes

    def _class_of_this_run(self, cls: type) -> None:
        """A class that exists in this run only: its name, its bases and its contents."""
        self.effects.add_class(cls, kept=False)
        self.out += (type, cls.__module__, cls.__qualname__)
        self.put(cls.__bases__)
        for name, value in vars(cls).items():
            kind = type(value)
            self.out.append(name)
            by_dataclass = name != "__init__" and is_made_by_dataclass(cls, value)
            if by_dataclass or kind is MemberDescriptorType or kind is GetSetDescriptorType:
                self.out.append(kind)
            elif name not in NO_STATE or kind is FunctionType:
                self.put(value)

    # -- what is suspended

    def look_through(self, generator: Any) -> None:
        """Find out what the code of a suspended generator can read or change."""
        if generator.gi_frame is not None:
            self._look_at(generator.gi_code, generator.gi_frame.f_globals)

    def _generator(self, generator: GeneratorType[Any, Any, Any]) -> None:
        code, frame = generator.gi_code, generator.gi_frame
        if frame is None:
            self.out += (GeneratorType, self.code_number(code))
            return
        number = self._look_at(code, frame.f_globals)
        self.out += (GeneratorType, number, id(frame.f_globals), frame.f_lasti, frozenset(frame.f_locals))
        held = gc.get_referents(generator)
        for value in held[after_code(held, code) :]:
            if type(value) is not FrameType:
                self.put(value)

    # -- objects

    def _object(self, kind: type, value: Any) -> None:
        """An object of the learner's class, or one of our locks and queues: its attributes, by value."""
        slots = self._checked_slots(kind)
        if self._is_made(kind):
            self.put(kind)
        else:
            self.out.append(id(kind))
        self._attributes(kind, value, slots)

    def _namespace(self, value: SimpleNamespace) -> None:
        self.out.append(SimpleNamespace)
        self._attributes(SimpleNamespace, value, [])

    def _attributes(self, kind: type, value: Any, slots: list[MemberDescriptorType]) -> None:
        for slot in slots:
            try:
                held = slot.__get__(value)
            except AttributeError:
                self.out.append(UNSET)
            else:
                self.put(held)
        if kind.__dictoffset__:
            attributes = object.__getattribute__(value, "__dict__")
            number = self._numbers.get(id(attributes))
            if number is None:
                self._numbers[id(attributes)] = len(self._numbers)
                write_dictionary(self, attributes)
            else:
                self.out += (AGAIN, number)

    def _checked_slots(self, kind: type) -> list[MemberDescriptorType]:
        """The slots of this class; UnknownStateError if its objects hold more than attributes."""
        slots = slots_of(kind)
        if not _is_plain(kind, len(slots)):
            raise UnknownStateError(f"a state holds a {kind.__name__}")
        if not self._is_made(kind):
            self.effects.add_class(kind)
            if not self.effects.is_reading:
                self._slots[id(kind)] = slots
        return slots


_WRITERS: dict[int, Callable[[Any, Any], None]] = {
    id(list): write_sequence,
    id(deque): write_deque,
    id(dict): write_dictionary,
    id(defaultdict): write_dictionary,
    id(Counter): write_counter,
    id(range): write_range,
    id(RANGE_ITERATOR): write_range_iterator,
    id(slice): write_slice,
    id(CellType): Values._cell,
    id(FunctionType): Values._function,
    id(MethodType): Values._method,
    id(BuiltinFunctionType): Values._builtin,
    id(staticmethod): Values._member,
    id(classmethod): Values._member,
    id(property): Values._member,
    id(type): Values._class,
    id(SimpleNamespace): Values._namespace,
    id(GeneratorType): Values._generator,
}


_BY_VALUE: dict[int, Callable[[Any, Any], None]] = {
    id(float): write_float,
    id(complex): write_complex,
    id(tuple): write_sequence,
    id(frozenset): write_sequence,
}
"""Classes of values that cannot change, but may hold values that can."""


def after_code(held: list[Any], code: CodeType) -> int:
    """Where the locals and the stack begin among the referents of a suspended generator: after its code."""
    for at, value in enumerate(held):
        if value is code:
            return at + 1
    raise UnknownStateError("this Python does not show what a suspended frame holds")


def _is_plain(kind: type, slots: int) -> bool:
    """Whether objects of this class hold only attributes; an object of a class written in C has room for more."""
    return (
        bool(kind.__flags__ & _MADE_BY_CLASS)
        and not issubclass(kind, (type, BaseException))
        and kind.__basicsize__ == object.__basicsize__ + _POINTER * slots
        and all(id(type(vars(base).get("__dict__"))) in _DICTS for base in kind.__mro__)
    )
