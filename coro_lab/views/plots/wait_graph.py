"""wait_graph(): tasks at the left, what they wait for at the right, and who holds it, as SVG."""

from __future__ import annotations

from typing import NamedTuple

from coro_lab.engine.waits.result import RUNS, WAITS, Giver, WaitRow, Waits, alike, name_of_group
from coro_lab.views.palette import GREY, HUES, INK, PAPER, RED, Style, styles
from coro_lab.views.plots.arguments import check_result
from coro_lab.views.plots.plan import WIDE
from coro_lab.views.plots.svg.drawing import Drawing
from coro_lab.views.plots.svg.picture import Picture
from coro_lab.views.plots.text_layout import NAME_SIZE, fit, plain, wrap

_MOST = 12  # groups of tasks that are drawn
_ROW, _HIGH = 42.0, 32.0
_LEFT, _RIGHT = (24.0, 190.0), (352.0, 552.0)
"""From where to where the boxes of the two columns reach, in points."""


class _Arrow(NamedTuple):
    group: int
    thing: int
    waits: bool  # from the task to what it waits for; else from there to a task that could give it
    circle: bool  # it belongs to the deadlock


def wait_graph(found: Waits) -> Picture:
    """A picture of what `waits` has found: an arrow from each task to what it waits for, and from there to its givers.

    A dashed arrow leads to a task that holds the object or could give it. A deadlock is red: follow its arrows. Tasks
    that are alike share one box; a note names what has no room. The picture is SVG, with the methods `get_title` and
    `figure.savefig`. Raises ArgumentError for anything but what `waits` returns.

    >>> import asyncio
    >>> from coro_lab import waits
    >>> async def main():
    ...     event = asyncio.Event()
    ...     async with asyncio.TaskGroup() as group:
    ...         group.create_task(event.wait(), name="late")
    ...         await asyncio.sleep(0)
    ...         print(wait_graph(waits()).get_title())
    ...         event.set()
    >>> asyncio.run(main())
    1 task waits and 1 runs; none is known to be stuck
    """
    check_result("wait_graph", "found", found, Waits, "waits()")
    return _Graph(found).picture()


class _Graph:
    def __init__(self, found: Waits) -> None:
        self._found = found
        everything = list(alike(found.rows))
        order = sorted(everything, key=lambda group: (not self._is_in_circle(group), not group[0].stuck))
        self._groups, self._left = order[:_MOST], order[_MOST:]
        self._looks = styles([group[0].task for group in self._groups])
        self._of = {row.task: at for at, group in enumerate(self._groups) for row in group}
        self._givers: list[Giver] = list({id(row.giver): row.giver for row in self._first() if row.giver}.values())
        rows = max(len(self._groups), len(self._givers), 1)
        title = wrap(plain(found.finding, 300), NAME_SIZE, WIDE - 40, 3)
        self._top = 30.0 + 14 * len(title)
        self._sheet = Drawing(WIDE, self._top + rows * _ROW + (18 if self._left else 4))
        self._sheet.text(16, 10 + 7 * len(title), "\n".join(title), INK, NAME_SIZE, bold=True, kind="title")

    def _first(self) -> list[WaitRow]:
        return [group[0] for group in self._groups]

    def _is_in_circle(self, group: list[WaitRow]) -> bool:
        return any(row.task in self._found.cycle for row in group)

    def picture(self) -> Picture:
        """Everything, from the back to the front."""
        for arrow in self._arrows():
            self._arrow(arrow)
        for at, (group, look) in enumerate(zip(self._groups, self._looks, strict=True)):
            self._task(at, group, look)
        for at, giver in enumerate(self._givers):
            self._thing(at, giver)
        if self._left:
            left = sum(map(len, self._left))
            self._sheet.text(
                16, self._top + max(len(self._groups), len(self._givers)) * _ROW + 6, f"and {left:,} more tasks"
            )
        return Picture(self._sheet, self._found.finding)

    def _arrows(self) -> list[_Arrow]:
        place = {id(giver): at for at, giver in enumerate(self._givers)}
        arrows: dict[_Arrow, None] = {}
        for at, row in enumerate(self._first()):
            if row.giver:
                arrows[_Arrow(at, place[id(row.giver)], True, self._is_in_circle(self._groups[at]))] = None
        for thing, giver in enumerate(self._givers):
            is_red = any(row.task in self._found.cycle for row in self._first() if row.giver is giver)
            for to in dict.fromkeys(self._of[name] for name in giver.of if name in self._of):
                arrows[_Arrow(to, thing, False, is_red and self._is_in_circle(self._groups[to]))] = None
        return sorted(arrows, key=lambda arrow: arrow.circle)

    def _y(self, at: int) -> float:
        return self._top + at * _ROW + _HIGH / 2

    def _arrow(self, arrow: _Arrow) -> None:
        colour = HUES[RED].colour if arrow.circle else GREY.colour
        shift = -5 if arrow.waits else 5
        begin, end = (_LEFT[1], self._y(arrow.group) + shift), (_RIGHT[0], self._y(arrow.thing) + shift)
        if not arrow.waits:
            begin, end = end, begin
        kind = ("waits" if arrow.waits else "gives") + (" circle" if arrow.circle else "")
        self._sheet.line(
            [begin, end], colour, 2.5 if arrow.circle else 1.2, dashes="" if arrow.waits else "5 3", kind=kind
        )
        back = -8 if arrow.waits else 8
        (x, y), slope = end, (end[1] - begin[1]) / (end[0] - begin[0])
        tip = x + back * 0.1
        self._sheet.area([(tip, y), (x + back, y + slope * back - 4), (x + back, y + slope * back + 4)], colour, kind)

    def _task(self, at: int, group: list[WaitRow], look: Style) -> None:
        y, row = self._y(at), group[0]
        edge = HUES[RED].colour if self._is_in_circle(group) else look.colour
        self._sheet.box(
            _LEFT[0], y - _HIGH / 2, _LEFT[1] - _LEFT[0], _HIGH, PAPER, edge=edge, thick=2, corner=9, kind="task"
        )
        self._sheet.mark(_LEFT[0] + 13, y, look.marker, 9, look.colour)
        name = fit(plain(name_of_group(group)), NAME_SIZE, _LEFT[1] - _LEFT[0] - 32)
        self._sheet.text(_LEFT[0] + 24, y - 5, name, look.text, NAME_SIZE, bold=True, kind="name")
        does = (
            row.where
            if row.does == WAITS
            else f"{row.does} {row.what}".strip()
            if row.does != RUNS
            else f"runs, {row.where}"
        )
        self._sheet.text(_LEFT[0] + 24, y + 7, fit(plain(does), 9, _LEFT[1] - _LEFT[0] - 32), kind="where")

    def _thing(self, at: int, giver: Giver) -> None:
        y, wide = self._y(at), _RIGHT[1] - _RIGHT[0]
        self._sheet.box(_RIGHT[0], y - _HIGH / 2, wide, _HIGH, PAPER, edge=INK, kind="thing")
        self._sheet.text(_RIGHT[0] + 8, y - 5, fit(plain(giver.what, 60), 9, wide - 16), kind="what")
        held = f"held by {giver.holder}" if giver.holder else giver.kind if giver.of else "nobody known could give it"
        self._sheet.text(_RIGHT[0] + 8, y + 7, fit(plain(held, 60), 9, wide - 16), GREY.text, kind="held")
