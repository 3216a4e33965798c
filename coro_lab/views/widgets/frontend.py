"""The front end as one module and one style sheet.

A notebook and a saved page can load one text each, so the JavaScript modules in the folders here, which import each
other by name, are joined in order: each then finds the names of those before it, and the functions of all.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from coro_lab.trace.trace import Trace
from coro_lab.views.palette import style

FOLDER = Path(__file__).parent
MODULES = (
    "element.js",
    *("player/trace.js", "player/states.js", "player/spans.js", "player/words.js", "player/picture.js"),
    *("player/measures.js", "player/cards.js", "player/wires.js", "player/chips.js"),
    *("player/timeline.js", "player/canvas.js", "player/marks.js", "player/overview.js"),
    *("player/output.js", "player/fork.js"),
    *("player/keys.js", "player/player.js", "player/controls.js", "player/anywidget.js"),
)
"""The player's, which every other one adds to."""

_IMPORT = re.compile(r"^import .*\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
_DEFAULT = re.compile(r"^export default .*\n(?=(?s:.*)^export default )", re.MULTILINE)
_COMMENT = re.compile(r"^\s*//.*\n|^\s+", re.MULTILINE)


@cache
def module(*more: str) -> str:
    """The JavaScript of the player, and of the modules that a widget adds to it, as one module without imports."""
    return joined(*MODULES, *more)


@cache
def joined(*names: str | Path) -> str:
    """The JavaScript of these modules, in this order, as one module without imports. The last default export counts."""
    return _DEFAULT.sub("", "".join(_EXPORT.sub("", _IMPORT.sub("", stripped(name))) for name in names))


@cache
def style_sheet(*more: str) -> str:
    """The CSS of the player, and of the sheets that a widget adds to it."""
    return "".join(map(stripped, ("player/player.css", *more)))


@cache
def stripped(name: str | Path) -> str:
    """The text of a file without comments and indents, for each stored widget carries a copy; a name is one in here."""
    return _COMMENT.sub("", (FOLDER / name).read_text(encoding="utf-8"))


def portable(trace: Trace) -> str:
    """The trace as JSON that any channel can carry: half characters, which a program can print, are escaped."""
    return trace.to_json().encode("utf-8", "backslashreplace").decode("utf-8")


def looks(trace: Trace) -> list[list[str]]:
    """How each lane of the trace is drawn: colour, colour of words, colour on a dark page, character, hatch."""
    styles = (style(lane.name) for lane in trace.lanes)
    return [[look.colour, look.text, look.dark, look.symbol, look.hatch] for look in styles]


def given(trace: Trace, *, index: int = 0, hide_lines: bool = False, title: str = "") -> dict[str, Any]:
    """Everything that the front end is given to show one trace, apart from what only a kernel can do."""
    shown = {"index": index, "hide_lines": hide_lines, "title": title, "follow": False, "can_fork": False}
    return {"trace": portable(trace), "looks": looks(trace), **shown}
