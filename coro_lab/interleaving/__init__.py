"""You are the scheduler: every order of the steps of some coroutines, judged, and the broken ones shown.

`interleavings` lists the orders, `explore` judges them; `preemptible` lets a plain function be switched as a
thread would be.
"""

from coro_lab.interleaving.explorer import Exploration, explore
from coro_lab.interleaving.faults import (
    EndlessError,
    ExplorationError,
    InvariantError,
    NotDeterministicError,
    PreemptionError,
    SharedSetupError,
)
from coro_lab.interleaving.findings import Finding, Waiting
from coro_lab.interleaving.listing import Interleavings, Order, interleavings
from coro_lab.interleaving.preemption import preemptible
from coro_lab.interleaving.sync import Condition, Lock, Queue

__all__ = [
    "Condition",
    "EndlessError",
    "Exploration",
    "ExplorationError",
    "Finding",
    "Interleavings",
    "InvariantError",
    "Lock",
    "NotDeterministicError",
    "Order",
    "PreemptionError",
    "Queue",
    "SharedSetupError",
    "Waiting",
    "explore",
    "interleavings",
    "preemptible",
]
