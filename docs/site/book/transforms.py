"""What is changed in a page before it is written: the anchors of sections, and the empty corner of a table."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx


def as_in_jupyter(heading: str) -> str:
    """The anchor that JupyterLab gives a heading, so that one link serves the notebook and the page."""
    return heading.replace(" ", "-")


def keep_anchors(_: Sphinx, document: nodes.document) -> None:
    """Each section has the anchor of JupyterLab, too."""
    for section in document.findall(nodes.section):
        heading = section.next_node(nodes.title)
        anchor = as_in_jupyter(heading.astext()) if heading else ""
        if anchor and anchor not in document.ids:
            section["ids"].append(anchor)
            document.ids[anchor] = section


def fill_corners(_: Sphinx, document: nodes.document) -> None:
    """A head of a column that says nothing is no head for a screen reader: it gets a dash."""
    for head in document.findall(nodes.thead):
        for entry in head.findall(nodes.entry):
            if not entry.astext():
                entry.append(nodes.paragraph("", "–"))


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", keep_anchors)
    app.connect("doctree-read", fill_corners)
    return {"parallel_read_safe": True}
