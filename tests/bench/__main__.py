"""`make bench`: every measurement in this folder, in the order of their names.

    python -m tests.bench [NAME ...]

A measurement is a module with a function `run()` that prints its figures, each a ratio taken in one run.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def names() -> list[str]:
    """The measurements there are."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    return [name for name in modules if not name.startswith("_")]


def main(asked: list[str]) -> None:
    for name in asked or names():
        module = import_module(f"tests.bench.{name}")
        print(f"\n== {name}: {(module.__doc__ or name).splitlines()[0]}", flush=True)
        module.run()


if __name__ == "__main__":
    main(sys.argv[1:])
