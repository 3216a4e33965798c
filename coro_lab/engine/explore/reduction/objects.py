"""What the notes know of objects: which cannot change, what they hold, and where using one runs code of its class.

A class is looked up by its id: a set or a dict would call the `__hash__` and `__eq__` of its metaclass.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import (
    BuiltinFunctionType,
    CellType,
    ClassMethodDescriptorType,
    CodeType,
    FunctionType,
    GeneratorType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

from coro_lab.engine.explore.fingerprint.pure_builtins import (
    BUILTIN_CLASSES,
    SAFE_BUILTINS,
    is_made_by_dataclass,
    slots_of,
)
from coro_lab.engine.explore.sync import Condition, Lock, Queue
from coro_lab.engine.recorder.user_code import is_learners


def kept_by_class[Found](find: Callable[[type], Found]) -> Callable[[type], Found]:
    """The same function of a class, which keeps what it found."""
    kept: dict[int, tuple[type, Found]] = {}

    @functools.wraps(find)
    def found(cls: type) -> Found:
        known = kept.get(id(cls))
        if known is None:
            if len(kept) == _MOST_CLASSES:
                kept.clear()
            known = kept[id(cls)] = cls, find(cls)  # with the class, so that no other gets its id
        return known[1]

    return found


_MOST_CLASSES = 4_096


def is_error(value: object) -> bool:
    """Whether this is a class of errors."""
    return isinstance(value, type) and issubclass(value, BaseException)


HEAP_TYPE = 1 << 9
"""The flag of a class that was made by a class statement."""

_OF_C = (MethodDescriptorType, WrapperDescriptorType, ClassMethodDescriptorType)

ATOMS = frozenset(
    map(id, (int, bool, float, complex, str, bytes, range, slice, type(None), type(...), type(NotImplemented), object))
)
SEQUENCES = (list, tuple, set, frozenset, deque)
MAPPINGS = (dict, defaultdict, OrderedDict, Counter)
ARE_MAPPINGS = frozenset(map(id, MAPPINGS))
CONTAINERS = frozenset(map(id, (*SEQUENCES, *MAPPINGS)))
FIXED_CLASSES = BUILTIN_CLASSES | CONTAINERS | frozenset(map(id, (Lock, Condition, Queue)))
FIXED = (FunctionType, BuiltinFunctionType, ModuleType, type)
ONLY_READ = frozenset(
    {"count", "index", "copy", "get", "keys", "items", "values"}
    | {"issubset", "issuperset", "isdisjoint", "union", "difference"}
)
ONLY_KEEPS = frozenset({"append", "appendleft", "insert"})
COMPARES = frozenset({"remove", "index", "count", "sort"})
"""Methods of containers: those that change nothing, those that only keep their argument, those that compare items."""
_NOT_AN_OPERATION = frozenset({"__init__", "__post_init__", "__init_subclass__", "__class_getitem__"})
_MAKERS = ("__new__", "__init__", "__post_init__")
_DESCRIPTORS = (MemberDescriptorType, GetSetDescriptorType, MethodDescriptorType, WrapperDescriptorType)


def parts_of(value: object) -> Iterable[Any]:
    """What a container or an object holds."""
    if isinstance(value, MAPPINGS):
        return [*value.keys(), *value.values()]
    if isinstance(value, SEQUENCES):
        return list(value)
    held: list[Any] = []
    for slot in slots_of(type(value)):
        with suppress(AttributeError):  # it has no value
            held.append(slot.__get__(value))
    with suppress(AttributeError):  # not by way of the learner's `__getattribute__`
        held += object.__getattribute__(value, "__dict__").values()
    return held


def reached_from(value: object) -> Iterable[Any]:
    """What code that has this value can reach from it."""
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    if isinstance(value, FunctionType):
        if not is_learners(value.__code__):
            return []
        code, space = value.__code__, value.__globals__
        enclosed = [cell.cell_contents for cell in value.__closure__ or () if cell != _EMPTY]
        return [*enclosed, *(value.__defaults__ or ()), *(space[name] for name in names_in(code) if name in space)]
    if isinstance(value, MethodType):
        return [value.__self__, value.__func__]
    if isinstance(value, type):
        return [*value.__mro__[1:-1], *vars(value).values()] if value.__flags__ & HEAP_TYPE else []
    return [] if isinstance(value, (ModuleType, BuiltinFunctionType)) else [type(value), *parts_of(value)]


_EMPTY = CellType()


@functools.lru_cache(maxsize=4_096)
def names_in(code: CodeType) -> tuple[str, ...]:
    """The names that code uses, and what is defined in it; but not those of the notes in it."""
    inside = [names_in(each) for each in code.co_consts if isinstance(each, CodeType)]
    names = dict.fromkeys([*code.co_names, *(name for names in inside for name in names)])
    return tuple(name for name in names if not name.startswith("."))


def is_key(index: object) -> bool:
    """Whether a key of a dict is compared without the learner's code."""
    if type(index) is tuple:
        return all(map(is_key, index))
    kind = type(index)
    return id(kind) in ATOMS and kind is not slice and kind is not range


@kept_by_class
def is_written(cls: type) -> bool:
    """Whether this class was made by a class statement, and not in C."""
    return bool(cls.__flags__ & HEAP_TYPE) and not any(
        isinstance(value, _OF_C) or (name == "__new__" and isinstance(value, BuiltinFunctionType))
        for name, value in vars(cls).items()
    )


@kept_by_class
def is_plain(cls: type) -> bool:
    """Whether objects of this class do only what their methods in Python do."""
    made_in_c = [base for base in cls.__mro__ if not is_written(base)]
    return id(made_in_c[0]) in _PLAIN_IN_C


_PLAIN_IN_C = frozenset(
    map(id, (object, asyncio.Future, *(value for value in SAFE_BUILTINS.values() if is_error(value))))
)
_VIEWS: list[Any] = [{}.keys(), {}.values(), {}.items()]
_WALKS: list[Any] = [*map(iter, ({}, *_VIEWS[1:], [], (), "", set(), range(0))), reversed([])]
ITERATORS = frozenset(
    {*map(id, (enumerate, zip, map, filter, reversed)), *(id(type(each)) for each in (*_VIEWS, *_WALKS))}
)


def sources_of(iterable: object) -> list[Any] | None:
    """The containers and iterators that builtin iteration goes through; None if it runs what cannot be seen."""
    todo, found = [iterable], list[Any]()
    while todo:
        value = todo.pop()
        kind = type(value)
        if id(kind) in ITERATORS:
            todo += gc.get_referents(value)
        if id(kind) in ITERATORS or id(kind) in CONTAINERS or kind is GeneratorType:
            found.append(value)
        elif id(kind) not in ATOMS and not isinstance(value, FIXED):
            return None
    return found


def is_builtin_class(value: object) -> bool:
    return isinstance(value, type) and SAFE_BUILTINS.get(value.__name__) is value


def is_customised(kind: type, name: str) -> bool:
    """Whether reading or storing this attribute runs code of the learner's class."""
    for base in kind.__mro__[:-1]:
        members = vars(base)
        if {"__getattr__", "__getattribute__", "__setattr__", "__delattr__"} & members.keys():
            return True
        if name in members and not isinstance(members[name], (FunctionType, *_DESCRIPTORS)):
            return hasattr(type(members[name]), "__get__")
    return False


def operations_of(kind: type) -> list[str]:
    """The special methods of a learner's class that an operation may call."""
    return [
        name
        for base in kind.__mro__[:-1]
        for name, value in vars(base).items()
        if name.startswith("__") and name.endswith("__") and name not in _NOT_AN_OPERATION
        if isinstance(value, FunctionType) and not is_made_by_dataclass(base, value)
    ]


def is_plainly_made(cls: type) -> bool:
    """Whether making an object of this class runs none of the learner's code that could access anything."""
    if type(cls) is not type:
        return False
    own = [(base, name) for base in cls.__mro__[:-1] for name in _MAKERS if name in vars(base)]
    factories = [field.default_factory for field in getattr(cls, "__dataclass_fields__", {}).values()]
    if any(isinstance(factory, FunctionType) for factory in factories):
        return False
    return all(is_made_by_dataclass(base, vars(base)[name]) or is_builtin_class(base) for base, name in own)


def is_ours(kind: type) -> bool:
    """Whether this is the class of our locks, conditions or queues."""
    return kind is Lock or kind is Condition or kind is Queue


def is_wait(value: object) -> bool:
    """Whether this is a generator of one of our locks, conditions or queues, such as `lock.acquire()`."""
    return inspect.isgenerator(value) and value.gi_code.co_filename == Lock.acquire.__code__.co_filename
