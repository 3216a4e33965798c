"""A function with notes that stays of its kind, so that it can stand in the place of the function as it was written.

`preemptible` and the notes of generators turn a function into a generator function, which switches. Here nothing
switches: a plain function stays plain, an `async def` stays one, and what is defined inside gets notes, too. So
a library or an operator that calls it does not see the difference.
"""

from __future__ import annotations

import ast
from types import CodeType
from typing import Any

from coro_lab.engine.explore.preemption.expressions import CannotSplitError, ExpressionSplitter
from coro_lab.engine.explore.preemption.nodes import assign, named, one_of, placed
from coro_lab.engine.explore.preemption.source import DEFINITIONS, Names, begin_of
from coro_lab.engine.explore.preemption.statements import Splitter, forgotten
from coro_lab.engine.explore.reduction.in_place_marks import InPlaceMarks

_LOOK_AT_FRAMES = frozenset({"locals", "vars", "globals", "eval", "exec", "dir", "super", "breakpoint"})


class _Expressions(ExpressionSplitter):
    """Puts notes into an expression, and into what is defined in it."""

    _marks: InPlaceMarks

    def __init__(self, names: Names, marks: InPlaceMarks, inner: Inner) -> None:
        super().__init__(names, marks)
        self._inner = inner

    def visit(self, node: ast.AST) -> Any:
        return ast.NodeTransformer.visit(self, node)

    def visit_Await(self, node: ast.Await) -> ast.expr:
        node.value = placed(node, self._marks.note("awaited", self.visit(node.value)))
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.expr:
        node.value = self._marks.each(self.visit(node.value))
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if self._names.builtin_called(node) in _LOOK_AT_FRAMES and not _is_plain_super(node):
            return placed(node, one_of([self._marks.note("looks_at_frames"), node], 1))
        return super().visit_Call(node)

    # -- what is inside

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        self.defaults(node.args)
        node.body = self._within(node, "<lambda>").visit(node.body)
        return node

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.expr:
        self._generators(node, self)
        node.elt = self.visit(node.elt)
        return node

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        self._generators(node, self)
        node.key, node.value = self.visit(node.key), self.visit(node.value)
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        inside = self._within(node, "<genexpr>")
        self._generators(node, inside)
        node.elt = inside.visit(node.elt)
        return node

    def _generators(self, node: Any, inside: _Expressions) -> None:
        """The loops of a comprehension; what the first one goes through is evaluated outside."""
        for at, generator in enumerate(node.generators):
            over = (inside if at else self).visit(generator.iter)
            generator.iter = self._marks.each_async(over) if generator.is_async else self._marks.each(over)
            generator.ifs = [inside.test(condition) for condition in generator.ifs]

    def _within(self, node: ast.AST, name: str) -> _Expressions:
        code = self._inner.code_of(node, name)
        return _Expressions(self._names.inside(code), self._marks, Inner(code))

    def defaults(self, arguments: ast.arguments) -> None:
        """Put notes into the defaults of a function, which are evaluated where it is defined."""
        arguments.defaults = [self.visit(each) for each in arguments.defaults]
        arguments.kw_defaults = [each and self.visit(each) for each in arguments.kw_defaults]


class Inner:
    """The code of what is defined in a function."""

    def __init__(self, code: CodeType) -> None:
        self._left = [each for each in code.co_consts if isinstance(each, CodeType)]

    def code_of(self, node: ast.AST, name: str) -> CodeType:
        """The code of this node; ask for nodes in the order of the source. CannotSplitError if it is not certain."""
        for code in self._left:
            if code.co_name == name and code.co_firstlineno == begin_of(node):
                self._left.remove(code)
                return code
        raise CannotSplitError(node)


class InPlaceSplitter(Splitter):
    """Puts notes into a definition, and into what is defined in it."""

    _marks: InPlaceMarks
    _expressions: _Expressions

    def __init__(self, code: CodeType, names: Names) -> None:
        marks = InPlaceMarks()
        super().__init__(names, marks)
        self._inner = Inner(code)
        self._expressions = _Expressions(names, marks, self._inner)

    def visit(self, node: ast.AST) -> Any:
        """The node with notes: a statement may become several."""
        return self._expressions.visit(node) if isinstance(node, ast.expr) else ast.NodeTransformer.visit(self, node)

    def whole(self, tree: Any) -> Any:
        """The function's definition, with notes and without decorators."""
        tree.body = self._block(tree.body)
        tree.decorator_list, tree.returns = [], None
        for argument in ast.walk(tree.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        return tree

    # -- what is defined inside

    def visit_FunctionDef(self, node: Any) -> ast.stmt:
        node.decorator_list = [self.visit(each) for each in node.decorator_list]
        self._expressions.defaults(node.args)
        code = self._inner.code_of(node, node.name)
        node.body = InPlaceSplitter(code, self._names.inside(code))._block(node.body)
        return node  # type: ignore[no-any-return]

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> list[ast.stmt]:
        """A class: its functions get notes, and what else it says may touch anything."""
        code = self._inner.code_of(node, node.name)
        inside = InPlaceSplitter(code, self._names.inside(code))
        node.body = [inside.visit(each) if isinstance(each, DEFINITIONS) else each for each in node.body]
        return [placed(node, ast.Expr(self._marks.note("everything"))), node]

    # -- statements that the switches do not know

    def visit_For(self, node: Any) -> list[ast.stmt]:
        over = self.visit(node.iter)
        if isinstance(node, ast.AsyncFor):
            node.iter = self._marks.each_async(over)
        elif self._names.builtin_called(node.iter) != "range":
            node.iter = self._marks.each(over)
        first = self._first(node, "target", node)
        node.body, node.orelse = [*first, *self._block(node.body)], self._block(node.orelse)
        return [node]

    visit_AsyncFor = visit_For

    def visit_With(self, node: Any) -> ast.stmt:
        first: list[ast.stmt] = []
        for each in node.items:
            manager = self.visit(each.context_expr)
            each.context_expr = placed(manager, self._marks.note("entered", manager))
            if each.optional_vars is not None:
                first += self._first(each, "optional_vars", node)
        node.body = [*first, *self._block(node.body)]
        return node  # type: ignore[no-any-return]

    visit_AsyncWith = visit_With

    def _first(self, node: Any, field: str, at: ast.stmt) -> list[ast.stmt]:
        """What stores the target of a loop or a `with`, where others can see it: the first statements of its block."""
        target = getattr(node, field)
        if not self._is_access(target):
            return []
        name = self._expressions.new_name()
        setattr(node, field, placed(target, named(name, ast.Store())))
        return [*self._store(target, placed(target, named(name)), at)]

    def visit_Match(self, node: ast.Match) -> list[ast.stmt]:
        node.subject = self.visit(node.subject)
        for case in node.cases:
            case.guard = case.guard and self._expressions.test(case.guard)
            case.body = self._block(case.body)
        hidden: list[ast.stmt] = [placed(node, assign(name := self._expressions.new_name(), node.subject))]
        node.subject = placed(node.subject, named(name))
        return [*hidden, placed(node, ast.Expr(self._marks.note("everything"))), node, *forgotten(hidden, node)]


def _is_plain_super(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args


def split_in_place(code: CodeType, namespace: dict[str, Any], tree: Any) -> Any:
    """The definition of this code with notes."""
    return InPlaceSplitter(code, Names(code, namespace)).whole(tree)
