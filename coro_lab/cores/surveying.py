"""Throughput over processes × coroutines, measured; and what two laws say it should be.

*Little's law*: with n coroutines that each take W seconds for a page, n / W pages are done in a second. W is what one
coroutine alone was measured to need, so the law holds as long as coroutines do not stand in each other's way.

*Amdahl's law*: a share s of the work runs on one core however many there are, so p processes are at most
1 / (s + (1 - s) / p) times as fast as one. s is fitted to what as many processes as there are cores were measured to
reach; more processes than cores add nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace

from coro_lab.cores.jobs import Job
from coro_lab.cores.running import JobError, run
from coro_lab.cores.workers import workers
from coro_lab.machine import Machine, allowed, this_machine, usable_cores
from coro_lab.progress import Progress, progress

VERSION = 1
COROUTINES = (1, 5, 20, 50, 100)
FEWEST = 8  # pages in one measurement
RESTARTS = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """The throughput of so many processes with so many coroutines each."""

    processes: int
    coroutines: int
    pages: int
    seconds: float

    @property
    def throughput(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds


@dataclass(frozen=True)
class Survey:
    """Throughput over processes × coroutines, of one job on one machine."""

    delay: float  # seconds the server waits before it answers
    numbers: int  # on a page
    cells: tuple[Cell, ...]
    left_out: int  # cells that the budget left out
    machine: Machine

    def __repr__(self) -> str:
        return f"<Survey of up to {max(self.processes)} × {max(self.coroutines)} coroutines: {len(self.cells)} cells>"

    @property
    def processes(self) -> tuple[int, ...]:
        """The numbers of processes, growing."""
        return tuple(sorted({cell.processes for cell in self.cells}))

    @property
    def coroutines(self) -> tuple[int, ...]:
        """The numbers of coroutines in each process, growing."""
        return tuple(sorted({cell.coroutines for cell in self.cells}))

    def throughput(self, processes: int, coroutines: int) -> float:
        """Pages a second. Raises KeyError if this was not measured."""
        for cell in self.cells:
            if (cell.processes, cell.coroutines) == (processes, coroutines):
                return cell.throughput
        raise KeyError(f"{processes} × {coroutines} was not measured")

    def little(self, processes: int, coroutines: int) -> float:
        """Pages a second by Little's law, from what one coroutine alone was measured to need."""
        return processes * coroutines * self.throughput(1, 1)

    @property
    def serial(self) -> float:
        """The share of the work that more cores do not speed up, as measured (0 to 1; 0 where there is one core)."""
        p = self._most()
        gain = self.best(p) / self.best(1)
        return min(max((p / gain - 1) / (p - 1), 0.0), 1.0) if p > 1 else 0.0

    def amdahl(self, processes: int) -> float:
        """Pages a second that so many processes can reach at most: the best of one, times Amdahl's speed-up."""
        p = min(processes, self.machine.cores)
        return self.best(1) / (self.serial + (1 - self.serial) / p)

    def law(self, processes: int, coroutines: int) -> float:
        """Pages a second that the two laws together allow: the smaller of the two."""
        return min(self.little(processes, coroutines), self.amdahl(processes))

    def best(self, processes: int) -> float:
        """The most pages a second that were measured with so many processes."""
        return max(cell.throughput for cell in self.cells if cell.processes == processes)

    def _most(self) -> int:
        """As many processes as there are cores, or the next smaller number that was measured."""
        return max((p for p in self.processes if p <= self.machine.cores), default=1)

    def text(self) -> str:
        """The table as text: pages a second, a row for each number of processes."""
        rows = [["pages/s", *(f"{n} coroutines" for n in self.coroutines)], *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows]
        return "\n".join([*lines, f"Measured on {self.machine}."])

    def _rows(self) -> Iterator[list[str]]:
        measured = {(cell.processes, cell.coroutines): f"{cell.throughput:,.0f}" for cell in self.cells}
        for p in self.processes:
            yield [f"{p} process{'es' * (p > 1)}", *(measured.get((p, n), "–") for n in self.coroutines)]

    def to_json(self) -> str:
        """This survey as JSON; `Survey.from_json` gives an equal one back."""
        cells = [asdict(cell) for cell in self.cells]
        fields = {"delay": self.delay, "numbers": self.numbers, "cells": cells, "left_out": self.left_out}
        return json.dumps({"coro_lab_survey": VERSION, **fields, "machine": self.machine.to_dict()}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Survey:
        """The survey that `to_json` wrote. Raises ValueError for anything else."""
        fields = json.loads(text)
        if not isinstance(fields, dict) or fields.pop("coro_lab_survey", None) != VERSION:
            raise ValueError(f"This is not a result of cores.survey in format {VERSION}.")
        cells, machine = tuple(Cell(**each) for each in fields.pop("cells")), Machine.from_dict(fields.pop("machine"))
        return cls(**fields, cells=cells, machine=machine)


def survey(
    job: Job,
    processes: Sequence[int] | None = None,
    coroutines: Sequence[int] = COROUTINES,
    *,
    budget: float = 20.0,
    shown: bool = True,
    clock: Callable[[], float] = time.perf_counter,
) -> Survey:
    """The throughput of a job for each number of processes and of coroutines, in about `budget` seconds.

    `processes` are 1, 2, 4, ... up to twice as many as there are cores, if you do not say which. Every cell gets an
    equal part of the time and does as many pages as fit into it; 1 × 1 is always measured, the laws need it. The job's
    own number of pages is not used. CORO_LAB_BUDGET can lower the budget. Raises JobError as `run` does.
    """
    processes = _up_to(2 * usable_cores()) if processes is None else processes
    if min(*processes, *coroutines) < 1:
        raise ValueError("processes and coroutines are counts of at least 1, such as survey(job, [1, 2], [1, 50]).")
    budget = allowed(budget)
    end = clock() + budget
    plan = [(p, n) for p in sorted({1, *processes}) for n in sorted({1, *coroutines})]
    cells: list[Cell] = []
    with progress("measuring", shown=shown) as tell:
        for p in sorted({1, *processes}):
            _row(job, p, [n for q, n in plan if q == p], cells, len(plan), end, clock, tell)
    return Survey(job.delay, job.numbers, tuple(cells), len(plan) - len(cells), this_machine())


def _up_to(most: int) -> list[int]:
    """1, 2, 4, ... and no more than `most`."""
    return [2**power for power in range(most.bit_length())]


def reference() -> Survey:
    """A survey that was measured on another machine and comes with Coro Lab; its text says which machine."""
    from importlib.resources import files

    return Survey.from_json(files("coro_lab.cores").joinpath("reference.json").read_text(encoding="utf-8"))


def _row(
    job: Job,
    p: int,
    row: list[int],
    cells: list[Cell],
    planned: int,
    end: float,
    clock: Callable[[], float],
    tell: Progress,
) -> None:
    """Measure all cells of one number of processes with the same workers; if they die, with new ones."""
    for left in range(RESTARTS, -1, -1):
        try:
            with workers(p) as pool:
                while row:
                    part = (end - clock()) / (planned - len(cells))
                    if part <= 0 and cells:
                        return
                    tell(len(cells) / planned, f"{p} × {row[0]} coroutines")
                    cells.append(_cell(job, p, row[0], part, pool))
                    row.pop(0)
            return
        except JobError as error:
            if error.run is None or error.run.failures or not left:
                raise


def _cell(job: Job, p: int, n: int, seconds: float, pool: Executor) -> Cell:
    """One cell: a short try, in which connections are opened as well, tells how many pages fill the time."""
    done = run(replace(job, pages=max(p * n, FEWEST)), p, n, executor=pool)
    whole = round(done.throughput * (seconds - done.seconds) / (p * n)) * p * n  # no last round with few coroutines
    if whole > 0:
        done = run(replace(job, pages=whole), p, n, executor=pool)
    return Cell(p, n, len(done.primes), round(done.seconds, 4))
