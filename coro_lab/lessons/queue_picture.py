"""A picture of how full queues are: the number of items that wait in each of them, put by put."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from coro_lab.views.palette import styles
from coro_lab.views.plots.chart import LEFT, Axis, Chart, Line, LineEnd, end_room
from coro_lab.views.plots.pictures import draw
from coro_lab.views.plots.svg.drawing import whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HIGH = 130.0  # points, of the axes


def items_that_wait(queues: Mapping[str, Sequence[int]]) -> Axes:
    """Draw a line for each queue, by its name: how many items wait in it after the first put, the second, and so on.

    Returns the Axes, or a picture as SVG where matplotlib is missing.
    """
    looks = styles(queues)
    paths = [list(enumerate(sizes, 1)) for sizes in queues.values()]
    lines = [
        Line(path, look.colour, 2, dashed=bool(number))
        for number, (path, look) in enumerate(zip(paths, looks, strict=True))
    ]
    ends = [LineEnd(*path[-1], look.name, look.text) for path, look in zip(paths, looks, strict=True)]
    chart = Chart(
        title=f"The most items that wait: {', '.join(f'{max(sizes)} in {name}' for name, sizes in queues.items())}",
        x=_from_zero(max(map(len, queues.values())), "items put"),
        y=_from_zero(max(map(max, queues.values())), "items that wait"),
        high=HIGH, left=LEFT, right=end_room(queues, LEFT), lines=lines, ends=ends,
    )  # fmt: skip
    return draw(chart)


def _from_zero(most: int, name: str) -> Axis:
    return Axis(0, 1.05 * max(most, 1), [(at, str(at)) for at in whole_ticks(0, max(most, 1))], name)
