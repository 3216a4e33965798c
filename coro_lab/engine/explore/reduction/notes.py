"""Writing down what each step reads and writes, while a program with notes runs.

Where it cannot be seen what a call accesses, the step may touch everything: then it is in conflict with each step that
touches anything, and no order is left out because of it.
"""

from __future__ import annotations

import functools
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Hashable, Iterable
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

from coro_lab.engine.explore.fingerprint.pure_builtins import (
    BUILTIN_CLASSES,
    SAFE_BUILTINS,
    is_made_by_dataclass,
    is_safe_function,
)
from coro_lab.engine.explore.reduction.footprint import ALL, SIZE, Footprint
from coro_lab.engine.explore.sync import Condition, Lock, Queue
from coro_lab.engine.recorder.user_code import is_learners

OUTPUT, NAMES = 0, 1
"""The numbers of what was printed, and of the variables that functions share, which are told apart by name alone."""
_FIRST = 2
_MOST = 1_000  # objects that one operation looks into, beyond which it may touch everything

_ATOMS = frozenset(
    {int, bool, float, complex, str, bytes, range, slice, type(None), type(...), type(NotImplemented), object}
)
_SEQUENCES = (list, tuple, set, frozenset, deque)
_MAPPINGS = (dict, defaultdict, OrderedDict, Counter)
_CONTAINERS = frozenset((*_SEQUENCES, *_MAPPINGS))
_FIXED_CLASSES = BUILTIN_CLASSES | frozenset(map(id, (*_CONTAINERS, Lock, Condition, Queue)))
_FIXED = (FunctionType, BuiltinFunctionType, ModuleType, type)
_ONLY_READ = frozenset(
    [
        "count",
        "index",
        "copy",
        "get",
        "keys",
        "items",
        "values",
        "issubset",
        "issuperset",
        "isdisjoint",
        "union",
        "difference",
    ]
)
_ONLY_KEEPS = frozenset({"append", "appendleft", "insert"})
"""Methods of containers that change nothing, and methods that put their argument in and look at nothing of it."""
_NOT_AN_OPERATION = frozenset({"__init__", "__post_init__", "__init_subclass__", "__class_getitem__"})
_MAKERS = ("__new__", "__init__", "__post_init__")
_DESCRIPTORS = (MemberDescriptorType, GetSetDescriptorType, MethodDescriptorType, WrapperDescriptorType)


class Notes:
    """What the step that runs now has touched so far. Objects are numbered as they are met in a run."""

    def __init__(self) -> None:
        self.step = Footprint()
        self.prints = False  # whether what is printed counts
        self.given_up = ""  # why the notes are not to be relied on
        self._numbers: dict[int, int] = {}
        self._kept: list[object] = []  # so that no id is used twice
        self._uncertain: set[int] = set()  # tasks of whose steps it is not certain what they touch elsewhere
        self._task = 0  # who takes the step

    @property
    def known(self) -> int:
        """How many objects have a number."""
        return _FIRST + len(self._numbers)

    def begin_run(self, roots: Iterable[object], generators: Iterable[int]) -> None:
        """Forget the run before. What can be reached from the roots is numbered first, alike in each run.

        `generators` are the tasks whose steps can touch several places, each as the one before decides.
        """
        self._numbers, self._kept = {}, []
        self._uncertain = set(generators)
        todo = list(roots)
        while todo and len(self._numbers) < _MOST:
            value = todo.pop()
            if type(value) not in _ATOMS and id(value) not in self._numbers and id(value) not in _FIXED_CLASSES:
                self._number(value)
                todo += _reached(value)

    def begin_step(self, task: int) -> Footprint:
        """The footprint of a new step of this task, which is written while the step runs."""
        self.step = Footprint()
        self.step.is_certain = task not in self._uncertain
        self._task = task
        return self.step

    def enter(self) -> None:
        """Note that the task enters a `with`: from now on a step may, or may not, release a lock after its access."""
        self._uncertain.add(self._task)

    def _number(self, value: object) -> int:
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = self.known
            self._kept.append(value)
            self._check_end(type(value))
        return number

    def _check_end(self, cls: type) -> None:
        """Give up where an object runs code when it is no longer used: no step says that it does."""
        if cls.__flags__ & _HEAP_TYPE and any("__del__" in vars(base) for base in cls.__mro__[:-1]):
            self.give_up(f"{cls.__name__} has a __del__")

    def touch(self, value: object, key: Hashable, writes: bool = False) -> None:
        """Note one place of an object."""
        self.step.note(self._number(value), key, writes)

    def whole(self, value: object, writes: bool) -> None:
        """Note one of our locks, conditions or queues; they call it themselves."""
        self.touch(value, ALL, writes)
        self.step.is_certain = False

    def give_up(self, reason: str) -> None:
        """Say that from now on it is not known what steps touch."""
        self.given_up = self.given_up or reason

    # -- what code with notes calls

    def everything(self) -> None:
        """Note that it cannot be seen what comes next."""
        self.step.everything = True

    def name(self, name: str) -> None:
        """Note that a variable is read that functions share."""
        self.step.note(NAMES, name, False)

    def attribute(self, owner: Any, name: str) -> Any:
        """Note that an attribute is read; return its object."""
        if isinstance(owner, ModuleType):
            self.name(name)
        elif isinstance(owner, type):
            self._class(owner, name)
        elif type(owner) in (Lock, Condition, Queue):
            self.touch(owner, ALL)
        elif type(owner) not in _ATOMS and type(owner) not in _CONTAINERS:
            self._attribute_of(owner, name)
        return owner

    def item(self, owner: Any, index: Any) -> Any:
        """Note that an item is read, and return it."""
        kind = type(owner)
        if kind in (list, tuple, deque):
            self._place(owner, index, False)
        elif kind in _MAPPINGS:
            if kind is defaultdict and _is_key(index) and index not in owner:
                self.touch(owner, ALL, True)
                self.step.is_certain = False
                self.step.everything |= owner.default_factory not in (int, list, dict, set, str, None)
            self._place(owner, index, False)
        elif kind not in _ATOMS:
            self.everything()
        return owner[index]

    def stored(self, value: Any, owner: Any, key: Any, place: str) -> Any:
        """Note that something is stored at, or deleted from, a place; return the value."""
        if place == "name":
            self.step.note(NAMES, key, True)
        elif place == "item":
            self._store_item(owner, key)
        elif isinstance(owner, ModuleType):
            self.step.note(NAMES, key, True)
        elif type(owner) in (Lock, Condition, Queue) or _is_customised(type(owner), key):
            self.everything()
        else:
            self.touch(owner, key, True)
        return value

    def looked(self, values: tuple[Any, ...]) -> None:
        """Note that an operation looks into these values, and into what they hold."""
        self.step.is_certain = False
        todo, seen = list(values), set[int]()
        while todo:
            value = todo.pop()
            if type(value) in _ATOMS or isinstance(value, _FIXED) or id(value) in seen:
                continue
            seen.add(id(value))
            if len(seen) > _MOST or not self._look_into(value, todo):
                self.everything()
                return

    def changed(self, values: tuple[Any, ...]) -> None:
        """Note that an operation looks into these values, and may change the first in place."""
        self.looked(values)
        if type(values[0]) not in _ATOMS:
            self.touch(values[0], ALL, True)

    # -- calls that happen at once

    def call(self, function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Note what is accessed by a call of something that is not the learner's function."""
        given = (*arguments, *named.values())
        owner = getattr(function, "__self__", None)
        if isinstance(owner, (Lock, Condition, Queue)):
            return  # they note it themselves
        if isinstance(function, type):
            self._make(function, given)
        elif isinstance(function, (BuiltinFunctionType, MethodWrapperType)) and type(owner) in _CONTAINERS:
            self._method(owner, function.__name__, given)
        elif isinstance(function, BuiltinFunctionType) and (type(owner) in _ATOMS or is_safe_function(function)):
            self._pure(function, given)
        else:
            self.everything()

    def _pure(self, function: Any, given: tuple[Any, ...]) -> None:
        if function is len and type(given[0]) in _CONTAINERS:
            self.touch(given[0], SIZE)
        elif any(isinstance(value, (FunctionType, type)) and not _is_builtin_class(value) for value in given):
            self.everything()
        else:
            self.looked(given)
            if function is print and self.prints:
                self.step.note(OUTPUT, ALL, True)

    def _method(self, owner: Any, name: str, given: tuple[Any, ...]) -> None:
        if type(owner) is defaultdict or any(isinstance(value, FunctionType) for value in given):
            self.everything()
        self.touch(owner, ALL, name not in _ONLY_READ)
        if name not in _ONLY_KEEPS:
            self.looked((owner, *given) if name in ("remove", "index", "count") else given)

    def _make(self, cls: type, given: tuple[Any, ...]) -> None:
        if SAFE_BUILTINS.get(cls.__name__) is cls or cls in _CONTAINERS:
            if not issubclass(cls, BaseException):
                self._pure(cls, given)
        else:
            self._check_end(cls)
            self.step.everything |= not _is_plainly_made(cls)

    # -- places

    def _place(self, owner: Any, index: Any, writes: bool) -> None:
        kind = type(owner)
        if kind in _MAPPINGS:
            self.touch(owner, index if _is_key(index) else ALL, writes)
            self.step.everything |= not _is_key(index)
        elif type(index) is int:
            self.touch(owner, index + len(owner) if index < 0 else index, writes)
            self.touch(owner, SIZE)
            self.step.is_certain &= index >= 0
        else:
            self.touch(owner, ALL, writes)

    def _store_item(self, owner: Any, index: Any) -> None:
        kind = type(owner)
        if kind in _MAPPINGS and _is_key(index):
            self._place(owner, index, True)
            self.touch(owner, SIZE, True)
        elif kind in (list, deque) and type(index) is int and -len(owner) <= index < len(owner):
            self._place(owner, index, True)
        elif kind in _CONTAINERS:
            self.touch(owner, ALL, True)
            self.step.is_certain = False
            self.step.everything |= kind in _MAPPINGS
        else:
            self.everything()

    def _class(self, owner: type, name: str) -> None:
        for base in owner.__mro__[:-1]:
            self.touch(base, name)
            if name in vars(base):
                return

    def _attribute_of(self, owner: Any, name: str) -> None:
        if _is_customised(type(owner), name):
            self.everything()
            return
        self.touch(owner, name)
        self._class(type(owner), name)

    def _look_into(self, value: Any, todo: list[Any]) -> bool:
        """Note that a value is looked into; False if that runs code that cannot be seen."""
        kind = type(value)
        if kind in _CONTAINERS:
            self.touch(value, ALL)
        elif kind in (Lock, Condition, Queue):
            self.touch(value, ALL)
            return True
        elif kind.__flags__ & _HEAP_TYPE and not _operations_of(kind):
            self.touch(value, ALL)
        else:
            return False
        todo += _parts(value)
        return True


_HEAP_TYPE = 1 << 9  # the flag of a class that was made by a class statement


def _parts(value: object) -> Iterable[Any]:
    """What a container or an object holds."""
    if isinstance(value, _MAPPINGS):
        return [*value.keys(), *value.values()]
    if isinstance(value, _SEQUENCES):
        return list(value)
    attributes = getattr(value, "__dict__", None)
    return list(attributes.values()) if isinstance(attributes, dict) else []


def _reached(value: object) -> Iterable[Any]:
    """What code that has this value can reach from it."""
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    if isinstance(value, FunctionType):
        if not is_learners(value.__code__):
            return []
        code, space = value.__code__, value.__globals__
        enclosed = [cell.cell_contents for cell in value.__closure__ or () if cell != _EMPTY]
        return [*enclosed, *(value.__defaults__ or ()), *(space[name] for name in code.co_names if name in space)]
    if isinstance(value, MethodType):
        return [value.__self__, value.__func__]
    if isinstance(value, type):
        return [*value.__mro__[1:-1], *vars(value).values()] if value.__flags__ & _HEAP_TYPE else []
    return [] if isinstance(value, (ModuleType, BuiltinFunctionType)) else [type(value), *_parts(value)]


_EMPTY = CellType()


def _is_key(index: object) -> bool:
    """Whether a key of a dict is compared without code of the learner's."""
    if type(index) is tuple:
        return all(map(_is_key, index))
    return type(index) in _ATOMS and type(index) not in (slice, range)


def _is_builtin_class(value: object) -> bool:
    return isinstance(value, type) and SAFE_BUILTINS.get(value.__name__) is value


def _is_customised(kind: type, name: str) -> bool:
    """Whether reading or storing this attribute runs code of the learner's class."""
    for base in kind.__mro__[:-1]:
        members = vars(base)
        if {"__getattr__", "__getattribute__", "__setattr__", "__delattr__"} & members.keys():
            return True
        if name in members and not isinstance(members[name], (FunctionType, *_DESCRIPTORS)):
            return hasattr(type(members[name]), "__get__")
    return False


def _operations_of(kind: type) -> list[str]:
    """The special methods of a learner's class that an operation may call."""
    return [
        name
        for base in kind.__mro__[:-1]
        for name, value in vars(base).items()
        if name.startswith("__") and name.endswith("__") and name not in _NOT_AN_OPERATION
        if isinstance(value, FunctionType) and not is_made_by_dataclass(base, value)
    ]


def _is_plainly_made(cls: type) -> bool:
    """Whether making an object of this class runs no code of the learner's that could access anything."""
    if type(cls) is not type:
        return False
    own = [(base, name) for base in cls.__mro__[:-1] for name in _MAKERS if name in vars(base)]
    factories = [field.default_factory for field in getattr(cls, "__dataclass_fields__", {}).values()]
    if any(isinstance(factory, FunctionType) for factory in factories):
        return False
    return all(is_made_by_dataclass(base, vars(base)[name]) or _is_builtin_class(base) for base, name in own)


notes = Notes()
