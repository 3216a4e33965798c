"""What a figure is given: the result that it shows, and the Axes in which it is drawn."""

from __future__ import annotations

from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.safe_repr import describe


def check_result(function: str, argument: str, given: object, kind: type, maker: str) -> None:
    """ArgumentError where a figure was given something else than the result that it shows, which `maker` returns."""
    if not isinstance(given, kind):
        wrote, what = describe(given), f"{function} shows what {maker.partition('(')[0]} returned."
        said = advice(what, f"{function}({wrote})", f"{function}({maker})")
        raise ArgumentError(said, argument=argument, given=wrote)


def check_ax(function: str, first: str, ax: object) -> None:
    """ArgumentError for an `ax` that is not matplotlib's Axes; `first` is the function's first argument."""
    if ax is not None and not hasattr(ax, "set_xlabel"):
        wrote = describe(ax)
        said = advice(
            "The second argument is the Axes to draw in; everything else is given by its name.",
            f"{function}({first}, {wrote})",
            f"{function}({first}), or {function}({first}, ax=axes)",
        )
        raise ArgumentError(said, argument="ax", given=wrote)
