"""Which locals of a lane have changed since the last look.

Reading `frame.f_locals` has to leave no trace. Before Python 3.13 it is a dict that the frame keeps, and that would
keep the values alive, so it is emptied after reading. A program that calls `locals()` could hold that very dict; then
variables are read one by one. Since 3.13 (PEP 667) it is a view, and harmless.

Reading is also what costs most, so it reads only what can have changed: the names that the line just run can bind,
names shared with other functions, and names whose value can change while the name stays bound to it.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from types import BuiltinFunctionType, CoroutineType, FrameType, FunctionType, GeneratorType, ModuleType
from typing import Any

from coro_lab.engine.recorder.bindings import to_read
from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

type Changes = tuple[str, ...]
"""Names of locals and their descriptions, in turns."""

UNBOUND = ""
"""Stands in for the description of a local that is gone; no value is described by it."""

_HARMLESS = sys.version_info >= (3, 13)
_CAN_HOLD_IT = frozenset(
    {"locals", "vars", "dir", "eval", "exec", "f_locals", "attrgetter", "getargvalues"}
) | frozenset({"getgeneratorlocals", "getcoroutinelocals", "getasyncgenlocals"})
# by their ids: a learner's metaclass may define `__hash__`
_CONSTANT = frozenset(map(id, (int, str, float, bool, complex, bytes, range, type(None), type(...))))
_TOLD_BY_NAME = frozenset(map(id, (GeneratorType, CoroutineType, FunctionType, BuiltinFunctionType, ModuleType, type)))
_careful = False  # from the first code on that could hold a frame's dict, all are read variable by variable
_MISSING: Any = object()
_UNKNOWN: Any = object()


class LocalsWatch:
    """The locals of one lane at the last look."""

    __slots__ = ("_info", "_inside", "_is_top", "_known", "_open", "_told", "after", "before")

    def __init__(self, info: CodeInfo, frame: FrameType) -> None:
        self._info = info
        self._is_top = info.is_top
        self._open = info.open  # names to read after every line
        self.after, self.before = info.to_read
        self._inside = info.inside_comprehensions  # where names are not this function's
        self._told: dict[str, str] = {}  # how each was described last
        self._known: dict[str, Any] = {}  # their values, if of types that are safe to keep
        if not _HARMLESS and not _CAN_HOLD_IT.isdisjoint(info.code.co_names):
            global _careful
            _careful = True
        if info.is_top:
            self.changes(frame, self.after[0])  # variables from before the cell are not changes

    def changes(self, frame: FrameType, names: tuple[str, ...]) -> Changes:
        """Name and description of each of these locals that has changed."""
        if self._inside:
            names = self._without_comprehensions(frame, names)
        values = _values(frame, self._is_top) if _careful or self._is_top else frame.f_locals
        changed: Changes = ()
        known, told = self._known, self._told
        for name in names:
            try:
                value = values[name]
            except KeyError:
                value = _MISSING
            if known.get(name, _UNKNOWN) is value:
                continue
            kind = type(value)
            if kind is int or kind is str or id(kind) in _CONSTANT:  # nearly always; _compare tells the rest apart
                known[name] = value
                text = describe(value)
                if told.get(name) != text:
                    told[name] = text
                    changed += (name, text)
            else:
                changed += self._compare(name, value)
        if not _HARMLESS:
            values.clear()
        return changed

    def _without_comprehensions(self, frame: FrameType, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if frame.f_lasti not in self._inside.get(name, ()))

    def _find_names(self) -> None:
        """Work out anew which names to read after each line, and before each yield."""
        self.after, self.before = to_read(self._info.code, self._open)

    def _compare(self, name: str, value: Any) -> Changes:
        self._known.pop(name, None)
        if value is _MISSING:
            return () if self._told.pop(name, None) is None else (name, UNBOUND)
        is_told_by_name = id(type(value)) in _TOLD_BY_NAME
        if name[0] == "." or (is_told_by_name and name in self._info.code.co_freevars):
            return ()  # the hidden argument of a generator expression, and functions of the enclosing scope
        if not is_told_by_name and name not in self._open:
            self._open |= {name}
            self._find_names()
        told = describe(value)
        if self._told.get(name) == told:
            return ()
        self._told[name] = told
        return name, told


def variables(frame: FrameType) -> dict[str, Any]:
    """The locals of a frame, which leaves no trace in it."""
    return dict(frame.f_locals) if _HARMLESS else _one_by_one(frame)


def variable(frame: FrameType, name: str) -> Any:
    """One local of a frame; None if it is not bound."""
    if _HARMLESS:
        return frame.f_locals.get(name)
    try:
        return _reader()(frame, name)
    except NameError:
        return None


def library_variables(frame: FrameType, *names: str) -> list[Any]:
    """These locals of a frame of a library that does not call `locals()`; None for each that is not bound.

    Read at once: before Python 3.13, `variable` takes as long for each name as this takes for all.
    """
    values = frame.f_locals
    found = [values.get(name) for name in names]
    if not _HARMLESS:
        values.clear()
    return found


def _values(frame: FrameType, is_top: bool) -> dict[str, Any]:
    return _globals_bound(frame) if is_top else _one_by_one(frame)


def _globals_bound(frame: FrameType) -> dict[str, Any]:
    """The globals that a cell or module binds, without the functions, classes and modules among them."""
    names = frame.f_code.co_names
    values = {name: frame.f_globals.get(name, _MISSING) for name in names}
    return {
        name: value
        for name, value in values.items()
        if value is not _MISSING and not issubclass(type(value), (FunctionType, ModuleType, type))
    }


def _one_by_one(frame: FrameType) -> dict[str, Any]:
    """The locals by PyFrame_GetVar (new in 3.12), which leaves the frame's dict alone; slower."""
    get, code = _reader(), frame.f_code
    values: dict[str, Any] = {}
    for name in dict.fromkeys(code.co_varnames + code.co_cellvars + code.co_freevars):
        try:
            values[name] = get(frame, name)
        except NameError:
            continue
    return values


@functools.cache
def _reader() -> Any:
    get = ctypes.pythonapi.PyFrame_GetVar
    get.restype, get.argtypes = ctypes.py_object, [ctypes.py_object, ctypes.py_object]
    return get
