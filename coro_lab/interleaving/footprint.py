"""What a program's code can read or change beyond its own frames: worked out from its bytecode, before merging states.

Two states may be judged once only if nothing else can make them differ later. So every name that the code takes from
outside has to be one of these: a builtin that depends on its arguments alone; a function or a class, whose own code
is looked through in the same way; or plain data, which then belongs to the state. Anything else raises
UnknownStateError, with the reason.
"""

from __future__ import annotations

import builtins
import dis
from collections.abc import Iterator
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    ModuleType,
)
from typing import Any

from coro_lab.interleaving.trust import (
    NO_STATE,
    SAFE_BUILTINS,
    SAFE_CLASSES,
    SAFE_MODULES,
    TRUSTED,
    is_made_by_dataclass,
    is_plain_builtin,
)

_GLOBALS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"})
_REFUSED = {"IMPORT_NAME": "it imports while it runs", "LOAD_BUILD_CLASS": "it makes a class while it runs"}

type Place = tuple[dict[str, Any] | Any, str]
"""A namespace and a name in it."""


class UnknownStateError(Exception):
    """States cannot be told apart soundly; the text says why, and goes behind 'because'."""


class Footprint:
    """What the code seen so far can reach from outside its frames."""

    def __init__(self) -> None:
        self.places: list[Place] = []  # where the data lie that belong to the state
        self.changes_cells = False  # some code assigns a variable that it shares with other functions
        self._strict = True
        self._known: dict[int, Any] = {}  # by id; the values keep what was looked through alive
        self._stored: set[str] = set()  # attributes that the code assigns
        self._methods: set[str] = set()  # functions that classes hold

    def knows(self, thing: object) -> bool:
        """Whether this function, class or code was looked through before."""
        return id(thing) in self._known

    def add_code(self, code: CodeType, namespace: dict[str, Any]) -> None:
        """Look through one code object and those inside it; `namespace` holds its globals."""
        if self._is_new(code) and namespace.get("__name__") not in TRUSTED:
            for inner in _nested(code):
                for name in self._names_from_outside(inner):
                    self._add_name(name, namespace)
            self._check_methods()

    def add_function(self, function: FunctionType) -> None:
        """Look through a function. What it encloses, and its defaults, are data and found with the function itself."""
        self.add_code(function.__code__, function.__globals__)

    def add_class(self, cls: type) -> None:
        """Look through the methods of a class of the learner's, and of those that it derives from."""
        if not self._is_new(cls) or cls.__module__ in TRUSTED or cls in SAFE_CLASSES:
            return
        for base in cls.__mro__[:-1]:
            if base.__module__ == "builtins" and not issubclass(base, BaseException):
                self._refuse(f"{cls.__name__} derives from {base.__name__}")
            if type(base) is not type:
                self._refuse(f"the class {cls.__name__} has a metaclass")
            for name, value in vars(base).items():
                if name not in NO_STATE and not (is_made_by_dataclass(base, value)):
                    self._add_member(base, name, value)
        self._check_methods()

    def add_reader(self, function: FunctionType) -> None:
        """Look through a function that is called once at the end, such as an invariant: only what it reads matters."""
        self._strict = False
        self.add_function(function)
        self._strict = True

    def _refuse(self, reason: str) -> None:
        if self._strict:
            raise UnknownStateError(reason)

    def _is_new(self, thing: object) -> bool:
        if id(thing) in self._known:
            return False
        self._known[id(thing)] = thing
        return True

    def _names_from_outside(self, code: CodeType) -> Iterator[str]:
        before: Any = None
        for instruction in dis.get_instructions(code):
            name = instruction.opname
            if name in _REFUSED:
                self._refuse(_REFUSED[name])
            if name == "IS_OP" and not _loads_none(before):
                self._refuse("it compares with `is`")
            self.changes_cells |= name in ("STORE_DEREF", "DELETE_DEREF")
            if name == "STORE_ATTR":
                self._stored.add(instruction.argval)
            if name in _GLOBALS:
                yield instruction.argval
            before = instruction

    def _add_name(self, name: str, namespace: dict[str, Any]) -> None:
        if name not in namespace and hasattr(builtins, name):
            if name not in SAFE_BUILTINS:
                self._refuse(f"it uses {name}")
            return
        value = namespace.get(name)
        if isinstance(value, FunctionType):
            self.add_function(value)
        elif isinstance(value, type):
            if not is_plain_builtin(value):
                self.add_class(value)
            return
        elif isinstance(value, ModuleType):
            if value.__name__ not in SAFE_MODULES and not value.__name__.startswith("coro_lab"):
                self._refuse(f"it uses the module {value.__name__}")
            return
        elif isinstance(value, BuiltinFunctionType):
            if value.__module__ not in SAFE_MODULES:
                self._refuse(f"it uses {name}")
            return
        self.places.append((namespace, name))

    def _add_member(self, cls: type, name: str, value: Any) -> None:
        if name == "__del__":
            self._refuse(f"{cls.__name__} has a __del__")
        if isinstance(value, (staticmethod, classmethod)):
            value = value.__func__
        if isinstance(value, property):
            for function in (value.fget, value.fset, value.fdel):
                if isinstance(function, FunctionType):
                    self.add_function(function)
        elif isinstance(value, FunctionType):
            self._methods.add(name)
            self.add_function(value)
            if value.__closure__ or value.__defaults__ or value.__kwdefaults__ or value.__dict__:
                self.places.append((cls, name))
        elif not isinstance(value, (MemberDescriptorType, GetSetDescriptorType)):
            self.places.append((cls, name))

    def _check_methods(self) -> None:
        if changed := self._stored & self._methods:
            self._refuse(f"it may replace the method {min(changed)}")


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _loads_none(instruction: Any) -> bool:
    return (
        instruction is not None and instruction.opname in ("LOAD_CONST", "RETURN_CONST") and instruction.argval is None
    )
