"""A progress bar, shown while something is measured or explored, and removed afterwards.

In a terminal it is tqdm's own. In a notebook it is drawn into one display, which is empty again at the end: a saved
notebook shows results and no left-over bars, and a check that replays the notebook finds no changing numbers.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import perf_counter
from typing import Any, Protocol

LONG = 2.0
"""Seconds after which `shown_if_long` shows its bar, if it was not told when."""
_OFTEN = 0.1  # seconds between two changes of that bar

EMPTY = {"text/plain": "", "text/html": ""}


class Progress(Protocol):
    """What a measurement or an exploration calls to say how far it is."""

    def __call__(self, share: float, doing: str = "") -> None:
        """`share` of the work (0 to 1) is done; `doing` names what comes next."""


@contextmanager
def progress(title: str, *, shown: bool = True) -> Iterator[Progress]:
    """A bar with this title, from 0 to 1; with `shown=False`, or without tqdm, nothing is drawn."""
    drawn = _bar(title) if shown else None
    if drawn is None:
        yield lambda share, doing="": None
        return
    with drawn as bar:

        def report(share: float, doing: str = "") -> None:
            bar.set_postfix_str(doing, refresh=False)
            bar.update(min(share, 1.0) * 100 - bar.n)

        yield report


@contextmanager
def shown_if_long(title: str, shown: bool | None) -> Iterator[Progress]:
    """A bar with this title: at once (True), never (False), or after two seconds (None)."""
    with ExitStack() as stack:
        now = perf_counter()
        bar, due = None, now if shown else now + LONG

        def report(share: float, doing: str = "") -> None:
            nonlocal bar, due
            if shown is False or perf_counter() < due:
                return
            if bar is None:
                bar = stack.enter_context(progress(title))
            bar(share, doing)
            due = perf_counter() + _OFTEN

        yield report


def _bar(title: str) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:  # the engine does without
        return None

    options: dict[str, Any] = {
        "total": 100,
        "desc": title,
        "leave": False,
        "bar_format": "{desc} {percentage:3.0f}% |{bar}| {postfix}",
    }
    if not in_notebook():
        return tqdm(**options, disable=None)  # None: draw in a terminal only

    from IPython.display import display

    class CellBar(tqdm):  # type: ignore[type-arg]
        monitor_interval = 0  # a monitor thread of tqdm would disturb the measurement

        def display(self, msg: str | None = None, pos: int | None = None) -> None:
            from html import escape  # a learner's program may stand beside an html.py of theirs

            handle.update({**EMPTY, "text/html": f"<pre>{escape(str(self))}</pre>"}, raw=True)

        def close(self) -> None:
            super().close()
            handle.update(EMPTY, raw=True)

    handle = display(EMPTY, raw=True, display_id=True)
    return CellBar(**options, file=io.StringIO(), ncols=80)


def in_notebook() -> bool:
    """Whether this is a Jupyter kernel, which can show widgets."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and getattr(shell, "kernel", None) is not None
