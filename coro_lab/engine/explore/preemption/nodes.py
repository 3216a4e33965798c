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
from collections.abc import Callable

CALL, ENTER, SEEN, WALK, STEP = ".call", ".enter", ".seen", ".walk", ".step"
"""The functions of `runtime` that split code calls: for a call, a `with`, an operation, a loop and its next item."""

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


# -- switches ----------------------------------------------------------------------------------------------------------


def switch(at: ast.AST) -> ast.expr:
    """A yield if anything was accessed before; from now on something was."""
    remember = ast.NamedExpr(named(BEGAN, ast.Store()), ast.Constant(True))
    return placed(at, ast.IfExp(named(BEGAN), ast.Yield(), remember))


def switch_if_seen(values: ast.expr, at: ast.AST, methods: tuple[str, ...] = ()) -> ast.expr:
    """A switch if an operation on these values looks into an object that others may change."""
    seen = ast.Call(named(SEEN), [values, *map(ast.Constant, methods)], [])
    return placed(at, ast.IfExp(seen, switch(at), ast.Constant(None)))


def after_switch(access: ast.expr) -> ast.expr:
    """A switch, then the access."""
    return placed(access, one_of([switch(access), access], 1))


def then_switch(value: ast.expr) -> ast.expr:
    """The value, then a switch while the value lies on the stack. A slice cannot be in a tuple: its step is."""
    if isinstance(value, ast.Slice):
        value.step = then_switch(value.step or placed(value, ast.Constant(None)))
        return value
    if isinstance(value, ast.Tuple) and any(isinstance(part, ast.Slice) for part in value.elts):
        value.elts[-1] = then_switch(value.elts[-1])
        return value
    return placed(value, one_of([value, switch(value)], 0))


def operation(
    values: list[ast.expr], operate: Callable[..., ast.expr], at: ast.AST, methods: tuple[str, ...] = ()
) -> ast.expr:
    """An operation on these values, after a switch if one of them is an object that others may change."""
    if all(isinstance(value, (ast.Constant, ast.JoinedStr)) for value in values):
        return placed(at, operate(*values))
    hold = ast.NamedExpr(named(HELD, ast.Store()), ast.Tuple(values, ast.Load()))
    forget = ast.NamedExpr(named(HELD, ast.Store()), ast.Constant(None))
    result = operate(*(item(HELD, number) for number in range(len(values))))
    return placed(at, one_of([hold, switch_if_seen(named(HELD), at, methods), result, forget], 2))


def looked_into(value: ast.expr, methods: tuple[str, ...] = ()) -> ast.expr:
    """A value that is looked into next."""
    return operation([value], lambda held: held, value, methods)
