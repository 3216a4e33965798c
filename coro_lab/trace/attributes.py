"""The attributes of an object, read without a trace.

To ask an object for its `__dict__` makes that dict, once and for all: until then CPython keeps attributes without one
(since 3.11), and the garbage collector has an object less to count. So attributes are read one by one, by the names
that the methods of the class assign to, and the collector says whether these are all. If not, the dict is asked for.
"""

from __future__ import annotations

import dis
import gc
import weakref
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType, GetSetDescriptorType
from typing import Any

from coro_lab.trace.own_builtins import keep_builtins, undisturbed

keep_builtins(globals())

MISSING: Any = object()
_KEPT = 1000  # classes whose names are kept
_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE: a class that was made by a class statement or by type()
_read: Callable[[object, str], Any] = object.__getattribute__  # runs the learner's code only in descriptors
_class_dict: Callable[[type], Mapping[str, Any]] = vars(type)["__dict__"].__get__
_class_mro: Callable[[type], tuple[type, ...]] = vars(type)["__mro__"].__get__
_class_flags: Callable[[type], int] = vars(type)["__flags__"].__get__
_names: dict[int, tuple[weakref.ref[type], dict[str, None]]] = {}  # by the class's id: its hash may be anything


def attributes_of(value: object, slots: Mapping[str, Any], make_dict: GetSetDescriptorType) -> dict[str, Any]:
    """The attributes that an object has beside its slots, by name; `make_dict` is the descriptor of its `__dict__`."""
    kind = type(value)
    names = _names_of(kind)
    held = gc.get_referents(value) if _is_plain(kind) else []
    if held:
        own, defaults = _read_one_by_one(value, kind, names)
        for found in (own | defaults, own) if defaults else (own,):
            if _are_all(found, slots, kind, held):
                return _in_order(found, held)
    return _from_dict(value, names, make_dict)


def _from_dict(value: object, names: dict[str, None], make_dict: GetSetDescriptorType) -> dict[str, Any]:
    own = make_dict.__get__(value)
    attributes = {name: held for name, held in dict.items(own) if type(name) is str}
    names |= dict.fromkeys(attributes)
    return attributes


def _is_plain(kind: type) -> bool:
    """Whether the collector sees nothing in such an object but its attributes and its class."""
    return False not in [base is object or bool(_class_flags(base) & _HEAP) for base in _class_mro(kind)]


def _read_one_by_one(value: object, kind: type, names: dict[str, None]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The attributes of these names that the object has, and those that it may have from its class alone."""
    own: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    for name in names:
        default = of_class(kind, name)
        if default is not MISSING and _is_descriptor(default):
            continue
        try:
            found = _read(value, name)
        except AttributeError:
            continue
        (defaults if found is default else own)[name] = found
    return own, defaults


def _are_all(found: Mapping[str, Any], slots: Mapping[str, Any], kind: type, held: list[Any]) -> bool:
    expected = [*map(id, found.values()), *map(id, slots.values()), id(kind)]
    return sorted(expected) == sorted(map(id, held))


def _in_order(found: dict[str, Any], held: list[Any]) -> dict[str, Any]:
    """The attributes in the order in which they were first assigned, as the collector visits them."""
    places: dict[int, int] = {}
    for place, thing in enumerate(held):
        places.setdefault(id(thing), place)
    return dict(sorted(found.items(), key=lambda pair: places[id(pair[1])]))


def _names_of(kind: type) -> dict[str, None]:
    """The names that this class's methods assign to, and those that its objects were seen to have."""
    known = _names.get(id(kind))
    if known is None or known[0]() is not kind:
        if len(_names) >= _KEPT:
            _names.clear()
        methods = [each for base in reversed(_class_mro(kind)) for each in _class_dict(base).values()]
        codes = [each.__code__ for each in methods if type(each) is FunctionType]
        known = weakref.ref(kind), dict.fromkeys(name for code in codes for name in _assigned(code))
        _names[id(kind)] = known
    return known[1]


@undisturbed
def _assigned(code: CodeType) -> list[str]:
    return [each.argval for each in dis.get_instructions(code) if each.opname == "STORE_ATTR"]


def of_class(kind: type, name: str) -> Any:
    """What stands under this name in the class or the nearest of its parents; MISSING where nothing does."""
    for base in _class_mro(kind):
        namespace = _class_dict(base)
        if name in namespace:
            return namespace[name]
    return MISSING


def _is_descriptor(default: object) -> bool:
    return of_class(type(default), "__get__") is not MISSING
