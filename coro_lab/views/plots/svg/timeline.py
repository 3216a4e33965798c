"""A timeline as SVG, from the plan that matplotlib draws as well."""

from __future__ import annotations

from collections.abc import Iterable

from coro_lab.trace.collecting import uncollected
from coro_lab.trace.trace import Trace
from coro_lab.views.marks import BARS, DASHED, ENDS, HATCH, SHAPES
from coro_lab.views.palette import GREY, INK, PAPER
from coro_lab.views.plots.columns import OUTSIDE
from coro_lab.views.plots.layout import lay_out
from coro_lab.views.plots.model import LaneSpan, merged
from coro_lab.views.plots.plan import BELOW, EDGE, ENDING, HEAD, NUMBERS, WIDE, Fold, Plan
from coro_lab.views.plots.svg.drawing import Drawing, whole_ticks
from coro_lab.views.plots.svg.picture import Picture
from coro_lab.views.plots.text_layout import LINE_HEIGHT, NAME_SIZE, SIZE, width
from coro_lab.views.plots.titles import finding, title_lines


@uncollected
def draw(trace: Trace, *, title: str | None, steps: range | None, lines: bool) -> Picture:
    """The picture that `timeline` returns without matplotlib; `steps` is a part of the run."""
    plan = lay_out(trace, steps, (WIDE, None))
    said = title_lines(finding(trace, plan.seen) if title is None else title, plan.breadth, 2)
    sheet = _Timeline(plan, said)
    sheet.draw(lines)
    return Picture(sheet.sheet, "\n".join(said))


class _Timeline:
    """One plan on its sheet; `left` and `top` are where the plan begins."""

    def __init__(self, plan: Plan, title: list[str]) -> None:
        self.plan = plan
        self.left, self.above = WIDE - plan.breadth - 8, plan.above(len(title))
        self.top = self.above + 14
        self.sheet = Drawing(WIDE, plan.height + self.above + BELOW)
        over = self.above - 8 - LINE_HEIGHT * len(plan.notes)
        for number, line in enumerate(reversed(title)):
            y = over - number * 1.2 * NAME_SIZE - 0.35 * NAME_SIZE
            self.sheet.text(self.left, y, line, INK, NAME_SIZE, bold=True, kind="title")
        for number, note in enumerate(reversed(plan.notes)):
            self.sheet.text(self.left, self.above - 3 - (number + 0.5) * LINE_HEIGHT, note, GREY.text, kind="note")

    def draw(self, lines: bool) -> None:
        """Everything, from the back to the front."""
        self._frame()
        if OUTSIDE in self.plan.row_of:
            y = self._y(self.plan.y(OUTSIDE))
            self.sheet.line([(self.left, y), (self.left + self.plan.breadth, y)], GREY.colour)
        if self.plan.fold:
            self._fold(self.plan.fold)
        else:
            self._families()
            self._bars()
            self._arrows()
            self._family_names()
            self._prints()
            if lines:
                self._numbers()
        self._endings()
        self._key()

    def _x(self, at: float) -> float:
        return self.left + self.plan.x(at)

    def _y(self, y: float) -> float:
        return self.top + y

    def _frame(self) -> None:
        plan, floor = self.plan, self.above + self.plan.height
        self.sheet.line([(self.left, floor), (self.left + plan.breadth, floor)], GREY.colour, 0.8)
        for step in self._ticks():
            self.sheet.line([(self._x(step), floor), (self._x(step), floor + 3.5)], GREY.colour, 0.8)
            self.sheet.text(self._x(step), floor + 9, str(step), anchor="middle", kind="tick")
        self.sheet.text(self.left + plan.breadth / 2, floor + 20, "step", anchor="middle")
        for number, row in enumerate(plan.rows):
            y = self._y(number * plan.pitch)
            self.sheet.text(self.left - 18, y, row.name, row.text, NAME_SIZE, anchor="end", kind="name")
            self.sheet.mark(self.left - 9, y, row.marker, 7, row.colour)

    def _ticks(self) -> list[int]:
        """Those of matplotlib, whose axis reaches a little further than the run."""
        plan = self.plan
        ticks = whole_ticks(plan.first - 0.5 - EDGE / plan.step, plan.last + 0.5 + ENDING / plan.step)
        return [tick for tick in ticks if plan.first <= tick <= plan.last] or [plan.first]

    def _bar(self, row: int, doing: str, spans: Iterable[LaneSpan]) -> None:
        lane, mark, high = self.plan.rows[row], BARS[doing], self.plan.bar * BARS[doing].height
        for span in spans:
            x, wide = self._x(span.begin), (span.end - span.begin) * self.plan.step
            edge, thick = (PAPER, 0.5) if mark.filled else (lane.colour, 0.8)
            self.sheet.box(
                x, self._y(row * self.plan.pitch) - high / 2, wide, high, lane.colour if mark.filled else PAPER,
                edge=edge, thick=thick, hatch=HATCH if mark.hatched else None, kind=f"bar {doing}",
            )  # fmt: skip

    def _bars(self) -> None:
        together: dict[tuple[int, str], list[LaneSpan]] = {}
        for span in self.plan.run.spans:
            together.setdefault((self.plan.row_of[span.lane], span.doing), []).append(span)
        for (row, doing), spans in together.items():
            self._bar(row, doing, merged(spans))

    def _families(self) -> None:
        plan = self.plan
        for box in plan.boxes:
            left, right = self._x(box.begin) + box.inset, self._x(box.end) - box.inset
            top, bottom = self._y(box.top(plan)), self._y(box.bottom(plan))
            self.sheet.box(left, top, right - left, bottom - top, None, edge=GREY.colour, kind="family")
            for row in box.members:
                self.sheet.mark(left, self._y(row * plan.pitch), "D", 4, GREY.colour, kind="member")

    def _family_names(self) -> None:
        for box in self.plan.boxes:
            left, top = self._x(box.begin) + box.inset, self._y(box.top(self.plan))
            self.sheet.text(left + 4 + box.aside, top, box.label, GREY.text, halo=True, kind="family name")

    def _arrows(self) -> None:
        plan, size = self.plan, HEAD if self.plan.step > 6 else 4.0
        pairs = list(zip(plan.drawn, plan.arrows, strict=True))
        stems = [[(self.left + arrow.x, self._y(y)) for y in plan.stem(crossing)] for crossing, arrow in pairs]
        for stem, (_, arrow) in zip(stems, pairs, strict=True):
            if (thick := plan.thickness(arrow)) > 1:
                self.sheet.line(stem, PAPER, thick + 2)
        for stem, (crossing, arrow) in zip(stems, pairs, strict=True):
            colour = plan.rows[plan.row_of[crossing.origin]].colour
            dashes = "4 2.4" if crossing.label in DASHED else ""
            self.sheet.line(stem, colour, plan.thickness(arrow), dashes=dashes, kind="crossing")
            (_, begin), (x, end) = stem
            self.sheet.mark(x, end, "v" if end > begin else "^", size, colour, kind="head")
        for label in plan.labels:
            colour = plan.rows[plan.row_of[plan.drawn[label.number].origin]].text
            x, y = self.left + label.x, self._y(label.y)
            self.sheet.text(x, y, label.text, colour, anchor="middle", halo=True, turned=plan.turned, kind="label")

    def _numbers(self) -> None:
        numbered = self.plan.numbered()
        if numbered:
            right, y = self.left + self.plan.breadth, self.above + self.plan.height + 22
            self.sheet.text(right, y, NUMBERS, GREY.text, anchor="end")
        for span, begin, end in numbered:
            y, colour = self._y(self.plan.y(span.lane)), self.plan.rows[self.plan.row_of[span.lane]].inside
            self.sheet.text(self._x(span.begin) + self.plan.inset, y, begin, colour, kind="line")
            self.sheet.text(self._x(span.end) - self.plan.inset, y, end, colour, anchor="end", kind="line")

    def _prints(self) -> None:
        plan, top = self.plan, self._y(self.plan.top_of_prints)
        if not plan.prints:
            return
        self.sheet.line([(self.left, top - 6), (self.left + plan.breadth, top - 6)], GREY.colour, 0.5)
        self.sheet.text(self.left - 18, top + LINE_HEIGHT / 2, "printed", anchor="end", kind="name")
        for item, _, side, tier, text in plan.prints:
            lane, x, y = plan.rows[plan.row_of[item.lane]], self._x(item.step), top + tier * LINE_HEIGHT
            aside, anchor = {"left": (3, "start"), "right": (-3, "end"), "center": (0, "middle")}[side]
            self.sheet.text(x + aside, y + LINE_HEIGHT / 2, text, lane.text, anchor=anchor, kind="printed")
            if side != "center":
                self.sheet.line([(x, y), (x, y + LINE_HEIGHT - 1)], lane.colour, 1.5)

    def _fold(self, fold: Fold) -> None:
        plan = self.plan
        scale = 0.3 * plan.pitch / (fold.tallest or 1)
        for extent in fold.extents:
            row, middle = extent.lane, self._y(extent.lane * plan.pitch)
            self._bar(row, extent.doing, [extent])
            shares = zip(fold.edges, fold.edges[1:], fold.shares[row], strict=False)
            upper = [(self._x(at), middle - scale * share) for left, right, share in shares for at in (left, right)]
            lower = [(x, 2 * middle - y) for x, y in reversed(upper)]
            self.sheet.area([*upper, *lower], plan.rows[row].colour, "bar running")
        for row, lane in enumerate(plan.rows if plan.pitch >= 40 else []):
            text, y = f"control arrives {fold.arrivals[row]:,} times", self._y((row + 0.46) * plan.pitch)
            self.sheet.text(self._x(plan.first - 0.5), y, text, lane.text)

    def _endings(self) -> None:
        for ending in self.plan.seen.endings:
            row = self.plan.row_of[ending.lane]
            lane, mark = self.plan.rows[row], ENDS[ending.how]
            self.sheet.mark(
                self._x(ending.at) + 8, self._y(row * self.plan.pitch), SHAPES[mark.shape], 8,
                lane.colour if mark.filled else PAPER, edge=lane.colour, thick=2.5 if ending.how == "raise" else 1.5,
                kind=f"end {ending.how}",
            )  # fmt: skip

    def _key(self) -> None:
        x, y = self.left, self.above + self.plan.height + 40
        for doing in self.plan.doings():
            mark = BARS[doing]
            edge, hatch = None if mark.filled else GREY.colour, HATCH if mark.hatched else None
            self.sheet.box(x, y - 3, 14, 6, GREY.colour if mark.filled else PAPER, edge=edge, thick=0.8, hatch=hatch)
            self.sheet.text(x + 19, y, mark.word)
            x += 19 + width(mark.word, SIZE) + 12
        for how in self.plan.endings():
            end = ENDS[how]
            colour = GREY.colour if end.filled else PAPER
            self.sheet.mark(x + 7, y, SHAPES[end.shape], 7, colour, edge=GREY.colour)
            self.sheet.text(x + 19, y, end.word)
            x += 19 + width(end.word, SIZE) + 12
