"""Biome and TypeScript over the front end: `python -m tests.javascript_tools`, then lint, format, types or pins.

A learner needs neither. `package-lock.json` pins both with hashes and names no address; they are installed into the
environment that runs this, once for each version of the pins. Without node and npm the check is skipped with a
sentence; under CI=true it fails.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.places import ROOT

HERE = Path(__file__).parent
SITE = ROOT / "docs" / "site"
PINS = HERE / "package-lock.json"
INSTALLED = Path(sys.prefix) / "javascript-tools"
NO_NODE = "no node with npm was found. Get one (20 or newer) with `apt-get install nodejs npm` or from nodejs.org."

BIOME = ("biome", "check", f"--config-path={HERE / 'biome.json'}", "--error-on-warnings", "--colors=off")
CHECKED = ("coro_lab", "tests/views", "docs/site/player", "docs/site/lab")
COMMANDS = {
    "lint": (*BIOME, *CHECKED),
    "format": (*BIOME, "--write", *CHECKED),
    "types": ("tsc", "--project", str(HERE / "tsconfig.json")),
}


def main(command: str) -> int:
    """The exit status of one of the commands."""
    if not (shutil.which("node") and shutil.which("npm")):
        fails = os.environ.get("CI") == "true"
        print(f"The front end's {command} {'fails' if fails else 'is skipped'}: {NO_NODE}")
        return int(fails)
    if command == "pins":
        return renew_pins(HERE) or renew_pins(SITE)
    tool, *arguments = COMMANDS[command]
    return install() or run(str(INSTALLED / "node_modules" / ".bin" / tool), *arguments, folder=ROOT)


def install() -> int:
    """Install the pinned tools, unless these pins are installed already; the exit status of npm."""
    noted = INSTALLED / "installed-pins.json"  # written last, so half an installation has none
    if noted.exists() and noted.read_bytes() == PINS.read_bytes():
        return 0
    print("Installing the tools for JavaScript (tests/javascript_tools/package-lock.json) ...", flush=True)
    INSTALLED.mkdir(exist_ok=True)
    for file in (PINS, HERE / "package.json"):
        shutil.copy(file, INSTALLED)
    status = run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", folder=INSTALLED)
    if status == 0:
        shutil.copy(PINS, noted)
    else:
        print(f"npm could not install them (exit status {status}); it takes a network the first time.")
    return status


def renew_pins(of: Path) -> int:
    """Pin the newest versions that a folder's package.json allows; npm would write addresses beside the hashes."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(of / "package.json", folder)
        options = ("--package-lock-only", "--omit-lockfile-registry-resolved", "--ignore-scripts", "--no-audit")
        status = run("npm", "install", *options, "--silent", folder=Path(folder))
        if status == 0:
            written = json.loads((Path(folder) / PINS.name).read_text(encoding="utf-8"))
            pins = {"name": of.name, **without_addresses(written)}
            (of / PINS.name).write_text(json.dumps(pins, indent=2) + "\n", encoding="utf-8")
    return status


def without_addresses(pins: dict[str, object]) -> dict[str, object]:
    """These pins without the name of the folder they were made in, and without pages that ask for donations."""
    packages: dict[str, dict[str, object]] = pins["packages"]  # type: ignore[assignment]
    unwanted = {"funding", "name"}
    kept = {path: {k: v for k, v in package.items() if k not in unwanted} for path, package in packages.items()}
    return {**{k: v for k, v in pins.items() if k != "name"}, "packages": kept}


def run(command: str, *arguments: str, folder: Path) -> int:
    return subprocess.run([shutil.which(command) or command, *arguments], cwd=folder).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
