"""Splitting a plain function into steps: its statements, in which each access is a step of its own.

What a statement writes, it writes last: first comes what it takes to know where, and the value, then the switch.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from coro_lab.engine.explore.preemption.nodes import BEGAN, ENTER, HELD, SEEN, STEP, WALK, assign, named, placed
from coro_lab.engine.explore.preemption.places import Places, forgotten


class Splitter(Places):
    """Puts a switch before each access to what others can see."""

    def whole(self, tree: ast.FunctionDef) -> ast.FunctionDef:
        """The function's definition, split; a generator function even if there is nothing to split."""
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

    # -- what is written: first what it takes to say where, then the switch, then the access

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
            yield from self._unpack(target, self._looked_into(value), at)
        elif not self._is_access(target):
            yield placed(at, ast.Assign([target], value))
        else:
            before: list[ast.stmt] = []
            hidden: list[ast.stmt] = []
            place = self._place(target, hidden)
            if hidden:
                value = self._hide(value, before)
            yield from (*before, *hidden)
            yield placed(at, ast.Assign([place], self._then_switch(value)))
            yield from forgotten([*before, *hidden], at)

    def _unpack(self, target: ast.Tuple | ast.List, value: ast.expr, at: ast.stmt) -> Iterator[ast.stmt]:
        if not self._is_access(target):
            yield placed(at, ast.Assign([target], value))
            return
        names = [self._new_name() for _ in target.elts]
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
        written = self._then_switch(placed(node, named(changed.id)))
        return [
            *hidden,
            placed(node, ast.Expr(self._switch_if_seen(both, node))),
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
            yield placed(at, ast.Expr(self._switch(at)))
        yield placed(at, ast.Delete([place]))
        yield from forgotten(hidden, at)

    # -- blocks

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        split = [self.visit(statement) for statement in statements]
        return [part for found in split for part in (found if isinstance(found, list) else [found])]

    def visit_If(self, node: ast.If | ast.While) -> ast.stmt:
        node.test = self._test(node.test)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        return node

    def visit_While(self, node: ast.While) -> ast.stmt:
        return self.visit_If(node)

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        node.test, node.msg = self._test(node.test), node.msg and self.visit(node.msg)
        return node

    def visit_With(self, node: ast.With) -> ast.stmt:
        """The head is an access; the end of it belongs to the access before.

        For a lock that loses no order: to let it go earlier hinders nobody (a left mover: R. J. Lipton, "Reduction: a
        method of proving properties of parallel programs", CACM 18(12), 1975).
        """
        for item in node.items:
            manager = self.visit(item.context_expr)
            item.context_expr = placed(
                manager, ast.YieldFrom(ast.Call(named(ENTER), [manager, self._switch(manager)], []))
            )
        node.body = self._block(node.body)
        return node

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        """Each turn asks what is looped over for its next item, and so does the one that finds the end.

        So a loop over anything but a range becomes `while item := step(walk): target = item[0]; ...`.
        """
        item = self._new_name()
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
        switch = ast.IfExp(seen, self._switch(at), ast.Constant(None))
        step = ast.NamedExpr(named(item, ast.Store()), ast.Call(named(STEP), [walk, switch], []))
        took = placed(at, ast.Subscript(named(item), ast.Constant(0), ast.Load()))
        body = [*self._store(node.target, took, node), placed(at, assign(item, ast.Constant(None)))]
        loop = placed(at, ast.While(step, [*body, *self._block(node.body)], self._block(node.orelse)))
        return [*hidden, loop, *forgotten([*hidden, body[-1]], node)]
