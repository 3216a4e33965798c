"""What a Trace is at the end of a cell: a Player in a notebook, its text anywhere else."""

from __future__ import annotations

import sys
from typing import Any

from coro_lab.events import Trace


def show(trace: Trace) -> dict[str, Any]:
    """The mime bundle of a trace. Without a notebook's kernel no widget is made, and ipywidgets is not even loaded.

    Where nothing has run there is nothing to play: then it is the sentence that says why.
    """
    if not trace.events:
        return {"text/plain": f"{trace!r}\n{trace.text()}".strip()}
    plain = {"text/plain": repr(trace)}
    if not in_notebook():
        return plain
    from coro_lab.widgets.player import Player

    bundle = Player(trace)._repr_mimebundle_()
    return {**(bundle[0] if bundle else {}), **plain}


def in_notebook() -> bool:
    """Whether this is a Jupyter kernel, which can carry a widget."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and getattr(shell, "kernel", None) is not None
