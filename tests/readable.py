"""What every figure of measurements keeps: each text is large enough, inside of the figure, and covers no other."""

from __future__ import annotations

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.text import Text

SMALLEST = 8.5  # points


def assert_readable(ax: Axes) -> None:
    """Fail if a text of this figure is small, leaves it, or covers another one."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    outside = _labels_outside(ax)
    boxes = {text: Text.get_window_extent(text) for text in texts if text not in outside}  # without a label's line
    assert boxes
    for text, box in boxes.items():
        assert text.get_fontsize() >= SMALLEST, text
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, text
    for (one, box), (other, another) in combinations(boxes.items(), 2):
        assert not box.padded(-0.5).overlaps(another.padded(-0.5)), (one, other)


def _labels_outside(ax: Axes) -> set[Text]:
    """The labels of ticks beyond the ends of their axis, which are not drawn."""
    ends = {axis: sorted(axis.get_view_interval()) for axis in (ax.xaxis, ax.yaxis)}
    ticks = [
        tick for axis, (low, high) in ends.items() for tick in axis.majorTicks if not low <= tick.get_loc() <= high
    ]
    return {label for tick in ticks for label in (tick.label1, tick.label2)}
