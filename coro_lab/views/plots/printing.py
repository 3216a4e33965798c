"""The room for the output of each step, in a row under the lanes."""

from __future__ import annotations

from coro_lab.views.plots.model import Print
from coro_lab.views.plots.plan import Plan, Printed
from coro_lab.views.plots.text_layout import LINE_HEIGHT, plain, width

MOST = 200.0
"""The greatest height of the row in points."""


def find_room(plan: Plan, height: float | None) -> None:
    """Place the printed lines under their steps, or beside them in tiers; note it if neither has enough room."""
    prints = [(item, [plain(line, 40) for line in item.lines if line]) for item in plan.run.prints]
    for found in (_under(plan, prints), _in_tiers(plan, prints)):
        tiers = 1 + max((text.tier for text in found or []), default=0)
        if found and tiers * LINE_HEIGHT <= (MOST if height is None else height / 3):
            plan.prints, plan.print_height = found, tiers * LINE_HEIGHT + 14
            return
    if lines := sum(len(texts) for _, texts in prints):
        plan.notes.append(f"{lines:,} printed lines found no room")


def _under(plan: Plan, prints: list[tuple[Print, list[str]]]) -> list[Printed]:
    """Each text in the middle of its step; empty if two of them would touch."""
    found = [
        Printed(item, plan.x(item.step), "center", tier, text)
        for item, texts in prints
        for tier, text in enumerate(texts)
    ]
    right = [0.0] * len(found)
    for text in found:
        if text.x - width(text.text) / 2 < right[text.tier]:
            return []
        right[text.tier] = text.x + width(text.text) / 2 + 4
    return found


def _in_tiers(plan: Plan, prints: list[tuple[Print, list[str]]]) -> list[Printed]:
    """Each text beside its step in the first free tier; the texts of one step from top to bottom."""
    found, right = [], [-20.0]
    for item, texts in prints:
        tier = -1
        for text in texts:
            x, wide = plan.x(item.step), width(text) + 8
            side = "left" if x + wide < plan.breadth else "right"
            begin = x if side == "left" else x - wide
            tier = next((t for t in range(tier + 1, len(right)) if right[t] <= begin), len(right))
            right += [-20.0] * (tier == len(right))
            right[tier] = begin + wide
            found.append(Printed(item, x, side, tier, text))
    return found
