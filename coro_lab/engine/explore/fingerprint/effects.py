"""What code can read or change outside its frames, found from its bytecode before any states are merged.

Equal states may be judged once only if nothing outside a state can make its runs differ. So each name that code takes
from outside must be a pure builtin, a function or class whose code is looked through in the same way, or plain data,
which then belongs to the state. Anything else raises UnknownStateError with the reason.

An invariant is called once, at the end, so it may create any objects. But it must not read what no state holds.
"""

from __future__ import annotations

import builtins
import dis
import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    ModuleType,
)
from typing import Any, NamedTuple

from coro_lab.engine.explore.fingerprint.pure_builtins import (
    BUILTIN_CLASSES,
    NO_STATE,
    PLAIN_CLASSES,
    SAFE_AT_THE_END,
    SAFE_BUILTINS,
    SAFE_CLASSES,
    is_made_by_dataclass,
    is_ours,
    is_safe_attribute,
    is_safe_function,
    is_safe_module,
    is_special,
    is_trusted,
)
from coro_lab.errors import UnknownStateError
from coro_lab.trace.own_builtins import with_builtins

_GLOBALS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"})
_ASSIGNS_GLOBAL = frozenset({"STORE_GLOBAL", "DELETE_GLOBAL"})
_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "DELETE_ATTR", "LOAD_SUPER_ATTR"})
_ASSIGNS = frozenset({"STORE_ATTR", "DELETE_ATTR"})
_LITERALS = frozenset({"LOAD_CONST", "RETURN_CONST"})
_READS = frozenset({"getattr", "hasattr"})


@with_builtins
class Place(NamedTuple):
    """A name in a namespace, and what to call it."""

    namespace: Mapping[str, Any]
    name: str
    label: str


class Reach:
    """What some code can reach from outside its frames."""

    def __init__(self) -> None:
        self.places: dict[object, Place] = {}  # names that hold data
        self.methods: list[FunctionType] = []  # functions of classes: their closures and defaults hold data, too
        self.shared: dict[int, tuple[Mapping[str, Any], str]] = {}  # where attributes may be assigned: classes, modules

    @property
    def is_empty(self) -> bool:
        """Whether the code reaches nothing outside its frames."""
        return not (self.places or self.methods or self.shared)

    def assigned(self, names: set[str]) -> list[Place]:
        """Where classes and modules have one of these attributes now."""
        return [
            Place(namespace, name, f"{label}.{name}")
            for namespace, label in self.shared.values()
            for name in names
            if name in namespace
        ]


class Effects:
    """What the code of the tasks, and the code of the invariant, can reach outside their frames."""

    def __init__(self) -> None:
        self.tasks, self.invariant = Reach(), Reach()
        self.assigned: set[str] = set()  # attributes that the code assigns or deletes
        self.changes_cells = False  # some code assigns a variable that it shares with other functions
        self.compares_identity = False  # the invariant uses `is`, so the identity of objects belongs to the state
        self.codes: list[CodeType] = []
        self.is_reading = False  # the code that is looked through now is the invariant's
        self._known: dict[object, Any] = {}  # its values keep alive what was looked through, so that the ids stay valid
        self._methods: set[str] = set()

    @property
    def _reach(self) -> Reach:
        return self.invariant if self.is_reading else self.tasks

    @property
    def known(self) -> list[Any]:
        """The classes, and the pairs of a code and its globals, that were looked through."""
        return list(self._known.values())

    def add_code(self, code: CodeType, namespace: dict[str, Any]) -> None:
        """Look through one code object and those inside it, once; `namespace` holds its globals."""
        key = id(code), id(namespace), self.is_reading
        if key in self._known or is_trusted(namespace):
            return
        self._known[key] = code, namespace
        for inner in _nested(code):
            self.codes.append(inner)
            self._look_through(inner, namespace)
        self._check_methods()

    def add_function(self, function: FunctionType) -> None:
        """Look through a function's code. Its closure and defaults are data, and are found in its value."""
        self.add_code(function.__code__, function.__globals__)

    def add_class(self, cls: type, *, kept: bool = True) -> None:
        """Look through the methods of the learner's class and of its bases, once.

        `kept=False` for a class that is made anew in each run: its contents are written with the class itself.
        """
        key = id(cls), self.is_reading
        if key in self._known or is_ours(cls) or id(cls) in SAFE_CLASSES or id(cls) in BUILTIN_CLASSES:
            return
        if kept:
            self._known[key] = cls
        for base in cls.__mro__[:-1]:
            self._check_base(cls, base)
            if kept:
                self._reach.shared[id(base)] = vars(base), base.__name__
            for name, value in vars(base).items():
                self._add_member(base, name, value, kept)
        self._check_methods()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """In this `with`, what is looked through belongs to the invariant."""
        self.is_reading = True
        try:
            yield
        finally:
            self.is_reading = False

    def _refuse(self, reason: str) -> None:
        raise UnknownStateError(f"the invariant {reason}" if self.is_reading else f"it {reason}")

    def _refuse_to_hold(self, reason: str) -> None:
        """Refuse what would make a state unreliable; an invariant may do it, because it is called at the end."""
        if not self.is_reading:
            raise UnknownStateError(reason)

    # -- code

    def _look_through(self, code: CodeType, namespace: dict[str, Any]) -> None:
        instructions = _instructions_of(code)
        for at, instruction in enumerate(instructions):
            name = instruction.opname
            if name == "IMPORT_NAME":
                self._refuse("imports while it runs")
            elif name == "LOAD_BUILD_CLASS":
                self._refuse_to_hold("it makes a class while it runs")
            elif name == "IS_OP" and not _is_literal(instructions[at - 1]):
                self._note_identity()
            elif name in _ATTRIBUTES:
                self._add_attribute(name, instruction.argval)
            elif name in _GLOBALS:
                after = instructions[at + 1] if name == "LOAD_GLOBAL" else None
                self._add_name(instruction.argval, namespace, after, assigned=name in _ASSIGNS_GLOBAL)
                if instruction.argval in _READS and any(is_special(text) for text in _texts(code)):
                    self._refuse(f"uses {instruction.argval} of a special attribute")
            self.changes_cells |= name in ("STORE_DEREF", "DELETE_DEREF")

    def _note_identity(self) -> None:
        if not self.is_reading:
            self._refuse("compares with `is`")
        self.compares_identity = True

    def _add_attribute(self, opname: str, name: str) -> None:
        if opname in _ASSIGNS:
            if is_special(name) or name.startswith("__"):
                self._refuse(f"assigns {name}")
            self.assigned.add(name)
        elif is_special(name) and not (self.is_reading and name == "__dict__"):
            self._refuse(f"uses {name}")

    def _add_name(self, name: str, namespace: dict[str, Any], after: Any, *, assigned: bool) -> None:
        if name not in namespace and hasattr(builtins, name) and not assigned:
            safe = SAFE_AT_THE_END if self.is_reading else SAFE_BUILTINS
            if name not in safe or safe[name] is not getattr(builtins, name):
                self._refuse(f"uses {name}")
            return
        value = namespace.get(name)
        if isinstance(value, ModuleType):
            self._add_module(value, after)
            if not assigned:
                return
        elif isinstance(value, FunctionType):
            self.add_function(value)
        elif isinstance(value, type):
            if not assigned and (id(value) in PLAIN_CLASSES or is_ours(value)):
                return
            self.add_class(value)
        elif isinstance(value, BuiltinFunctionType) and not is_safe_function(value):
            self._refuse(f"uses {name}")
        self._reach.places[id(namespace), name] = Place(namespace, name, name)

    def _add_module(self, module: ModuleType, after: Any) -> None:
        """A module is safe as a whole, or because only a safe attribute is read from it."""
        here = after is not None and after.opname in _ATTRIBUTES and is_safe_attribute(module, after.argval)
        if not (here or is_safe_module(module)):
            self._refuse(f"uses the module {module.__name__}")
        self._reach.shared[id(module)] = vars(module), module.__name__

    # -- classes

    def _check_base(self, cls: type, base: type) -> None:
        if id(base) in BUILTIN_CLASSES and not issubclass(base, BaseException):
            self._refuse_to_hold(f"{cls.__name__} derives from {base.__name__}")
        if type(base) is not type:
            self._refuse_to_hold(f"the class {cls.__name__} has a metaclass")

    def _add_member(self, cls: type, name: str, value: Any, kept: bool) -> None:
        if name == "__del__":
            self._refuse_to_hold(f"{cls.__name__} has a __del__")
        if id(cls) in BUILTIN_CLASSES or isinstance(value, (MemberDescriptorType, GetSetDescriptorType)):
            return
        if name in NO_STATE and not isinstance(value, FunctionType):
            return
        functions = functions_of(value)
        for function in functions:
            if not is_made_by_dataclass(cls, function):
                self._methods.add(name)
                self.add_function(function)
            if kept and (name == "__init__" or not is_made_by_dataclass(cls, function)):
                self._reach.methods.append(function)
        if kept and not functions:
            self._reach.places[id(cls), name] = Place(vars(cls), name, f"{cls.__name__}.{name}")

    def _check_methods(self) -> None:
        if changed := self.assigned & self._methods:
            self._refuse(f"may replace the method {min(changed)}")


def functions_of(member: Any) -> list[FunctionType]:
    """The functions behind a member of a class: a method, or what a property, staticmethod or classmethod calls."""
    if type(member) is property:
        return [part for part in (member.fget, member.fset, member.fdel) if isinstance(part, FunctionType)]
    kind = type(member)
    inner = member.__func__ if kind is staticmethod or kind is classmethod else member
    return [inner] if type(inner) is FunctionType else []


@functools.lru_cache(maxsize=4_096)
def _instructions_of(code: CodeType) -> tuple[dis.Instruction, ...]:
    """The instructions of this code; each exploration asks for those of the same code."""
    return tuple(dis.get_instructions(code))


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _texts(code: CodeType) -> list[str]:
    return [constant for constant in code.co_consts if isinstance(constant, str)]


def _is_literal(instruction: Any) -> bool:
    """Whether this loads None, True, False or `...`; each of them exists once."""
    value = instruction.argval
    return instruction.opname in _LITERALS and (value is None or value is True or value is False or value is ...)
