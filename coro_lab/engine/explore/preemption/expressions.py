"""Splitting an expression: a switch before each access, whether it reads, operates, tests or calls."""

from __future__ import annotations

import ast
from typing import Any

from coro_lab.engine.explore.preemption.nodes import Marks, named, placed
from coro_lab.engine.explore.preemption.source import Names

_TOUCH_NOTHING = frozenset({"isinstance", "type", "super"})
_TOUCH_ARGUMENTS = frozenset({"range", "int", "str", "float", "bool", "abs", "round", "min", "max"})
"""Builtins that read no object, and builtins that read only their arguments."""

_TRUTH, _EQUALITY = ("__bool__", "__len__"), ("__eq__", "__ne__")
_AT_ONCE = (ast.ListComp, ast.SetComp, ast.DictComp)
_DEFINITIONS = (ast.GeneratorExp, ast.Lambda)


class CannotSplitError(Exception):
    """The function cannot be split because of this node; the text begins with its line."""

    def __init__(self, node: Any) -> None:
        self.line: int = node.lineno
        super().__init__(f"{node.lineno} holds {type(node).__name__.lower()}, and what is inside cannot be split")


class ExpressionSplitter(ast.NodeTransformer):
    """Puts what `marks` says before each access of an expression: a switch, a note, or both."""

    def __init__(self, names: Names, marks: Marks) -> None:
        self._names = names
        self._marks = marks
        self._fresh = 0

    def new_name(self) -> str:
        """A variable that no program can use."""
        self._fresh += 1
        return f".{self._fresh}"

    def visit(self, node: ast.AST) -> Any:
        """The node, split. A comprehension counts as one access; a lambda or a generator expression stays as it is."""
        if isinstance(node, ast.Await):
            raise CannotSplitError(node)
        if isinstance(node, _AT_ONCE):
            return self._marks.at_once(node)
        return node if isinstance(node, _DEFINITIONS) else super().visit(node)

    # -- what is read

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._marks.read(node) if isinstance(node.ctx, ast.Load) and self._names.is_shared(node.id) else node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        node.value = self.visit(node.value)
        if self._names.is_shared(node.target.id):
            node.value = self._marks.stored(node.value, node.target)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        node.attr = self._names.in_its_class(node.attr)
        node.value = self._marks.owner(self.visit(node.value), node.attr)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        node.value, node.slice = self.visit(node.value), self.visit(node.slice)
        return self._marks.item(node)

    def visit_Starred(self, node: ast.Starred) -> ast.expr:
        node.value = self._marks.looked_into(self.visit(node.value))
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        node.keys = [key and self.visit(key) for key in node.keys]
        values = [self.visit(value) for value in node.values]
        node.values = [
            value if key else self._marks.looked_into(value) for key, value in zip(node.keys, values, strict=True)
        ]
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        self.generic_visit(node)
        node.value = self._marks.looked_into(node.value)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        sides = [self.visit(node.left), self.visit(node.right)]
        return self._marks.operation(sides, lambda left, right: ast.BinOp(left, node.op, right), node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not):
            node.operand = self.test(node.operand)
            return node
        return self._marks.operation([self.visit(node.operand)], lambda operand: ast.UnaryOp(node.op, operand), node)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """`a < b < c` becomes `a < b and b < c`, with b evaluated once."""
        left, comparisons = self.visit(node.left), []
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right, name = self.visit(comparator), self.new_name()
            if comparator is not node.comparators[-1]:
                right = placed(comparator, ast.NamedExpr(named(name, ast.Store()), right))
            comparisons.append(self._compare(left, op, right, node))
            left = placed(comparator, named(name))
        return comparisons[0] if len(comparisons) == 1 else placed(node, ast.BoolOp(ast.And(), comparisons))

    def _compare(self, left: ast.expr, op: ast.cmpop, right: ast.expr, at: ast.AST) -> ast.expr:
        if isinstance(op, (ast.Is, ast.IsNot)):
            return placed(at, ast.Compare(left, [op], [right]))
        methods = _EQUALITY if isinstance(op, (ast.Eq, ast.NotEq)) else ()
        return self._marks.operation([left, right], lambda left, right: ast.Compare(left, [op], [right]), at, methods)

    # -- conditions: they call `__bool__` or `__len__`, whose result others may change

    def test(self, node: ast.expr) -> ast.expr:
        """A condition, split."""
        if isinstance(node, ast.BoolOp):
            node.values = [self.test(value) for value in node.values]
            return node
        is_bool = isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
        test: ast.expr = self.visit(node)
        return test if is_bool else self._marks.looked_into(test, _TRUTH)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        *tested, last = node.values
        node.values = [*map(self.test, tested), self.visit(last)]
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        node.test, node.body, node.orelse = self.test(node.test), self.visit(node.body), self.visit(node.orelse)
        return node

    # -- calls

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        mark_dropped(node.value)
        self.generic_visit(node)
        return node

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.expr:
        node.value = self._marks.delegated(self.visit(node.value))
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        builtin = self._names.builtin_called(node)
        if builtin in _TOUCH_NOTHING:
            self.generic_visit(node)
            return node
        arguments: list[ast.expr] = [self.visit(argument) for argument in node.args]
        if (
            builtin in _TOUCH_ARGUMENTS
            and not node.keywords
            and not any(isinstance(one, ast.Starred) for one in arguments)
        ):
            return self._marks.operation(arguments, lambda *held: ast.Call(node.func, list(held), []), node)
        function = self._callee(node.func)
        words: list[ast.expr | None] = [
            placed(node, ast.Constant(word.arg)) if word.arg else None for word in node.keywords
        ]
        by_name = self.visit(placed(node, ast.Dict(words, [word.value for word in node.keywords])))
        return self._marks.call(node, function, arguments, by_name)

    def _callee(self, node: ast.expr) -> ast.expr:
        """The function of a call. Looking up a method and calling it is one access."""
        if isinstance(node, ast.Attribute):
            node.attr = self._names.in_its_class(node.attr)
            node.value = self._marks.callee(self.visit(node.value), node.attr)
            return node
        called: ast.expr = self.visit(node)
        return called


def mark_dropped(node: Any) -> None:
    """Remember that a caller only drops or yields what this call returns."""
    if isinstance(node, ast.Call):
        node.is_dropped = True  # type: ignore[attr-defined]
