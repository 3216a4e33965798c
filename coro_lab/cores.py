"""Many cores: one job as one loop, as processes × coroutines, or on a cluster, through the same interface.

After `from coro_lab import cores`, write for example:

    with cores.serve() as address:                       # a page server on loopback
        job = cores.Job(address, pages=200, delay=0.05)
        cores.run(job, processes=2, coroutines=50)       # two processes, each with its event loop
        with cores.cluster(2) as executor:
            cores.run(job, 2, 50, executor=executor)     # the same on a Dask cluster
        cores.survey(job)                                # throughput over processes × coroutines
"""

from coro_lab.measure.cores import *  # noqa: F403
from coro_lab.measure.cores import __all__ as __all__
