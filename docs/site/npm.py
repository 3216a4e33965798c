"""What comes from npm: `package-lock.json` pins it with hashes and names no address."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from docs.site.places import HERE, WORK

PINS = HERE / "package-lock.json"


def node_modules() -> Path:
    """The folder `node_modules` with what is pinned, installed now unless it is there already.

    Leaves with a sentence if there is no npm or npm fails.
    """
    noted = WORK / "installed-pins.json"  # written last, so half an installation has none
    if not (noted.exists() and noted.read_bytes() == PINS.read_bytes()):
        npm = shutil.which("npm") or sys.exit("make site takes npm: `apt-get install nodejs npm`, or from nodejs.org.")
        print("Installing what the site takes from npm (docs/site/package-lock.json) ...", flush=True)
        WORK.mkdir(exist_ok=True)
        for file in (PINS, HERE / "package.json"):
            shutil.copy(file, WORK)
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        if status := subprocess.run([npm, "ci", *options], cwd=WORK).returncode:
            sys.exit(f"npm could not install it (exit status {status}); it takes a network the first time.")
        shutil.copy(PINS, noted)
    return WORK / "node_modules"
