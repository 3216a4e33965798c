"""The front end as one module and one style sheet.

A notebook and a saved page can load one text each, so the JavaScript modules beside this file, which import each
other by name, are joined in order: each then finds the names of those before it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from coro_lab.crossings import LABELS
from coro_lab.events import Trace
from coro_lab.palette import style
from coro_lab.sentences import TEMPLATES

FOLDER = Path(__file__).parent
MODULES = ("picture.js", "cards.js", "timeline.js", "output.js", "fork.js", "player.js")

_IMPORT = re.compile(r"^import .*\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
_DEFAULT = re.compile(r"^export default .*\n(?=(?s:.*)^export default )", re.MULTILINE)
_COMMENT = re.compile(r"^\s*//.*\n|^\s+", re.MULTILINE)


@cache
def module(*more: str) -> str:
    """The JavaScript of the player, and of the modules that a widget adds to it, as one module without imports.

    Comments and indents stay behind, since each widget that is stored carries a copy. The last default export counts.
    """
    parts = ((FOLDER / name).read_text(encoding="utf-8") for name in (*MODULES, *more))
    return _DEFAULT.sub("", "".join(_COMMENT.sub("", _EXPORT.sub("", _IMPORT.sub("", part))) for part in parts))


@cache
def style_sheet(*more: str) -> str:
    """The CSS of the player, and of the sheets that a widget adds to it."""
    return "".join(_COMMENT.sub("", (FOLDER / name).read_text(encoding="utf-8")) for name in ("player.css", *more))


def portable(trace: Trace) -> str:
    """The trace as JSON that any channel can carry: half characters, which a program can print, are escaped."""
    return trace.to_json().encode("utf-8", "backslashreplace").decode("utf-8")


def looks(trace: Trace) -> list[list[str]]:
    """How each lane of the trace is drawn: colour, colour of words, colour on a dark page, character, hatch."""
    styles = (style(lane.name) for lane in trace.lanes)
    return [[look.colour, look.text, look.dark, look.symbol, look.hatch] for look in styles]


def words() -> dict[str, dict[str, str]]:
    """The templates of the sentences and of the labels on arrows, as the front end takes them."""
    return {"templates": TEMPLATES, "labels": LABELS}


def given(trace: Trace, *, index: int = 0, hide_lines: bool = False, title: str = "") -> dict[str, Any]:
    """Everything that the front end is given to show one trace, apart from what only a kernel can do."""
    shown = {"index": index, "hide_lines": hide_lines, "title": title, "follow": False, "can_fork": False}
    return {"trace": portable(trace), "looks": looks(trace), **words(), **shown}
