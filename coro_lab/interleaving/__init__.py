"""You are the scheduler: every order of the steps of some coroutines, judged, and the broken ones shown.

`interleavings` lists the orders, `explore` judges them; `preemptible` lets a plain function be switched as a
thread would be.

Where to read: `program.py` is who takes part, `world.py` one live run of it, and `sync.py` what its tasks can wait for.
`orders.py` runs one order after the other; `listing.py` shows them, `explorer.py` judges each by `findings.py`, and
`merging.py` leaves out what comes from a state that was met before, and knows where a task spins (`spinning.py`). What
is the same state is said by `state.py` and `values.py`, as far as `footprint.py` knows what code can touch.
`preemption.py` gives a plain function its switches: `splitting.py` and `accesses.py` rewrite its syntax tree,
`hooks.py` is what the new code calls, and `decorators.py` says what stands around a function. `patience.py` is what all
this borrows from the interpreter and gives back.
"""

from coro_lab.interleaving.explorer import Exploration, explore
from coro_lab.interleaving.faults import (
    DisagreementError,
    EndlessError,
    ExplorationError,
    InvariantError,
    NotDeterministicError,
    PreemptionError,
    SharedSetupError,
    SpinningError,
)
from coro_lab.interleaving.findings import Finding, Waiting
from coro_lab.interleaving.listing import Interleavings, Order, interleavings
from coro_lab.interleaving.preemption import preemptible
from coro_lab.interleaving.sync import Condition, Lock, Queue

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
    "Waiting",
    "explore",
    "interleavings",
    "preemptible",
]
