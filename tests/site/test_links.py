"""Every link of the site leads to a page that is there, and to a place on it; no page loads anything from elsewhere."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.site.conftest import SITE

pytestmark = pytest.mark.browser

LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What a page links to, what it loads, and the places on it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = {"", "top"}
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        self.places.add(found.get("id", ""))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if (name := LOADED.get(tag)) and name in found:
            self.loads.append(found[name])


@cache
def page(file: Path) -> Page:
    return Page(file)


def pages() -> list[Path]:
    """The pages of the book and the slides; the lab is an application and has tests of its own."""
    return [*sorted(SITE.glob("*.html")), *sorted(SITE.glob("slides/*.html")), *sorted(SITE.glob("player/*.html"))]


def broken(file: Path, links: list[str]) -> list[str]:
    """The links of a page to files or places of the site that are not there."""
    return [f"{file.name}: {link}" for link in links if is_of_the_site(link) and not leads_somewhere(file, link)]


def is_of_the_site(link: str) -> bool:
    return not urlsplit(link).scheme


def leads_somewhere(file: Path, link: str) -> bool:
    address = urlsplit(link)
    target = (file.parent / unquote(address.path)).resolve() if address.path else file
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return False
    return target.suffix != ".html" or "lab" in target.parts or unquote(address.fragment) in page(target).places


def test_every_link_answers(site):
    assert len(pages()) > 40
    assert [gone for file in pages() for gone in broken(file, page(file).links)] == []


def test_everything_that_a_page_loads_is_of_the_site(site):
    assert [gone for file in pages() for gone in broken(file, page(file).loads)] == []
    assert [load for file in pages() for load in page(file).loads if not is_of_the_site(load)] == []


def test_a_link_to_nowhere_is_found(tmp_path):
    (tmp_path / "there.html").write_text('<h1 id="here">')
    links = ["there.html", "there.html#here", "there.html#gone", "gone.html", "https://example.org"]
    assert broken(tmp_path / "one.html", links) == ["one.html: there.html#gone", "one.html: gone.html"]
