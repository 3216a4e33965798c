"""Many cores: one job as one loop, as processes × coroutines, or on a cluster, through the same interface.

After `from coro_lab import cores`, write for example:

    with cores.serve() as address:                       # a page server on loopback
        job = cores.Job(address, pages=200, delay=0.05)
        cores.run(job, processes=2, coroutines=50)       # two processes, each with its event loop
        with cores.cluster(2) as executor:
            cores.run(job, 2, 50, executor=executor)     # the same on a Dask cluster
        cores.survey(job)                                # throughput over processes × coroutines
"""

from coro_lab.errors import JobError, ServerError
from coro_lab.measure.cores.executors import cluster, workers
from coro_lab.measure.cores.jobs import Fetcher, Job, PageError
from coro_lab.measure.cores.parallelism import Ability, abilities
from coro_lab.measure.cores.running import Run, faster, run
from coro_lab.measure.cores.survey_results import Cell, Survey
from coro_lab.measure.cores.surveying import reference, survey
from coro_lab.measure.cores.worker_loop import Span
from coro_lab.measure.page_server import serve

__all__ = [
    "Ability",
    "Cell",
    "Fetcher",
    "Job",
    "JobError",
    "PageError",
    "Run",
    "ServerError",
    "Span",
    "Survey",
    "abilities",
    "cluster",
    "faster",
    "reference",
    "run",
    "serve",
    "survey",
    "workers",
]
