"""The font of the pictures: which characters it has, and how wide a text is.

matplotlib brings DejaVu Sans and measures it. Where matplotlib is missing, a browser draws: it finds every character
somewhere, and the widths of the usual ones stand in a table.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from unicodedata import east_asian_width

from coro_lab.trace.packages import is_installed

FONT = "DejaVu Sans"
_WIDTHS = {
    "'": 275, "ijl": 278, "IJ": 295, " ,.": 318, "/:;\\|": 337, "f": 352, "-": 361, "()[]": 390, "t": 392, "!": 401,
    "r": 411, '"': 460, "*_`–": 500, "sz": 523, "?": 531, "c": 550, "L": 557, "F": 575, "k": 579, "vxy": 592,
    "PTYaoe": 611, "hnuESbdgpq": 634, "$0123456789{}": 636, "K": 656, "AVXZB": 685, "RC": 697, "U": 732, "NH": 750,
    "DG": 772, "&OQ": 785, "wM": 840, "#+<=>^~→←×✓": 838, "m%W": 971, "@…—": 1000,
}  # fmt: skip
"""Of DejaVu Sans, in thousandths of its size."""
_WIDTH_OF = {char: width / 1000 for chars, width in _WIDTHS.items() for char in chars}
_USUAL, _SQUARE = 0.61, 1.0


@cache
def _of_matplotlib() -> Any:
    """The font; None where matplotlib is missing."""
    if not is_installed("matplotlib"):
        return None
    from matplotlib.font_manager import findfont, get_font

    return get_font(findfont(FONT))


def has(char: str) -> bool:
    """Whether a picture can show this character as it is."""
    return _of_matplotlib() is None or bool(_of_matplotlib().get_char_index(ord(char)))


def width(line: str, size: float) -> float:
    """The width of this line at this size, in points."""
    if (font := _of_matplotlib()) is None:
        return estimated(line, size)
    font.set_size(10 * size, 72)  # ten times as large, because glyphs are measured in whole points
    font.set_text(line, 0.0)
    return float(font.get_width_height()[0] / 640)


def estimated(line: str, size: float) -> float:
    """The same from the table."""
    return size * sum(_WIDTH_OF.get(char, _SQUARE if east_asian_width(char) in "WF" else _USUAL) for char in line)
