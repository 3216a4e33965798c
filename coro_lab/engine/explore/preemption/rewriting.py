"""A function, rewritten: what `Marks` puts before each access, and what the rewritten code calls."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Mapping
from types import CellType, CodeType, FunctionType
from typing import Any
from warnings import catch_warnings, simplefilter

from coro_lab.engine.explore.preemption.expressions import CannotSplitError
from coro_lab.engine.explore.preemption.source import Definition, definition
from coro_lab.errors import PreemptionError

type Task = Callable[..., Generator[Any, None, Any]]

type Split = Callable[[CodeType, dict[str, Any], Definition], Definition]
"""Puts marks into a definition, which has this code and these globals."""

_MADE = ".made"  # the rewritten function's name while it is compiled; its body may use its real name
originals: dict[int, CodeType] = {}
"""The code that was rewritten, by the id of what it became."""


class Rewriter:
    """Rewrites functions. Its code is kept: each run makes a nested function anew, always with the same code."""

    def __init__(self, split: Split, helpers: Mapping[str, Any]) -> None:
        """`helpers` are variables of the rewritten code, by the names of `nodes.py`."""
        self._split = split
        self._helpers = {name: CellType(helper) for name, helper in helpers.items()}
        self._codes: dict[tuple[int, int], tuple[CodeType, dict[str, Any], CodeType]] = {}  # by the ids of two of these

    def rewrite(self, function: FunctionType, original: CodeType | None = None) -> FunctionType:
        """The rewritten function, of its `original` code if it was rewritten before. Raises PreemptionError."""
        return self._with_code(function, self.code_of(function, original))

    def code_of(self, function: FunctionType, original: CodeType | None = None) -> CodeType:
        """The code of the rewritten function."""
        code, namespace = original or function.__code__, function.__globals__
        kept = self._codes.get((id(code), id(namespace)))
        if kept is None:
            made = self._code(function, code)
            originals[id(made)] = code
            kept = self._codes[id(code), id(namespace)] = code, namespace, made
        return kept[-1]

    def _code(self, function: FunctionType, code: CodeType) -> CodeType:
        tree = definition(function)
        try:
            split = self._split(code, function.__globals__, tree)
        except CannotSplitError as found:
            said = f"{function.__name__} cannot be split into steps: line {found}."
            raise PreemptionError(said, function=function.__name__, line=found.line) from None
        return self._compiled(code, split)

    def _compiled(self, original: CodeType, tree: Definition) -> CodeType:
        """The code of this tree, named like the original, with the same free variables and those of the helpers."""
        binding: list[ast.expr] = [ast.Name(name, ast.Store()) for name in (*original.co_freevars, *self._helpers)]
        tree.name = _MADE
        tree.type_params = []  # the body finds them as free variables
        module = ast.parse("def outer(): ...")
        bound: list[ast.stmt] = [ast.Assign(binding, ast.Constant(None))] if binding else []
        module.body[0].body = [*bound, tree]  # type: ignore[attr-defined]
        with catch_warnings():
            simplefilter("ignore")  # Python has warned already, when the learner's code was compiled
            code = compile(ast.fix_missing_locations(module), original.co_filename, "exec", dont_inherit=True)
        code = _inner_code(_inner_code(code, "outer"), _MADE)
        code = _renamed(code, code.co_qualname, original.co_qualname)
        return code.replace(co_name=original.co_name, co_firstlineno=original.co_firstlineno)

    def _with_code(self, function: FunctionType, code: CodeType) -> FunctionType:
        """This code as a function, with the globals, defaults and enclosed variables of the original."""
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        cells |= self._helpers
        closure = tuple(cells[name] for name in code.co_freevars)
        made = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, closure)
        made.__kwdefaults__ = function.__kwdefaults__
        if hasattr(function, "__wrapped__"):  # so that its signature is the one that the learner wrote
            made.__wrapped__ = function.__wrapped__  # type: ignore[attr-defined]
        return made


def _inner_code(code: CodeType, name: str) -> CodeType:
    return next(inner for inner in code.co_consts if isinstance(inner, CodeType) and inner.co_name == name)


def _renamed(code: CodeType, old: str, new: str) -> CodeType:
    """The code, and all code inside it, with the beginning of the qualified names replaced."""
    inside = tuple(_renamed(inner, old, new) if isinstance(inner, CodeType) else inner for inner in code.co_consts)
    name = code.co_qualname
    return code.replace(co_qualname=new + name[len(old) :] if name.startswith(old) else name, co_consts=inside)
