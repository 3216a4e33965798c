"""The front end as one JavaScript module and one style sheet.

A notebook and a saved page load a single text each. So the modules in the folders here, which import each other, are
joined in order. Each can use the names of the modules before it, and the functions of all.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from coro_lab.trace.trace import Trace
from coro_lab.views.palette import styles
from coro_lab.views.site_address import known_site

FOLDER = Path(__file__).parent
PAGE = ("element.js", "page.js")
"""What every widget needs."""
CODE = ("player/code.js", "player/coloured.js")
"""What a widget needs to show Python in colours, with `player/code.css`."""
MODULES = (
    *PAGE,
    *("field.js", "marks.js"),
    *("player/trace.js", "player/states.js", "player/spans.js", "player/words.js", "player/picture.js"),
    *("player/measures.js", *CODE, "player/ends.js", "player/source.js", "player/cards.js"),
    *("player/wires.js", "player/traveller.js", "player/chips.js"),
    *("player/timeline.js", "player/canvas.js", "player/bars_and_arrows.js", "player/overview.js"),
    *("player/output.js", "player/fork.js", "player/link.js", "player/share.js"),
    *("player/keys.js", "player/player.js", "player/controls.js", "player/anywidget.js"),
)
"""The modules of the player; the stepper and the engines add their own to these."""

_IMPORT = re.compile(r"^import .*\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
_DEFAULT = re.compile(r"^export default .*\n(?=(?s:.*)^export default )", re.MULTILINE)
_COMMENT = re.compile(r"/\*\*(?s:.*?)\*/\s*|^\s*//.*\n| // .*$|^\s+", re.MULTILINE)
_BREAK = re.compile(r"(?<=[(\[{,=>&|+?:])\n|\n(?=[)\]}.?:])")
_SPACE_IN_CSS = re.compile(r'("[^"]*")|;?\s*(})\s*|\s*([{;,])\s*|(:) ')


@cache
def module(*more: str) -> str:
    """The JavaScript of the player and of the modules that a widget adds, as one module without imports."""
    return joined(*MODULES, *more)


@cache
def joined(*names: str | Path) -> str:
    """The JavaScript of these modules, in this order, as one module without imports, with the last default export."""
    return _DEFAULT.sub("", "".join(_EXPORT.sub("", _IMPORT.sub("", stripped(name))) for name in names))


@cache
def style_sheet(*more: str) -> str:
    """The CSS of the player and of the style sheets that a widget adds."""
    return joined_styles("player/code.css", "player/player.css", *more)


@cache
def joined_styles(*names: str | Path) -> str:
    """The CSS that all widgets share, and these style sheets."""
    return "".join(map(stripped, ("page.css", *names)))


@cache
def stripped(name: str | Path) -> str:
    """The text of a file without comments and needless space, because each stored widget holds a copy.

    A relative path starts in this folder.
    """
    text = _COMMENT.sub("", (FOLDER / name).read_text(encoding="utf-8"))
    if str(name).endswith(".css"):
        return _SPACE_IN_CSS.sub(lambda found: found[found.lastindex or 0], text)
    return _BREAK.sub("", text)


def portable(trace: Trace) -> str:
    """The trace as JSON that can be encoded."""
    return encodable(trace.to_json())


def encodable(text: str) -> str:
    """The text with its lone surrogates, which a program can print, escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def looks(trace: Trace) -> list[list[str]]:
    """For each lane of the trace: colour, colour of words, colour on a dark page, and its shape as a character."""
    return [[look.colour, look.text, look.dark, look.symbol] for look in styles(lane.name for lane in trace.lanes)]


def given(trace: Trace, *, index: int = 0, hide_lines: bool = False, title: str = "") -> dict[str, Any]:
    """Everything that the front end needs to show one trace without a kernel."""
    shown = {
        "index": index,
        "hide_lines": hide_lines,
        "title": title,
        "follow": False,
        "can_fork": False,
        "play": False,
        "site": known_site(),
    }
    return {"trace": portable(trace), "looks": looks(trace), "other": None, **shown}
