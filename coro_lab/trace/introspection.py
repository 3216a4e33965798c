"""What a value is made of, read past everything that its class could overrule.

`isinstance` would read `__class__`, `getattr` would call `__getattribute__`, a class as a key would be hashed by its
metaclass, and a name may be of a subclass of str. So the descriptors of `type` and `object` are asked themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timezone
from types import GetSetDescriptorType, MemberDescriptorType, ModuleType, TracebackType
from typing import Any

from coro_lab.trace.attributes import MISSING, attributes_of, of_class
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_PURE_MODULES = frozenset({"datetime", "decimal", "fractions", "pathlib", "ipaddress", "numpy"})

plain = str.__str__
"""The text of a str, or of an object of a subclass, as a str."""

module_namespace: Callable[[Any], dict[str, Any]] = vars(ModuleType)["__dict__"].__get__
"""The global names of a module."""

_args: Callable[[BaseException], object] = vars(BaseException)["args"].__get__
_message: Callable[[BaseException], object] = vars(BaseExceptionGroup)["message"].__get__
_exceptions: Callable[[BaseException], tuple[BaseException, ...]] = vars(BaseExceptionGroup)["exceptions"].__get__
traceback_of: Callable[[BaseException], TracebackType | None] = vars(BaseException)["__traceback__"].__get__
"""The traceback of an exception."""

_cause: Callable[[BaseException], BaseException | None] = vars(BaseException)["__cause__"].__get__
_context: Callable[[BaseException], BaseException | None] = vars(BaseException)["__context__"].__get__
_class_dict: Callable[[type], Mapping[str, Any]] = vars(type)["__dict__"].__get__
_class_mro: Callable[[type], tuple[type, ...]] = vars(type)["__mro__"].__get__
_class_module: Callable[[type], object] = vars(type)["__module__"].__get__
_class_name: Callable[[type], str] = vars(type)["__name__"].__get__


def class_name(kind: type) -> str:
    """The name of a class."""
    return plain(_class_name(kind))


def class_attribute(kind: type, name: str) -> Any:
    """What stands under this name in the class or the nearest of its parents; None where nothing does."""
    found = of_class(kind, name)
    return None if found is MISSING else found


def module_name(kind: type) -> str:
    """The module that a class says it comes from; empty if it does not say so in a str."""
    name = _class_module(kind)
    return name if type(name) is str else ""


def args_of(error: BaseException) -> tuple[Any, ...]:
    """The arguments that an exception was made with."""
    args = _args(error)
    return args if type(args) is tuple else ()


def error_before(error: BaseException) -> BaseException | None:
    """The cause of an exception, or the exception that was handled when it was raised."""
    cause = _cause(error)
    return _context(error) if cause is None else cause


def group_message(error: BaseException) -> object:
    """The message of an exception group."""
    return _message(error)


def group_exceptions(error: BaseException) -> tuple[BaseException, ...]:
    """The exceptions in an exception group."""
    return _exceptions(error)


def fields_of(value: object) -> dict[str, Any]:
    """The instance's own fields, from `__slots__` and `__dict__`."""
    fields: dict[str, Any] = {}
    make_dict = None
    for base in reversed(_class_mro(type(value))):
        namespace = _class_dict(base)
        for name, member in namespace.items():
            if type(member) is MemberDescriptorType and name != "__weakref__":
                try:
                    fields[name] = member.__get__(value)
                except (AttributeError, TypeError):  # nothing in the slot, or the slot of another class
                    continue
        if type(namespace.get("__dict__")) is GetSetDescriptorType and base is not type:
            make_dict = namespace["__dict__"]
    return fields if make_dict is None else fields | attributes_of(value, fields, make_dict)


def is_pure(value: Any, kind: type) -> bool:
    """Whether repr() of it is a library's, bounded, and runs only code of that library."""
    module = module_name(kind)
    library = sys.modules.get(module) if module.split(".")[0] in _PURE_MODULES else None
    if library is None or vars(library).get(class_name(kind)) is not kind:  # any class may claim to be a library's
        return False
    if kind is timezone:
        return value is UTC
    if kind is datetime or kind is time:
        return value.tzinfo is None  # a zone may be of the learner's class, and so may its name
    if module == "numpy":
        names = [class_name(base) for base in _class_mro(kind)]
        return "number" in names or "bool" in names
    return False not in [_is_small(field) for field in fields_of(value).values()]


def _is_small(field: Any) -> bool:
    if type(field) is list or type(field) is tuple:  # the parts of a path
        return False not in [type(part) is str for part in field]
    return field is None or type(field) is str or (type(field) is int and int.bit_length(field) < 240)
