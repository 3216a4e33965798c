"""The notes that are put before each access of a function that stays of its kind."""

from __future__ import annotations

import ast
from collections.abc import Callable

from coro_lab.engine.explore.preemption.nodes import HELD, NotedMarks, item, named, one_of, placed

_SUSPENDS = (ast.Await, ast.Yield, ast.YieldFrom)


class InPlaceMarks(NotedMarks):
    """Puts a note before each access."""

    def __init__(self) -> None:
        super().__init__(switches=False)

    def note(self, what: str, *given: ast.expr) -> ast.Call:
        """A call of what writes notes."""
        return self._note(what, *given)

    def then_switch(self, value: ast.expr) -> ast.expr:
        return value

    def switch_if_seen(
        self, values: ast.expr, at: ast.AST, methods: tuple[str, ...] = (), *, changes: bool = False
    ) -> ast.expr:
        return placed(at, self._note("changed" if changes else "looked", values))

    def read(self, name: ast.Name) -> ast.expr:
        return placed(name, one_of([self._note("name", ast.Constant(name.id)), name], 1))

    def delegated(self, value: ast.expr) -> ast.expr:
        return placed(value, self._note("delegated_to", value))

    def call(self, node: ast.Call, function: ast.expr, arguments: list[ast.expr], by_name: ast.expr) -> ast.expr:
        return placed(node, self._note("called", function, ast.Tuple(arguments, ast.Load()), by_name))

    def operation(
        self, values: list[ast.expr], operate: Callable[..., ast.expr], at: ast.AST, methods: tuple[str, ...] = ()
    ) -> ast.expr:
        """An operation on values; each is noted when it is known or, where one suspends, when all are known."""
        if any(isinstance(part, _SUSPENDS) for value in values[1:] for part in ast.walk(value)):
            hold = ast.NamedExpr(named(HELD, ast.Store()), ast.Tuple(values, ast.Load()))
            forget = ast.NamedExpr(named(HELD, ast.Store()), ast.Constant(None))
            result = operate(*(item(HELD, number) for number in range(len(values))))
            return placed(at, one_of([hold, self._note("looked", named(HELD)), result, forget], 2))
        return placed(at, operate(*(self.looked_into(value) for value in values)))

    def looked_into(self, value: ast.expr, methods: tuple[str, ...] = ()) -> ast.expr:
        if isinstance(value, (ast.Constant, ast.JoinedStr)):
            return value
        return placed(value, self._note("tested" if methods else "looked", value))

    def unpacked(self, value: ast.expr) -> ast.expr:
        return self.each(value)

    def each_async(self, value: ast.expr) -> ast.expr:
        """What an `async for` goes through."""
        return placed(value, self._note("each_async", value))

    def each(self, value: ast.expr) -> ast.expr:
        """What a loop or an unpacking goes through, one after the other."""
        return placed(value, self._note("each", value))
