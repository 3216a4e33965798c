"""The README as the package's long description: an index shows it far away from the repository.

What lies in the repository has an address only if pyproject.toml names the repository. Then a picture or a link gets
the address that it has in this version's tag, which GitHub, GitLab and Gitea alike understand. Otherwise its text
stands in its place. The badges, which are about the repository's newest state, stay away.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_BADGES = re.compile(r"^\[!\[.*\n", re.MULTILINE)
_IN_REPOSITORY = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)]+)\)")


def long_description(readme: str, repository: str | None, version: str) -> str:
    """The README with addresses for its pictures and links, or with their texts where there is no repository."""

    def replaced(found: re.Match[str]) -> str:
        is_picture, text, path = found.groups()
        if repository is None:
            return f"*In the repository, a picture: {text}.*" if is_picture else text
        return f"{is_picture}[{text}]({repository.rstrip('/')}/{'raw' if is_picture else 'blob'}/v{version}/{path})"

    return _IN_REPOSITORY.sub(replaced, _BADGES.sub("", readme))


class LongDescription(MetadataHookInterface):
    """Run by hatchling when it builds the package."""

    def update(self, metadata: dict[str, Any]) -> None:
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        text = long_description(text, metadata.get("urls", {}).get("Repository"), metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
