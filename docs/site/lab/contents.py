"""The notebooks of the lab. A cell that cannot run in a browser begins with `%%stored`, which shows its stored run.

The cell keeps its tag, such as `needs-threads`, and its text. Its stored outputs go into `runs`, found there by the
text; so a changed cell has none.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.site.lab.kernel.coro_lab_stored import key_of
from docs.site.places import NOTEBOOKS, ROOT
from docs.site.stored import STATE, VIEW

NEEDS = "needs-"
_PYTHON = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
MEASURED = f"CPython {_PYTHON} on Linux"

ANSWERS: dict[str, Any] = {
    "Which of these mechanisms need the kernel for every switch?": ["thread, lock", "thread, queue"],
    "Page 3 fails once, and page 8 twice. Which pages will be missing?": [],
}
"""Of the questions whose answers a browser cannot measure; tests/site/test_lab_contents.py measures them."""

Cell = dict[str, Any]


def write(folder: Path) -> str:
    """Write the notebooks and their pictures into this folder, and return the stored runs as JSON."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(NOTEBOOKS / "images", folder / "images")
    runs: dict[str, Any] = {}
    for file in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = json.loads(file.read_text(encoding="utf-8"))
        runs |= _prepare(notebook)
        (folder / file.name).write_text(json.dumps(notebook), encoding="utf-8")
    return json.dumps({"measured": MEASURED, "runs": runs})


def needs(cell: Cell) -> list[str]:
    """What the cell's tags say that it takes, such as `threads`."""
    return [tag.removeprefix(NEEDS) for tag in cell["metadata"].get("tags", ()) if tag.startswith(NEEDS)]


def _prepare(notebook: dict[str, Any]) -> dict[str, Any]:
    """Mark the cells that cannot run, in place; returns their runs."""
    models = notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
    runs = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        cell["metadata"]["trusted"] = True  # stored widgets are shown in trusted cells only
        if wanted := needs(cell):
            source = "".join(cell["source"])
            runs[key_of(source)] = _run(source, cell["outputs"], models)
            cell["source"] = f"%%stored {' '.join(wanted)}\n{source}"
    return runs


def _run(source: str, outputs: list[Any], models: dict[str, Any]) -> dict[str, Any]:
    """What the kernel shows of one cell."""
    if answered := [answer for question, answer in ANSWERS.items() if question in source]:
        return {"answer": answered[0]}
    shown = [output["data"][VIEW]["model_id"] for output in outputs if VIEW in output.get("data", {})]
    wanted = dict.fromkeys(identity for root in shown for identity in _with_children(models, root))
    return {"outputs": outputs, "models": {identity: models[identity] for identity in wanted}}


def _with_children(models: dict[str, Any], identity: str) -> Iterator[str]:
    """The models that this one refers to, each before those that refer to it, and this one."""
    for value in models[identity]["state"].values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and each.startswith("IPY_MODEL_"):
                yield from _with_children(models, each.removeprefix("IPY_MODEL_"))
    yield identity
