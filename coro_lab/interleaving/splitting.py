"""Splitting a plain function into steps: a switch before each access to what others can see.

A *switch* is an expression that yields, unless the function has not accessed anything yet: what comes before the
first access nobody can notice. The names of the variables that the splitting needs begin with a dot, which no program
can write.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

CALL, ENTER = ".call", ".enter"
"""The helpers that split code calls: for a call, and for the head of a `with`."""

_BEGAN = ".began"
_HARMLESS = frozenset(
    {"range", "isinstance", "type", "int", "str", "float", "bool", "super", "abs", "round", "min", "max"}
)
_AT_ONCE = (ast.ListComp, ast.SetComp, ast.DictComp)
_AS_IT_IS = (ast.GeneratorExp, ast.Lambda, ast.FunctionDef, ast.ClassDef, ast.arguments, ast.Global, ast.Nonlocal)
_REFUSED = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await, ast.Match)


class CannotSplitError(Exception):
    """A statement that cannot be split; the text says where and which."""


class Names:
    """Which names of a function others can see."""

    def __init__(self, code: CodeType, namespace: dict[str, Any]) -> None:
        self._free = frozenset(code.co_freevars) | frozenset(code.co_cellvars)
        self._local = frozenset(code.co_varnames)
        self._namespace = namespace
        *_, owner = ("<locals>", *code.co_qualname.split(".")[:-1])
        self._owner = "" if owner == "<locals>" else owner.lstrip("_")

    def in_its_class(self, attribute: str) -> str:
        """An attribute's true name: inside a class Tally, `__value` is `_Tally__value`."""
        private = self._owner and attribute.startswith("__") and not attribute.endswith("__")
        return f"_{self._owner}{attribute}" if private else attribute

    def is_shared(self, name: str) -> bool:
        """Whether reading or writing this name touches what others see; functions and classes stay as they are."""
        if name in self._free:
            return True
        if name in self._local or (name not in self._namespace and hasattr(builtins, name)):
            return False
        value = self._namespace.get(name)
        return not isinstance(value, (FunctionType, type, ModuleType)) and not inspect.isbuiltin(value)

    def is_harmless_call(self, call: ast.Call) -> bool:
        """Whether this calls a builtin that depends on no object that others can change."""
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        return name in _HARMLESS and name not in self._local | self._free and name not in self._namespace


class Splitter(ast.NodeTransformer):
    """Puts a switch before each access to what others can see."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._fresh = 0

    def whole(self, tree: ast.FunctionDef) -> ast.FunctionDef:
        """The function's definition, split; a generator function even if there is nothing to split."""
        body = [statement for old in tree.body for statement in self._statements(old)]
        began = ast.copy_location(ast.Assign([_name(_BEGAN, ast.Store())], ast.Constant(False)), tree.body[0])
        never = ast.copy_location(ast.If(ast.Constant(False), [ast.Expr(ast.Yield())], []), tree.body[0])
        tree.body = [began, never, *body]
        tree.decorator_list = []
        tree.returns = None
        for argument in ast.walk(tree.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        return tree

    def _statements(self, statement: ast.stmt) -> list[ast.stmt]:
        found = self.visit(statement)
        return found if isinstance(found, list) else [found]

    def visit(self, node: ast.AST) -> Any:
        """The node, split; a comprehension counts as one access, and what only defines something stays as it is."""
        if isinstance(node, _REFUSED):
            kind = type(node).__name__.lower()
            raise CannotSplitError(f"{node.lineno} holds {kind}, and what is inside cannot be split")
        if isinstance(node, _AT_ONCE):
            return self._after_switch(node)
        return node if isinstance(node, _AS_IT_IS) else super().visit(node)

    # An access becomes (switch, access)[1]: the switch yields if something was accessed before, and remembers it now.

    def _after_switch(self, access: ast.expr) -> ast.expr:
        pair = ast.Tuple([self._switch(access), access], ast.Load())
        return placed(access, ast.Subscript(pair, ast.Constant(1), ast.Load()))

    def _switch(self, at: ast.AST) -> ast.expr:
        remember = ast.NamedExpr(_name(_BEGAN, ast.Store()), ast.Constant(True))
        return placed(at, ast.IfExp(_name(_BEGAN), ast.Yield(), remember))

    def _switch_statement(self, at: ast.AST) -> ast.stmt:
        return placed(at, ast.Expr(self._switch(at)))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        node.attr = self._names.in_its_class(node.attr)
        return self._after_switch(node) if isinstance(node.ctx, ast.Load) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            return node
        items = ast.Tuple(
            [node.value, node.slice, self._switch(node)], ast.Load()
        )  # value and index first, then the switch
        held = self._new_name()
        read = ast.Subscript(_item(held, 0), _item(held, 1), ast.Load())
        chain = ast.Tuple([ast.NamedExpr(_name(held, ast.Store()), items), read], ast.Load())
        return placed(node, ast.Subscript(chain, ast.Constant(1), ast.Load()))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._after_switch(node) if isinstance(node.ctx, ast.Load) and self._names.is_shared(node.id) else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if self._names.is_harmless_call(node):
            self.generic_visit(node)
            return node
        function = self._callee(node.func)
        arguments = ast.Tuple([self.visit(argument) for argument in node.args], ast.Load())
        named = ast.Dict(
            [None if word.arg is None else ast.Constant(word.arg) for word in node.keywords],
            [self.visit(word.value) for word in node.keywords],
        )
        call = ast.Call(_name(CALL), [function, arguments, named, self._switch(node)], [])
        return placed(node, ast.YieldFrom(call))

    def _callee(self, node: ast.expr) -> ast.expr:
        """The function of a call. To look up a method is no access of its own; the call is."""
        if isinstance(node, ast.Attribute):
            node.value, node.attr = self.visit(node.value), self._names.in_its_class(node.attr)
            return node
        called: ast.expr = self.visit(node)
        return called

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        node.value = self.visit(node.value)
        targets = [self.visit(target) for target in node.targets]
        if not any(self._is_access(target) for target in targets):
            return [node]
        held = self._new_name()
        return [
            placed(node, ast.Assign([_name(held, ast.Store())], node.value)),
            *(part for target in targets for part in self._store(target, held, node)),
            self._forget(node, held),
        ]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if node.value is None:
            return [node]
        return self.visit_Assign(placed(node, ast.Assign([node.target], node.value)))

    def _store(self, target: ast.expr, held: str, at: ast.stmt) -> Iterator[ast.stmt]:
        if self._is_access(target):
            yield self._switch_statement(at)
        yield placed(at, ast.Assign([target], _name(held)))

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        target = node.target
        if isinstance(target, ast.Name) and not self._names.is_shared(target.id):
            node.value = self.visit(node.value)
            return [node]
        held, before = self._new_name(), []
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            owner = self._new_name()
            before = [placed(node, ast.Assign([_name(owner, ast.Store())], self.visit(target.value)))]
            target.value = _name(owner)
            if isinstance(target, ast.Attribute):
                target.attr = self._names.in_its_class(target.attr)
            else:
                index = self._new_name()
                before.append(placed(node, ast.Assign([_name(index, ast.Store())], self.visit(target.slice))))
                target.slice = _name(index)
        read = _load(target)
        hidden = [held, *(part.targets[0].id for part in before)]  # type: ignore[attr-defined]
        return [
            *before,
            self._switch_statement(node),
            placed(node, ast.Assign([_name(held, ast.Store())], read)),
            placed(node, ast.AugAssign(_name(held, ast.Store()), node.op, self.visit(node.value))),
            self._switch_statement(node),
            placed(node, ast.Assign([target], _name(held))),
            self._forget(node, *hidden),
        ]

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        targets = [self.visit(target) for target in node.targets]
        return [self._switch_statement(node), placed(node, ast.Delete(targets))]

    def visit_With(self, node: ast.With) -> ast.stmt:
        for item in node.items:
            manager = self.visit(item.context_expr)
            item.context_expr = placed(
                manager, ast.YieldFrom(ast.Call(_name(ENTER), [manager, self._switch(manager)], []))
            )
        node.body = [part for old in node.body for part in self._statements(old)]
        return node

    def visit_For(self, node: ast.For) -> ast.stmt:
        """Each turn takes the next item from what is looped over; others may see that, unless it is a range."""
        counts = isinstance(node.iter, ast.Call) and self._names.is_harmless_call(node.iter)
        head = [] if counts else [self._switch_statement(node.body[0])]
        self.generic_visit(node)
        node.body = [*head, *node.body]
        return node

    def _is_access(self, target: ast.expr) -> bool:
        if isinstance(target, (ast.Tuple, ast.List)):
            return any(self._is_access(part) for part in target.elts)
        return not isinstance(target, ast.Name) or self._names.is_shared(target.id)

    def _new_name(self) -> str:
        self._fresh += 1
        return f".{self._fresh}"

    def _forget(self, at: ast.stmt, *names: str) -> ast.stmt:
        return placed(at, ast.Delete([_name(name, ast.Del()) for name in names]))


def _name(name: str, context: ast.expr_context | None = None) -> ast.Name:
    return ast.Name(name, context or ast.Load())


def _item(name: str, index: int) -> ast.expr:
    return ast.Subscript(_name(name), ast.Constant(index), ast.Load())


def _load(target: ast.expr) -> ast.expr:
    """The same place, to be read."""
    if isinstance(target, ast.Attribute):
        return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
    if isinstance(target, ast.Subscript):
        return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    assert isinstance(target, ast.Name)
    return ast.copy_location(ast.Name(target.id, ast.Load()), target)


def placed[Node: ast.AST](place: ast.AST, node: Node) -> Node:
    """The new node, with all inside it that has no position yet, at the position of an old one."""
    for inner in ast.walk(node):
        if "lineno" in inner._attributes and not hasattr(inner, "lineno"):
            ast.copy_location(inner, place)
    return node
