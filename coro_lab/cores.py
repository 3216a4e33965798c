"""What several cores bring on this machine: `cores.survey()`, `cores.run()`, `cores.cluster()`."""

from coro_lab.measure.cores import *  # noqa: F403
from coro_lab.measure.cores import __all__ as __all__
