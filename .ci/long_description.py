"""The README as the package's long description: an index shows it far away from the repository.

A picture in the repository has an address only if pyproject.toml names the repository. Then the picture gets the
address that it has in this version's tag, which GitHub, GitLab and Gitea alike understand. Otherwise its text stands
in its place.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_PICTURE = re.compile(r"!\[([^\]]*)\]\((?!https?:)([^)]+)\)")


def long_description(readme: str, repository: str | None, version: str) -> str:
    """The README with absolute addresses of its pictures, or with their texts where there is no repository."""
    if repository is None:
        return _PICTURE.sub(r"*In the repository, a picture: \1.*", readme)
    return _PICTURE.sub(rf"![\1]({repository.rstrip('/')}/raw/v{version}/\2)", readme)


class LongDescription(MetadataHookInterface):
    """Run by hatchling when it builds the package."""

    def update(self, metadata: dict[str, Any]) -> None:
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        text = long_description(text, metadata.get("urls", {}).get("Repository"), metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
