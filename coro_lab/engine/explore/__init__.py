"""You are the scheduler: every order of the steps of some coroutines, judged, and the broken ones shown.

`interleavings` lists the orders, `explore` judges them, and `replay` records one. `preemptible` turns a plain function
into one that can be switched where a thread can be.

Where to read: `program.py` describes what is explored, `run.py` is one live run of it, and `sync.py` has the locks that
its tasks can wait for. `schedules.py` runs one order after the other, `interleavings.py` lists them, and `explorer.py`
judges them by `verdict.py`: one by one or in `parallel.py`, or by `state_search.py`, which judges equal states once. Of
too many orders, `sampling.py` draws some, and `weights.py` estimates all. `fingerprint/` is the key of a state, and
`preemption/` puts the switches into a plain function. `determinism.py` finds programs that change from run to run,
`step_limit.py` finds steps that never end, and `order_trace.py` makes the Trace of an order. `assertion.py` is for
tests, and `lattice_counts.py` counts the orders for pictures. `asyncio_orders/` does all this for asyncio programs,
whose tasks are made while they run.
"""

from coro_lab.engine.explore.assertion import assert_every_order
from coro_lab.engine.explore.exploration import Exploration
from coro_lab.engine.explore.explorer import explore
from coro_lab.engine.explore.interleavings import Interleavings, Order, interleavings
from coro_lab.engine.explore.order_trace import replay
from coro_lab.engine.explore.preemption.preemptible import preemptible
from coro_lab.engine.explore.sync import Condition, Lock, Queue
from coro_lab.engine.explore.verdict import Finding, TaskWait
from coro_lab.errors import (
    DisagreementError,
    EndlessError,
    ExplorationError,
    InvariantError,
    NotDeterministicError,
    OutsideError,
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
    "OutsideError",
    "PreemptionError",
    "Queue",
    "SharedSetupError",
    "SpinningError",
    "TaskWait",
    "assert_every_order",
    "explore",
    "interleavings",
    "preemptible",
    "replay",
]
