"""How far exploring has come, shown to whoever has to wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import perf_counter

from coro_lab.engine.progress_bar import Progress, progress

LONG = 2.0
"""Seconds after which a bar is shown, if nothing else is said."""
_OFTEN = 0.1  # seconds from one look of the bar to the next


@contextmanager
def shown_if_long(title: str, shown: bool | None) -> Iterator[Progress]:
    """A bar with this title: at once (True), never (False), or only if it takes longer than two seconds (None)."""
    with ExitStack() as stack:
        now = perf_counter()
        bar, due = None, now if shown else now + LONG

        def tell(share: float, doing: str = "") -> None:
            nonlocal bar, due
            if shown is False or perf_counter() < due:
                return
            if bar is None:
                bar = stack.enter_context(progress(title))
            bar(share, doing)
            due = perf_counter() + _OFTEN

        yield tell
