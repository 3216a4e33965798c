"""How a timeline is laid out: which row a lane has, how wide a step is, which labels fit. Sizes are in points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from coro_lab.events import Trace
from coro_lab.palette import Style, style
from coro_lab.plots.runs import OUTSIDE, Crossing, Print, Run, outside, read, within
from coro_lab.plots.words import LINE_HEIGHT, Arrow, Box, Manner, Placed, place, plain, width

MOST_LANES = 40
"""More lanes than these share the last row."""
NARROWEST_STEP = 2.2
"""Where a step would be narrower, several of them are folded into one column."""
HEAD = 7.0
EDGE = 8.0
TALLEST = 800.0
MANNERS = (
    Manner(False, False, 46), Manner(False, False, 62), Manner(True, False, 58), Manner(True, False, 84),
    Manner(False, True, 76), Manner(False, True, 100), Manner(False, True, 136),
)  # fmt: skip


@dataclass
class Plan:
    """One picture, ready to be drawn."""

    run: Run
    rows: list[Style]
    row_of: dict[int, int]
    first: int  # step
    last: int
    breadth: float  # of the axes
    height: float = 0.0
    pitch: float = 60.0
    labels: list[Placed] = field(default_factory=list)
    turned: bool = False
    columns: int = 0  # of a folded picture; 0 where every step has its own place
    prints: list[tuple[Print, float, list[str]]] = field(default_factory=list)  # with x and what is written
    prints_turned: bool = False
    print_height: float = 0.0
    notes: list[str] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    drawn: list[Crossing] = field(default_factory=list)  # one for each arrow

    @property
    def step(self) -> float:
        """How wide one step is."""
        return (self.breadth - 2 * EDGE) / max(self.last - self.first + 1, 1)

    @property
    def bar(self) -> float:
        """How tall the bar of a running lane is."""
        return min(16.0, 0.6 * self.pitch)

    def x(self, at: float) -> float:
        """Where a position in steps lies."""
        return EDGE + (at - self.first + 0.5) * self.step


def lay_out(trace: Trace, steps: range | None, size: tuple[float, float | None]) -> Plan:
    """The plan of a picture `size` wide and high; where the height is None, as high as it needs to be."""
    run = read(trace)
    first, last = (steps[0], steps[-1]) if steps else (0, max(trace.steps - 1, 0))
    if steps:
        run = within(run, first - 0.5, last + 0.5)
    rows, row_of, notes = _rows(trace, run)
    named = max((width(row.name, 11) for row in rows), default=0)
    breadth = size[0] if size[1] is not None else size[0] - named - 34
    plan = Plan(run, rows, row_of, first, last, breadth, notes=notes)
    if plan.step < NARROWEST_STEP:
        _fold(plan)
    else:
        _place_prints(plan, size[1])
        _place_arrows(plan)
    _choose(plan, size[1])
    return plan


def _rows(trace: Trace, run: Run) -> tuple[list[Style], dict[int, int], list[str]]:
    above = [outside(trace) or ""] if any(OUTSIDE in (c.origin, c.target) for c in run.crossings) else []
    shown = run.order if len(run.order) <= MOST_LANES else run.order[: MOST_LANES - 1]
    rows = [style(name)._replace(name=name) for name in above]
    rows += [style(trace.lanes[lane].name)._replace(name=plain(trace.lanes[lane].name, 22)) for lane in shown]
    row_of = {lane: row for row, lane in enumerate(shown, len(above))} | ({OUTSIDE: 0} if above else {})
    others = run.order[len(shown) :]
    if others:
        row_of.update(dict.fromkeys(others, len(rows)))
        rows.append(style("outside")._replace(name=f"{len(others):,} more lanes"))
        return rows, row_of, [f"{len(others):,} lanes share the last row"]
    return rows, row_of, []


def _fold(plan: Plan) -> None:
    steps = plan.last - plan.first + 1
    plan.columns = min(steps, round((plan.breadth - 2 * EDGE) / 4))
    plan.notes.append(f"each column is {steps / plan.columns:.3g} steps, its height the share in which the lane runs")
    left_out = [f"{len(plan.run.crossings):,} crossings"]
    printed = sum(len(list(filter(None, item.lines))) for item in plan.run.prints)
    left_out += [f"{printed:,} printed lines"] * bool(printed)
    plan.notes.append(f"not drawn: {' and '.join(left_out)}; for a part of it: timeline(trace, steps=range(0, 60))")


def _place_arrows(plan: Plan) -> None:
    plan.drawn = [c for c in plan.run.crossings if plan.row_of[c.origin] != plan.row_of[c.target]]
    beside = _slots(plan)
    for crossing, aside in zip(plan.drawn, beside, strict=True):
        top, bottom = sorted((plan.row_of[crossing.origin], plan.row_of[crossing.target]))
        value = plain(crossing.value or "", 24)
        plan.arrows.append(Arrow(plan.x(crossing.at) + aside, top, bottom, crossing.verb, value, crossing.bare))


def _slots(plan: Plan) -> list[float]:
    """How far from its boundary each crossing is drawn, so that those of one boundary do not cover one another."""
    boundaries: dict[float, list[list[tuple[int, int]]]] = defaultdict(list)
    slots = []
    for crossing in plan.drawn:
        reach = sorted((plan.row_of[crossing.origin], plan.row_of[crossing.target]))
        lines = boundaries[crossing.at]
        if not lines or any(reach[0] < bottom and top < reach[1] for top, bottom in lines[-1]):
            lines.append([])
        lines[-1].append((reach[0], reach[1]))
        slots.append(len(lines) - 1)
    return [
        min(plan.step / 3, 16.0) * (slot - (len(boundaries[crossing.at]) - 1) / 2)
        for crossing, slot in zip(plan.drawn, slots, strict=True)
    ]


def _choose(plan: Plan, height: float | None) -> None:
    """Take the plainest manner in which every value has its label, or the one in which most have."""
    gaps = max(len(plan.rows) - 1, 1)
    below = plan.print_height + 8.0
    most = ((height or TALLEST) - below - 24.0) / gaps
    best = -1
    for manner in (MANNERS if plan.arrows else MANNERS[:1]):
        pitch = min(manner.pitch, most) if height is None else most
        manner = manner._replace(pitch=max(pitch, 18.0 if height is None else 4.0))
        bar = min(16.0, 0.6 * manner.pitch)
        free = (bar / 2 + HEAD + 2, manner.pitch - bar / 2 - HEAD - 2)
        labels = place(plan.arrows, manner, free, (-20.0, plan.breadth + 10.0))
        score = sum(not plan.arrows[label.number].bare and "…" not in label.text for label in labels)
        if score > best:
            best, plan.labels, plan.turned, plan.pitch = score, labels, manner.turned, manner.pitch
        if best == sum(not arrow.bare for arrow in plan.arrows):
            break
    plan.height = height or (len(plan.rows) - 1) * plan.pitch + below + 28.0
    _tell_missing(plan)


def _tell_missing(plan: Plan) -> None:
    labelled = {label.number for label in plan.labels}
    missing = [arrow for number, arrow in enumerate(plan.arrows) if number not in labelled]
    values = sum(not arrow.bare for arrow in missing)
    if values:
        plan.notes.append(f"no room for {values:,} of the values that cross")
    if len(missing) > values:
        plan.notes.append("an arrow without a label carries no value")


def _place_prints(plan: Plan, height: float | None) -> None:
    """Find room for what was printed: upright if that fits, else along the page's height, else say that it is left out."""
    items = [(item, plan.x(item.step), [plain(line, 26) for line in item.lines if line]) for item in plan.run.prints]
    items = [item for item in items if item[2]]
    for turned in (False, True):
        boxes = list(_print_boxes(items, turned))
        tallest = max((box.bottom for box in boxes), default=0.0)
        if items and tallest < (height or TALLEST) / 3 and all(a.right <= b.left for a, b in zip(boxes, boxes[1:])):
            plan.prints, plan.prints_turned, plan.print_height = items, turned, tallest + 12
            return
    if items:
        plan.notes.append(f"no room for {sum(len(texts) for _, _, texts in items):,} printed lines")


def _print_boxes(items: list[tuple[Print, float, list[str]]], turned: bool) -> Iterator[Box]:
    for _, x, texts in items:
        across, down = max(map(width, texts)) + 4, LINE_HEIGHT * len(texts)
        if turned:
            across, down = down, across
        yield Box(x - across / 2, x + across / 2, 0, down)
