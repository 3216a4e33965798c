"""`make bench`: every measurement in this folder, in the order of their names.

    python -m tests.bench [NAME ...]

A measurement is a module with a function `run()` that prints its figures, each a ratio taken in one run. Each has a
process of its own: what one leaves in memory, a recording in the next would walk through.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path


def names() -> list[str]:
    """The measurements there are."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    return [name for name in modules if not name.startswith("_")]


def main(asked: list[str]) -> int:
    """Measure what is asked for, or everything; returns 0 if all of it came to its end, else 1."""
    if len(asked) != 1:
        commands = [[sys.executable, "-m", "tests.bench", name] for name in asked or names()]
        ended = [subprocess.run(command).returncode for command in commands]
        return int(any(ended))  # one that was killed has a negative code
    module = import_module(f"tests.bench.{asked[0]}")
    print(f"\n== {asked[0]}: {(module.__doc__ or asked[0]).splitlines()[0]}", flush=True)
    module.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
