"""The marks of a timeline: bars, arrows with their labels, line numbers, endings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from coro_lab.views.marks import BARS, DASHED, ENDS, HATCH, SHAPES
from coro_lab.views.palette import GREY, PAPER, Style
from coro_lab.views.plots.columns import OUTSIDE
from coro_lab.views.plots.model import LaneSpan, merged
from coro_lab.views.plots.plan import EDGE, HEAD, Plan
from coro_lab.views.plots.text_layout import width


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
        origin, target = plan.row_of[crossing.origin], plan.row_of[crossing.target]
        x, way = _step(plan, arrow.x), 1 if target > origin else -1
        begin = origin * plan.pitch + way * _edge(plan, crossing.origin)
        end = target * plan.pitch - way * (_edge(plan, crossing.target) + HEAD / 2)
        stems.append([(x, begin), (x, end)])
        colours.append(plan.rows[origin].colour)
        styles.append((0, (2.5, 1.5)) if crossing.label in DASHED else "solid")
        heads[plan.rows[origin].colour, "v" if way == 1 else "^"].append((x, end))
    thick = [1.6 if plan.step > (14 if arrow.bare else 6) else 0.9 for arrow in plan.arrows]
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
        ax.text(_step(plan, label.x), label.y, label.text, color=colour, rotation=turn, bbox=behind, **look)


def _edge(plan: Plan, lane: int) -> float:
    """The distance from the middle of a row to the edge of its bar."""
    return 0.0 if lane == OUTSIDE else plan.bar / 2


def _step(plan: Plan, x: float) -> float:
    """The position in steps of an x in points."""
    return plan.first - 0.5 + (x - EDGE) / plan.step


def lines(ax: Axes, plan: Plan) -> None:
    """Write into each running bar the line that it begins at and the line that it stops at."""
    begins = {(c.target, c.at): c.target_line for c in plan.run.crossings}
    ends = {(c.origin, c.at): c.origin_line for c in plan.run.crossings}
    spans = [span for span in plan.run.spans if span.doing == "running"]
    numbered = [
        (span, str(begins.get((span.lane, span.begin)) or ""), str(ends.get((span.lane, span.end)) or ""))
        for span in spans
    ]
    widest = max((width(begin) + width(end) for _, begin, end in numbered), default=0.0)
    shortest = min((span.end - span.begin for span in spans), default=0.0)
    if widest + 7.5 > plan.step * shortest or plan.bar < 12:
        return
    legend = ("numbers in bars: source lines", (1, 0), (0, -27), "axes fraction", "offset points")
    ax.annotate(*legend, color=GREY.text, ha="right", va="bottom")
    inset = (2 if plan.step < 40 else 4) / plan.step
    for span, begin, end in numbered:
        look: dict[str, Any] = {"color": plan.rows[plan.row_of[span.lane]].inside, "va": "center_baseline", "zorder": 6}
        y = plan.row_of[span.lane] * plan.pitch
        ax.text(span.begin + inset, y, begin, ha="left", gid="line", **look)
        ax.text(span.end - inset, y, end, ha="right", gid="line", **look)


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
