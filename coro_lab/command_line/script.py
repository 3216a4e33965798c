"""Script: a file of Python, found and compiled as `python SCRIPT` does it, and made the `__main__` module."""

from __future__ import annotations

import builtins
import os
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import BuiltinImporter, FrozenImporter, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType, ModuleType

from coro_lab.command_line.outputs import reason
from coro_lab.engine.recorder.rewriting import compile_quietly, parse_quietly, put_hooks, rewrite_tree, table
from coro_lab.errors import CoroLabError


@dataclass(frozen=True)
class Script:
    """A script as its caller has named it, where it lies, and what it holds."""

    given: str
    path: str  # absolute, and otherwise as given: what Python shows in tracebacks
    source: bytes

    @classmethod
    def found(cls, given: str) -> Script:
        """The script of this name. Raises CoroLabError for what is not a file of source code."""
        if given == "-":
            raise CoroLabError("record takes a script from a file, not from standard input.\n  Write: record script.py")
        if Path(given).is_dir():
            raise CoroLabError(
                f"{given} is a folder.\n  Write: record {Path(given) / '__main__.py'}, or another script"
            )
        try:
            source = Path(given).read_bytes()
        except (OSError, ValueError) as error:
            raise CoroLabError(f"The script {given} cannot be read: {reason(error)}.") from None
        if source.startswith(MAGIC_NUMBER) or zipfile.is_zipfile(given):
            raise CoroLabError(f"{given} is not source code. A run is shown on its source, so record the .py file.")
        return cls(given, _absolute(given), source)

    def compiled(self) -> CodeType:
        """The code of the script, whose yields report what they receive. Raises what `compile` raises."""
        original = compile(self.source, self.path, "exec", dont_inherit=True)
        tree = rewrite_tree(parse_quietly(self.source, self.path))
        code = put_hooks(compile_quietly(tree, self.path))
        table.learn(original, code)
        return code

    def become_main(self, arguments: list[str]) -> ModuleType:
        """A new `__main__` module for the script, with `sys.argv` and `sys.path` as `python SCRIPT` sets them.

        `sys.path` must be without a place for the script's folder.
        """
        main = ModuleType("__main__")
        main.__loader__ = SourceFileLoader("__main__", self.path)
        if "__annotations__" in vars(sys.modules["__main__"]):  # until Python 3.13
            main.__annotations__ = {}
        vars(main).update(__builtins__=builtins, __file__=self.path, __cached__=None)
        itself = self.path if sys.platform == "win32" else os.path.realpath(self.path)
        folder = os.path.dirname(itself)  # noqa: PTH120  as text, as Python has it
        sys.modules["__main__"] = main
        sys.argv = [self.given, *arguments]
        if not sys.flags.safe_path:
            sys.path.insert(0, folder)
            for name in [*_hidden_by(folder)]:
                del sys.modules[name]
        return main


def _absolute(given: str) -> str:
    if sys.platform == "win32":
        return os.path.abspath(given)  # noqa: PTH100  pathlib does not resolve `..`
    return os.path.join(os.getcwd(), given)  # noqa: PTH109, PTH118  pathlib would remove a `./`


def _hidden_by(folder: str) -> Iterator[str]:
    """The loaded modules that the script has to find in this folder instead, such as html.py.

    Coro Lab has loaded more of the standard library than Python has before it runs a script.
    """
    beside = {path.stem: path for path in Path(folder).glob("*.py")}
    beside |= {path.parent.name: path for path in Path(folder).glob("*/__init__.py")}
    kept = {"__main__", "coro_lab", "encodings"}
    hidden = {name for name, path in beside.items() if name not in kept and _is_another(name, path)}
    return (name for name in list(sys.modules) if name.partition(".")[0] in hidden)


def _is_another(name: str, path: Path) -> bool:
    """Whether the loaded module of this name is another file, and not builtin or frozen."""
    comes_first = BuiltinImporter.find_spec(name) or FrozenImporter.find_spec(name)
    return not comes_first and getattr(sys.modules.get(name), "__file__", None) != str(path)
