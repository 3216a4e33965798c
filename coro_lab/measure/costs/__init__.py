"""What a switch costs on the machine that runs this.

After `from coro_lab import costs`, write for example:

    result = costs.measure(budget=20)   # every mechanism, against the number of tasks alive; about 20 seconds
    print(result.text())                # a table of nanoseconds a switch
    costs.cheaper(result, "send", "thread, lock", by=10, tasks=100)
    costs.reference()                   # a result from another machine, which it names
    costs.wait(connections=1_000)       # real waiting: threads against coroutines
"""

from coro_lab.errors import NotMeasuredError
from coro_lab.measure.costs.kernel import kernel_switches
from coro_lab.measure.costs.measuring import TASKS, cheaper, measure, reference
from coro_lab.measure.costs.mechanisms import MECHANISMS, Mechanism
from coro_lab.measure.costs.results import Cost, Costs, Gap, Memory
from coro_lab.measure.costs.waiting import Waiting, wait

__all__ = [
    "MECHANISMS",
    "TASKS",
    "Cost",
    "Costs",
    "Gap",
    "Mechanism",
    "Memory",
    "NotMeasuredError",
    "Waiting",
    "cheaper",
    "kernel_switches",
    "measure",
    "reference",
    "wait",
]
