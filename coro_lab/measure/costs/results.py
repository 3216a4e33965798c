"""The result of measuring switches: a value that is shown as text, as HTML or as a figure, and stored as JSON.

The numbers are nanoseconds a switch. They differ from run to run, so `text()` and the HTML table show them, but the
`repr` does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from html import escape
from statistics import median, quantiles

from coro_lab.errors import FormatError, NotMeasuredError, UnknownNameError
from coro_lab.measure.costs.mechanisms import MECHANISMS
from coro_lab.measure.counts import counted, positive, some
from coro_lab.measure.machine import OF_A_MACHINE, Machine
from coro_lab.trace import stored_document as stored
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.stored_document import Columns, StoredDocument, number, or_none, whole

VERSION = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """What one switch of one mechanism costs while this many tasks are alive."""

    mechanism: str  # the name of the way to switch
    tasks: int  # how many tasks were alive
    samples: tuple[float, ...]  # nanoseconds a switch, in the order in which they were taken
    visits: int = 1  # how many times a ring was built for them

    @property
    def ns(self) -> float:
        """The median, in nanoseconds."""
        return median(self.samples)

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles, in nanoseconds: half of the samples lie between them."""
        if len(self.samples) < 2:
            return self.samples[0], self.samples[0]
        low, _, high = quantiles(self.samples, n=4, method="inclusive")
        return low, high


@dataclass(frozen=True, slots=True)
class Gap:
    """A mechanism with a number of tasks that was not measured, and the reason."""

    mechanism: str  # the name of the way to switch
    tasks: int  # how many tasks would have been alive
    reason: str  # why it was not measured, in words without a full stop


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of one suspended task, in bytes."""

    task: str  # which kind of task: generator, asyncio task, thread
    objects: float  # bytes of Python objects, as tracemalloc counts them
    resident: float  # bytes by which the process grew in RAM (RSS), including a thread's stack
    reserved: float  # bytes by which the address space grew; most of them are never used


@dataclass(frozen=True)
class Costs:
    """The costs of switching on one machine.

    `print(result.text())` shows all of them; a notebook shows a table.

    >>> from coro_lab import costs
    >>> result = costs.reference()
    >>> result.ns("send", tasks=100) < result.ns("thread, lock", tasks=100)
    True
    """

    costs: tuple[Cost, ...]  # one for each mechanism and number of tasks that was measured
    gaps: tuple[Gap, ...]  # what was not measured, and why
    memory: tuple[Memory, ...]  # one for each kind of task; empty if memory was not measured
    machine: Machine  # the machine on which this was measured; as text, one line
    seconds: float  # how long the measurement took, in seconds
    most_threads: int | None = None  # how many threads were alive when the machine refused another; None: it never did

    def __repr__(self) -> str:
        kinds, most = len(self.mechanisms), max(self.tasks, default=0)
        return f"<Costs of {kinds} mechanism{'s' * (kinds != 1)} with up to {most:,} task{'s' * (most != 1)}>"

    @cached_property
    def mechanisms(self) -> tuple[str, ...]:
        """The names of the mechanisms, in the order in which they were measured."""
        return tuple(dict.fromkeys([c.mechanism for c in self.costs] + [gap.mechanism for gap in self.gaps]))

    @cached_property
    def tasks(self) -> tuple[int, ...]:
        """The numbers of tasks, in ascending order."""
        return tuple(sorted({cost.tasks for cost in self.costs} | {gap.tasks for gap in self.gaps}))

    def of(self, mechanism: str) -> tuple[Cost, ...]:
        """The costs of one `mechanism`, in ascending order of tasks; empty if it was not measured.

        Raises UnknownNameError for a name that no mechanism has, here or in MECHANISMS.
        """
        known = tuple(dict.fromkeys([*self.mechanisms, *(each.name for each in MECHANISMS)]))
        if mechanism not in known:
            given = describe(mechanism)
            said = f"There is no mechanism {given}. There is: {', '.join(map(repr, known))}."
            raise UnknownNameError(said, name=str(mechanism), known=known)
        return self._of(mechanism)

    def _of(self, mechanism: str) -> tuple[Cost, ...]:
        found = [cost for cost in self.costs if cost.mechanism == mechanism]
        return tuple(sorted(found, key=lambda cost: cost.tasks))

    def ns(self, mechanism: str, tasks: int) -> float:
        """The median of the nanoseconds that a switch of this `mechanism` takes with this many `tasks` alive.

        Raises NotMeasuredError, which says why or lists what was measured.
        """
        for cost in self._of(mechanism):
            if cost.tasks == tasks:
                return cost.ns
        reasons = [gap.reason for gap in self.gaps if (gap.mechanism, gap.tasks) == (mechanism, tasks)]
        if reasons:
            said = f"{mechanism!r} with {tasks:,} tasks was not measured: {reasons[0]}."
            raise NotMeasuredError(said, asked=(mechanism, tasks))
        known = {name: [cost.tasks for cost in self.of(name)] for name in self.mechanisms}
        said = f"There is no {mechanism!r} with {tasks:,} tasks in this result. There is: {known}."
        raise NotMeasuredError(said, asked=(mechanism, tasks))

    def ratio(self, dear: str, cheap: str, tasks: int) -> float:
        """How many times a switch of `cheap` a switch of `dear` costs, with this many `tasks` alive.

        Raises NotMeasuredError if one of the two was not measured.
        """
        return self.ns(dear, tasks) / self.ns(cheap, tasks)

    def text(self) -> str:
        """The table as text, with a row for each mechanism and a column for each number of tasks, and the machine."""
        rows = [["ns a task switch", *(f"{n:,}" for n in self.tasks)], *self._rows()]
        return "\n".join([*_columns(rows), *self._notes()])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{n:,}</th>" for n in self.tasks)
        body = "".join(
            f"<tr><th>{escape(name)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
            for name, *cells in self._rows()
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes())
        head = f"<thead><tr><th>ns a task switch, by tasks alive</th>{head}</tr></thead>"
        return f"<table>{head}<tbody>{body}</tbody></table>{notes}"

    def _rows(self) -> Iterator[list[str]]:
        for name in self.mechanisms:
            cells = {cost.tasks: _cell(cost) for cost in self.of(name)}
            yield [name, *(cells.get(n, "–") for n in self.tasks)]

    def _notes(self) -> Iterator[str]:
        yield f"Median, and between which two numbers half of the samples lie. Measured on {self.machine}."
        for name in self.mechanisms:
            reasons: dict[str, list[int]] = {}
            for gap in self.gaps:
                if gap.mechanism == name:
                    reasons.setdefault(gap.reason, []).append(gap.tasks)
            for reason, tasks in reasons.items():
                yield f"{name} with {', '.join(f'{n:,}' for n in tasks)} not measured: {reason}."
        if self.most_threads is not None:
            yield f"The machine refused another thread when {self.most_threads:,} were alive."
        for each in self.memory:
            yield (
                f"One {each.task}: {in_bytes(each.objects)} of Python objects, {in_bytes(each.resident)} in RAM, "
                f"{in_bytes(each.reserved)} of addresses."
            )

    def to_json(self) -> str:
        """This result as JSON; `Costs.from_json` makes an equal one of it."""
        fields = {
            "coro_lab_costs": VERSION,
            "machine": self.machine.to_dict(),
            "seconds": self.seconds,
            "most_threads": self.most_threads,
            **{name: [asdict(each) for each in getattr(self, name)] for name in ("costs", "gaps", "memory")},
        }
        return json.dumps(fields, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Costs:
        """The result that `to_json` wrote as this `text`. Raises FormatError for anything else."""
        document = StoredDocument(text, "coro_lab_costs", (VERSION,), "result of costs.measure", FormatError)
        return cls(
            costs=document.records("costs", _OF_A_COST, Cost, optional=("visits",)),
            gaps=document.records("gaps", _OF_A_GAP, Gap),
            memory=document.records("memory", _OF_MEMORY, Memory),
            machine=Machine.from_dict(document.record("machine", OF_A_MACHINE)),
            seconds=document.part("seconds", number),
            most_threads=document.part("most_threads", or_none(whole)),
        )


_OF_A_COST: Columns = {"mechanism": stored.text, "tasks": counted, "samples": some(positive), "visits": whole}
_OF_A_GAP: Columns = {"mechanism": stored.text, "tasks": counted, "reason": stored.text}
_OF_MEMORY: Columns = {"task": stored.text, "objects": number, "resident": number, "reserved": number}


def _cell(cost: Cost) -> str:
    low, high = cost.spread
    return f"{cost.ns:,.0f} ({low:,.0f}–{high:,.0f})"


def _columns(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    for name, *cells in rows:
        yield "  ".join(
            [name.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells, widths[1:]))]
        ).rstrip()


def in_bytes(number: float) -> str:
    """A number of bytes in a unit that is easy to read."""
    for unit in ("bytes", "KB", "MB"):
        if abs(number) < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" or number >= 10 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
