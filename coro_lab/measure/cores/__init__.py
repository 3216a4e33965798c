"""Many cores: one job as one loop, as processes × coroutines, or on a cluster, through the same interface.

`coro_lab.cores` shows how it is used.
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
