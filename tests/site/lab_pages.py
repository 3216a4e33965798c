"""Pages of the lab: a notebook is opened in the browser's own Python, run to its end, and read."""

from __future__ import annotations

import configparser
import re
from typing import Any

from docs.site.lab.contents import needs
from tests.places import NOTEBOOKS

PATIENCE = 240_000  # milliseconds, of a machine with other work; only a failure waits that long
OPENED = """() => window.jupyterapp?.shell.currentWidget?.context?.isReady && document.querySelector('.jp-Notebook')"""
ANSWERS = """async () => {
  const { sessionContext } = window.jupyterapp.shell.currentWidget;
  await sessionContext.ready;
  await sessionContext.session.kernel.requestExecute({ code: '1 + 1', silent: true, store_history: false }).done;
}"""
RUN_ALL = """() => {
  const { commands, shell } = window.jupyterapp;
  for (const cell of shell.currentWidget.content.model.cells) if (cell.type === 'code') cell.executionCount = null;
  commands.execute('notebook:run-all-cells');
}"""
HAS_RUN = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
  .every((cell) => cell.type !== 'code' || (cell.executionCount !== null && cell.executionState !== 'running'))"""
NOTEBOOK = "() => window.jupyterapp.shell.currentWidget.content.model.toJSON()"
DRAWN = re.compile(r"^(?:Picture\(.*\)|<Figure .*with \d+ Axes>)\n", re.MULTILINE)
"""What a picture is called: without matplotlib it is SVG, and shown at once instead of at the end of the cell."""

Cell = dict[str, Any]


def address(name: str) -> str:
    """The path of this notebook's page in the site."""
    return f"lab/lab/index.html?path={name}.ipynb"


def run_all(page: Any) -> list[Cell]:
    """Run every cell, and return the cells with their new outputs."""
    page.evaluate(ANSWERS)
    page.evaluate(RUN_ALL)
    page.wait_for_function(HAS_RUN, timeout=PATIENCE, polling=200)
    return [cell for cell in page.evaluate(NOTEBOOK)["cells"] if cell["cell_type"] == "code"]


def texts(cell: Cell) -> str:
    """What the cell prints and returns in words, without what another run may have otherwise."""
    said = []
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            said.append("".join(output["text"]))
        elif output["output_type"] != "error":
            said.append("".join(output["data"].get("text/plain", "")) + "\n")
    text = sanitized("".join(said))
    return DRAWN.sub("", text) + "a picture\n" * len(DRAWN.findall(text))


def sanitized(text: str) -> str:
    """As nbval compares it."""
    rules = configparser.RawConfigParser()
    rules.read(NOTEBOOKS / ".nbval.cfg", encoding="utf-8")
    for section in rules.sections():
        replacement = rules.get(section, "replace", fallback="")
        text = re.sub(rules.get(section, "regex"), replacement, text)
    return text


def errors(cell: Cell) -> list[str]:
    return [output["evalue"] for output in cell["outputs"] if output["output_type"] == "error"]


def fails_on_purpose(cell: Cell) -> bool:
    return "raises-exception" in cell["metadata"].get("tags", ())


def is_compared(cell: Cell) -> bool:
    """Whether the lesson stores what it always says; a stored run is shown as it is."""
    return not needs(cell) and "nbval-ignore-output" not in cell["metadata"].get("tags", ())
