"""The pieces of syntax tree that splitting puts in, each at the position of the code that it stands for.

The names of the variables that the splitting needs begin with a dot, which no program can write.
"""

from __future__ import annotations

import ast

CALL, ENTER, SEEN, WALK, STEP = ".call", ".enter", ".seen", ".walk", ".step"
"""The hooks of split code: a call, the head of a `with`, what is looked into, the head of a loop, a turn of it."""

BEGAN, HELD = ".began", ".held"
"""Whether anything was accessed before, and what an operation is about to look into."""


def named(name: str, context: ast.expr_context | None = None) -> ast.Name:
    """The variable of this name, read if nothing else is said."""
    return ast.Name(name, context or ast.Load())


def assign(name: str, value: ast.expr) -> ast.Assign:
    """The statement that gives a variable this value."""
    return ast.Assign([named(name, ast.Store())], value)


def item(name: str, index: int) -> ast.expr:
    """One item of what this variable holds."""
    return ast.Subscript(named(name), ast.Constant(index), ast.Load())


def one_of(parts: list[ast.expr], index: int) -> ast.expr:
    """All parts, one after the other; the value is that of one of them."""
    return ast.Subscript(ast.Tuple(parts, ast.Load()), ast.Constant(index), ast.Load())


def placed[Node: ast.AST](place: ast.AST, node: Node) -> Node:
    """The new node, with all inside it that has no position yet, at the position of an old one."""
    for inner in ast.walk(node):
        if "lineno" in inner._attributes and not hasattr(inner, "lineno"):
            ast.copy_location(inner, place)
    return node
