"""The pieces of syntax tree that splitting puts in, each at the position of the code that it stands for.

A *switch* is an expression that yields, unless the function has accessed nothing yet: what comes before the first
access has no effect that others can see. The switch is evaluated last before the access: after the object, the index,
and for a write the value. So `shared.value` becomes `(shared, switch)[0].value`.

An operator, a condition or a loop is an access only if it looks into an object that others may change, and not into a
number or a text. That shows when it runs: `a + b` becomes

    (held := (a, b), switch if seen(held) else None, held[0] + held[1], held := None)[2]

The names of the variables that splitting needs begin with a dot, so no program can use them.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from typing import Any

CALL, ENTER, SEEN, WALK, STEP = ".call", ".enter", ".seen", ".walk", ".step"
"""The functions of `runtime` that split code calls: for a call, a `with`, an operation, a loop and its next item."""

NOTE, SLICE = ".note", ".slice"
"""What notes accesses, and the builtin `slice`."""

BEGAN, HELD = ".began", ".held"
"""Whether anything was accessed before, and the operands of the operation that comes next."""


def named(name: str, context: ast.expr_context | None = None) -> ast.Name:
    """The variable of this name, read by default."""
    return ast.Name(name, context or ast.Load())


def assign(name: str, value: ast.expr) -> ast.Assign:
    """The statement that gives a variable this value."""
    return ast.Assign([named(name, ast.Store())], value)


def item(name: str, index: int) -> ast.expr:
    """One item of the tuple in this variable."""
    return ast.Subscript(named(name), ast.Constant(index), ast.Load())


def one_of(parts: list[ast.expr], index: int) -> ast.expr:
    """All parts, evaluated one after the other; the value is the part at this index."""
    return ast.Subscript(ast.Tuple(parts, ast.Load()), ast.Constant(index), ast.Load())


def placed[Node: ast.AST](place: ast.AST, node: Node) -> Node:
    """The new node, at the position of an old one; nodes inside it keep a position that they have already."""
    for inner in ast.walk(node):
        if "lineno" in inner._attributes and not hasattr(inner, "lineno"):
            ast.copy_location(inner, place)
    return node


# -- what is put before an access --------------------------------------------------------------------------------------


class Marks:
    """Puts a switch before each access."""

    def switch(self, at: ast.AST) -> ast.expr:
        """A yield if anything was accessed before; from now on something was."""
        remember = ast.NamedExpr(named(BEGAN, ast.Store()), ast.Constant(True))
        return placed(at, ast.IfExp(named(BEGAN), ast.Yield(), remember))

    def switch_if_seen(
        self, values: ast.expr, at: ast.AST, methods: tuple[str, ...] = (), *, changes: bool = False
    ) -> ast.expr:
        """A switch if an operation on these values looks into an object that others may change.

        `changes`: the operation may change the first value in place.
        """
        seen = ast.Call(named(SEEN), [values, *map(ast.Constant, methods)], [])
        return placed(at, ast.IfExp(seen, self.switch(at), ast.Constant(None)))

    def read(self, name: ast.Name) -> ast.expr:
        """A switch, then the value of a variable."""
        return placed(name, one_of([self.switch(name), name], 1))

    def at_once(self, node: ast.expr) -> ast.expr:
        """A switch, then an expression that counts as one access, such as a comprehension."""
        return placed(node, one_of([self.switch(node), node], 1))

    def owner(self, value: ast.expr, attribute: str) -> ast.expr:
        """An object, then a switch; next its attribute is read."""
        return self.then_switch(value)

    def callee(self, value: ast.expr, attribute: str) -> ast.expr:
        """An object, whose attribute is read next in order to be called; the switch comes with the call."""
        return value

    def item(self, node: ast.Subscript) -> ast.expr:
        """An item that is read, after a switch."""
        node.slice = self.then_switch(node.slice)
        return node

    def stored(self, value: ast.expr, place: ast.expr) -> ast.expr:
        """A value, then a switch; next it is stored at this place."""
        return self.then_switch(value)

    def deleted(self, place: ast.expr, at: ast.AST) -> ast.expr:
        """A switch; next what is at this place is deleted."""
        return self.switch(at)

    def delegated(self, value: ast.expr) -> ast.expr:
        """What a `yield from` delegates to."""
        return value

    def next_item(self, over: ast.expr, at: ast.AST) -> ast.expr:
        """A switch; next the following item of `over` is taken."""
        return self.switch(at)

    def call(self, node: ast.Call, function: ast.expr, arguments: list[ast.expr], by_name: ast.expr) -> ast.expr:
        """A switch, then a call."""
        call = ast.Call(named(CALL), [function, ast.Tuple(arguments, ast.Load()), by_name, self.switch(node)], [])
        return placed(node, ast.YieldFrom(call))

    def then_switch(self, value: ast.expr) -> ast.expr:
        """The value, then a switch while the value lies on the stack. A slice cannot be in a tuple: its step is."""
        if isinstance(value, ast.Slice):
            value.step = self.then_switch(value.step or placed(value, ast.Constant(None)))
            return value
        if isinstance(value, ast.Tuple) and any(isinstance(part, ast.Slice) for part in value.elts):
            value.elts[-1] = self.then_switch(value.elts[-1])
            return value
        return placed(value, one_of([value, self.switch(value)], 0))

    def operation(
        self,
        values: list[ast.expr],
        operate: Callable[..., ast.expr],
        at: ast.AST,
        methods: tuple[str, ...] = (),
    ) -> ast.expr:
        """An operation on these values, after a switch if one of them is an object that others may change."""
        if all(isinstance(value, (ast.Constant, ast.JoinedStr)) for value in values):
            return placed(at, operate(*values))
        hold = ast.NamedExpr(named(HELD, ast.Store()), ast.Tuple(values, ast.Load()))
        forget = ast.NamedExpr(named(HELD, ast.Store()), ast.Constant(None))
        result = operate(*(item(HELD, number) for number in range(len(values))))
        return placed(at, one_of([hold, self.switch_if_seen(named(HELD), at, methods), result, forget], 2))

    def looked_into(self, value: ast.expr, methods: tuple[str, ...] = ()) -> ast.expr:
        """A value that is looked into next."""
        return self.operation([value], lambda held: held, value, methods)

    def unpacked(self, value: ast.expr) -> ast.expr:
        """A value that is unpacked next."""
        return self.looked_into(value)


class NotedMarks(Marks):
    """Puts a note of what is accessed before each access: after the switch, or instead of it if `switches` is false."""

    def __init__(self, *, switches: bool) -> None:
        self._switches = switches

    def switch(self, at: ast.AST) -> ast.expr:
        return super().switch(at) if self._switches else placed(at, ast.Constant(None))

    def switch_if_seen(
        self, values: ast.expr, at: ast.AST, methods: tuple[str, ...] = (), *, changes: bool = False
    ) -> ast.expr:
        seen = ast.Call(named(SEEN), [values, *map(ast.Constant, methods)], [])
        note = self._note("changed" if changes else "looked", values)
        return placed(at, ast.IfExp(seen, one_of([self.switch(at), note], 1), ast.Constant(None)))

    def read(self, name: ast.Name) -> ast.expr:
        return placed(name, one_of([self.switch(name), self._note("name", ast.Constant(name.id)), name], 2))

    def at_once(self, node: ast.expr) -> ast.expr:
        return placed(node, one_of([self.switch(node), self._note("everything"), node], 2))

    def owner(self, value: ast.expr, attribute: str) -> ast.expr:
        return placed(value, self._note("attribute", self.then_switch(value), ast.Constant(attribute)))

    def callee(self, value: ast.expr, attribute: str) -> ast.expr:
        is_super = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "super"
        return value if is_super else placed(value, self._note("attribute", value, ast.Constant(attribute)))

    def item(self, node: ast.Subscript) -> ast.expr:
        node.slice = self.then_switch(node.slice)
        return placed(node, self._note("item", node.value, _as_value(node.slice)))

    def stored(self, value: ast.expr, place: ast.expr) -> ast.expr:
        return placed(value, self._note("stored", self.then_switch(value), *_place(place)))

    def deleted(self, place: ast.expr, at: ast.AST) -> ast.expr:
        return placed(at, self._note("stored", self.switch(at), *_place(place)))

    def delegated(self, value: ast.expr) -> ast.expr:
        return placed(value, self._note("delegated", value))

    def next_item(self, over: ast.expr, at: ast.AST) -> ast.expr:
        looked = self._note("looked", ast.Tuple([over], ast.Load()))
        return placed(at, one_of([self.switch(at), looked], 1))

    def call(self, node: ast.Call, function: ast.expr, arguments: list[ast.expr], by_name: ast.expr) -> ast.expr:
        is_dropped = ast.Constant(getattr(node, "is_dropped", False))
        given: list[ast.expr] = [function, ast.Tuple(arguments, ast.Load()), by_name, self.switch(node), is_dropped]
        return placed(node, ast.YieldFrom(ast.Call(named(CALL), given, [])))

    def _note(self, what: str, *given: ast.expr) -> ast.Call:
        return ast.Call(ast.Attribute(named(NOTE), what, ast.Load()), list(given), [])


def _place(place: Any) -> list[ast.expr]:
    """How a note names a place: by its object, and by its attribute, index or name."""
    if isinstance(place, ast.Attribute):
        return [_loaded(place.value), ast.Constant(place.attr), ast.Constant("attribute")]
    if isinstance(place, ast.Subscript):
        return [_loaded(place.value), _as_value(copy.deepcopy(place.slice)), ast.Constant("item")]
    return [ast.Constant(None), ast.Constant(place.id), ast.Constant("name")]


def _loaded(node: Any) -> ast.expr:
    return named(node.id) if isinstance(node, ast.Name) else copy.deepcopy(node)


def _as_value(index: ast.expr) -> ast.expr:
    """An index as a value; a slice becomes a call of `slice`."""
    if isinstance(index, ast.Slice):
        ends = [end or ast.Constant(None) for end in (index.lower, index.upper, index.step)]
        return ast.Call(named(SLICE), ends, [])
    if isinstance(index, ast.Tuple):
        return ast.Tuple([_as_value(part) for part in index.elts], ast.Load())
    return index
