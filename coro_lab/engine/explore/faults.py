"""What can be wrong with a program that is to be explored, in words a learner can act on."""

from __future__ import annotations

from collections.abc import Sequence

from coro_lab.errors import CoroLabError


class ExplorationError(CoroLabError):
    """A program cannot be explored as it stands."""


class NotDeterministicError(ExplorationError):
    """The same schedule did two different things."""


class EndlessError(ExplorationError):
    """An order went on past the limit of steps, or one of its steps never came to a yield."""


class SpinningError(EndlessError):
    """A task goes round in a loop, step after step, and may wait there for what another one does."""


class InfinitelyManyError(ExplorationError):
    """Orders are to be counted of which there is no end."""


class DisagreementError(ExplorationError):
    """Merging equal states judged an order differently from running it: its figures cannot be trusted."""


class SharedSetupError(ExplorationError):
    """`setup` hands on what an earlier run has changed."""


class InvariantError(ExplorationError):
    """The invariant raised an error, or did not say yes or no."""


class PreemptionError(ExplorationError):
    """A function cannot be switched from outside: its source cannot be found, or holds what cannot be split."""


_MAKE_ANEW = (
    "  You wrote something like: setup=lambda: tally\n"
    "  Write:                    setup=Tally   (a function that makes a new one each time)"
)


def leftovers(changed: Sequence[str] = ()) -> SharedSetupError:
    """The error that says that a run finds what an earlier run has left, and where, if that is known."""
    if changed:
        what, it = ", ".join(changed), "it" if len(changed) == 1 else "them"
        return SharedSetupError(
            f"An earlier run has changed {what}, and `setup` does not set {it} back, so each order would begin where "
            "the last one ended.\n"
            f"  Write a `setup` in which {what} becomes what it has to be before each run,\n"
            "  or keep it in the object that `setup` makes."
        )
    return SharedSetupError(
        "`setup` hands on what an earlier run has changed, so each order would begin where the last one ended.\n"
        f"{_MAKE_ANEW}"
    )


def same_each_time() -> SharedSetupError:
    """The error that says that two runs would share one object, be it set back or not."""
    return SharedSetupError(
        "`setup` gives the same object each time, and each order needs one of its own: several are kept at once.\n"
        f"{_MAKE_ANEW}"
    )
