"""Run the engine's unit tests on the Python of the lab, in node: `python -m tests.pyodide [ARGUMENT OF PYTEST ...]`.

It takes the environment that builds the site, for its Pyodide and its wheels; pytest's wheels are pinned beside this
file.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from docs.site.lab.wheels import PINS, pinned
from docs.site.npm import node_modules
from docs.site.places import ROOT, WORK

HERE = Path(__file__).parent
TESTS = (
    "tests/trace",
    "tests/engine/recorder",
    "tests/engine/stepper",
    "tests/engine/backends",
    "tests/engine/waits",
    "tests/engine/test_scheduler.py",
)
"""Searching through orders takes ten times as long as all of these, and is left to other Pythons."""


def main(words: list[str]) -> int:
    """Run them, or what `words` name; the exit status of pytest."""
    node = shutil.which("node") or sys.exit("make pyodide takes node: `apt-get install nodejs`, or from nodejs.org.")
    named = words if any(word.startswith("tests") for word in words) else [*TESTS, *words]
    given = (node_modules() / "pyodide", _wheels(WORK / "pyodide"), ROOT, "-m", "not integration", *named)
    return subprocess.run([node, HERE / "run.mjs", *given]).returncode


def _wheels(folder: Path) -> Path:
    """The folder with the wheels of the lab and those of pytest."""
    folder.mkdir(parents=True, exist_ok=True)
    together = folder / "together"
    shutil.rmtree(together, ignore_errors=True)
    together.mkdir()
    for pins, name in ((PINS, "lab"), (HERE / "requirements.txt", "tests")):
        for wheel in pinned(pins, folder / name):
            shutil.copy(wheel, together)
    return together


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
