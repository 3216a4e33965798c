"""The glossary: each term that a notebook introduces in bold, what it means, and the cell that introduces it.

The sentences are in `glossary.toml`. The cells are looked up in the notebooks, so that they can be moved freely.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from coro_lab.lessons.places import Location, NotebookCell, all_cells

FILE = Path(__file__).with_name("glossary.toml")
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_MOST_WORDS = 4  # of a term; longer bold text is a sentence


class Term(NamedTuple):
    """One entry: the term, the forms that stand in bold in the notebooks, and its sentence."""

    name: str
    written: tuple[str, ...]
    says: str

    def place(self, cells: Iterable[NotebookCell]) -> Location | None:
        """The first of these cells in which the term stands in bold; None if it is in none."""
        return next((cell.place for cell in cells if not {*bold_terms(cell)}.isdisjoint(self.written)), None)


@cache
def terms() -> tuple[Term, ...]:
    """All entries, in the order of the alphabet."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))["term"]
    entries = (Term(each["name"], (*_forms(each["name"]), *each.get("written", [])), each["says"]) for each in found)
    return tuple(sorted(entries, key=lambda term: term.name.casefold()))


def _forms(name: str) -> tuple[str, str, str]:
    return name, f"{name}s", f"`{name}`"


def bold_terms(cell: NotebookCell) -> list[str]:
    """The terms that a cell introduces: bold text that is neither a sentence nor a label, nor the name of keys."""
    bold = _BOLD.findall(cell.source) if cell.kind == "markdown" else []
    return [text for text in bold if text[-1] not in ":.!?" and " + " not in text and len(text.split()) <= _MOST_WORDS]


def located() -> list[tuple[Term, Location | None]]:
    """Each entry with the place of the cell that introduces it; None where the notebooks have none."""
    cells = all_cells()
    return [(term, term.place(cells)) for term in terms()]
