"""Pyodide, CPython compiled for browsers, with the packages that it has here."""

from __future__ import annotations

import shutil
from pathlib import Path

from docs.site.npm import node_modules

_INTERPRETER = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")


def write(folder: Path, packages: list[Path]) -> None:
    """Put the interpreter, these wheels and the lock file with their hashes into this folder.

    Raises RuntimeError if a wheel needs a package that is not among them.
    """
    from pyodide_lock import PyodideLockSpec
    from pyodide_lock.utils import add_wheels_to_spec

    folder.mkdir(parents=True)
    shipped = node_modules() / "pyodide"
    for name in _INTERPRETER:
        shutil.copy(shipped / name, folder)
    wheels = [Path(shutil.copy(package, folder)) for package in packages]
    lock = PyodideLockSpec.from_json(shipped / "pyodide-lock.json")
    lock.packages.clear()  # the packages that Pyodide's own host would serve
    add_wheels_to_spec(lock, wheels, base_path=folder).to_json(folder / "pyodide-lock.json")
