"""Whether the site is made of the same files as when its tests last passed: `python -m docs.site.tested [--write]`.

`make site-test` writes the fingerprint of these files when it has passed whole, and it is committed with them. So a
checkout tells without history, branches or a network whether the tests have to run again.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from docs.site.places import HERE, ROOT

SOURCES = ("coro_lab", "docs/site", "notebooks", "tests/browser", "tests/site", "pyproject.toml")
"""What the pages, the lab's wheel and the tests of both are made of."""
PASSED = HERE / "tested.sha256"
_MADE = {"__pycache__", ".ipynb_checkpoints", PASSED.name}


def fingerprint(root: Path = ROOT) -> str:
    """One hash over the names and contents of the sources in this checkout, without what is made of them."""
    whole = hashlib.sha256()
    for file in sorted(file for source in SOURCES for file in _files(root / source)):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{file.relative_to(root).as_posix()} {content}\n".encode())
    return whole.hexdigest()


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    return [
        file
        for file in source.rglob("*")
        if file.is_file() and not _MADE & set(file.parts) and not file.name.startswith(".coro-lab-progress")
    ]


def main(words: list[str]) -> int:
    """The exit status: 0 if the tests have passed with these files. `--write` notes that they have."""
    if words == ["--write"]:
        PASSED.write_text(fingerprint() + "\n", encoding="utf-8")
        return 0
    if PASSED.exists() and PASSED.read_text(encoding="utf-8").strip() == fingerprint():
        print("The site is made of the files that have passed its tests.")
        return 0
    print("What the site is made of has changed since its tests last passed.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
