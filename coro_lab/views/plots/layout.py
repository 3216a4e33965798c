"""lay_out(): choose the row of each lane, the width of a step and the labels that fit. Sizes are in points."""

from __future__ import annotations

from collections import defaultdict

from coro_lab.trace.lane_states import outside
from coro_lab.trace.trace import Trace
from coro_lab.views.palette import Style, style, styles
from coro_lab.views.plots.columns import OUTSIDE
from coro_lab.views.plots.family_boxes import family_boxes
from coro_lab.views.plots.folding import fold
from coro_lab.views.plots.model import ROOM, printed, run_picture
from coro_lab.views.plots.plan import HEAD, Plan
from coro_lab.views.plots.printing import find_room
from coro_lab.views.plots.spans import Overview, overview
from coro_lab.views.plots.text_layout import LONGEST, SIZE, Arrow, Manner, place, plain, width, wrap

MOST_LANES = 40
"""If there are more lanes, the others share the last row."""
NARROWEST_STEP = 2.2
"""If a step would be narrower, several steps are folded into one column."""
MOST_WITH_ROOM = 110
"""With more steps, the room around the boundary of a step would be too small to see."""
TALLEST = 800.0
ONE, TWO = (0.5,), (0.0, 1.0)
MANNERS = (
    Manner(False, False, 48, ONE), Manner(False, False, 64, TWO), Manner(True, False, 60, ONE),
    Manner(True, False, 86, TWO), Manner(False, True, 90, ONE), Manner(False, True, 110, TWO),
    Manner(False, True, 128, TWO),
)  # fmt: skip


def lay_out(trace: Trace, steps: range | None, size: tuple[float, float | None]) -> Plan:
    """The plan of a picture of this width and height; if the height is None, the picture is as high as it needs."""
    first, last = (steps[0], steps[-1]) if steps else (0, max(trace.steps - 1, 0))
    seen = overview(trace, ROOM if last - first < MOST_WITH_ROOM else 0.0)
    if steps:
        seen = seen.within(first - 0.5, last + 0.5)
    rows, row_of, notes = _rows(trace, seen)
    named = max((width(row.name, 11) for row in rows), default=0)
    breadth = size[0] if size[1] is not None else size[0] - named - 34
    plan = Plan(seen, rows, row_of, first, last, breadth, notes=notes)
    prints = printed(trace, first, last)
    if plan.step < NARROWEST_STEP:
        fold(plan, prints)
    else:
        plan.run = run_picture(trace, seen, prints)
        find_room(plan, size[1])
        _place_arrows(plan)
        plan.boxes = list(family_boxes(trace.families, plan))
    _choose(plan, size[1])
    plan.notes = [line for note in plan.notes for line in wrap(note, SIZE, breadth)]
    return plan


def _rows(trace: Trace, seen: Overview) -> tuple[list[Style], dict[int, int], list[str]]:
    above = [outside(trace.events, trace.driver) or ""] if seen.reaches_outside() else []
    shown = seen.order if len(seen.order) <= MOST_LANES else seen.order[: MOST_LANES - 1]
    looks = styles(lane.name for lane in trace.lanes)
    rows = [style(name) for name in above]
    rows += [looks[lane]._replace(name=plain(looks[lane].name, 22)) for lane in shown]
    row_of = {lane: row for row, lane in enumerate(shown, len(above))} | ({OUTSIDE: 0} if above else {})
    others = seen.order[len(shown) :]
    if others:
        row_of.update(dict.fromkeys(others, len(rows)))
        rows.append(style("outside")._replace(name=f"{len(others):,} more lanes"))
        return rows, row_of, [f"{len(others):,} lanes share the last row"]
    return rows, row_of, []


def _place_arrows(plan: Plan) -> None:
    plan.drawn = [c for c in plan.run.crossings if plan.row_of[c.origin] != plan.row_of[c.target]]
    beside = _slots(plan)
    for crossing, aside in zip(plan.drawn, beside, strict=True):
        top, bottom = sorted((plan.row_of[crossing.origin], plan.row_of[crossing.target]))
        x, value = plan.x(crossing.at) + aside, plain(crossing.value or "", 2 * LONGEST)
        plan.arrows.append(Arrow(x, top, bottom, crossing.label, value, crossing.bare))


def _slots(plan: Plan) -> list[float]:
    """How far from its boundary each crossing is drawn, so that crossings at one boundary do not cover each other."""
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
    """Choose the simplest way of labelling in which every arrow has its label, or else most have."""
    below = plan.print_height + 8.0
    most = ((height or TALLEST) - below - 28.0) / max(len(plan.rows) - 1, 1)
    valued = sum(not arrow.bare for arrow in plan.arrows)
    best = (-1, False, -1)
    for manner in MANNERS if plan.arrows else MANNERS[:1]:
        manner = manner._replace(pitch=max(min(manner.pitch, most), 18.0) if height is None else max(most, 4.0))
        room = min(16.0, 0.6 * manner.pitch) / 2 + HEAD + 2
        labels = place(plan.arrows, manner, (room, manner.pitch - room), (-20.0, plan.breadth + 10.0))
        whole = sum(1 if "…" in label.text else 2 for label in labels if not plan.arrows[label.number].bare)
        if (score := (whole, not manner.turned, len(labels))) > best:
            best, plan.labels, plan.turned, plan.pitch = score, labels, manner.turned, manner.pitch
        if whole == 2 * valued and (len(labels) == len(plan.arrows) or len(plan.rows) > 4):
            break
    plan.height = height or max(len(plan.rows) - 1, 0) * plan.pitch + below + 28.0
    _note_missing(plan)


def _note_missing(plan: Plan) -> None:
    """Note which labels are missing; one without a value is written on all its arrows or on none."""
    labelled = {label.number for label in plan.labels}
    missing = [arrow for number, arrow in enumerate(plan.arrows) if number not in labelled]
    silent = {arrow.label for arrow in missing if arrow.bare}
    placed = [(label, plan.arrows[label.number]) for label in plan.labels]
    plan.labels = [label for label, arrow in placed if not (arrow.bare and arrow.label in silent)]
    values = sum(not arrow.bare for arrow in missing)
    if values:
        plan.notes.append(f"{values:,} of the values that cross found no room")
        if plan.last - plan.first > 60:
            plan.notes.append("to see some of them: timeline(trace, steps=range(0, 30))")
    elif silent:
        plan.notes.append("an arrow without a label carries no value")
