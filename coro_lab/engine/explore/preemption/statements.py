"""Splitting a plain function: a switch before each access in its statements.

What a statement writes, it writes last: first come the value and the place, then the switch, then the access. Hidden
variables keep the value and the parts of the place, and are deleted afterwards:

    box.items[at()] = value()      becomes      value, owner, index = value(), box.items, at()
                                                owner[index] = (value, switch)[0]
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from coro_lab.engine.explore.preemption.expressions import CannotSplitError, ExpressionSplitter, mark_dropped
from coro_lab.engine.explore.preemption.nodes import (
    BEGAN,
    ENTER,
    HELD,
    SEEN,
    STEP,
    WALK,
    Marks,
    assign,
    named,
    placed,
)
from coro_lab.engine.explore.preemption.source import Names

_STAY = (ast.FunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal)
_REFUSED = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Match)


class Splitter(ast.NodeTransformer):
    """Puts what `marks` says before each access to what others can see: a switch, a note, or both.

    Raises CannotSplitError for what cannot be split.
    """

    def __init__(self, names: Names, marks: Marks) -> None:
        self._names = names
        self._marks = marks
        self._expressions = ExpressionSplitter(names, marks)

    def visit(self, node: ast.AST) -> Any:
        """The node, split: a statement may become several. What only defines or declares a name stays as it is."""
        if isinstance(node, ast.expr):
            return self._expressions.visit(node)
        if isinstance(node, _REFUSED):
            raise CannotSplitError(node)
        return node if isinstance(node, _STAY) else super().visit(node)

    def whole(self, tree: Any) -> Any:
        """The function's definition, split; always a generator function, even without any access."""
        body = self._block(tree.body)
        first = tree.body[0]
        began = placed(first, assign(BEGAN, ast.Constant(False)))
        held = placed(first, assign(HELD, ast.Constant(None)))
        never = placed(first, ast.If(ast.Constant(False), [ast.Expr(ast.Yield())], []))
        tree.body = [began, held, never, *body]
        tree.decorator_list = []
        tree.returns = None
        for argument in ast.walk(tree.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        return tree

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        mark_dropped(node.value)
        node.value = self.visit(node.value)
        return node

    # -- what is written

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        value: ast.expr = self.visit(node.value)
        if len(node.targets) == 1:
            return [*self._store(node.targets[0], value, node)]
        hidden: list[ast.stmt] = []
        value = self._hide(value, hidden)
        stored = [part for target in node.targets for part in self._store(target, value, node)]
        return [*hidden, *stored, *forgotten(hidden, node)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if node.value is None:
            return [node]
        return self.visit_Assign(placed(node, ast.Assign([node.target], node.value)))

    def _store(self, target: ast.expr, value: ast.expr, at: ast.stmt) -> Iterator[ast.stmt]:
        if isinstance(target, (ast.Tuple, ast.List)):
            yield from self._unpack(target, self._marks.unpacked(value), at)
        elif not self._is_access(target):
            yield placed(at, ast.Assign([target], value))
        else:
            before: list[ast.stmt] = []
            hidden: list[ast.stmt] = []
            place = self._place(target, hidden)
            if hidden:
                value = self._hide(value, before)
            yield from (*before, *hidden)
            yield placed(at, ast.Assign([place], self._marks.stored(value, place)))
            yield from forgotten([*before, *hidden], at)

    def _unpack(self, target: ast.Tuple | ast.List, value: ast.expr, at: ast.stmt) -> Iterator[ast.stmt]:
        if not self._is_access(target):
            yield placed(at, ast.Assign([target], value))
            return
        names = [self._expressions.new_name() for _ in target.elts]
        leaves = [leaf.value if isinstance(leaf, ast.Starred) else leaf for leaf in target.elts]
        parts: list[ast.expr] = [named(name, ast.Store()) for name in names]
        for number, leaf in enumerate(target.elts):
            if isinstance(leaf, ast.Starred):
                parts[number] = ast.Starred(parts[number], ast.Store())
        yield placed(at, ast.Assign([ast.Tuple(parts, ast.Store())], value))
        for leaf, name in zip(leaves, names, strict=True):
            yield from self._store(leaf, placed(at, named(name)), at)
        yield placed(at, ast.Delete([named(name, ast.Del()) for name in names]))

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        hidden: list[ast.stmt] = []
        target = changed = self._place(node.target, hidden)
        if self._is_access(target):
            changed = self._hide(self._read(target), hidden)
        value: ast.expr = self.visit(node.value)
        if not isinstance(value, ast.Constant):
            value = self._hide(value, hidden)
        both = ast.Tuple([named(changed.id), value], ast.Load())
        change = ast.AugAssign(named(changed.id, ast.Store()), node.op, value)
        written = self._marks.stored(placed(node, named(changed.id)), target)
        return [
            *hidden,
            placed(node, ast.Expr(self._marks.switch_if_seen(both, node, changes=True))),
            placed(node, change),
            *([] if changed is target else [placed(node, ast.Assign([target], written))]),
            *forgotten(hidden, node),
        ]

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        return [part for target in node.targets for part in self._delete(target, node)]

    def _delete(self, target: ast.expr, at: ast.stmt) -> Iterator[ast.stmt]:
        if isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                yield from self._delete(part, at)
            return
        hidden: list[ast.stmt] = []
        place = self._place(target, hidden)
        yield from hidden
        if self._is_access(target):
            yield placed(at, ast.Expr(self._marks.deleted(place, at)))
        yield placed(at, ast.Delete([place]))
        yield from forgotten(hidden, at)

    # -- blocks

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        split = [self.visit(statement) for statement in statements]
        return [part for found in split for part in (found if isinstance(found, list) else [found])]

    def visit_If(self, node: ast.If | ast.While) -> ast.stmt:
        node.test = self._expressions.test(node.test)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        return node

    def visit_While(self, node: ast.While) -> ast.stmt:
        return self.visit_If(node)

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        node.test, node.msg = self._expressions.test(node.test), node.msg and self.visit(node.msg)
        return node

    def visit_With(self, node: ast.With) -> ast.stmt:
        """The head is an access; the end belongs to the access before it.

        For a lock that loses no order, because a release never has to wait (a left mover: R. J. Lipton, "Reduction:
        a method of proving properties of parallel programs", CACM 18(12), 1975).
        """
        for item in node.items:
            manager = self.visit(item.context_expr)
            item.context_expr = placed(
                manager, ast.YieldFrom(ast.Call(named(ENTER), [manager, self._marks.switch(manager)], []))
            )
        node.body = self._block(node.body)
        return node

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        """Each turn asks for the next item, and so does the last, which finds none.

        So a loop over anything but a range becomes `while item := step(walk): target = item[0]; ...`.
        """
        item = self._expressions.new_name()
        if self._names.builtin_called(node.iter) == "range":
            first: list[ast.stmt] = []
            if self._is_access(node.target):
                first = [*self._store(node.target, placed(node.target, named(item)), node)]
                node.target = placed(node.target, named(item, ast.Store()))
            node.iter, node.body = self.visit(node.iter), [*first, *self._block(node.body)]
            node.orelse = self._block(node.orelse)
            return [node]
        at, hidden = node.iter, list[ast.stmt]()
        over = self._hide(self.visit(at), hidden)
        seen = self._hide(placed(at, ast.Call(named(SEEN), [ast.Tuple([over], ast.Load())], [])), hidden)
        walk = self._hide(placed(at, ast.Call(named(WALK), [over], [])), hidden)
        pause = ast.IfExp(seen, self._marks.next_item(over, at), ast.Constant(None))
        step = ast.NamedExpr(named(item, ast.Store()), ast.Call(named(STEP), [walk, pause], []))
        took = placed(at, ast.Subscript(named(item), ast.Constant(0), ast.Load()))
        body = [*self._store(node.target, took, node), placed(at, assign(item, ast.Constant(None)))]
        loop = placed(at, ast.While(step, [*body, *self._block(node.body)], self._block(node.orelse)))
        return [*hidden, loop, *forgotten([*hidden, body[-1]], node)]

    # -- places

    def _is_access(self, target: ast.expr) -> bool:
        if isinstance(target, (ast.Tuple, ast.List)):
            return any(self._is_access(part) for part in target.elts)
        if isinstance(target, ast.Starred):
            return self._is_access(target.value)
        return not isinstance(target, ast.Name) or self._names.is_shared(target.id)

    def _place(self, target: ast.expr, hidden: list[ast.stmt]) -> Any:
        """The target with its object and its index evaluated, each into a hidden variable."""
        if isinstance(target, ast.Attribute):
            owner = self._fixed(target.value, hidden)
            return placed(target, ast.Attribute(owner, self._names.in_its_class(target.attr), target.ctx))
        if isinstance(target, ast.Subscript):
            owner, index = self._fixed(target.value, hidden), self._fixed(target.slice, hidden)
            return placed(target, ast.Subscript(owner, index, target.ctx))
        return target

    def _fixed(self, part: ast.expr, hidden: list[ast.stmt]) -> ast.expr:
        if isinstance(part, ast.Constant):
            return part
        if isinstance(part, ast.Slice):
            ends = [end and self._fixed(end, hidden) for end in (part.lower, part.upper, part.step)]
            return placed(part, ast.Slice(*ends))
        if isinstance(part, ast.Tuple) and not any(isinstance(inner, ast.Starred) for inner in part.elts):
            return placed(part, ast.Tuple([self._fixed(inner, hidden) for inner in part.elts], ast.Load()))
        return self._hide(self.visit(part), hidden)

    def _hide(self, value: ast.expr, hidden: list[ast.stmt]) -> ast.Name:
        """A hidden variable that is assigned this value."""
        name = self._expressions.new_name()
        hidden.append(placed(value, assign(name, value)))
        return placed(value, named(name))

    def _read(self, place: Any) -> ast.expr:
        """What is at this place, after a switch."""
        if isinstance(place, ast.Attribute):
            owner = self._marks.owner(place.value, place.attr)
            return placed(place, ast.Attribute(owner, place.attr, ast.Load()))
        if isinstance(place, ast.Subscript):
            return placed(place, self._marks.item(ast.Subscript(place.value, copy.deepcopy(place.slice), ast.Load())))
        return self._marks.read(placed(place, named(place.id)))


def forgotten(hidden: list[ast.stmt], at: ast.stmt) -> list[ast.stmt]:
    """The deletion of the hidden variables that these statements assign."""
    names = [statement.targets[0].id for statement in hidden]  # type: ignore[attr-defined]
    return [placed(at, ast.Delete([named(name, ast.Del()) for name in names]))] if names else []


def split_by(marks: Marks) -> Callable[[CodeType, dict[str, Any], Any], Any]:
    """What splits a definition with these marks."""
    return lambda code, namespace, tree: Splitter(Names(code, namespace), marks).whole(tree)
