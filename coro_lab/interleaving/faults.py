"""What can be wrong with a program that is to be explored, in words a learner can act on."""

from __future__ import annotations

from coro_lab.errors import CoroLabError


class ExplorationError(CoroLabError):
    """A program cannot be explored as it stands."""


class NotDeterministicError(ExplorationError):
    """The same schedule did two different things."""


class EndlessError(ExplorationError):
    """An order went on past the limit of steps, or one of its steps never came to a yield."""


class SharedSetupError(ExplorationError):
    """`setup` hands on what an earlier run has changed."""


class InvariantError(ExplorationError):
    """The invariant raised an error, or did not say yes or no."""


class PreemptionError(ExplorationError):
    """A function cannot be switched from outside: its source cannot be found, or holds what cannot be split."""


def leftovers() -> SharedSetupError:
    """The error that says that a run finds what an earlier run has left."""
    return SharedSetupError(
        "`setup` hands on what an earlier run has changed, so each order would begin where the last one ended.\n"
        "  You wrote something like: setup=lambda: tally\n"
        "  Write:                    setup=Tally   (a function that makes a new one each time)"
    )
