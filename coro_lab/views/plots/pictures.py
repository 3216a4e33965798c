"""draw(): a chart as a picture, by matplotlib or, where matplotlib is missing, as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from coro_lab.trace.packages import is_installed
from coro_lab.views.plots.chart import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(chart: Chart, ax: Axes | None = None) -> Axes:
    """Draw this chart, in these Axes or in a new figure. Returns the Axes; where matplotlib is missing, a Picture."""
    if not is_installed("matplotlib"):
        from coro_lab.views.plots.svg import chart as svg

        return cast("Axes", svg.draw(chart))
    from coro_lab.views.plots.axes.chart import draw

    return draw(chart, ax)
