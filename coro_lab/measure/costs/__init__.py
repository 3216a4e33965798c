"""What a switch costs on the machine that runs this.

`coro_lab.costs` shows how it is used.
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
