"""The book: every notebook as a page to read, with its stored widgets alive, and a glossary; made with Sphinx.

MyST-NB reads the notebooks without running them; Furo is the theme. `sources` writes what Sphinx reads, `conf.py` says
how, and the widgets are those of `docs.site.stored`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from docs.site.book import sources
from docs.site.places import HERE, WORK

_WORK = WORK / "book"


def build(target: Path) -> None:
    """Write the book into the folder `target`; the folders of the other parts lie in it. Any warning ends the build."""
    from sphinx.cmd.build import build_main

    shutil.rmtree(_WORK, ignore_errors=True)
    sources.write(_WORK / "source", _WORK / "static")
    pages = _WORK / "built" / "pages"  # MyST-NB keeps copies of the notebooks in the folder above
    folders = ("-c", HERE / "book", "-d", _WORK / "doctrees", _WORK / "source", pages)
    if status := build_main(["-q", "-W", "--keep-going", "-b", "html", *map(str, folders)]):
        sys.exit(status)
    unneeded = shutil.ignore_patterns(".buildinfo", "_sources", "objects.inv")
    shutil.copytree(pages, target, dirs_exist_ok=True, ignore=unneeded)
