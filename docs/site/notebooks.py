"""The notebooks of the course as pages take them: in their order, without what only Jupyter uses."""

from __future__ import annotations

import json
import re
from typing import Any

from docs.site.places import NOTEBOOKS
from docs.site.stored import StoredWidgets

Notebook = dict[str, Any]

AFTER_THE_CHAPTERS = ("cheat-sheet", "playground")
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def names() -> list[str]:
    """The names of the notebooks in reading order, without `.ipynb`."""
    chapters = sorted(file.stem for file in NOTEBOOKS.glob("[0-9]*.ipynb"))
    return [*chapters, *AFTER_THE_CHAPTERS]


def read(name: str, widgets: StoredWidgets) -> Notebook:
    """One notebook; what it stores is alive, and what it folds in Jupyter is folded on the page."""
    notebook: Notebook = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    notebook["metadata"]["language_info"]["pygments_lexer"] = "ipython3"
    widgets.bring_alive(notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            _fold(cell)
            _describe(cell)
    return notebook


def title(notebook: Notebook) -> str:
    """The first heading."""
    found = _TITLE.search(source(notebook["cells"][0]))
    assert found, "each notebook begins with its title"
    return found[1]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def _fold(cell: dict[str, Any]) -> None:
    """What would give an answer away is folded."""
    folded = cell["metadata"].get("jupyter", {})
    tags = cell["metadata"].setdefault("tags", [])
    tags += ["hide-output"] * (bool(folded.get("outputs_hidden")) and bool(cell["outputs"]))
    tags += ["hide-input"] * bool(folded.get("source_hidden"))


def _describe(cell: dict[str, Any]) -> None:
    """Each picture says by which line it was drawn: the last one that does not print."""
    lines = [line.strip() for line in source(cell).splitlines() if not line.lstrip().startswith("print")]
    cell["metadata"]["mystnb"] = {"image": {"alt": f"The picture that this line draws: {lines[-1] if lines else ''}"}}
