"""Node, for the tests of the front end: found, or the test is skipped with a sentence (under CI=true it fails)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

JAVASCRIPT = Path(__file__).parent / "javascript"


def run_node(*arguments: str, given: str = "") -> str:
    """What node prints; a failure of it fails the test with what it said."""
    node = shutil.which("node")
    if node is None:
        reason = "No node was found. Get one (20 or newer) with `apt-get install nodejs` or from nodejs.org."
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    done = subprocess.run(
        [node, *arguments], input=given, capture_output=True, text=True, encoding="utf-8", cwd=JAVASCRIPT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
