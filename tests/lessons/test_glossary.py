"""The glossary has each term that a notebook introduces, and each of its entries stands in a notebook."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coro_lab.lessons.glossary import Term, bold_terms, located, terms
from coro_lab.lessons.places import Location, NotebookCell, all_cells, cells_of
from coro_lab.lessons.widgets.glossary import Glossary
from tests.places import NOTEBOOKS


@pytest.fixture(autouse=True)
def the_notebooks_of_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(NOTEBOOKS)


def cell(source: str, kind: str = "markdown") -> NotebookCell:
    return NotebookCell(kind, source, Location("02-coroutines", "A place to stop", "abc"))


def sentence_with(term: str, source: str) -> str:
    """The sentence of a cell in which a term stands in bold, as a draft for its entry."""
    found = next(part for part in re.split(r"(?<=[.?!:])\s+|\n\n", source) if f"**{term}**" in part)
    return found.replace("**", "").replace("\n", " ").replace('"', "'").strip()


def test_each_term_of_a_notebook_has_an_entry():
    known = {form for term in terms() for form in term.written}
    new = {term: each for each in reversed(all_cells()) for term in bold_terms(each) if term not in known}
    lines = [
        f'\n[[term]]\nname = "{term.strip("`")}"\nsays = "{sentence_with(term, each.source)}"'
        for term, each in new.items()
    ]
    assert not lines, "Add to coro_lab/lessons/glossary.toml, with sentences that stand alone:\n" + "\n".join(lines)


def test_each_entry_stands_in_a_notebook():
    lost = [term.name for term, place in located() if place is None]
    assert not lost, f"No notebook has these in bold; take them out of glossary.toml: {', '.join(lost)}"
    for _, place in located():
        assert place and place.heading and place.cell in {each.place.cell for each in cells_of(place.notebook)}


def test_no_term_has_two_entries_and_each_says_something_in_a_sentence():
    names = [term.name for term in terms()]
    forms = [form for term in terms() for form in term.written]
    assert len(names) == len(set(names)) and len(forms) == len(set(forms))
    assert [term.name for term in terms() if not re.fullmatch(r"[A-Z`].{10,}[.]", term.says)] == []


def test_bold_text_is_a_term_unless_it_is_a_label_a_sentence_or_keys():
    text = (
        "A **lane**. **Before you run it:** press **Shift + Enter**. **Write it.** **`await`** is **more than a word**."
    )
    text += " **This is more than four words** and no term."
    assert bold_terms(cell(text)) == ["lane", "`await`", "more than a word"]
    assert bold_terms(cell("x = '**bold**'", kind="code")) == []


def test_an_entry_is_found_by_any_of_its_forms():
    cells = [cell("no"), cell("It **sends** it.")]
    assert Term("send", ("send", "sends"), "").place(cells) == Location("02-coroutines", "A place to stop", "abc")
    assert Term("throw", ("throw",), "").place(cells) is None


def test_the_text_of_the_widget_says_all_of_it():
    lines = repr(Glossary()).splitlines()
    assert len(lines) == 1 + len(terms())
    assert f"  trace: {next(term.says for term in terms() if term.name == 'trace')} (00)" in lines


def test_without_notebooks_the_glossary_has_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("coro_lab.lessons.places._folders", lambda: [tmp_path])
    assert {each["notebook"] for each in Glossary().terms} == {""}
    assert "  trace: A run that was kept" in repr(Glossary())
