"""The places that a statement writes to: what it takes to know where is worked out first, into hidden variables."""

from __future__ import annotations

import ast
import copy
from typing import Any

from coro_lab.engine.explore.preemption.expressions import Accesses
from coro_lab.engine.explore.preemption.nodes import assign, named, placed


class Places(Accesses):
    """Works out where something is written, read or deleted."""

    def _is_access(self, target: ast.expr) -> bool:
        if isinstance(target, (ast.Tuple, ast.List)):
            return any(self._is_access(part) for part in target.elts)
        if isinstance(target, ast.Starred):
            return self._is_access(target.value)
        return not isinstance(target, ast.Name) or self._names.is_shared(target.id)

    def _place(self, target: ast.expr, hidden: list[ast.stmt]) -> Any:
        """The target with its object and its index worked out; what that takes goes into hidden variables."""
        if isinstance(target, ast.Attribute):
            owner = self._fixed(target.value, hidden)
            return placed(target, ast.Attribute(owner, self._names.in_its_class(target.attr), target.ctx))
        if isinstance(target, ast.Subscript):
            owner, index = self._fixed(target.value, hidden), self._fixed(target.slice, hidden)
            return placed(target, ast.Subscript(owner, index, target.ctx))
        return target

    def _fixed(self, part: ast.expr, hidden: list[ast.stmt]) -> ast.expr:
        if isinstance(part, ast.Constant) or (isinstance(part, ast.Name) and not self._names.is_shared(part.id)):
            return part
        if isinstance(part, ast.Slice):
            ends = [end and self._fixed(end, hidden) for end in (part.lower, part.upper, part.step)]
            return placed(part, ast.Slice(*ends))
        if isinstance(part, ast.Tuple) and not any(isinstance(inner, ast.Starred) for inner in part.elts):
            return placed(part, ast.Tuple([self._fixed(inner, hidden) for inner in part.elts], ast.Load()))
        return self._hide(self.visit(part), hidden)

    def _hide(self, value: ast.expr, hidden: list[ast.stmt]) -> ast.Name:
        """A hidden variable that is assigned this value."""
        name = self._new_name()
        hidden.append(placed(value, assign(name, value)))
        return placed(value, named(name))

    def _read(self, place: Any) -> ast.expr:
        """What is at this place, after a switch."""
        if isinstance(place, ast.Attribute):
            return placed(place, ast.Attribute(self._then_switch(place.value), place.attr, ast.Load()))
        if isinstance(place, ast.Subscript):
            index = self._then_switch(copy.deepcopy(place.slice))
            return placed(place, ast.Subscript(place.value, index, ast.Load()))
        return self._after_switch(placed(place, named(place.id)))


def forgotten(hidden: list[ast.stmt], at: ast.stmt) -> list[ast.stmt]:
    """The end of the hidden variables that these statements assign."""
    names = [statement.targets[0].id for statement in hidden]  # type: ignore[attr-defined]
    return [placed(at, ast.Delete([named(name, ast.Del()) for name in names]))] if names else []
