"""Each section has the anchor that JupyterLab gives it, so that one link serves the notebook and the page."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx


def as_in_jupyter(heading: str) -> str:
    return heading.replace(" ", "-")


def keep_anchors(_: Sphinx, document: nodes.document) -> None:
    for section in document.findall(nodes.section):
        heading = section.next_node(nodes.title)
        anchor = as_in_jupyter(heading.astext()) if heading else ""
        if anchor and anchor not in document.ids:
            section["ids"].append(anchor)
            document.ids[anchor] = section


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", keep_anchors)
    return {"parallel_read_safe": True}
