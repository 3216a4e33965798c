"""What a switch costs on the machine that runs this.

After `from coro_lab import costs`, write for example:

    result = costs.measure(budget=20)   # every mechanism, against the number of tasks alive; about 20 seconds
    print(result.text())                # a table of nanoseconds a switch
    costs.cheaper(result, "send", "thread, lock", by=10, tasks=100)
    costs.reference()                   # a result from another machine, which it names
    costs.wait(connections=1_000)       # real waiting: threads against coroutines
"""

from coro_lab.measure.costs import *  # noqa: F403
from coro_lab.measure.costs import __all__ as __all__
