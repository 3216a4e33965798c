"""The state of a run, written down: what the frames and the shared object hold, by value.

Two runs with equal fingerprints go on alike. Each object that can change gets a number when it is met first, so that
two names for one list differ from two equal lists. A frame is its position, the names that are bound in it, and what
it refers to: its locals, and also what lies on its stack, such as the iterator of a `for` loop (`gc.get_referents`
shows both).
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

from coro_lab.interleaving.footprint import TRUSTED, Footprint, UnknownStateError
from coro_lab.interleaving.program import World

_ATOMS = frozenset({int, str, bool, bytes, complex, type(None), type(...), type(NotImplemented)})
_CONSTANTS = (MethodDescriptorType, WrapperDescriptorType, CodeType)
_ITERATORS = frozenset(
    {type(iter([])), type(iter(())), type(iter("")), type(iter("é")), type(iter(b""))}
    | {type(reversed([])), enumerate, zip, reversed}
)
"""Iterators that say all there is to them by `__reduce__`."""
_POINTER = struct.calcsize("P")
_AGAIN = object()
_RANGE_ITERATOR: Any = type(iter(range(0)))


class _Parts(tuple[Hashable, ...]):
    """A key that was written part by part."""

    __slots__ = ()


class Fingerprints:
    """Writes down states of one program. Raises UnknownStateError where a state holds more than can be read soundly.

    Where each frame holds nothing that can change but itself and the shared object, a state is written part by part,
    and a step changes two parts: the shared object and the frame that ran. Otherwise all is written together.
    """

    def __init__(self, judge: Callable[..., object] | None = None) -> None:
        """`judge` is the invariant: what it reads from outside belongs to the state as well."""
        self._judge = judge
        self._footprint = Footprint()
        if isinstance(judge, FunctionType):
            self._footprint.add_reader(judge)
        self._numbers: dict[int, int] = {}
        self._out: list[Any] = []
        self._apart = True  # no iterator was seen outside a frame, so each frame's iterators are its own

    def of(self, world: World, *, output: bool = False, before: Hashable = None, ran: int | None = None) -> Hashable:
        """The state of this run as a key; with `output`, what was printed belongs to it.

        `before` is the key of the state from which task number `ran` took the last step.
        """
        if before is None:
            for task in world.tasks:
                self._look_through(task)
        rest = self._rest(world, output)
        if self._apart and not world.waits:
            if isinstance(before, _Parts):
                frames = list(before[1:])
                frames[ran or 0] = self._frame(world, ran or 0)
            else:
                frames = [self._frame(world, task) for task in range(len(world.tasks))]
            if None not in frames:
                return _Parts((rest, *frames))
        for task in world.tasks:
            self._put(task)
        for number, wait in sorted(world.waits.items()):
            self._out += (number, wait.task, wait.what)
            self._put(wait.on)
        return tuple(self._out)

    def _rest(self, world: World, output: bool) -> Hashable:
        """All but the frames: the shared object, what lies outside, an error, the output."""
        self._numbers, self._out = {}, []
        self._put(world.shared)
        self._put(self._judge)
        for namespace, name in self._footprint.places:
            values = vars(namespace) if isinstance(namespace, type) else namespace
            self._put(values.get(name, ...))
        if world.error is not None:
            self._out += (world.error[0], repr(world.error[1]))
        if output:
            self._out.append(world.output)
        return tuple(self._out)

    def _look_through(self, generator: Any) -> None:
        if generator.gi_frame is not None and not self._footprint.knows(generator.gi_code):
            self._footprint.add_code(generator.gi_code, generator.gi_frame.f_globals)

    def _frame(self, world: World, task: int) -> Hashable:
        """One frame for itself; None where it holds more that can change than the shared object."""
        generator: Any = world.tasks[task]
        code, frame = generator.gi_code, generator.gi_frame
        if frame is None:
            return ()
        out: list[Any] = [id(code), frame.f_lasti, tuple(frame.f_locals)]
        held = gc.get_referents(generator)
        for value in held[_after_code(held, code) :]:
            kind = type(value)
            if kind in _ATOMS:
                out += (kind, value)
            elif value is world.shared:
                out.append(_AGAIN)
            elif kind is _RANGE_ITERATOR:
                _, (left,), at = value.__reduce__()
                out += (_RANGE_ITERATOR, left, at)
            elif kind is CellType and not self._footprint.changes_cells:
                constant = _constant(value)
                if constant is None:
                    return None
                out += constant
            elif kind is not FrameType:
                return None
        return tuple(out)

    def of_value(self, value: object) -> Hashable:
        """One value, written down."""
        self._numbers, self._out = {}, []
        self._put(value)
        return tuple(self._out)

    def _put(self, value: Any) -> None:
        kind = type(value)
        if kind in _ATOMS:
            self._out += (kind, value)
        elif kind is float:
            self._out += (kind, value.hex())
        elif kind is tuple or kind is frozenset:
            self._sequence(kind, value)
        elif (number := self._numbers.get(id(value))) is not None:
            self._out += (_AGAIN, number)
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

    def _sequence(self, kind: type, values: Any) -> None:
        self._out += (kind, len(values))
        for value in values:
            self._put(value)

    def _deque(self, values: deque[Any]) -> None:
        self._out.append(values.maxlen)
        self._sequence(deque, values)

    def _dictionary(self, values: dict[Any, Any]) -> None:
        self._out += (type(values), len(values))
        if isinstance(values, defaultdict):
            self._put(values.default_factory)
        for key, value in values.items():
            kind = type(key)
            if kind is str:
                self._out.append(key)
            else:
                self._put(key)
            kind = type(value)
            if kind in _ATOMS:
                self._out += (kind, value)
            else:
                self._put(value)

    def _iterator(self, values: Any) -> None:
        self._apart = False
        _, arguments, *state = values.__reduce__()
        self._out.append(type(values))
        for part in (arguments, *state):
            self._put(part)

    def _range_iterator(self, values: Any) -> None:
        self._apart = False
        _, (rest,), at = values.__reduce__()
        self._out += (_RANGE_ITERATOR, rest, at)

    def _range(self, values: range) -> None:
        self._out += (range, values.start, values.stop, values.step)

    def _slice(self, value: slice) -> None:
        self._out.append(slice)
        for part in (value.start, value.stop, value.step):
            self._put(part)

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

    def _generator(self, generator: GeneratorType[Any, Any, Any]) -> None:
        code, frame = generator.gi_code, generator.gi_frame
        if frame is None:
            self._out += (GeneratorType, id(code))
            return
        self._look_through(generator)
        self._out += (GeneratorType, id(code), frame.f_lasti, tuple(frame.f_locals))
        held = gc.get_referents(generator)
        for value in held[_after_code(held, code) :]:
            kind = type(value)
            if kind in _ATOMS:
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
    deque: Fingerprints._deque,
    dict: Fingerprints._dictionary,
    defaultdict: Fingerprints._dictionary,
    Counter: Fingerprints._dictionary,
    range: Fingerprints._range,
    _RANGE_ITERATOR: Fingerprints._range_iterator,
    slice: Fingerprints._slice,
    CellType: Fingerprints._cell,
    FunctionType: Fingerprints._function,
    MethodType: Fingerprints._method,
    BuiltinFunctionType: Fingerprints._builtin,
    type: Fingerprints._class,
    GeneratorType: Fingerprints._generator,
}


def _constant(cell: CellType) -> tuple[Any, Any] | None:
    """What a cell holds that nobody assigns again: an atom, or one of `preemptible`'s helpers; else None."""
    held = cell.cell_contents
    if type(held) in _ATOMS:
        return type(held), held
    return (FunctionType, id(held)) if type(held) is FunctionType and held.__module__ in TRUSTED else None


def _after_code(held: list[Any], code: CodeType) -> int:
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
