"""Pure builtins and classes, which need not be part of a state: they depend only on their arguments.

They are recognised by identity, never by name: a learner's class can set its module to `builtins`, and a helper
module of a course can have any name.
"""

from __future__ import annotations

import builtins
import math
import operator
import re
import time
from collections import Counter, OrderedDict, defaultdict, deque
from types import CodeType, FunctionType, MemberDescriptorType, ModuleType
from typing import Any

from coro_lab.engine.explore import sync
from coro_lab.engine.explore.preemption import preemptible, runtime

_NAMES = """
    abs all any ascii bin bool bytes chr dict divmod enumerate float format hex int isinstance issubclass iter len list
    max min next object oct ord pow print range repr reversed round slice sorted str sum super tuple zip
    NotImplemented Ellipsis
"""
_AT_THE_END = "bytearray callable complex filter frozenset getattr hasattr map set type vars"
SAFE_BUILTINS: dict[str, Any] = {name: getattr(builtins, name) for name in _NAMES.split()} | {
    name: value
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}
"""Builtins whose result depends only on their arguments."""

SAFE_AT_THE_END: dict[str, Any] = SAFE_BUILTINS | {name: getattr(builtins, name) for name in _AT_THE_END.split()}
"""The same for an invariant. It may also create objects without a key, because none of them outlives its call."""

BUILTIN_CLASSES = frozenset(id(value) for value in vars(builtins).values() if isinstance(value, type))
PLAIN_CLASSES = frozenset(id(value) for value in SAFE_BUILTINS.values() if isinstance(value, type))
SAFE_CLASSES = frozenset(map(id, (Counter, OrderedDict, defaultdict, deque)))

_OPERATORS = frozenset(operator.__all__) - {"is_", "is_not", "call", "methodcaller"}
_OUR_NAMES = frozenset({"Lock", "Condition", "Queue"})


def is_safe_attribute(module: ModuleType, name: str) -> bool:
    """Whether code may read this attribute of a module; `math` is safe as a whole, see `is_safe_module`."""
    if module is operator:
        return name in _OPERATORS
    if module is time:
        return name == "sleep"
    return name in _OUR_NAMES and getattr(module, name, None) is getattr(sync, name)


def is_safe_module(module: ModuleType) -> bool:
    """Whether all functions of this module depend only on their arguments."""
    return module is math


def is_safe_function(function: Any) -> bool:
    """Whether this function, which is written in C, depends only on its arguments, and changes nothing."""
    name = function.__name__
    if function is time.sleep:
        return True
    if SAFE_BUILTINS.get(name) is function or getattr(math, name, None) is function:
        return True
    return name in _OPERATORS and getattr(operator, name) is function


_TRUSTED = tuple(map(vars, (runtime, sync, preemptible)))


def is_trusted(namespace: Any) -> bool:
    """Whether these are the globals of one of our modules whose code can run inside a step."""
    return any(namespace is trusted for trusted in _TRUSTED)


def is_ours(cls: type) -> bool:
    """Whether this is one of our classes whose objects can be used inside a step."""
    return any(trusted.get(cls.__name__) is cls for trusted in _TRUSTED)


NO_STATE = frozenset(
    {"__module__", "__doc__", "__qualname__", "__annotations__", "__slots__", "__match_args__", "__hash__"}
    | {"__dataclass_fields__", "__dataclass_params__", "__static_attributes__", "__firstlineno__", "__parameters__"}
    | {"__type_params__", "__orig_bases__", "__annotate_func__", "__annotations_cache__"}
)
"""Names in a class beside its methods and the learner's data; no code that is looked through uses them."""

_SPECIAL = re.compile("__[a-z0-9_]+__")
_OPERATIONS = """
    init new call enter exit iter next len contains getitem setitem delitem missing bool eq ne lt le gt ge add
    sub mul truediv floordiv mod pow and or xor neg pos abs invert radd rsub rmul iadd isub imul str repr format
    class name int float index post_init getattr setattr delattr getattribute
"""
_PLAIN_SPECIAL = frozenset(f"__{name}__" for name in _OPERATIONS.split())
_INSPECTING = frozenset(
    {"cell_contents", "f_locals", "gi_frame", "gi_yieldfrom", "gi_code", "gi_running", "is_", "is_not"}
)


def is_special(name: str) -> bool:
    """Whether an attribute of this name can read or change what is not in a state: `__sizeof__`, `__doc__`, `is_`."""
    return name in _INSPECTING or (bool(_SPECIAL.fullmatch(name)) and name not in _PLAIN_SPECIAL)


def is_made_by_dataclass(cls: type, value: Any) -> bool:
    """Whether the dataclass decorator wrote this method; then it depends only on its object and its closure."""
    if "__dataclass_params__" not in vars(cls) or not isinstance(value, FunctionType):
        return False
    code: CodeType = getattr(value, "__wrapped__", value).__code__
    return code.co_qualname.startswith("__create_fn__.<locals>.") or value.__module__ == "dataclasses"


def slots_of(kind: type) -> list[MemberDescriptorType]:
    """The slots of a class and of its bases."""
    return [
        value
        for base in kind.__mro__
        for value in vars(base).values()
        if type(value) is MemberDescriptorType and value.__objclass__ is base
    ]
