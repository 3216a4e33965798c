"""Many cores: one job as one loop, as processes × coroutines, or on a cluster, through the same interface.

with cores.serve() as address:                                  a page server on loopback
    job = cores.Job(address, pages=200, delay=0.05)
    cores.run(job, processes=2, coroutines=50)                  two processes, each with its loop
    with cores.cluster(2) as executor:
        cores.run(job, 2, 50, executor=executor)                the same on a Dask cluster
    cores.survey(job)                                           throughput over processes × coroutines
"""

from coro_lab.cores.abilities import Ability, abilities
from coro_lab.cores.jobs import Fetcher, Job
from coro_lab.cores.loops import Span
from coro_lab.cores.running import JobError, Run, faster, run
from coro_lab.cores.server import ServerError, serve
from coro_lab.cores.surveying import reference, survey
from coro_lab.cores.surveys import Cell, Survey
from coro_lab.cores.workers import cluster, workers

__all__ = [
    "Ability",
    "Cell",
    "Fetcher",
    "Job",
    "JobError",
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
