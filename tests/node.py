"""Node, for the tests of the front end: found, or the test is skipped with a sentence (under CI=true it fails)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

import pytest

JAVASCRIPT = Path(__file__).parent / "views" / "widgets" / "javascript"


def run_node(*arguments: str, given: str = "") -> str:
    """What node prints; a failure of it fails the test with what it said."""
    done = subprocess.run(
        [_node(), *arguments], input=given, capture_output=True, text=True, encoding="utf-8", cwd=JAVASCRIPT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Node:
    """A node that runs one of the modules beside the tests, and answers each line of JSON with another, in a block."""

    def __init__(self, *arguments: str) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([_node(), *arguments], stdin=pipe, stdout=pipe, text=True, cwd=JAVASCRIPT)

    def ask(self, value: object) -> Any:
        """What it answers to this value."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        assert self._process.returncode == 0


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        reason = "No node was found. Get one (20 or newer) with `apt-get install nodejs` or from nodejs.org."
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return node
