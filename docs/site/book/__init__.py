"""The part "book" of the site."""

from pathlib import Path


def build(target: Path) -> None:
    """Write this part into the folder `target`; the folders of the other parts lie in it."""
