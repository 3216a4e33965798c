"""known_site(): where the pages of the course are, as far as that is known here."""

from __future__ import annotations

import os
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata

VARIABLE = "CORO_LAB_SITE"
"""The variable of the environment that names the site; the site's lab sets it to where it was opened."""


def known_site() -> str:
    """The address of the site: of the environment, otherwise of the package; empty if neither names one."""
    return os.environ.get(VARIABLE) or _of_the_package()


@cache
def _of_the_package() -> str:
    """The address that pyproject.toml gives as Site in [project.urls]; a fork names its own there."""
    try:
        named = metadata("coro_lab").get_all("Project-URL") or ()
    except PackageNotFoundError:
        return ""
    addresses: dict[str, str] = dict(each.split(", ", 1) for each in named)
    return addresses.get("Site", "")
