"""survey(): measure the throughput of a job over processes × coroutines, within a budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import closing, suppress
from dataclasses import replace

from coro_lab.engine.progress_bar import progress
from coro_lab.errors import ArgumentError, JobError
from coro_lab.measure.cores.executors import workers
from coro_lab.measure.cores.jobs import Job, check_job
from coro_lab.measure.cores.running import run, start
from coro_lab.measure.cores.survey_results import Cell, Survey
from coro_lab.measure.counts import are_counts
from coro_lab.measure.machine import allowed, this_machine, usable_cores
from coro_lab.trace.safe_repr import describe

COROUTINES = (1, 5, 20, 50, 100)
FEWEST = 8  # pages in one measurement
RESTARTS = 2  # how many times workers that died are started again, for each number of processes


def survey(
    job: Job,
    processes: Sequence[int] | None = None,
    coroutines: Sequence[int] = COROUTINES,
    *,
    budget: float = 20.0,
    shown: bool = True,
    report: Callable[[Cell], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Survey:
    """The throughput of a job for each number of processes and of coroutines, in about `budget` seconds.

    `processes` defaults to 1, 2, 4, ... up to twice the number of cores. Every cell gets an equal part of the time and
    does as many pages as fit into that (`job.pages` is not used); to start the processes takes none of it. 1 × 1 is
    always measured, because the laws need it. Cells are left out if the time is up, and the survey's text and figures
    name them. CORO_LAB_BUDGET can lower the budget. `shown` says whether there is a progress bar; `report` is called
    with each cell. `clock` tells the time in seconds. Raises JobError as `run` does, and ArgumentError for anything but
    a Job, for counts below 1, and for a budget below 0.
    """
    check_job(job, "survey")
    rows, columns = planned(processes, coroutines)
    cells, pairs = list[Cell](), [(p, n) for p in rows for n in columns]
    end = clock() + allowed(budget)
    with progress("measuring", shown=shown) as tell, closing(_measure(job, rows, columns, end, clock)) as measured:
        for cell in measured:
            cells.append(cell)
            if report is not None:
                report(cell)
            tell(
                len(cells) / len(pairs),
                f"{cell.processes} × {cell.coroutines}: {cell.throughput:,.0f} pages a second",
            )
    missing = tuple(pairs[len(cells) :])  # cells are measured in the planned order
    return Survey(job.delay, job.numbers, tuple(cells), len(missing), this_machine(), missing)


def planned(processes: Sequence[int] | None, coroutines: Sequence[int]) -> tuple[list[int], list[int]]:
    """The numbers of processes and of coroutines that a survey measures. ArgumentError for counts below 1."""
    processes = _up_to(2 * usable_cores()) if processes is None else processes
    if not (are_counts(processes) and are_counts(coroutines)):
        said = "processes and coroutines are counts of at least 1, such as survey(job, [1, 2], [1, 50])."
        wrong = "coroutines" if are_counts(processes) else "processes"
        raise ArgumentError(said, argument=wrong, given=describe(coroutines if are_counts(processes) else processes))
    return sorted({1, *processes}), sorted({1, *coroutines})


def reference() -> Survey:
    """A survey from another machine, which comes with Coro Lab; its text says which machine.

    >>> from coro_lab import cores
    >>> cores.reference()
    <Survey of up to 4 × 100 coroutines: 15 cells>
    """
    from importlib.resources import files

    return Survey.from_json(files("coro_lab.measure.cores").joinpath("reference.json").read_text(encoding="utf-8"))


def _up_to(most: int) -> list[int]:
    """1, 2, 4, ... up to `most`."""
    return [2**power for power in range(most.bit_length())]


def _measure(job: Job, rows: list[int], columns: list[int], end: float, clock: Callable[[], float]) -> Generator[Cell]:
    """Yield one cell after the other until all are measured or the time is up; new workers are started for each row."""
    left = len(rows) * len(columns)
    for p in rows:
        row, restarts = list(columns), RESTARTS
        while row:
            try:
                with workers(p) as pool:
                    begin = clock()
                    with suppress(BrokenExecutor):  # the first run says so
                        start(pool, p)
                    end += clock() - begin  # to start processes takes none of the cells' time
                    while row:
                        part = (end - clock()) / left
                        if part <= 0 and (p, row[0]) != (1, 1):
                            return
                        cell = _cell(job, p, row[0], part, pool)
                        del row[0]
                        left -= 1
                        yield cell
            except JobError as error:
                if not restarts or error.run is None or error.run.failures:
                    raise
                restarts -= 1  # the workers died; the cells measured so far are kept


def _cell(job: Job, p: int, n: int, seconds: float, pool: Executor) -> Cell:
    """Measure one cell. A short run first opens the connections and shows how many pages fit into the time."""
    done = run(replace(job, pages=max(p * n, FEWEST)), p, n, executor=pool)
    whole = (
        round(done.throughput * (seconds - done.seconds) / (p * n)) * p * n
    )  # so that no coroutine is idle in the last round
    if whole > 0:
        done = run(replace(job, pages=whole), p, n, executor=pool)
    return Cell(p, n, len(done.primes), round(done.seconds, 4))
