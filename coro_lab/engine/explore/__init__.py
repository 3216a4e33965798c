"""You are the scheduler: every order of the steps of some coroutines, judged, and the broken ones shown.

`interleavings` lists the orders, `explore` judges them; `preemptible` lets a plain function be switched as a
thread would be.

Where to read: `program.py` is who takes part, `run.py` one live run of it, and `sync.py` what its tasks can wait for.
`schedules.py` runs one order after the other, `interleavings.py` shows them, and `explorer.py` judges each by
`findings.py`. `state_search.py` leaves out the orders that come from a state met before; `fingerprint/` says when two
states are the same. `preemption/` gives a plain function its switches. `step_limit.py` borrows from the interpreter
what all of this needs, and gives it back.
"""

from coro_lab.engine.explore.explorer import Exploration, explore
from coro_lab.engine.explore.findings import Finding, TaskWait
from coro_lab.engine.explore.interleavings import Interleavings, Order, interleavings
from coro_lab.engine.explore.preemption.preemptible import preemptible
from coro_lab.engine.explore.sync import Condition, Lock, Queue
from coro_lab.errors import (
    DisagreementError,
    EndlessError,
    ExplorationError,
    InvariantError,
    NotDeterministicError,
    PreemptionError,
    SharedSetupError,
    SpinningError,
)

__all__ = [
    "Condition",
    "DisagreementError",
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
    "SpinningError",
    "TaskWait",
    "explore",
    "interleavings",
    "preemptible",
]
