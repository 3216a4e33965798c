"""The slides: each page of the book as a talk, its widgets alive; reveal.js moves from slide to slide.

They are made of the pages that the book has written, so `make site` builds the book first. A section is a column of
slides; a slide ends with the result of a cell, or with a table. `slides.js` makes a slide smaller that is too tall.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from docs.site.notebooks import names
from docs.site.npm import node_modules
from docs.site.places import HERE

_FOLDER = HERE / "slides"


def build(target: Path) -> None:
    """Write the slides into the folder `target`, beside the book."""
    for file in ("reveal.js", "reveal.css"):
        shutil.copy(node_modules() / "reveal.js" / "dist" / file, target)
    for file in ("slides.css", "slides.js"):
        shutil.copy(_FOLDER / file, target)
    for name in names():
        page = target.parent / f"{name}.html"
        if not page.exists():
            sys.exit(f"The slides are made of the book's pages, and {page.name} is missing: run `make site`.")
        (target / page.name).write_text(talk(page.read_text(encoding="utf-8")), encoding="utf-8")


def talk(page: str) -> str:
    """The page of slides that a page of the book becomes."""
    soup = BeautifulSoup(page, "html.parser")
    article, title = soup.select_one("article section"), soup.select_one("h1")
    assert article and title, "each page of the book has a title and sections"
    for unwanted in article.select(".headerlink"):
        unwanted.decompose()
    _from_folder_above(article)
    styles = [link["href"] for link in soup.select("link[rel=stylesheet]") if "furo" not in str(link["href"])]
    text = (_FOLDER / "page.html").read_text(encoding="utf-8")
    parts = {
        "TITLE": title.get_text(),
        "STYLES": "\n".join(f'<link rel="stylesheet" href="../{style}">' for style in styles),
        "SLIDES": "\n".join(map(column, sections(article))),
    }
    for word, part in parts.items():
        text = text.replace(word, part)
    return text


def sections(article: Tag) -> list[list[Tag]]:
    """What stands in each section, its heading first; the title with its sentence is the first."""
    found = [child for child in article.children if isinstance(child, Tag)]
    lead = [child for child in found if child.name not in ("section", "span")]
    others = (child for child in found if child.name == "section")
    inner = [[each for each in child.children if isinstance(each, Tag) and each.name != "span"] for child in others]
    return [lead, *inner]


def column(section: list[Tag]) -> str:
    """The slides of one section, one below the other."""
    heading, *rest = section
    slides = [f"<section>{heading}{''.join(map(str, blocks))}</section>" for blocks in divided(rest)]
    return f"<section>{''.join(slides)}</section>"


def divided(blocks: Iterable[Tag]) -> list[list[Tag]]:
    """Blocks in groups that each end with a cell or a table, and with what is folded after it."""
    groups: list[list[Tag]] = [[]]
    is_full = False
    for block in blocks:
        if is_full and block.name != "details":
            groups.append([])
        groups[-1].append(block)
        is_full = block.name == "details" or bool({"cell", "table-wrapper"} & set(block.get_attribute_list("class")))
    return groups


def _from_folder_above(article: Tag) -> None:
    """Links and pictures lead on from the folder of the slides; a link to a page leads to its page in the book."""
    for element in article.select("[href], [src]"):
        for name in ("href", "src"):
            address = str(element.get(name, ""))
            if address and ":" not in address and not address.startswith("#"):
                element[name] = f"../{address}"
