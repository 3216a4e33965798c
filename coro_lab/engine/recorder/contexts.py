"""Context variables of the program: what each is set to in the context in which a lane runs.

A task runs in a copy of the context in which it was made. A callback of the recorder runs in the context of the code
that it hears of, so it can look a variable up there; that runs no code of the program. Which variables are the
program's is found by name: those to which its functions refer. Without any, nothing else is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from types import CodeType, FrameType, FunctionType
from typing import Any

from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.engine.recorder.locals import UNBOUND, Changes, LocalsWatch, variable
from coro_lab.engine.recorder.rewriting import nested
from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

_ALWAYS = "(context)"  # stands in where a line binds no name; no local is called that
_UNSET: Any = object()


class ContextVariables:
    """The context variables to which the functions of one recording refer."""

    def __init__(self) -> None:
        self.found: dict[ContextVar[Any], str] = {}  # the name that is shown for each
        self.seen: dict[int, CodeType] = {}  # by id: code whose names were looked up

    def watch(self, info: CodeInfo, frame: FrameType) -> LocalsWatch:
        """What watches the locals of a new lane, and the context variables if there are any."""
        if id(info.code) not in self.seen:
            free = [variable(frame, name) for name in info.code.co_freevars]
            self._look(info.code, frame.f_globals, free)
        return ContextWatch(info, frame, self.found) if self.found else LocalsWatch(info, frame)

    def _look(self, code: CodeType, names: dict[str, Any], free: list[Any]) -> None:
        """Find the variables to which this code refers, and those to which the functions that it names refer."""
        self.seen[id(code)] = code
        held = [dict.get(names, name) for inner in nested(code) for name in inner.co_names]
        for value in [*held, *free]:
            if type(value) is ContextVar:
                self.found.setdefault(value, self._name(value))
            elif type(value) is FunctionType and id(value.__code__) not in self.seen and is_learners(value.__code__):
                self._look(value.__code__, value.__globals__, list(_closed_over(value)))

    def _name(self, variable: ContextVar[Any]) -> str:
        """The name of the variable, as it is shown; a second one of that name is numbered."""
        name = str.__str__(variable.name)
        others = [other for other in self.found if other.name == name]
        return f"{name} {len(others) + 1} {_ALWAYS}" if others else f"{name} {_ALWAYS}"


class ContextWatch(LocalsWatch):
    """The locals of one lane, and what each context variable was set to at the last look."""

    __slots__ = ("_set", "_variables")

    def __init__(self, info: CodeInfo, frame: FrameType, variables: dict[ContextVar[Any], str]) -> None:
        super().__init__(info, frame)
        self._variables = variables
        self._set: dict[str, str] = {}
        self._find_names()

    def _find_names(self) -> None:
        """A context can change at any line, so each line needs a name to read."""
        super()._find_names()
        self.after = {line: names or (_ALWAYS,) for line, names in self.after.items()}
        self.before = {at: names or (_ALWAYS,) for at, names in self.before.items()}

    def changes(self, frame: FrameType, names: tuple[str, ...]) -> Changes:
        """Name and description of each of these locals that has changed, and of each context variable that has."""
        changed = super().changes(frame, names)
        for each, name in self._variables.items():
            value = each.get(_UNSET)
            told = UNBOUND if value is _UNSET else describe(value)
            if self._set.get(name, UNBOUND) != told:
                self._set[name] = told
                changed += (name, told)
        return changed


def _closed_over(function: FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # it is not bound yet
            continue
