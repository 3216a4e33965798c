"""Which names of a function others can see."""

from __future__ import annotations

import ast
import builtins
import inspect
from types import CodeType, FunctionType, ModuleType
from typing import Any


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

    def builtin_called(self, call: ast.expr) -> str:
        """The name of the builtin that this expression calls, or nothing."""
        name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
        is_own = name in self._local | self._free or name in self._namespace
        return name if hasattr(builtins, name) and not is_own else ""
