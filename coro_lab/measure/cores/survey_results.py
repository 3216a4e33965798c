"""The throughput over processes × coroutines as a value, and the throughput that two laws predict.

*Little's law*: n coroutines that each take W seconds for a page do n / W pages a second. W is measured with one
coroutine alone, so the law holds as long as coroutines do not slow each other down.

*Amdahl's law*: if a share s of the work runs on one core however many there are, p processes are at most
1 / (s + (1 - s) / p) times as fast as one. s is computed from the throughput measured with as many processes as there
are cores; more processes than cores add nothing. If the budget left out some of the cells with one process, the limit
of one process is not known, and only Little's law is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from coro_lab.errors import FormatError, NotMeasuredError
from coro_lab.measure.counts import check_count, counted, positive
from coro_lab.measure.machine import OF_A_MACHINE, Machine
from coro_lab.trace.stored_document import Columns, StoredDocument, each, number, whole

VERSION = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """One measurement: a number of processes, each with a number of coroutines."""

    processes: int  # how many processes there were
    coroutines: int  # how many coroutines there were in each process
    pages: int  # how many pages were done
    seconds: float  # how many seconds that took

    @property
    def throughput(self) -> float:
        """The pages a second."""
        return self.pages / self.seconds


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """The answer to a question about cells that the budget left out: it prints the reason, and an `if` raises it."""

    reason: str

    def __repr__(self) -> str:
        return self.reason

    def __bool__(self) -> bool:
        raise NotMeasuredError(self.reason)


@dataclass(frozen=True)
class Survey:
    """Throughput over processes × coroutines, of one job on one machine.

    `print(survey.text())` shows all of it. In its methods, `processes` and `coroutines` are numbers of
    processes, and of coroutines in each of them.

    >>> from coro_lab import cores
    >>> survey = cores.reference()
    >>> survey.throughput(1, 50) > survey.throughput(1, 1)
    True
    """

    delay: float  # seconds the server waits before it answers
    numbers: int  # how many numbers are on a page
    cells: tuple[Cell, ...]  # one for each pair of counts that was measured
    left_out: int  # the number of cells that the budget left out
    machine: Machine  # the machine on which this was measured; as text, one line
    missing: tuple[tuple[int, int], ...] = ()  # (processes, coroutines) of each of those cells

    def __repr__(self) -> str:
        cells = f"{len(self.cells)} cell{'s' * (len(self.cells) > 1)}" + f", {self.left_out} left out" * bool(
            self.left_out
        )
        return f"<Survey of up to {max(self.processes)} × {max(self.coroutines)} coroutines: {cells}>"

    @property
    def processes(self) -> tuple[int, ...]:
        """The numbers of processes in ascending order, including those without any measured cell."""
        return tuple(sorted({cell.processes for cell in self.cells} | {p for p, _ in self.missing}))

    @property
    def coroutines(self) -> tuple[int, ...]:
        """The numbers of coroutines per process in ascending order, including those without any measured cell."""
        return tuple(sorted({cell.coroutines for cell in self.cells} | {n for _, n in self.missing}))

    def throughput(self, processes: int, coroutines: int) -> float:
        """The pages a second by this many `processes` with this many `coroutines` each.

        Raises NotMeasuredError, which is a KeyError, if this was not measured.
        """
        for cell in self.cells:
            if (cell.processes, cell.coroutines) == (processes, coroutines):
                return cell.throughput
        raise NotMeasuredError(self._why_not(processes, coroutines), asked=(processes, coroutines))

    def reaches(self, processes: int, coroutines: int, throughput: float) -> bool | NotMeasured:
        """Whether this many `processes` with this many `coroutines` each did more than `throughput` pages a second.

        If that was not measured, the answer is an object that prints the reason; in an `if` it raises NotMeasuredError.
        """
        try:
            return self.throughput(processes, coroutines) > throughput
        except NotMeasuredError as error:
            return NotMeasured(str(error))

    def _why_not(self, processes: int, coroutines: int) -> str:
        if (processes, coroutines) in self.missing:
            return f"{processes} × {coroutines} was not measured: the budget left it out"
        return f"{processes} × {coroutines} was not measured"

    @property
    def left_out_note(self) -> str:
        """What the budget left out, in a sentence without a full stop; empty if it left out nothing."""
        if not self.missing:
            return ""
        (p, n), planned = self.missing[0], len(self.cells) + len(self.missing)
        return f"the budget left out {len(self.missing)} of {planned} cells, from {p} × {n} on"

    @property
    def knows_limit(self) -> bool:
        """Whether one process was measured with every number of coroutines, so that its limit is known."""
        return not any(p == 1 for p, _ in self.missing)

    def little(self, processes: int, coroutines: int) -> float:
        """The pages a second that Little's law predicts from the measurement of one coroutine alone.

        It is for this many `processes` with this many `coroutines` each. Raises ArgumentError for fewer than one.
        """
        check_count("processes", processes, "how many processes there are")
        check_count("coroutines", coroutines, "how many coroutines there are in each process")
        return processes * coroutines * self.throughput(1, 1)

    @property
    def serial(self) -> float:
        """The measured share of the work that more cores do not speed up (0 to 1; 0 on a machine with one core)."""
        p = self._most()
        gain = self.best(p) / self.best(1)
        return min(max((p / gain - 1) / (p - 1), 0.0), 1.0) if p > 1 else 0.0

    def amdahl(self, processes: int) -> float:
        """The most pages a second that this many `processes` can do: the best of one, times Amdahl's speed-up.

        Raises ArgumentError for fewer than one process.
        """
        check_count("processes", processes, "how many processes there are")
        p = min(processes, self.machine.cores)
        return self.best(1) / (self.serial + (1 - self.serial) / p)

    def law(self, processes: int, coroutines: int) -> float:
        """The pages a second that both laws allow this many `processes` with this many `coroutines` each.

        That is the smaller prediction, or Little's if the limit is not known. Raises ArgumentError for fewer than one.
        """
        little = self.little(processes, coroutines)
        return min(little, self.amdahl(processes)) if self.knows_limit else little

    @property
    def tests(self) -> tuple[Cell, ...]:
        """The cells that put the laws to the test: all but those from which the laws were made."""
        made_from = {(1, 1)}
        if self.knows_limit:
            best = (self._best(p) for p in (1, self._most()))
            made_from |= {(cell.processes, cell.coroutines) for cell in best}
        return tuple(cell for cell in self.cells if (cell.processes, cell.coroutines) not in made_from)

    def best(self, processes: int) -> float:
        """The most pages a second measured with this many `processes`. Raises NotMeasuredError if none was measured."""
        return self._best(processes).throughput

    def _best(self, processes: int) -> Cell:
        found = [cell for cell in self.cells if cell.processes == processes]
        if not found:
            raise NotMeasuredError(f"Nothing was measured with {processes} processes", asked=(processes,))
        return max(found, key=lambda cell: cell.throughput)

    def _most(self) -> int:
        """The greatest number of processes, up to the number of cores, whose every cell was measured."""
        incomplete = {p for p, _ in self.missing}
        return max((p for p in self.processes if p <= self.machine.cores and p not in incomplete), default=1)

    def text(self) -> str:
        """The table as text: pages a second, a row for each number of processes."""
        rows = [["pages/s", *(f"{n} coroutines" for n in self.coroutines)], *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows]
        notes = [f"Measured on {self.machine}."]
        if note := self.left_out_note:
            notes.append(f"{note[0].upper()}{note[1:]}.")
        return "\n".join([*lines, *notes])

    def _rows(self) -> Iterator[list[str]]:
        measured = {(cell.processes, cell.coroutines): f"{cell.throughput:,.0f}" for cell in self.cells}
        for p in self.processes:
            yield [f"{p} process{'es' * (p > 1)}", *(measured.get((p, n), "–") for n in self.coroutines)]

    def to_json(self) -> str:
        """This survey as JSON; `Survey.from_json` makes an equal one of it."""
        cells = [asdict(cell) for cell in self.cells]
        fields = {"delay": self.delay, "numbers": self.numbers, "cells": cells, "left_out": self.left_out}
        fields["missing"] = self.missing
        return json.dumps({"coro_lab_survey": VERSION, **fields, "machine": self.machine.to_dict()}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Survey:
        """The survey that `to_json` wrote as this `text`. Raises FormatError for anything else."""
        document = StoredDocument(text, "coro_lab_survey", (VERSION,), "result of cores.survey", FormatError)
        survey = cls(
            delay=document.part("delay", number),
            numbers=document.part("numbers", whole),
            cells=document.records("cells", _OF_A_CELL, Cell),
            left_out=document.part("left_out", whole),
            machine=Machine.from_dict(document.record("machine", OF_A_MACHINE)),
            missing=document.optional("missing", each(_pair), ()),
        )
        if not survey.cells:
            raise document.damaged("cells", "at least one cell was expected", [])
        return survey


_OF_A_CELL: Columns = {"processes": counted, "coroutines": counted, "pages": counted, "seconds": positive}


def _pair(value: object) -> tuple[int, int]:
    """The numbers of processes and of coroutines of a cell."""
    pair = each(counted)(value)
    if len(pair) != 2:
        raise ValueError(f"two numbers were expected, not {value!r:.40}")
    return pair[0], pair[1]
