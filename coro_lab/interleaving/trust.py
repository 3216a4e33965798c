"""What code may take from outside without more ado: it cannot make two states differ that are otherwise equal."""

from __future__ import annotations

import builtins
from collections import Counter, OrderedDict, defaultdict, deque
from types import FunctionType
from typing import Any

from coro_lab.interleaving import hooks, sync

SAFE_BUILTINS = frozenset(
    {
        *(
            "abs",
            "all",
            "any",
            "ascii",
            "bin",
            "bool",
            "bytes",
            "chr",
            "dict",
            "divmod",
            "enumerate",
            "float",
            "format",
        ),
        *("hex", "int", "isinstance", "issubclass", "len", "list", "max", "min", "next", "object", "oct", "ord", "pow"),
        *("print", "range", "repr", "reversed", "round", "slice", "sorted", "str", "sum", "super", "tuple", "zip"),
        *("NotImplemented", "Ellipsis"),
    }
) | {name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)}
"""Builtins whose result depends on nothing but their arguments."""

SAFE_MODULES = frozenset({"math", "operator"})
SAFE_CLASSES = frozenset({Counter, OrderedDict, defaultdict, deque})
TRUSTED = frozenset({hooks.__name__, sync.__name__, "coro_lab.interleaving.preemption"})
"""Coro Lab's own modules whose code can run inside a step."""

NO_STATE = frozenset(
    {"__dict__", "__weakref__", "__module__", "__doc__", "__qualname__", "__annotations__", "__slots__"}
)
NO_STATE |= {
    "__match_args__",
    "__dataclass_fields__",
    "__dataclass_params__",
    "__static_attributes__",
    "__firstlineno__",
}
NO_STATE |= {
    "__hash__",
    "__parameters__",
    "__type_params__",
    "__orig_bases__",
    "__annotate_func__",
    "__annotations_cache__",
}
"""What a class holds beside its methods and the learner's data."""


def is_plain_builtin(cls: type) -> bool:
    """Whether this is one of the safe builtins, and a class."""
    return cls.__module__ == "builtins" and cls.__name__ in SAFE_BUILTINS


def is_made_by_dataclass(cls: type, value: Any) -> bool:
    """Whether the dataclass decorator wrote this method: it depends on the object alone."""
    function = getattr(value, "__wrapped__", value)
    return (
        "__dataclass_params__" in vars(cls)
        and isinstance(function, FunctionType)
        and (function.__code__.co_filename == "<string>" or function.__module__ == "dataclasses")
    )
