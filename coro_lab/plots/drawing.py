"""timeline(): the lanes of a trace, what they do in each step, and what crosses between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from coro_lab.events import Trace
from coro_lab.palette import GREY, INK, PAPER, Style
from coro_lab.plots.findings import finding
from coro_lab.plots.plan import HEAD, Plan, lay_out
from coro_lab.plots.runs import OUTSIDE, Span, merged
from coro_lab.plots.words import FONT, LINE_HEIGHT, SIZE, plain, width

WIDE = 576.0  # 8 inches, in points
NAME_SIZE = 11
ENDINGS = {"return": ("s", "returned"), "raise": ("x", "raised"), "close": ("o", "closed")}
SETTINGS: dict[str, Any] = {
    "font.family": [FONT], "font.size": SIZE, "text.parse_math": False, "text.usetex": False, "text.color": INK,
    "figure.facecolor": PAPER, "savefig.facecolor": PAPER, "axes.facecolor": PAPER, "axes.edgecolor": GREY.colour,
    "axes.labelcolor": INK, "axes.grid": False, "axes.titlesize": NAME_SIZE, "axes.titleweight": "bold",
    "axes.titlecolor": INK, "axes.labelsize": SIZE, "xtick.color": INK, "ytick.color": INK, "xtick.labelsize": SIZE,
    "hatch.linewidth": 0.9, "path.effects": [], "figure.autolayout": False, "figure.constrained_layout.use": False,
}  # fmt: skip


def timeline(
    trace: Trace, ax: Axes | None = None, *, title: str | None = None, steps: range | None = None, lines: bool = True
) -> Axes:
    """A picture of a run: one lane per activation, one arrow with its value per crossing. Returns the Axes.

    A solid bar is a lane that runs, a thin hatched one a lane that is suspended, a thin outline a lane that waits for the
    one it has called or resumed; where there is nothing, it has not started or has ended. `steps` picks a part of the run,
    `lines` writes into a bar the lines at which the lane begins and stops running, `title` replaces the finding. Without
    `ax` a figure 8 inches wide is made. What finds no room is named under the title. Raises ValueError for empty `steps`.
    """
    if steps is not None and (len(steps) == 0 or steps.step != 1 or steps[0] < 0):
        raise ValueError(f"steps must be a range of one step or more, such as range(0, 60); this is {steps!r}.")
    with mpl.rc_context(SETTINGS):
        size = _size(ax)
        plan = lay_out(trace, steps, size)
        ax = _figure(plan) if ax is None else ax
        _frame(ax, plan, finding(trace, plan.run) if title is None else title)
        if plan.columns:
            _shares(ax, plan)
        else:
            _bars(ax, plan)
            _crossings(ax, plan)
            _prints(ax, plan)
            if lines:
                _lines(ax, plan)
        _endings(ax, plan)
        _key(ax, plan)
    return ax


def _size(ax: Axes | None) -> tuple[float, float | None]:
    if ax is None:
        return WIDE, None
    box = ax.get_window_extent()
    points = 72 / ax.get_figure(root=True).dpi  # type: ignore[union-attr]
    return box.width * points, box.height * points


def _figure(plan: Plan) -> Axes:
    above, below = 30.0 + LINE_HEIGHT * len(plan.notes), 58.0
    high = plan.height + above + below
    figure = plt.figure(figsize=(WIDE / 72, high / 72))
    return figure.add_axes(
        ((WIDE - plan.breadth - 8) / WIDE, below / high, plan.breadth / WIDE, plan.height / high)
    )


def _frame(ax: Axes, plan: Plan, title: str) -> None:
    ax.set_xlim(plan.first - 0.5 - 8 / plan.step, plan.last + 0.5 + 8 / plan.step)
    ax.set_ylim(plan.height - 14.0, -14.0)
    ax.set_facecolor(PAPER)
    ax.spines[["top", "left", "right"]].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_xlabel("step", color=INK, labelpad=1)
    ax.set_yticks([row * plan.pitch for row in range(len(plan.rows))], [row.name for row in plan.rows])
    ax.tick_params(axis="y", length=0, pad=16)
    for label, row in zip(ax.get_yticklabels(), plan.rows, strict=True):
        label.set(color=row.text, fontsize=NAME_SIZE, fontfamily=FONT, parse_math=False)
    beside = blended_transform_factory(ax.transAxes, ax.transData)
    beside += ScaledTranslation(-9 / 72, 0, ax.get_figure(root=True).dpi_scale_trans)  # type: ignore[union-attr]
    for number, row in enumerate(plan.rows):
        ax.plot([0], [number * plan.pitch], row.marker, color=row.colour, ms=6, transform=beside, clip_on=False)
    over = LINE_HEIGHT * len(plan.notes)
    ax.set_title(plain(title, 92), x=0, ha="left", pad=8 + over, fontfamily=FONT, color=INK, parse_math=False)
    ax.annotate("\n".join(plan.notes), (0, 1), (0, 3), "axes fraction", "offset points", color=GREY.text, va="bottom")


def _bars(ax: Axes, plan: Plan) -> None:
    together: dict[tuple[int, str], list[Span]] = defaultdict(list)
    for span in plan.run.spans:
        together[plan.row_of[span.lane], span.doing].append(span)
    for (row, doing), spans in together.items():
        _bar(ax, plan, row, doing, merged(spans))
    if OUTSIDE in plan.row_of:
        ax.axhline(plan.row_of[OUTSIDE] * plan.pitch, color=GREY.colour, lw=1, zorder=1)


def _bar(ax: Axes, plan: Plan, row: int, doing: str, spans: Iterable[Span]) -> None:
    lane, high = plan.rows[row], plan.bar if doing == "running" else plan.bar / 2
    ranges = [(span.begin, span.end - span.begin) for span in spans]
    bars = ax.broken_barh(ranges, (row * plan.pitch - high / 2, high), zorder=2, **_look(lane, doing))
    bars.set_gid(f"{doing} {lane.name}")


def _look(lane: Style, doing: str) -> dict[str, Any]:
    if doing == "running":
        return {"facecolor": lane.colour, "edgecolor": PAPER, "linewidth": 0.5}
    hatch = lane.hatch if doing == "suspended" else None
    return {"facecolor": PAPER, "edgecolor": lane.colour, "linewidth": 0.8, "hatch": hatch}


def _crossings(ax: Axes, plan: Plan) -> None:
    stems, colours, styles = [], [], []
    heads: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for crossing, arrow in zip(plan.drawn, plan.arrows, strict=True):
        down = plan.row_of[crossing.target] > plan.row_of[crossing.origin]
        x, colour = _step(plan, arrow.x), plan.rows[plan.row_of[crossing.origin]].colour
        begin, end = (plan.row_of[lane] * plan.pitch for lane in (crossing.origin, crossing.target))
        way = 1 if down else -1
        edge = 0 if crossing.target == OUTSIDE else plan.bar / 2
        stems.append([(x, begin), (x, end - way * (edge + HEAD / 2))])
        colours.append(colour)
        styles.append((0, (2.5, 1.5)) if crossing.verb in ("throw", "raise", "close", "closed") else "solid")
        heads[colour, "v" if down else "^"].append((x, end - way * (edge + HEAD / 2)))
    thick = 1.6 if plan.step > 6 else 1.0
    ax.add_collection(LineCollection(stems, colors=PAPER, linewidths=thick + 2, zorder=3), autolim=False)
    drawn = LineCollection(stems, colors=colours, linestyles=styles, linewidths=thick, zorder=4, gid="crossings")
    ax.add_collection(drawn, autolim=False)
    for (colour, marker), points in heads.items():
        size = HEAD if plan.step > 6 else 4
        ax.plot(*zip(*points, strict=True), marker, color=colour, ms=size, mew=0, zorder=5, clip_on=False, gid="heads")
    for label in plan.labels:
        row = plan.rows[plan.row_of[plan.drawn[label.number].origin]]
        ax.text(
            _step(plan, label.x), label.y, label.text, color=row.text, ha="center", va="center", zorder=6,
            rotation=90 if plan.turned else 0, linespacing=1.0, gid="crossing",
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip


def _step(plan: Plan, x: float) -> float:
    """The position in steps of a place in points."""
    return plan.first - 0.5 + (x - 8) / plan.step


def _lines(ax: Axes, plan: Plan) -> None:
    """Write into each running bar the line that it begins at and the line that it stops at."""
    begins = {(c.target, c.at): c.target_line for c in plan.run.crossings}
    ends = {(c.origin, c.at): c.origin_line for c in plan.run.crossings}
    spans = [span for span in plan.run.spans if span.doing == "running" and plan.row_of[span.lane] < len(plan.rows)]
    told = [(span, str(begins.get((span.lane, span.begin)) or ""), str(ends.get((span.lane, span.end)) or "")) for span in spans]
    widest = max((width(begin) + width(end) for _, begin, end in told), default=0.0)
    if widest + 14 > plan.step or plan.bar < 12:
        return
    inset = 4 / plan.step
    for span, begin, end in told:
        look: dict[str, Any] = {"color": plan.rows[plan.row_of[span.lane]].inside, "va": "center_baseline", "zorder": 6}
        y = plan.row_of[span.lane] * plan.pitch
        ax.text(span.begin + inset, y, begin, ha="left", gid="line", **look)
        ax.text(span.end - inset, y, end, ha="right", gid="line", **look)


def _prints(ax: Axes, plan: Plan) -> None:
    if not plan.prints:
        return
    top = (len(plan.rows) - 1) * plan.pitch + 22
    ticks = [*ax.get_yticks(), top + LINE_HEIGHT / 2]
    ax.set_yticks(ticks, [*(row.name for row in plan.rows), "printed"])
    ax.get_yticklabels()[-1].set(color=INK, fontsize=SIZE, parse_math=False)
    ax.axhline(top - 6, color=GREY.colour, lw=0.5)
    for item, _, texts in plan.prints:
        lane = plan.rows[plan.row_of[item.lane]]
        ax.text(
            item.step, top, "\n".join(texts), color=lane.text, ha="center", va="top", gid="printed",
            rotation=90 if plan.prints_turned else 0, multialignment="left", linespacing=1.15,
        )  # fmt: skip


def _endings(ax: Axes, plan: Plan) -> None:
    together: dict[tuple[int, str], list[float]] = defaultdict(list)
    for ending in plan.run.endings:
        together[plan.row_of[ending.lane], ending.how].append(ending.at)
    for (row, how), at in together.items():
        lane, y = plan.rows[row], row * plan.pitch
        face = PAPER if how == "close" else lane.colour
        look: dict[str, Any] = {"mfc": face, "mec": lane.colour, "mew": 2.5 if how == "raise" else 1.5}
        ax.plot(at, [y] * len(at), ENDINGS[how][0], ms=8, zorder=7, clip_on=False, gid=f"{how} {lane.name}", **look)


def _shares(ax: Axes, plan: Plan) -> None:
    """For each lane and each column, how much of the column the lane runs."""
    wide = (plan.last - plan.first + 1) / plan.columns
    high = 0.8 * plan.pitch
    begin = plan.first - 0.5
    for number, lane in enumerate(plan.rows):
        shares = [0.0] * plan.columns
        spans = [span for span in plan.run.spans if plan.row_of[span.lane] == number]
        for span in merged(span for span in spans if span.doing == "running"):
            _share(shares, (span.begin - begin) / wide, (span.end - begin) / wide)
        base = number * plan.pitch + plan.pitch / 2
        for doing in ("suspended", "waiting"):
            rest = merged(span for span in spans if span.doing == doing)
            del rest
        edges = [begin + column * wide for column in range(plan.columns + 1)]
        tops = [base - high * share for share in shares]
        ax.stairs(tops, edges, baseline=base, fill=True, color=lane.colour, zorder=2, gid=f"running {lane.name}")


def _share(shares: list[float], begin: float, end: float) -> None:
    column = int(begin)
    while column < end and column < len(shares):
        shares[column] += min(end, column + 1) - max(begin, column)
        column += 1


def _key(ax: Axes, plan: Plan) -> None:
    """One line under the picture that explains the marks that occur in it."""
    grey = Style("", *GREY, "o", "●", "////")
    used = {span.doing for span in plan.run.spans}
    words = {"running": "running", "suspended": "suspended", "waiting": "waiting for the lane it called or resumed"}
    handles: list[Any] = [Patch(label=words[doing], **_look(grey, doing)) for doing in words if doing in used]
    for how in sorted({ending.how for ending in plan.run.endings}):
        marker, word = ENDINGS[how]
        face = PAPER if how == "close" else grey.colour
        handles.append(Line2D([], [], ls="", marker=marker, mfc=face, mec=grey.colour, mew=1.5, ms=7, label=word))
    drop = -32 / max(plan.height, 1)
    ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, drop), ncols=len(handles) or 1, frameon=False,
        fontsize=SIZE, labelcolor=INK, borderpad=0, borderaxespad=0, handlelength=1.6, columnspacing=1.2,
    )  # fmt: skip
