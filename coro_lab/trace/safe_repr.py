"""What a value looks like, in one bounded line, at the moment it is asked.

One rule: describing a value never runs the learner's code. A `__repr__` that raises, never ends, is huge or changes
something is not called at all; the class and the fields describe a learner's object instead. So a recorded program
cannot notice that its values were looked at. Addresses are left out: equal runs give equal descriptions.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CodeType,
    CoroutineType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any

from coro_lab.trace.introspection import (
    args_of,
    class_attribute,
    class_name,
    fields_of,
    group_exceptions,
    group_message,
    is_pure,
    module_name,
    module_namespace,
    plain,
)
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

WIDTH = 80  # characters of the whole description
ITEMS = 6  # of one container
DEPTH = 3  # containers in containers


def describe(value: object) -> str:
    """The value as one line of at most 80 characters.

    >>> describe({"n": [1, 2, 3]})
    "{'n': [1, 2, 3]}"
    >>> describe((word for word in []))
    '<generator <genexpr>>'
    """
    kind = type(value)
    # the most frequent first; up to 2**30 Python compares several times as fast, and constants need no looking up
    if kind is int and -1_000_000_000 < value < 1_000_000_000:  # type: ignore[operator]
        return repr(value)
    if value is None:
        return "None"
    if kind is str:
        if len(value) < WIDTH and len(text := repr(value)) <= WIDTH:  # type: ignore[arg-type]
            return text
        return _str(value)  # type: ignore[arg-type]
    if kind is bool or kind is float:
        return repr(value)
    if kind is int:
        return _int(value)  # type: ignore[arg-type]
    if kind is GeneratorType:
        return _cut(_NAMED[kind](value))
    try:
        return _cut(_describe(value, DEPTH))
    except RuntimeError:  # no stack left, or changed by another thread while it was being read
        return _cut(f"<{class_name(kind)}>")


def _describe(value: Any, depth: int) -> str:
    kind = type(value)
    known = (_ATOMS.get(kind) or _NAMED.get(kind)) if type(kind) is type else None
    if known is not None:
        return known(value)
    if issubclass(kind, type):
        return f"<class {class_name(value)}>"
    for base, describe_container in _CONTAINERS:
        if issubclass(kind, base):
            return describe_container(value, depth)
    if issubclass(kind, BaseExceptionGroup):
        return _group(value, depth)
    if issubclass(kind, BaseException):
        return f"{class_name(kind)}({', '.join(_items(args_of(value), depth))})"
    if issubclass(kind, (int, str, float)):
        return _number_or_member(value, kind)
    if is_pure(value, kind):
        return _cut(repr(value))
    return _object(value, kind, depth)


def _group(error: Any, depth: int) -> str:
    """An exception group as a tree; if it is too long, messages are left out, the outer ones first."""
    message, name = group_message(error), class_name(type(error))
    if depth == 0:
        return f"{name}(…)"
    inside = list(_items(group_exceptions(error), depth))
    full = f"{name}({_describe(message, 0)}, [{', '.join(inside)}])"
    return full if len(full) <= WIDTH else _without_messages(error, depth)


def _without_messages(error: Any, depth: int) -> str:
    if not issubclass(type(error), BaseExceptionGroup) or depth == 0:
        return _describe(error, depth)
    inside = [_without_messages(each, depth - 1) for each in group_exceptions(error)[:ITEMS]]
    return f"{class_name(type(error))}(…, [{', '.join(inside)}])"


def _number_or_member(value: Any, kind: type) -> str:
    name = fields_of(value).get("_name_")  # a member of an enumeration
    base = int if issubclass(kind, int) else str if issubclass(kind, str) else float
    return f"{class_name(kind)}.{name}" if type(name) is str else f"{class_name(kind)}({_ATOMS[base](value)})"


def _object(value: Any, kind: type, depth: int) -> str:
    name = class_name(kind)
    fields = fields_of(value)
    if type(fields.get("_name_")) is str and "_value_" in fields:
        return f"{name}.{fields['_name_']}"
    shown = [(key, field) for key, field in fields.items() if not key.startswith("_")]
    if not shown or module_name(kind).split(".")[0] in sys.stdlib_module_names:
        return f"<{name}>"
    if depth == 0:
        return f"{name}(…)"
    parts = [f"{key}={_describe(field, depth - 1)}" for key, field in shown[:ITEMS]]
    return f"{name}({', '.join(parts + ['…'] * (len(shown) > ITEMS))})"


def _sequence(opening: str, closing: str, base: Any) -> Callable[[Any, int], str]:
    def described(value: Any, depth: int) -> str:
        prefix = "" if type(value) is base and base is not deque else class_name(type(value))
        opened = f"{prefix}({opening}" if prefix else opening
        closed = f"{closing})" if prefix else closing
        if depth == 0 and base.__len__(value):
            return f"{opened}…{closed}"
        parts = list(_items(base.__iter__(value), depth))
        comma = "," if base is tuple and len(parts) == 1 and not prefix else ""
        return f"{opened}{', '.join(parts)}{comma}{closed}"

    return described


def _items(values: Iterable[Any], depth: int) -> Iterator[str]:
    for number, item in enumerate(islice(values, ITEMS + 1)):
        yield "…" if number == ITEMS else _describe(item, max(depth - 1, 0))


def _tuple(value: Any, depth: int) -> str:
    names = class_attribute(type(value), "_fields")
    if type(names) is not tuple or False in [type(name) is str for name in names]:
        return _plain_tuple(value, depth)
    parts = zip(names, list(_items(tuple.__iter__(value), depth)), strict=False)
    return f"{class_name(type(value))}({', '.join(f'{name}={part}' for name, part in parts)})"


def _set(value: Any, depth: int) -> str:
    base = set if issubclass(type(value), set) else frozenset
    if not base.__len__(value):
        return f"{class_name(type(value))}()"
    if base.__len__(value) > 100:
        return f"<{class_name(type(value))} of {base.__len__(value)} items>"
    # sets have no order; sorting the words gives equal runs equal texts
    inside = sorted(_describe(item, max(depth - 1, 0)) for item in base.__iter__(value))
    listed = ", ".join(inside[:ITEMS] + ["…"] * (len(inside) > ITEMS))
    return f"{{{listed}}}" if type(value) is set else f"{class_name(type(value))}({{{listed}}})"


def _dict(value: Any, depth: int) -> str:
    if depth == 0 and dict.__len__(value):
        return "{…}"
    flat = (part for pair in islice(dict.items(value), ITEMS + 1) for part in pair)
    parts = [_describe(part, depth - 1) for part in flat]
    pairs = [f"{key}: {item}" for key, item in zip(parts[::2], parts[1::2], strict=True)]
    listed = "{" + ", ".join(pairs[:ITEMS] + ["…"] * (len(pairs) > ITEMS)) + "}"
    return listed if type(value) is dict else f"{class_name(type(value))}({listed})"


def _int(value: int) -> str:
    return int.__repr__(value) if int.bit_length(value) < 240 else f"<int of {int.bit_length(value)} bits>"


def _str(value: str) -> str:
    text = repr(str.__getitem__(value, slice(WIDTH)))
    return text if len(text) <= WIDTH else text[: WIDTH - 2] + "…" + text[0]


def _bytes(value: Any) -> str:
    return repr(bytes(value[:WIDTH])) + "…" * (len(value) > WIDTH)


def _sequence_of_bytes(value: Any, depth: int) -> str:
    return f"{class_name(type(value))}(…)"


def _range(value: range) -> str:
    step = f", {_int(value.step)}" if value.step != 1 else ""
    return f"range({_int(value.start)}, {_int(value.stop)}{step})"


def _cut(text: str) -> str:
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


_plain_tuple = _sequence("(", ")", tuple)

_ATOMS: dict[type, Callable[[Any], str]] = {
    int: _int,
    str: _str,
    float: float.__repr__,
    bool: repr,
    complex: repr,
    bytes: _bytes,
    bytearray: lambda value: f"bytearray({_bytes(value)})",
    range: _range,
    type(None): repr,
    type(...): lambda value: "...",
    type(NotImplemented): repr,
}
_NAMED: dict[type, Callable[[Any], str]] = {
    FunctionType: lambda value: f"<function {plain(value.__name__)}>",
    BuiltinFunctionType: lambda value: f"<function {plain(value.__name__)}>",
    MethodType: lambda value: f"<method {_name_of(value.__func__)}>",
    ModuleType: lambda value: f"<module {_name_in(module_namespace(value))}>",
    CodeType: lambda value: f"<code {plain(value.co_name)}>",
    GeneratorType: lambda value: f"<generator {plain(value.__name__)}>",
    CoroutineType: lambda value: f"<coroutine {plain(value.__name__)}>",
    AsyncGeneratorType: lambda value: f"<async generator {plain(value.__name__)}>",
}
_CONTAINERS: tuple[tuple[Any, Callable[[Any, int], str]], ...] = (
    (tuple, _tuple),
    (list, _sequence("[", "]", list)),
    (deque, _sequence("[", "]", deque)),
    (dict, _dict),
    ((set, frozenset), _set),
    ((bytes, bytearray), _sequence_of_bytes),
)


def _name_of(function: object) -> str:
    return plain(function.__qualname__) if type(function) is FunctionType else "?"


def _name_in(namespace: dict[str, Any]) -> str:
    name = namespace.get("__name__")
    return name if type(name) is str else "?"
