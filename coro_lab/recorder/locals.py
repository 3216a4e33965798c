"""Which locals of a lane have changed since one last looked.

Reading `frame.f_locals` has to leave no trace. Before Python 3.13 it is a dict that the frame keeps, and that would
keep the values alive, so it is emptied after reading, except where the program itself could hold that very dict: it
calls `locals()` or the like, and is read variable by variable. Since 3.13 (PEP 667) it is a view, and harmless.
"""

from __future__ import annotations

import ctypes
import sys
from types import FrameType, FunctionType, ModuleType
from typing import Any

from coro_lab.description import describe
from coro_lab.recorder.code import CodeInfo

type Changes = tuple[tuple[str, str | None], ...]

_HARMLESS = sys.version_info >= (3, 13)
_CAN_HOLD_IT = frozenset(
    {"locals", "vars", "dir", "eval", "exec", "f_locals", "getgeneratorlocals", "getcoroutinelocals"}
)
_ATOMS = frozenset({int, str, float, bool, type(None)})  # equal identity means equal text, and holding one harms nobody
_NOTHING: Any = object()


class LocalsWatch:
    """The locals of one lane, as they were last time."""

    careful = False  # from the first code on that could hold a frame's dict, all are read variable by variable

    def __init__(self, code: CodeInfo, frame: FrameType) -> None:
        self._code = code
        self._known: dict[str, tuple[Any, str]] = {}
        if not _HARMLESS and not _CAN_HOLD_IT.isdisjoint(code.code.co_names):
            LocalsWatch.careful = True
        if code.is_top:
            self.changes(frame)  # what was there before the cell is not its doing

    def changes(self, frame: FrameType) -> Changes:
        """Name and description of each local that is not as it was, in the order of definition; None for unbound."""
        values = self._read(frame)
        changed: list[tuple[str, str | None]] = []
        known = self._known
        for name, value in values.items():
            before, text = known.get(name, _UNKNOWN)
            if before is value:
                continue
            if name in self._code.code.co_freevars and isinstance(value, (FunctionType, type)):
                continue  # a function of the enclosing scope is no state of this one
            now = describe(value)
            known[name] = (value if type(value) in _ATOMS else _NOTHING, now)
            if now != text:
                changed.append((name, now))
        if len(known) > len(values):
            gone = [name for name in known if name not in values]
            changed += [(name, None) for name in gone if known.pop(name)]
        if not _HARMLESS and not self._code.is_top:
            values.clear()
        return tuple(changed)

    def _read(self, frame: FrameType) -> dict[str, Any]:
        if self._code.is_top:
            return {name: frame.f_globals[name] for name in self._code.code.co_names if _is_variable(frame, name)}
        if _HARMLESS or not LocalsWatch.careful:
            values: dict[str, Any] = frame.f_locals
            return (
                {name: value for name, value in values.items() if name != ".0"}
                if _HARMLESS
                else _without_iterator(values)
            )
        return _one_by_one(frame)


_UNKNOWN: tuple[Any, str] = (object(), "")


def _without_iterator(values: dict[str, Any]) -> dict[str, Any]:
    values.pop(".0", None)  # the hidden argument of a generator expression
    return values


def _is_variable(frame: FrameType, name: str) -> bool:
    value = frame.f_globals.get(name, _NOTHING)
    return value is not _NOTHING and not isinstance(value, (FunctionType, ModuleType, type))


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
    values.pop(".0", None)
    return values
