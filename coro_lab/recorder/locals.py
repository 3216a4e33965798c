"""Which locals of a lane have changed since one last looked.

Reading `frame.f_locals` has to leave no trace. Before Python 3.13 it is a dict that the frame keeps, and that would
keep the values alive, so it is emptied after reading, except where the program itself could hold that very dict: it
calls `locals()` or the like, and is read variable by variable. Since 3.13 (PEP 667) it is a view, and harmless.

Reading is also what costs most, so only that is read which can have changed: the names that the line just run can bind,
names shared with other functions, and names whose value can change while the name stays bound to it.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from types import BuiltinFunctionType, CoroutineType, FrameType, FunctionType, GeneratorType, ModuleType
from typing import Any

from coro_lab.description import describe
from coro_lab.recorder.code import CodeInfo

type Changes = tuple[tuple[str, str | None], ...]

_HARMLESS = sys.version_info >= (3, 13)
_CAN_HOLD_IT = frozenset(
    {"locals", "vars", "dir", "eval", "exec", "f_locals", "getgeneratorlocals", "getcoroutinelocals"}
)
_CONSTANT = frozenset({int, str, float, bool, complex, bytes, range, type(None), type(...)})
_TOLD_BY_NAME = frozenset({GeneratorType, CoroutineType, FunctionType, BuiltinFunctionType, ModuleType, type})
_MISSING: Any = object()
_UNKNOWN: Any = object()


class LocalsWatch:
    """The locals of one lane, as they were last time."""

    careful = False  # from the first code on that could hold a frame's dict, all are read variable by variable

    def __init__(self, info: CodeInfo, frame: FrameType) -> None:
        self._info = info
        self._told: dict[str, str] = {}  # how each was described last
        self._known: dict[str, Any] = {}  # their values, of the types that nobody minds being held
        self._is_top = info.is_top
        places = info.code.co_names if info.is_top else info.names
        self._place = {name: place for place, name in enumerate(places)}  # changes are told in the order of definition
        self.open = set(places if info.is_top else info.shared)  # names to look at each time, whichever line has run
        if not _HARMLESS and not _CAN_HOLD_IT.isdisjoint(info.code.co_names):
            LocalsWatch.careful = True
        if info.is_top:
            self.all_changes(frame)  # what was there before the cell is not its doing

    def all_changes(self, frame: FrameType) -> Changes:
        """Name and description of each local that is not as it was; None for unbound."""
        return self.changes(frame, self._info.names)

    def changes(self, frame: FrameType, names: Sequence[str]) -> Changes:
        """The same, of these names and the open ones."""
        if self.open:
            names = [*names, *(name for name in self.open if name not in names)]
        if self._is_top:
            names, values = self._info.code.co_names, _variables(frame)
        else:
            values = frame.f_locals if _HARMLESS or not LocalsWatch.careful else _one_by_one(frame)
        changed: Changes = ()
        known, told = self._known, self._told
        for name in names:
            value = values.get(name, _MISSING)
            if known.get(name, _UNKNOWN) is value:
                continue
            if type(value) in _CONSTANT:  # nearly always; the rest is told apart by _compare
                known[name] = value
                text = describe(value)
                if told.get(name) != text:
                    told[name] = text
                    changed += ((name, text),)
            elif change := self._compare(name, value):
                changed += (change,)
        if not _HARMLESS:
            values.clear()
        return changed if len(changed) < 2 else tuple(sorted(changed, key=lambda change: self._place[change[0]]))

    def _compare(self, name: str, value: Any) -> tuple[str, str | None] | None:
        if value is _MISSING:
            self._known.pop(name, None)
            return None if self._told.pop(name, None) is None else (name, None)
        kind = type(value)
        self._known.pop(name, None)
        if name[0] == "." or (kind in _TOLD_BY_NAME and name in self._info.code.co_freevars):
            return None  # the hidden argument of a generator expression, and functions of the enclosing scope
        if kind not in _TOLD_BY_NAME:
            self.open.add(name)
        told = describe(value)
        if self._told.get(name) == told:
            return None
        self._told[name] = told
        return name, told


def _variables(frame: FrameType) -> dict[str, Any]:
    """The globals that a cell or module binds, without the functions, classes and modules among them."""
    names = frame.f_code.co_names
    values = {name: frame.f_globals.get(name, _MISSING) for name in names}
    return {
        name: value
        for name, value in values.items()
        if value is not _MISSING and not isinstance(value, (FunctionType, ModuleType, type))
    }


def _one_by_one(frame: FrameType) -> dict[str, Any]:
    """The locals by PyFrame_GetVar (new in 3.12), which leaves the frame's dict alone; slower."""
    get = ctypes.pythonapi.PyFrame_GetVar
    get.restype, get.argtypes = ctypes.py_object, [ctypes.py_object, ctypes.py_object]
    code = frame.f_code
    values: dict[str, Any] = {}
    for name in dict.fromkeys(code.co_varnames + code.co_cellvars + code.co_freevars):
        try:
            values[name] = get(frame, name)
        except NameError:
            continue
    return values
