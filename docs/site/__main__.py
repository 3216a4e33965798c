"""Build the site, or only some parts of it: `python -m docs.site [PART ...]`."""

from __future__ import annotations

import shutil
import sys
import time
from importlib import import_module
from pathlib import Path

from docs.site.places import SITE

PARTS = ("book", "slides", "lab", "player")
"""In the order in which they are built. The book lies at the top of the site, the others each in their folder."""


def main(names: list[str]) -> int:
    """Build these parts, or all; the exit status."""
    if unknown := set(names) - set(PARTS):
        print(f"There is no part {', '.join(sorted(unknown))}. Name any of: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    for name in names or PARTS:
        build(name, SITE)
    print(f"The site is in {SITE.name}/: {megabytes(SITE):.1f} MB.")
    return 0


def build(name: str, site: Path) -> None:
    """Build one part anew; what an earlier build of it left is removed first."""
    started = time.perf_counter()
    print(f"{name} ...", flush=True)
    target = site if name == "book" else site / name
    clear(target, keep=PARTS if name == "book" else ())
    import_module(f"docs.site.{name}").build(target)
    print(f"{name}: {time.perf_counter() - started:.1f} s", flush=True)


def clear(target: Path, keep: tuple[str, ...]) -> None:
    """Make the folder, and empty it but for these folders."""
    target.mkdir(parents=True, exist_ok=True)
    for old in target.iterdir():
        if old.name in keep:
            continue
        shutil.rmtree(old) if old.is_dir() else old.unlink()


def megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
