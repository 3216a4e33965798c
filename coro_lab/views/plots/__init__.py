"""Pictures of a trace, drawn by matplotlib: `timeline(trace)`.

To import matplotlib takes longer than all the rest of a notebook's first cell, so that is left to the first picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coro_lab.trace.not_a_trace import no_trace
from coro_lab.trace.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["timeline"]


def timeline(
    trace: Trace, ax: Axes | None = None, *, title: str | None = None, steps: range | None = None, lines: bool = True
) -> Axes:
    """A picture of a run: one lane for each activation, one arrow with its value for each crossing. Returns the Axes.

    A solid bar is a lane that runs, a thin hatched one a lane that is suspended, a thin outline a lane that waits for
    the one it has called or resumed; where there is nothing, it has not started or has ended. `steps` picks a part of
    the run, such as range(0, 60); `lines` writes into the bars at which source lines a lane begins and stops running;
    `title` replaces the finding. Without `ax` a figure 8 inches wide is made. What finds no room is named under the
    title. Raises ValueError for steps that are no part of a run, and TypeError for what is no Trace.
    """
    if not isinstance(trace, Trace):
        raise no_trace("timeline", trace)
    part = None if steps is None else _part(trace, steps)
    from coro_lab.views.plots.drawing import draw

    return draw(trace, ax, title=title, steps=part, lines=lines)


def _part(trace: Trace, steps: range) -> range:
    is_part = isinstance(steps, range) and steps.step == 1 and steps.start >= 0
    part = range(trace.steps)[steps.start : steps.stop] if is_part else range(0)
    if not part:
        raise ValueError(
            f"This run has the steps 0 to {trace.steps - 1}, and none of them is meant.\n"
            f"  You wrote: steps={steps!r}\n"
            f"  Write:     steps=range(0, {min(trace.steps, 60)}), or another part of range(0, {trace.steps})"
        )
    return part
