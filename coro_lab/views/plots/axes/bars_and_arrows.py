"""The marks of a timeline: bars, arrows with their labels, line numbers, endings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle, StepPatch

from coro_lab.views.marks import BARS, DASHED, ENDS, HATCH, SHAPES
from coro_lab.views.palette import GREY, INK, PAPER, Style
from coro_lab.views.plots.model import LaneSpan, merged
from coro_lab.views.plots.plan import HEAD, NUMBERS, Fold, Plan
from coro_lab.views.plots.text_layout import LINE_HEIGHT, SIZE


def bars(ax: Axes, plan: Plan) -> None:
    """Draw what each lane does, row by row."""
    together: dict[tuple[int, str], list[LaneSpan]] = defaultdict(list)
    for span in plan.run.spans:
        together[plan.row_of[span.lane], span.doing].append(span)
    for (row, doing), spans in together.items():
        bar(ax, plan, row, doing, merged(spans))


def bar(ax: Axes, plan: Plan, row: int, doing: str, spans: Iterable[LaneSpan]) -> None:
    """Draw spans of one row in which the lane does the same."""
    lane, high = plan.rows[row], plan.bar * BARS[doing].height
    ranges = [(span.begin, span.end - span.begin) for span in spans]
    drawn = ax.broken_barh(ranges, (row * plan.pitch - high / 2, high), zorder=2, **look(lane, doing))
    drawn.set_gid(f"{doing} {lane.name}")


def look(lane: Style, doing: str) -> dict[str, Any]:
    """The look of a bar in the colour of a lane."""
    mark = BARS[doing]
    if mark.filled:
        return {"facecolor": lane.colour, "edgecolor": PAPER, "linewidth": 0.5}
    hatch = HATCH if mark.hatched else None
    return {"facecolor": PAPER, "edgecolor": lane.colour, "linewidth": 0.8, "hatch": hatch}


def crossings(ax: Axes, plan: Plan) -> None:
    """Draw each crossing as an arrow in the colour of the lane that it leaves, with its label on it."""
    stems, colours, styles = [], [], []
    heads: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for crossing, arrow in zip(plan.drawn, plan.arrows, strict=True):
        x, (begin, end) = plan.at(arrow.x), plan.stem(crossing)
        stems.append([(x, begin), (x, end)])
        colours.append(colour := plan.rows[plan.row_of[crossing.origin]].colour)
        styles.append((0, (2.5, 1.5)) if crossing.label in DASHED else "solid")
        heads[colour, "v" if end > begin else "^"].append((x, end))
    thick = [plan.thickness(arrow) for arrow in plan.arrows]
    halo = [line + 2 if line > 1 else 0 for line in thick]
    ax.add_collection(LineCollection(stems, colors=PAPER, linewidths=halo, zorder=3), autolim=False)
    drawn = LineCollection(stems, colors=colours, linestyles=styles, linewidths=thick, zorder=4, gid="crossings")
    ax.add_collection(drawn, autolim=False)
    size = HEAD if plan.step > 6 else 4
    for (colour, marker), points in heads.items():
        ax.plot(*zip(*points, strict=True), marker, color=colour, ms=size, mew=0, zorder=5, clip_on=False, gid="heads")
    _labels(ax, plan)


def _labels(ax: Axes, plan: Plan) -> None:
    behind = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}
    look: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 6, "linespacing": 1.0, "gid": "crossing"}
    for label in plan.labels:
        colour = plan.rows[plan.row_of[plan.drawn[label.number].origin]].text
        turn = 90 if plan.turned else 0
        ax.text(plan.at(label.x), label.y, label.text, color=colour, rotation=turn, bbox=behind, **look)


def families(ax: Axes, plan: Plan) -> None:
    """Draw a box around the span of each family, its name in the upper edge, a mark where a member's row enters it."""
    for box in plan.boxes:
        left, right = plan.at(plan.x(box.begin) + box.inset), plan.at(plan.x(box.end) - box.inset)
        top, bottom = box.top(plan), box.bottom(plan)
        look: dict[str, Any] = {"facecolor": "none", "edgecolor": GREY.colour, "linewidth": 1.0, "zorder": 1.5}
        frame = Rectangle((left, top), right - left, bottom - top, clip_on=False, gid=f"family {box.label}", **look)
        ax.add_patch(frame)
        rows = [row * plan.pitch for row in box.members]
        ax.plot([left] * len(rows), rows, "D", color=GREY.colour, ms=4, zorder=7, clip_on=False, gid="member")
        behind = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}
        at = left + (4 + box.aside) / plan.step
        ax.text(at, top, box.label, color=GREY.text, va="center", zorder=7, bbox=behind, gid="family")


def lines(ax: Axes, plan: Plan) -> None:
    """Write into each running bar the line that it begins at and the line that it stops at, where they have room."""
    numbered, inset = plan.numbered(), plan.inset / plan.step
    if numbered:
        legend = (NUMBERS, (1, 0), (0, -27), "axes fraction", "offset points")
        ax.annotate(*legend, color=GREY.text, ha="right", va="bottom")
    for span, begin, end in numbered:
        look: dict[str, Any] = {"color": plan.rows[plan.row_of[span.lane]].inside, "va": "center_baseline", "zorder": 6}
        ax.text(span.begin + inset, plan.y(span.lane), begin, ha="left", gid="line", **look)
        ax.text(span.end - inset, plan.y(span.lane), end, ha="right", gid="line", **look)


def endings(ax: Axes, plan: Plan) -> None:
    """Mark how each lane ended, just behind its last bar."""
    together: dict[tuple[int, str], list[float]] = defaultdict(list)
    for ending in plan.seen.endings:
        together[plan.row_of[ending.lane], ending.how].append(ending.at)
    for (row, how), at in together.items():
        lane, y = plan.rows[row], row * plan.pitch
        face = lane.colour if ENDS[how].filled else PAPER
        look: dict[str, Any] = {"mfc": face, "mec": lane.colour, "mew": 2.5 if how == "raise" else 1.5}
        look |= {"ms": 8, "zorder": 7, "clip_on": False, "gid": f"{how} {lane.name}"}
        ax.plot([x + 8 / plan.step for x in at], [y] * len(at), SHAPES[ENDS[how].shape], **look)


def fold(ax: Axes, plan: Plan, fold: Fold) -> None:
    """Draw for each row the share of each column in which it runs, over the span in which it is suspended or waits."""
    scale = 0.3 * plan.pitch / (fold.tallest or 1)
    for extent in fold.extents:
        row = extent.lane
        lane, middle = plan.rows[row], row * plan.pitch
        bar(ax, plan, row, extent.doing, [extent])
        above, below = (tuple(middle + way * scale * share for share in fold.shares[row]) for way in (-1, 1))
        steps: Any = StepPatch(
            above,
            fold.edges,
            baseline=below,  # type: ignore[arg-type]  # it may be one number for each column
            facecolor=lane.colour,
            linewidth=0,
            zorder=3,
            gid=f"running {lane.name}",
        )
        ax.add_artist(steps)  # ax.stairs would compute the limits again, which is slow
    for row, lane in enumerate(plan.rows if plan.pitch >= 40 else []):
        text = f"control arrives {fold.arrivals[row]:,} times"
        ax.text(plan.first - 0.5, (row + 0.46) * plan.pitch, text, color=lane.text, va="center", gid="arrivals")


def prints(ax: Axes, plan: Plan) -> None:
    """Draw the row of printed lines under the lanes."""
    if not plan.prints:
        return
    top = plan.top_of_prints
    ticks = [*ax.get_yticks(), top + LINE_HEIGHT / 2]
    ax.set_yticks(ticks, [*(row.name for row in plan.rows), "printed"])
    ax.get_yticklabels()[-1].set(color=INK, fontsize=SIZE, parse_math=False)
    ax.axhline(top - 6, color=GREY.colour, lw=0.5)
    for item, _, side, tier, text in plan.prints:
        lane, y = plan.rows[plan.row_of[item.lane]], top + tier * LINE_HEIGHT
        aside = {"left": 3, "right": -3, "center": 0}[side] / plan.step
        ax.text(item.step + aside, y, text, color=lane.text, ha=side, va="top", gid="printed")
        if side != "center":
            ax.plot([item.step] * 2, [y, y + LINE_HEIGHT - 1], color=lane.colour, lw=1.5, solid_capstyle="butt")
