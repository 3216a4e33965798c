"""The definition of a function: its syntax tree, with the positions that it has in its file or cell."""

from __future__ import annotations

import ast
import linecache
import textwrap
from types import CodeType, FunctionType

from coro_lab.engine.explore.preemption.nodes import placed
from coro_lab.errors import PreemptionError


def definition(function: FunctionType) -> ast.FunctionDef:
    """The definition of this function, also of a lambda. Raises PreemptionError where its source is not certain."""
    lines = linecache.getlines(function.__code__.co_filename)
    first = function.__code__.co_firstlineno
    found = []
    if lines:
        tree = _parsed("".join(lines), function)
        found = [
            node for node in ast.walk(tree) if _begins(node) == first and _is_called(node, function.__code__.co_name)
        ]
    if len(found) > 1:
        found = [node for node in found if _holds(node, function.__code__)]
    if len(found) != 1:
        raise PreemptionError(
            f"The source of {function.__name__} {'is not certain' if found else 'cannot be found'}, "
            "so it cannot be split into steps.\n"
            "  Write it with def, in a cell or a file of its own, and one function to a line."
        )
    node = found[0]
    if isinstance(node, ast.Lambda):
        body = placed(node, ast.Return(node.body))
        return placed(node, ast.FunctionDef("<lambda>", node.args, [body], [], type_params=[]))
    assert isinstance(node, ast.FunctionDef)
    return node


def _parsed(source: str, function: FunctionType) -> ast.Module:
    try:
        return ast.parse(textwrap.dedent(source))
    except SyntaxError:
        raise PreemptionError(f"The file of {function.__name__} has changed since it was run.") from None


def _begins(node: ast.AST) -> int | None:
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        return node.decorator_list[0].lineno
    return getattr(node, "lineno", None)


def _holds(node: ast.AST, code: CodeType) -> bool:
    """Whether this piece of source is where the code stands; it tells two lambdas of one line apart."""
    own = node.body if isinstance(node, ast.Lambda) else node
    places = [(line, at) for line, _, at, _ in code.co_positions() if line is not None and at is not None]
    spot = max(places, default=(0, 0))
    begin, end = (own.lineno, own.col_offset), (own.end_lineno or 0, own.end_col_offset or 0)  # type: ignore[attr-defined]
    return begin <= spot <= end


def _is_called(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Lambda):
        return name == "<lambda>"
    return isinstance(node, ast.FunctionDef) and node.name == name
