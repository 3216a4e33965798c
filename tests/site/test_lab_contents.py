"""What the lab's notebooks store: answers that a browser cannot measure are measured here."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest

from docs.site.lab.contents import ANSWERS
from docs.site.notebooks import names
from tests.places import NOTEBOOKS

DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def cells_of(name: str) -> list[ast.Module]:
    """The code cells of a notebook, without those that begin with a magic."""
    cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return [ast.parse(source) for source in sources if not source.startswith(("%", "!"))]


def asks(node: ast.stmt, question: str) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and question in ast.unparse(node)


def measured(question: str) -> Any:
    """What the function answers that a notebook gives with this question."""
    known: dict[str, Any] = {}
    for name in names():
        known.clear()
        for cell in cells_of(name):
            kept = [node for node in cell.body if isinstance(node, (*DEFINITIONS, ast.Assign))]
            asked = [node for node in cell.body if asks(node, question)]
            made = [node for node in kept if asked or isinstance(node, DEFINITIONS)]
            exec(compile(ast.Module(made, []), name, "exec"), known)
            for node in asked:
                return known[node.value.args[1].id]()  # type: ignore[attr-defined]
    raise LookupError(f"No notebook asks: {question}")


@pytest.mark.parametrize("question", ANSWERS)
def test_a_stored_answer_is_what_is_measured(question):
    assert measured(question) == ANSWERS[question]
