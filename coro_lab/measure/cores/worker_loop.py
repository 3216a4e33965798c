"""The code that a worker runs: one event loop with coroutines that share the pages among themselves.

It runs in other processes and on other machines, so it is in a module that they can import. It uses only its arguments,
and returns all results as a value.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from coro_lab.measure.cores.jobs import Fetcher, Job, PageError


@dataclass(frozen=True, slots=True)
class Span:
    """What one coroutine did for one page; times are in seconds since the epoch."""

    coroutine: int  # which one: its number from 0 in its worker
    page: int  # the number of the page, from 0
    begin: float  # the second in which the request is sent, and the coroutine waits
    computing: float  # the second in which the page has arrived, and the coroutine computes
    end: float  # the second in which the page is done


@dataclass(slots=True)
class Share:
    """The results of one worker."""

    worker: int  # the id of the worker's process
    primes: dict[int, int] = field(default_factory=dict)  # by page
    failures: dict[int, str] = field(default_factory=dict)  # pages that failed every time, and how
    retries: int = 0
    spans: list[Span] = field(default_factory=list)


def work(job: Job, pages: Sequence[int], coroutines: int, retries: int) -> Share:
    """Do these pages in one event loop with `coroutines` coroutines; try a failing page again up to `retries` times."""
    share = Share(worker=os.getpid())
    asyncio.run(_all(job, iter(pages), min(coroutines, len(pages)), retries, share))
    return share


def ready(nap: float = 0.0) -> int:
    """The id of the worker's process. This call starts the worker, which then imports what it needs."""
    time.sleep(nap)
    return os.getpid()


async def _all(job: Job, pages: Iterator[int], coroutines: int, retries: int, share: Share) -> None:
    await asyncio.gather(*(_coroutine(number, job, pages, retries, share) for number in range(coroutines)))


async def _coroutine(number: int, job: Job, pages: Iterator[int], retries: int, share: Share) -> None:
    async with Fetcher(job.address) as fetcher:
        for page in pages:  # all coroutines share one iterator, without a lock: taking a page never awaits
            await _page(number, job, page, retries, share, fetcher)


async def _page(number: int, job: Job, page: int, retries: int, share: Share, fetcher: Fetcher) -> None:
    for left in range(retries, -1, -1):
        begin = time.time()
        try:
            html = await fetcher.fetch(job.target(page), job.patience)
        except PageError as failure:
            if not left:
                share.failures[page] = str(failure)
                return
            share.retries += 1
        else:
            computing = time.time()
            _compute(job, page, html, share)
            share.spans.append(Span(number, page, begin, computing, time.time()))
            return


def _compute(job: Job, page: int, html: str, share: Share) -> None:
    try:
        share.primes[page] = job.compute(html)
    except Exception as error:  # the page would fail again in the same way, so it is not tried again
        share.failures[page] = f"{type(error).__name__}: {error}"
