"""run(): one job over processes and coroutines, the same for one loop, many processes, or a cluster.

Three rules explain the rest:

1. Each worker gets a share of the pages; a worker is one process with one event loop.
2. Nothing is lost: a page that fails is tried again, the share of a worker that died is given to another, and both are
   counted. If something still fails, the error carries all results so far.
3. Only the work is timed: the clock starts after the workers have started and have imported what they need.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field, replace
from itertools import accumulate

from coro_lab.engine.processes import GUARD
from coro_lab.errors import ArgumentError, JobError, advice
from coro_lab.measure.cores.executors import workers
from coro_lab.measure.cores.jobs import Job, check_job
from coro_lab.measure.cores.worker_loop import Share, Span, ready, work
from coro_lab.measure.counts import check_count, is_count
from coro_lab.trace.safe_repr import describe

type Shares = dict[int, Sequence[int]]
"""The pages of each share."""


@dataclass(frozen=True)
class Run:
    """The result of a job."""

    job: Job  # what was done
    processes: int  # how many processes shared the pages
    coroutines: int  # how many coroutines there were in each process
    primes: dict[int, int]  # for each page, how many primes were on it
    failures: dict[int, str]  # pages that failed every time, and how
    retries: int  # how many times a page was tried again
    replaced: int  # how many times workers died and were started again
    seconds: float  # how many seconds the work took, without the start of the workers
    lanes: tuple[tuple[int, tuple[Span, ...]], ...] = ()  # for each worker, the id of its process and what it did
    executor: Executor | None = field(default=None, compare=False)  # the one that was passed to `run`, if any

    @property
    def throughput(self) -> float:
        """The pages a second."""
        return len(self.primes) / self.seconds if self.seconds else 0.0

    @property
    def total(self) -> int:
        """How many primes there are on all pages."""
        return sum(self.primes.values())

    @property
    def at_once(self) -> int:
        """The greatest number of coroutines, over all processes, that were computing at the same moment."""
        spans = [span for _, spans in self.lanes for span in spans]
        changes = sorted([(span.computing, 1) for span in spans] + [(span.end, -1) for span in spans])
        return max(accumulate(change for _, change in changes), default=0)

    def __repr__(self) -> str:
        return (
            f"<Run of {len(self.primes)} pages by {self.processes} × {self.coroutines} coroutines: "
            f"{self.total} primes, {self.retries} retries, {self.replaced} replaced, {len(self.failures)} failures>"
        )


def run(
    job: Job, processes: int = 1, coroutines: int = 1, *, executor: Executor | None = None, retries: int = 2
) -> Run:
    """Do a job with `processes` worker processes, each of which runs `coroutines` coroutines in one event loop.

    Returns the Run. `executor` is any concurrent.futures.Executor to use instead of new processes; it gets `processes`
    shares of the pages. A page that fails is tried again up to `retries` times; as often, workers that die are started
    again. Raises JobError, which carries the results so far, if pages or workers fail more often, or if workers of
    `executor` die, and ArgumentError for anything but a Job and for fewer than one process or coroutine.
    """
    check_job(job, "run")
    if not (is_count(processes) and is_count(coroutines)):
        wrote = f"{describe(processes)}, {describe(coroutines)}"
        said = f"It takes at least 1 process and 1 coroutine; you wrote run(job, {wrote})."
        raise ArgumentError(said, argument="coroutines" if is_count(processes) else "processes", given=wrote)
    check_count("retries", retries, "how often a page is tried again", least=0)
    shares: Shares = {place: range(place, job.pages, processes) for place in range(processes)}
    nothing = Run(job, processes, coroutines, {}, {}, 0, 0, 0.0, executor=executor)
    if executor is not None:
        return _finish(_attempt(executor, nothing, shares, retries), lost=shares)
    done = nothing
    for replaced in range(retries + 1):
        with workers(processes) as pool:
            done = replace(_attempt(pool, done, shares, retries), replaced=replaced)
        if not shares:
            break
    return _finish(done, lost=shares)


def _attempt(executor: Executor, before: Run, shares: Shares, retries: int) -> Run:
    """Do the shares that are left, remove those that are done from `shares`, and return the run so far."""
    given = before.processes
    try:
        start(executor, given)
        begin = time.perf_counter()
        futures = {
            place: executor.submit(work, before.job, share, before.coroutines, retries)
            for place, share in shares.items()
        }
        while wait(futures.values(), timeout=0.2).not_done:
            pass  # Windows notices an interrupt only between two waits
    except BrokenExecutor:
        return before
    done = {place: share for place, future in futures.items() if (share := _share(future))}
    seconds = time.perf_counter() - begin
    for place in done:
        del shares[place]
    return _with(before, list(done.values()), seconds)


def start(executor: Executor, processes: int) -> None:
    """Start all workers: submit short calls until `processes` different processes have answered, at most a second."""
    answered: set[int] = set()
    for _ in range(50):
        answered |= {future.result() for future in [executor.submit(ready, 0.02) for _ in range(processes)]}
        if len(answered) >= processes or os.getpid() in answered:
            return


def _share(future: Future[Share]) -> Share | None:
    """The result of a worker; None if the worker died."""
    try:
        return future.result()
    except BrokenExecutor:
        return None
    except Exception as error:
        if type(error).__name__ == "KilledWorker":  # Dask's exception for a worker that died
            return None
        raise


def _with(run: Run, shares: list[Share], seconds: float) -> Run:
    return replace(
        run,
        primes=run.primes | {page: primes for share in shares for page, primes in sorted(share.primes.items())},
        failures=run.failures | {page: why for share in shares for page, why in share.failures.items()},
        retries=run.retries + sum(share.retries for share in shares),
        seconds=run.seconds + seconds,
        lanes=run.lanes + tuple((share.worker, tuple(share.spans)) for share in shares),
    )


def _finish(run: Run, lost: Shares) -> Run:
    """The run, if it is complete. Raises JobError, which carries the run, if it is not."""
    if lost:
        raise JobError(
            f"Workers died (they were started again {run.replaced} times): {sum(map(len, lost.values()))} of "
            f"{run.job.pages} pages are not done, {len(run.primes)} are (see error.run)."
            + ("" if run.lanes else f"\n  {GUARD.format('workers')}"),
            run=run,
        )
    if run.failures:
        page, why = min(run.failures.items())
        raise JobError(
            f"{len(run.failures)} of {run.job.pages} pages failed every time, the first is page {page}: {why}. "
            f"{len(run.primes)} pages are done (see error.run).",
            run=run,
        )
    return run


def faster(fast: Run, slow: Run, *, by: float = 1.0) -> bool:
    """Whether the run `fast` did at least `by` times as many pages a second as the run `slow`.

    Before the answer is False, both jobs are run again, one right after the other, up to two times. Raises JobError as
    `run` does, and ArgumentError for anything but a Run.
    """
    for argument, given in (("fast", fast), ("slow", slow)):
        if not isinstance(given, Run):
            said = advice("faster compares two Runs.", f"{argument}={describe(given)}", f"{argument}=cores.run(job)")
            raise ArgumentError(said, argument=argument, given=describe(given))
    for _ in range(2):
        if fast.throughput >= by * slow.throughput:
            return True
        fast, slow = [run(old.job, old.processes, old.coroutines, executor=old.executor) for old in (fast, slow)]
    return fast.throughput >= by * slow.throughput
