"""Executors whose processes certainly end; they are spawned on every system, from notebooks and scripts alike."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from coro_lab.engine.processes import Spawned
from coro_lab.errors import UnavailableError
from coro_lab.measure.counts import check_count


class _Spawn(SpawnContext):
    """The spawn context, with a list of the processes that it made, so that no other process is terminated."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[Spawned] = []

    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        process = Spawned(*args, **kwargs)
        self.made.append(process)
        return process

    def started(self) -> list[Spawned]:
        """The processes that were started, including those that have ended."""
        return [process for process in self.made if process.pid is not None]


@contextmanager
def workers(processes: int) -> Iterator[Executor]:
    """An executor with this many worker `processes`, for a `with` block.

    They end with the block, also after an error or an interrupt. Raises ArgumentError for fewer than one.
    """
    check_count("processes", processes, "how many workers there are")
    context = _Spawn()
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin)
    try:
        yield pool
        pool.shutdown()
    finally:
        for process in context.started():
            if process.is_alive():
                process.terminate()
        pool.shutdown(cancel_futures=True)
        for process in context.started():
            process.join()


@contextmanager
def cluster(where: int | str) -> Iterator[Executor]:
    """An executor on a Dask cluster, for a `with` block.

    `where` is a number of local workers, which end with the block, or the address of a running scheduler. Raises
    UnavailableError, which says what to install, if dask.distributed is missing, and ArgumentError for fewer than one
    worker.
    """
    if not isinstance(where, str):
        check_count("where", where, "how many local workers there are")
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        said = "A cluster needs dask.distributed. Write in a cell: %pip install 'dask[distributed]'"
        raise UnavailableError(said, package="dask[distributed]") from None
    if isinstance(where, str):
        with distributed.Client(where) as client:
            yield client.get_executor(pure=False)
        return
    one_each = {"n_workers": where, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 40}
    with distributed.LocalCluster(**one_each) as local, distributed.Client(local) as client:
        yield client.get_executor(pure=False)


def _begin() -> None:
    """Run first in every worker: ignore interrupts, which are for the notebook, and end with the notebook."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
