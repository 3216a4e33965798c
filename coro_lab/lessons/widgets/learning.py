"""What the widgets of the lessons share: one JavaScript module each, and answers to the front end's messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets

from coro_lab.lessons.misconceptions import Misconception
from coro_lab.views.widgets import frontend
from coro_lab.views.widgets.base import LabWidget

FOLDER = Path(__file__).parent
STYLE_SHEET = frontend.joined_styles(FOLDER / "learning.css")


def module(*names: str) -> str:
    """The JavaScript of these modules and of what every learning widget imports, joined into one module."""
    return frontend.joined(*frontend.PAGE, *(FOLDER / f"{name}.js" for name in ("learning", *names)))


class Learning(LabWidget):
    """A widget that answers messages of its front end; a subclass answers in `on_ask`."""

    _css = STYLE_SHEET

    answered = traitlets.Int(0).tag(sync=True)  # counts the answers; it is set after all other traits
    note = traitlets.Unicode("").tag(sync=True)  # a sentence about progress that cannot be kept

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(lambda _, content, __: self.receive(content))

    def receive(self, content: dict[str, Any]) -> None:
        """Answer a message of the front end, whose `content` says what was done there."""
        self.on_ask(content)
        self.answered += 1

    def on_ask(self, content: dict[str, Any]) -> None:
        """Set the traits that answer a message; its `content` says what was done in the front end."""
        raise NotImplementedError


def shown_fields(misconception: Misconception | None) -> dict[str, str]:
    """The fields of a misconception that the front end shows; empty for None."""
    if misconception is None:
        return {}
    names = ("belief", "truth", "program", "believed", "notebook", "heading")
    return {name: getattr(misconception, name) for name in names} | {"happens": misconception.happens()}
