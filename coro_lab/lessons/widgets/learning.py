"""What the widgets of the learning layer share: their front end as one module each, and how the kernel answers them."""

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
    """The JavaScript of these modules, with what every widget here needs, as one module without imports."""
    return frontend.joined(*frontend.PAGE, *(FOLDER / f"{name}.js" for name in ("learning", *names)))


class Learning(LabWidget):
    """A widget that the front end asks things; a subclass answers in `on_ask`."""

    _css = STYLE_SHEET

    answered = traitlets.Int(0).tag(sync=True)  # goes up after each answer, when all other traits have been set
    note = traitlets.Unicode("").tag(sync=True)  # about progress that cannot be kept

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(lambda _, content, __: self.hear(content))

    def hear(self, content: dict[str, Any]) -> None:
        """Answer a message of the front end."""
        self.on_ask(content)
        self.answered += 1

    def on_ask(self, content: dict[str, Any]) -> None:
        """Set the traits that answer this message."""
        raise NotImplementedError


def in_words(misconception: Misconception | None) -> dict[str, str]:
    """What the front end is told of a misconception; nothing for None."""
    if misconception is None:
        return {}
    told = ("belief", "truth", "program", "believed", "notebook", "heading")
    return {name: getattr(misconception, name) for name in told} | {"happens": misconception.happens()}
