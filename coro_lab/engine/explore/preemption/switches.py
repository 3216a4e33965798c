"""A switch before an access to what others can see.

A *switch* is an expression that yields, unless the function has not accessed anything yet: what comes before the
first access nobody can notice. It stands where the access has all that it needs: the object, the index, and for a
write the value. So `shared.value` becomes `(shared, switch)[0].value`.

An operator, a condition or a loop is an access only if it looks into an object that others may change, and not into a
number or a text. That shows when it runs: `a + b` becomes

    (held := (a, b), switch if seen(held) else None, held[0] + held[1], held := None)[2]
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from coro_lab.engine.explore.preemption.nodes import BEGAN, HELD, SEEN, item, named, one_of, placed


class Switches:
    """Puts a switch before one access: it yields if something was accessed before, and remembers that one now is."""

    def _switch(self, at: ast.AST) -> ast.expr:
        remember = ast.NamedExpr(named(BEGAN, ast.Store()), ast.Constant(True))
        return placed(at, ast.IfExp(named(BEGAN), ast.Yield(), remember))

    def _switch_if_seen(self, values: ast.expr, at: ast.AST, methods: tuple[str, ...] = ()) -> ast.expr:
        seen = ast.Call(named(SEEN), [values, *map(ast.Constant, methods)], [])
        return placed(at, ast.IfExp(seen, self._switch(at), ast.Constant(None)))

    def _after_switch(self, access: ast.expr) -> ast.expr:
        return placed(access, one_of([self._switch(access), access], 1))

    def _then_switch(self, value: ast.expr) -> ast.expr:
        """The value, then a switch while it lies on the stack, and then what is done with it. Also for an index."""
        if isinstance(value, ast.Slice):
            last = "step" if value.step else "upper" if value.upper else "lower"
            setattr(value, last, self._then_switch(getattr(value, last) or placed(value, ast.Constant(None))))
            return value
        if isinstance(value, ast.Tuple) and any(isinstance(part, ast.Slice) for part in value.elts):
            value.elts[-1] = self._then_switch(value.elts[-1])
            return value
        return placed(value, one_of([value, self._switch(value)], 0))

    def _operation(
        self, values: list[ast.expr], operate: Callable[..., ast.expr], at: ast.AST, methods: tuple[str, ...] = ()
    ) -> ast.expr:
        """An operation on these values, after a switch if one of them is an object that others may change."""
        if all(isinstance(value, (ast.Constant, ast.JoinedStr)) for value in values):
            return placed(at, operate(*values))
        hold = ast.NamedExpr(named(HELD, ast.Store()), ast.Tuple(values, ast.Load()))
        forget = ast.NamedExpr(named(HELD, ast.Store()), ast.Constant(None))
        result = operate(*(item(HELD, number) for number in range(len(values))))
        return placed(at, one_of([hold, self._switch_if_seen(named(HELD), at, methods), result, forget], 2))

    def _looked_into(self, value: ast.expr, methods: tuple[str, ...] = ()) -> ast.expr:
        """A value that is looked into next."""
        return self._operation([value], lambda held: held, value, methods)
