"""Definitions: the functions of a pasted program, made without running the program.

Of its top-level statements only imports, functions, classes and assignments count as definitions. Of these, only those
run that a wanted function needs, directly or through others; so `result = asyncio.run(main())` does not.
"""

from __future__ import annotations

import ast
import builtins
import dis
from collections.abc import Callable, Iterator
from functools import cached_property
from types import CodeType
from typing import Any

from coro_lab.engine.recorder.rewriting import compile_quietly, nested

_DEFINING = (
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign,
    ast.AugAssign, ast.TypeAlias,
)  # fmt: skip
_MODULE = {"__name__": "__main__"}  # dataclasses look for the module of a class by its name
_READS = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")


class Definitions:
    """What a program defines at its top level; its lines can be looked up under the file name."""

    def __init__(self, tree: ast.Module, filename: str) -> None:
        self.tree = tree
        self._filename = filename
        self._statements = [each for each in tree.body if isinstance(each, _DEFINING)]

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """The top-level functions, in the order in which they stand."""
        for each in self.tree.body:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                yield each

    def maker(self, expression: ast.expr) -> Callable[[], Any]:
        """A function without arguments that evaluates this expression among the definitions that it needs.

        Each call runs the definitions anew, so that no call finds what an earlier one has changed. It raises all that
        running them raises.
        """
        whole = ast.fix_missing_locations(ast.Expression(expression))
        code = _as_ours(compile_quietly(whole, self._filename, "eval"))  # type: ignore[arg-type]
        definitions = self._definitions_of(_names(code, _READS))

        def make() -> Any:
            names = dict(_MODULE)
            exec(definitions, names)
            return eval(code, names)

        return make

    def shared(self, wanted: set[str]) -> tuple[dict[str, Any], Callable[[], None]]:
        """The globals with these names in them, and a function that gives all of them their first values again."""
        names, definitions = dict(_MODULE), self._definitions_of(wanted)

        def reset() -> None:
            exec(definitions, names)

        reset()
        return names, reset

    def knows(self, expression: ast.expr) -> bool:
        """Whether all names in this expression are defined at the top level, or built in."""
        names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
        return all(name in self._binding or hasattr(builtins, name) for name in names)

    @cached_property
    def _binding(self) -> dict[str, list[int]]:
        """Name -> the places of the statements that bind it."""
        found: dict[str, list[int]] = {}
        for place, statement in enumerate(self._statements):
            for name in _names(self._code([statement]), ("STORE_NAME", "STORE_GLOBAL")):
                found.setdefault(name, []).append(place)
        return found

    def _definitions_of(self, wanted: set[str]) -> CodeType:
        """The statements that these names need, in their order."""
        names = set(wanted)
        places = {place for place, each in enumerate(self._statements) if _is_future(each)}
        while names:
            new = set(self._binding.get(names.pop(), ())) - places
            places |= new
            names |= {name for place in new for name in _names(self._code([self._statements[place]]), _READS)}
        return _as_ours(self._code([self._statements[place] for place in sorted(places)]))

    def _code(self, statements: list[ast.stmt]) -> CodeType:
        return compile_quietly(ast.Module(statements, []), self._filename)


def _as_ours(code: CodeType) -> CodeType:
    """The same code, but a recording takes its top level for code of Coro Lab, and shows only the functions in it."""
    return code.replace(co_filename=__file__)


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _names(code: CodeType, operations: tuple[str, ...]) -> set[str]:
    """The names that this code, or code inside it, loads or stores by these operations."""
    found = (instruction for each in nested(code) for instruction in dis.get_instructions(each))
    return {instruction.argval for instruction in found if instruction.opname in operations}
