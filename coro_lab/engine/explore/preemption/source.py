"""The source of a function: its syntax tree, with the positions in its file or cell, and which names others can see."""

from __future__ import annotations

import ast
import builtins
import copy
import functools
import inspect
import linecache
import textwrap
from collections import defaultdict
from types import CodeType, FunctionType, ModuleType
from typing import Any

from coro_lab.engine.explore.preemption.nodes import placed
from coro_lab.errors import PreemptionError

type Definition = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def definition(function: FunctionType) -> Definition:
    """The definition of this function or lambda. Raises PreemptionError where its source is missing or ambiguous."""
    lines = linecache.getlines(function.__code__.co_filename)
    first = function.__code__.co_firstlineno
    found = []
    if lines:
        begun = _parsed("".join(lines), function).get(first, ())
        found = [node for node in begun if _is_called(node, function.__code__.co_name)]
    if len(found) > 1:
        found = [node for node in found if _holds(node, function.__code__)]
    if len(found) != 1:
        raise PreemptionError(
            f"The source of {function.__name__} {'is not certain' if found else 'cannot be found'}, "
            "so it cannot be split into steps.\n"
            "  Write it with def in a cell or a file, one function to a line.",
            function=function.__name__,
        )
    node = copy.deepcopy(found[0])
    if isinstance(node, ast.Lambda):
        body = placed(node, ast.Return(node.body))
        return placed(node, ast.FunctionDef("<lambda>", node.args, [body], [], type_params=[]))
    assert isinstance(node, DEFINITIONS)
    return node


def _parsed(source: str, function: FunctionType) -> dict[int, list[ast.AST]]:
    try:
        return _functions(source)
    except SyntaxError:
        said = f"The file of {function.__name__} has changed since it was run."
        raise PreemptionError(said, function=function.__name__) from None


@functools.lru_cache(maxsize=8)
def _functions(source: str) -> dict[int, list[ast.AST]]:
    """The definitions and lambdas of a file or a cell, by their first lines; not to be changed."""
    found = defaultdict[int, list[ast.AST]](list)
    for node in ast.walk(ast.parse(textwrap.dedent(source))):
        if isinstance(node, (*DEFINITIONS, ast.Lambda)):
            found[begin_of(node) or 0].append(node)
    return found


def begin_of(node: ast.AST) -> int | None:
    """The first line of a definition, or of another node."""
    if isinstance(node, (*DEFINITIONS, ast.ClassDef)) and node.decorator_list:
        return node.decorator_list[0].lineno
    return getattr(node, "lineno", None)


def _holds(node: ast.AST, code: CodeType) -> bool:
    """Whether this code was compiled from this node; distinguishes two lambdas in one line."""
    own = node.body if isinstance(node, ast.Lambda) else node
    places = [(line, at) for line, _, at, _ in code.co_positions() if line is not None and at is not None]
    spot = max(places, default=(0, 0))
    begin, end = (own.lineno, own.col_offset), (own.end_lineno or 0, own.end_col_offset or 0)  # type: ignore[attr-defined]
    return begin <= spot <= end


def _is_called(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Lambda):
        return name == "<lambda>"
    return isinstance(node, DEFINITIONS) and node.name == name


class Names:
    """Which names of a function others can see, and what they mean in it."""

    def __init__(self, code: CodeType, namespace: dict[str, Any]) -> None:
        self._free = frozenset(code.co_freevars) | frozenset(code.co_cellvars)
        self._local = frozenset(code.co_varnames)
        self._namespace = namespace
        *_, owner = ("<locals>", *code.co_qualname.split(".")[:-1])
        self._owner = "" if owner == "<locals>" else owner.lstrip("_")

    def inside(self, code: CodeType) -> Names:
        """The names of a function that is defined in this one."""
        return Names(code, self._namespace)

    def in_its_class(self, attribute: str) -> str:
        """An attribute's mangled name: inside a class Tally, `__value` is `_Tally__value`."""
        private = self._owner and attribute.startswith("__") and not attribute.endswith("__")
        return f"_{self._owner}{attribute}" if private else attribute

    def is_shared(self, name: str) -> bool:
        """Whether others can see what this name is bound to; a global function, class or module counts as fixed."""
        if name in self._free:
            return True
        if name in self._local or (name not in self._namespace and hasattr(builtins, name)):
            return False
        value = self._namespace.get(name)
        return not isinstance(value, (FunctionType, type, ModuleType)) and not inspect.isbuiltin(value)

    def builtin_called(self, call: ast.expr) -> str:
        """The name of the builtin that this expression calls, or nothing."""
        name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
        is_own = name in self._local | self._free or name in self._namespace
        return name if hasattr(builtins, name) and not is_own else ""
