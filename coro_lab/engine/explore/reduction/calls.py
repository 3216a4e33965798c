"""What is accessed by a call that happens at once: of a builtin, of a method of a container, or of a class."""

from __future__ import annotations

import operator
from collections import defaultdict
from types import BuiltinFunctionType, FunctionType, MethodWrapperType
from typing import Any

from coro_lab.engine.explore.fingerprint.pure_builtins import SAFE_BUILTINS, is_safe_function
from coro_lab.engine.explore.reduction.footprint import ALL, SIZE
from coro_lab.engine.explore.reduction.notes import Notes
from coro_lab.engine.explore.reduction.numbers import OUTPUT
from coro_lab.engine.explore.reduction.objects import (
    ATOMS,
    COMPARES,
    CONTAINERS,
    ONLY_KEEPS,
    ONLY_READ,
    is_builtin_class,
    is_plainly_made,
)
from coro_lab.engine.explore.sync import Condition, Lock, Queue

_CHANGE = frozenset(
    {operator.setitem, operator.delitem}
    | {getattr(operator, f"i{name}") for name in operator.__all__ if f"i{name}" in operator.__all__}
)
"""The operators that change their first argument."""
_SHOW_ATTRIBUTES = (vars, globals, locals)


def note_call(notes: Notes, function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Note what is accessed by a call of something that is not the learner's function."""
    given = (*arguments, *named.values())
    owner = getattr(function, "__self__", None)
    if isinstance(owner, (Lock, Condition, Queue)):
        return  # they note it themselves
    if any(function is one for one in _SHOW_ATTRIBUTES):
        notes.give_up(f"attributes are reached through {function.__name__}")
    if isinstance(function, type):
        _make(notes, function, given)
    elif isinstance(function, (BuiltinFunctionType, MethodWrapperType)) and id(type(owner)) in CONTAINERS:
        _method(notes, owner, function.__name__, given)
    elif isinstance(function, BuiltinFunctionType) and (id(type(owner)) in ATOMS or is_safe_function(function)):
        _pure(notes, function, given)
    else:
        notes.everything()


def _calls_back(notes: Notes, given: tuple[Any, ...]) -> bool:
    """Whether a learner's function without notes is called."""
    if notes.sees_methods:
        return False
    return any(isinstance(value, (FunctionType, type)) and not is_builtin_class(value) for value in given)


def _pure(notes: Notes, function: Any, given: tuple[Any, ...]) -> None:
    if function in _CHANGE:
        notes.changed(given)
    elif function is len and id(type(given[0])) in CONTAINERS:
        notes.touch(given[0], SIZE)
    elif _calls_back(notes, given):
        notes.everything()
    else:
        notes.looked(given)
        if function is print and notes.prints:
            notes.step.note(OUTPUT, ALL, True)


def _method(notes: Notes, owner: Any, name: str, given: tuple[Any, ...]) -> None:
    if type(owner) is defaultdict or _calls_back(notes, given):
        notes.everything()
    notes.touch(owner, ALL, name not in ONLY_READ)
    if name not in ONLY_KEEPS:
        notes.looked((owner, *given) if name in COMPARES else given)


def _make(notes: Notes, cls: type, given: tuple[Any, ...]) -> None:
    if SAFE_BUILTINS.get(cls.__name__) is cls or id(cls) in CONTAINERS:
        if not issubclass(cls, BaseException):
            _pure(notes, cls, given)
    else:
        notes.numbers.check_end(cls)
        notes.step.everything |= not is_plainly_made(cls)
