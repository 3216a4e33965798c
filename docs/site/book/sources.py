"""What Sphinx reads: the first page, the notebooks, the glossary."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from urllib.parse import quote

from coro_lab.lessons.glossary import Term, located
from coro_lab.lessons.places import Location
from docs.site import notebooks
from docs.site.notebooks import Notebook
from docs.site.places import HERE, NOTEBOOKS
from docs.site.stored import StoredWidgets

GLOSSARY_IN_JUPYTER = "00-start-here.ipynb#Glossary"
COUNTER = """\
def counter():
    n = 1
    while True:
        by = yield n
        n = n + by"""
TRY = f"""\
# Press next. Then write a number into the box, and press send.
from coro_lab import StepperWidget

{COUNTER}

StepperWidget(counter)"""


def write(folder: Path, static: Path) -> None:
    """Write the sources into a new folder, and what the pages load into the folder `static`."""
    folder.mkdir(parents=True)
    shutil.copytree(NOTEBOOKS / "images", folder / "images")
    widgets = StoredWidgets(static)
    every = {name: notebooks.read(name, widgets) for name in notebooks.names()}
    for name, notebook in every.items():
        link_to_glossary(name, notebook)
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    shutil.copy(HERE / "book" / "teachers.md", folder)
    (folder / "glossary.md").write_text(glossary(), encoding="utf-8")
    (folder / "index.md").write_text(first_page(every), encoding="utf-8")


def first_page(every: dict[str, Notebook]) -> str:
    """What the course is, its first player, a generator to step, and the contents."""
    start = every["00-start-here"]["cells"]
    parts = {
        "PLAYER": start[1]["outputs"][0]["data"]["text/html"],
        "COUNTER": COUNTER,
        "TRY": f"lab/repl/index.html?kernel=python&execute=1&toolbar=1&showBanner=0&code={quote(TRY)}",
        "MAP": next(text for text in map(notebooks.source, start) if text.startswith("## The map")).split("\n\n", 2)[2],
        "CONTENTS": "\n".join([*every, "glossary", "teachers"]),
    }
    page = (HERE / "book" / "index.md").read_text(encoding="utf-8")
    return re.sub("|".join(parts), lambda word: parts[word[0]], page)


def glossary() -> str:
    """Every term with its sentence and the section that introduces it."""
    entries = "".join(_entry(term, place) for term, place in located())
    return f"# Glossary\n\nThe words of the course, and where each is introduced.\n\n```{{glossary}}\n{entries}```\n"


def _entry(term: Term, place: Location | None) -> str:
    where = ""
    if place:
        anchor = "#" + place.heading.replace(" ", "-") if place.heading else ""
        where = f" [→ {place.notebook.partition('-')[0]}]({place.notebook}.ipynb{anchor})"
    return f"{term.name}\n  {term.says}{where}\n\n"


def link_to_glossary(name: str, notebook: Notebook) -> None:
    """Each term, where it is introduced, leads to its entry; so does what led to the glossary of notebook 00."""
    for cell in notebook["cells"]:
        if cell["cell_type"] != "markdown":
            continue
        text = notebooks.source(cell).replace(GLOSSARY_IN_JUPYTER, "glossary.md")
        for term in (term for term, place in located() if place and (place.notebook, place.cell) == (name, cell["id"])):
            text = _linked(text, term)
        cell["source"] = text


def _linked(text: str, term: Term) -> str:
    """The text with a link from the first bold form of the term; the entry's id is the one that Sphinx gives it."""
    forms = "|".join(sorted(map(re.escape, term.written), key=len, reverse=True))
    entry = "glossary.html#term-" + re.sub(r"[^a-zA-Z0-9]+", "-", term.name).strip("-")
    return re.sub(rf"\*\*({forms})\*\*", rf'<a class="coro-term" href="{entry}">**\1**</a>', text, count=1)
