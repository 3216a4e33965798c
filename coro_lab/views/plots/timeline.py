"""timeline(): a picture of a trace, drawn by matplotlib (`axes/`), or as SVG where matplotlib is missing (`svg/`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.not_a_trace import no_trace
from coro_lab.trace.packages import is_installed
from coro_lab.trace.trace import Trace
from coro_lab.views.plots.arguments import check_ax

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def timeline(
    trace: Trace, ax: Axes | None = None, *, title: str | None = None, steps: range | None = None, lines: bool = True
) -> Axes:
    """A picture of a run: one lane for each activation, one arrow with its value for each crossing. Returns the Axes.

    A solid bar means that the lane runs, a thin hatched bar that it is suspended, a thin outline that it waits for a
    lane that it has called or resumed. Without a bar the lane has not started or has ended. `steps` picks a part of the
    run, such as range(0, 60). With `lines`, each bar of a running lane shows the source lines at its begin and its end.
    `title` replaces the finding. `ax` is a matplotlib Axes to draw in; without it a figure 8 inches wide is made. A
    note under the title names what has no room. Where matplotlib is missing, the picture is SVG, with the methods
    `get_title` and `figure.savefig`. Raises ArgumentError if `steps` is not a part of the run, or `trace` is
    not a Trace.

    >>> from coro_lab import record
    >>> def A():
    ...     yield 1
    >>> timeline(record(lambda: list(A()))).get_title()
    '2 lanes, 4 switches; <lambda> and A take turns'
    """
    if not isinstance(trace, Trace):
        raise no_trace("timeline", trace)
    check_ax("timeline", "trace", ax)
    part = None if steps is None else _part(trace, steps)
    if not is_installed("matplotlib"):
        from coro_lab.views.plots.svg import timeline as svg

        return cast("Axes", svg.draw(trace, title=title, steps=part, lines=lines))
    from coro_lab.views.plots.axes.timeline import draw

    return draw(trace, ax, title=title, steps=part, lines=lines)


def _part(trace: Trace, steps: range) -> range:
    is_part = isinstance(steps, range) and steps.step == 1 and steps.start >= 0
    part = range(trace.steps)[steps.start : steps.stop] if is_part else range(0)
    if not part:
        what = f"steps must be a range within the steps of the run, 0 to {trace.steps - 1}."
        instead = f"steps=range(0, {min(trace.steps, 60)}), or another part of range(0, {trace.steps})"
        raise ArgumentError(advice(what, f"steps={steps!r}", instead), argument="steps", given=repr(steps))
    return part
