"""family_boxes(): where a timeline draws the box of each TaskGroup, `gather` and `wait`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from coro_lab.trace.family import Family
from coro_lab.views.plots.plan import FamilyBox, Plan
from coro_lab.views.plots.text_layout import SIZE, plain, width

MOST = 12
"""With more families in view, boxes would hide what they are drawn around."""
SMALLER = 3.0
"""How much smaller a box in a box is, in points."""


def family_boxes(families: Iterable[Family], plan: Plan) -> Iterator[FamilyBox]:
    """The boxes of these families that lie in view, or none if there are too many."""
    seen = [family for family in families if _is_in_view(family, plan)]
    if len(seen) > MOST:
        plan.notes.append(f"not drawn: the boxes of {len(seen)} families; families(trace) tells them")
        return
    drawn: list[FamilyBox] = []
    for family in seen:
        if (box := _box(family, plan, drawn)) is not None:
            drawn.append(box)
    yield from drawn


def _is_in_view(family: Family, plan: Plan) -> bool:
    return family.opened <= plan.last and (family.ended is None or family.ended >= plan.first)


def _box(family: Family, plan: Plan, before: list[FamilyBox]) -> FamilyBox | None:
    lanes = [member.lane for member in family.members]
    members = {plan.row_of[lane] for lane in lanes if lane is not None and lane in plan.row_of}
    owner = {plan.row_of[family.owner]} if family.owner is not None and family.owner in plan.row_of else set()
    if not members:
        return None
    begin = max(family.opened, plan.first) - 0.5
    end = min(plan.last if family.ended is None else family.ended, plan.last) + 0.5
    around = [box for box in before if box.begin <= begin < box.end]
    rows = tuple(sorted(members | owner))
    beside = [box for box in around if box.rows[0] == rows[0]]
    aside = sum((width(box.label, SIZE) + 8 for box in beside if box.begin == begin), 0.0)
    inset = min(SMALLER * len(around), 6.0)
    return FamilyBox(plain(family.name, 22), begin, end, rows, tuple(sorted(members)), inset, aside)
