"""Glossary(): the words of the course, each with its sentence and a link to the cell that introduces it."""

from __future__ import annotations

from typing import Any

import traitlets

from coro_lab.lessons.glossary import located
from coro_lab.lessons.widgets.learning import STYLE_SHEET, module
from coro_lab.views.widgets.base import LabWidget


class Glossary(LabWidget):
    """The words of the course, to be searched by typing. Its repr has them all.

    >>> print(repr(Glossary()).splitlines()[1])
      Amdahl's law: Cores speed up only the share of the work that can be divided among them. (07)
    """

    _esm = module("place", "glossary")
    _css = STYLE_SHEET

    terms: Any = traitlets.List().tag(sync=True)  # each term with its sentence and where it is introduced

    def __init__(self) -> None:
        found = [(term, {} if place is None else place.shown()) for term, place in located()]
        super().__init__(
            terms=[
                {"name": term.name, "says": term.says, **{key: place.get(key, "") for key in _PLACE}}
                for term, place in found
            ]
        )

    def __repr__(self) -> str:
        where = (f" ({each['notebook'].partition('-')[0]})" if each["notebook"] else "" for each in self.terms)
        lines = [f"\n  {each['name']}: {each['says']}{at}" for each, at in zip(self.terms, where, strict=True)]
        return f"The words of the course:{''.join(lines)}"


_PLACE = ("notebook", "heading", "cell")
