"""The part "player" of the site."""

from pathlib import Path


def build(target: Path) -> None:
    """Write this part into the folder `target`, which is there and empty."""
