"""Drawing a timeline: the lanes of a trace, what they do in each step, and what crosses between them."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from coro_lab.trace.collecting import uncollected
from coro_lab.trace.trace import Trace
from coro_lab.views.marks import BARS, ENDS, SHAPES
from coro_lab.views.palette import GREY, INK, PAPER, Style
from coro_lab.views.plots.axes import bars_and_arrows
from coro_lab.views.plots.axes.bars_and_arrows import look
from coro_lab.views.plots.axes.card import new_figure, settings
from coro_lab.views.plots.columns import OUTSIDE
from coro_lab.views.plots.font import FONT
from coro_lab.views.plots.layout import lay_out
from coro_lab.views.plots.plan import BELOW, EDGE, ENDING, WIDE, Plan
from coro_lab.views.plots.text_layout import LINE_HEIGHT, NAME_SIZE, SIZE
from coro_lab.views.plots.titles import finding, title_lines


@uncollected
def draw(trace: Trace, ax: Axes | None, *, title: str | None, steps: range | None, lines: bool) -> Axes:
    """Draw the picture that `timeline` returns; `steps` is a part of the run."""
    with settings():
        size = _size(ax)
        plan = lay_out(trace, steps, size)
        said = title_lines(finding(trace, plan.seen) if title is None else title, plan.breadth, 2 if ax is None else 1)
        ax = _figure(plan, len(said)) if ax is None else ax
        _frame(ax, plan, "\n".join(said))
        if plan.fold:
            bars_and_arrows.fold(ax, plan, plan.fold)
        else:
            bars_and_arrows.families(ax, plan)
            bars_and_arrows.bars(ax, plan)
            bars_and_arrows.crossings(ax, plan)
            bars_and_arrows.prints(ax, plan)
            if lines:
                bars_and_arrows.lines(ax, plan)
        if OUTSIDE in plan.row_of:
            ax.axhline(plan.row_of[OUTSIDE] * plan.pitch, color=GREY.colour, lw=1, zorder=1)
        bars_and_arrows.endings(ax, plan)
        _key(ax, plan)
    return ax


class _Steps(MaxNLocator):
    """Ticks at whole numbers and only at steps of the run; another tick might be outside the figure."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(integer=True, min_n_ticks=1)
        self._first, self._last = first, last

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """The ticks between these places."""
        ticks = super().tick_values(vmin, vmax)
        return [tick for tick in ticks if self._first <= tick <= self._last] or [self._first]


def _size(ax: Axes | None) -> tuple[float, float | None]:
    if ax is None:
        return WIDE, None
    box = ax.get_window_extent()
    points = 72 / _figure_of(ax).dpi
    return box.width * points, box.height * points


def _figure_of(ax: Axes) -> Figure | SubFigure:
    figure = ax.get_figure()
    assert figure is not None, "axes that were removed from their figure cannot be drawn on"
    return figure


def _figure(plan: Plan, title_lines: int) -> Axes:
    above, below = plan.above(title_lines), BELOW
    high = plan.height + above + below
    figure = new_figure(WIDE, high)
    return figure.add_axes(((WIDE - plan.breadth - 8) / WIDE, below / high, plan.breadth / WIDE, plan.height / high))


def _frame(ax: Axes, plan: Plan, title: str) -> None:
    ax.set_xlim(plan.first - 0.5 - EDGE / plan.step, plan.last + 0.5 + ENDING / plan.step)
    ax.set_ylim(plan.height - 14.0, -14.0)
    ax.set_facecolor(PAPER)
    ax.spines[["top", "left", "right"]].set_visible(False)
    ax.xaxis.set_major_locator(_Steps(plan.first, plan.last))
    ax.set_xlabel("step", color=INK, labelpad=1)
    ax.set_yticks([row * plan.pitch for row in range(len(plan.rows))], [row.name for row in plan.rows])
    ax.tick_params(axis="y", length=0, pad=16)
    for label, row in zip(ax.get_yticklabels(), plan.rows, strict=True):
        label.set(color=row.text, fontsize=NAME_SIZE, fontfamily=FONT, parse_math=False)
    inches = _figure_of(ax).dpi_scale_trans
    beside = blended_transform_factory(ax.transAxes, ax.transData) + ScaledTranslation(-9 / 72, 0, inches)
    for number, row in enumerate(plan.rows):
        ax.plot([0], [number * plan.pitch], row.marker, color=row.colour, ms=6, transform=beside, clip_on=False)
    over = LINE_HEIGHT * len(plan.notes)
    ax.set_title(title, x=0, ha="left", pad=8 + over, fontfamily=FONT, color=INK, parse_math=False)
    ax.annotate("\n".join(plan.notes), (0, 1), (0, 3), "axes fraction", "offset points", color=GREY.text, va="bottom")


def _key(ax: Axes, plan: Plan) -> None:
    """Explain the marks of the picture in a line under it."""
    grey = Style("", *GREY, "o", "●")
    handles: list[Any] = [Patch(label=BARS[doing].word, **look(grey, doing)) for doing in plan.doings()]
    for how in plan.endings():
        mark = ENDS[how]
        seen: Any = {"marker": SHAPES[mark.shape], "mfc": grey.colour if mark.filled else PAPER, "label": mark.word}
        handles.append(Line2D([], [], ls="", mec=grey.colour, mew=1.5, ms=7, **seen))
    drop = -32 / max(plan.height, 1)
    ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, drop), ncols=len(handles) or 1, frameon=False,
        fontsize=SIZE, labelcolor=INK, borderpad=0, borderaxespad=0, handlelength=1.6, columnspacing=1.2,
    )  # fmt: skip
