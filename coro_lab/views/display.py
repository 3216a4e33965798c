"""How a Trace is displayed at the end of a cell: as a Player where that is possible, otherwise as text.

Front ends ask in three ways. Jupyter, VS Code and Colab let IPython collect a mime bundle, which names a widget of the
kernel (`show`). marimo asks for an object to show instead, and gets a widget (`view`). A program that shows HTML and
has no kernel (Streamlit, Sphinx-Gallery, a page that a script writes) gets the saved page in a frame (`as_html`).
"""

from __future__ import annotations

from html import escape
from typing import Any

from coro_lab.engine.progress_bar import in_notebook
from coro_lab.trace.trace import Difference, Trace

_HEIGHT = 640  # pixels; the frame cannot ask the page for its height, so the page scrolls


def show(trace: Trace) -> dict[str, Any]:
    """The mime bundle of a trace. Without a notebook's kernel no widget is made, and ipywidgets is not loaded.

    For a trace without events, the bundle is the sentence that says why it has none.
    """
    if not trace.events:
        return {"text/plain": _nothing(trace)}
    plain = {"text/plain": repr(trace)}
    if not in_notebook():
        return plain
    return {**_player_bundle(trace), **plain}


def show_difference(difference: Difference) -> dict[str, Any]:
    """The mime bundle of a Difference: in a notebook the player, with both runs."""
    return {**(_player_bundle(difference) if in_notebook() else {}), "text/plain": repr(difference)}


def _player_bundle(source: Trace | Difference) -> dict[str, Any]:
    from coro_lab.views.widgets.player import Player

    bundle = Player(source)._repr_mimebundle_()
    return bundle[0] if bundle else {}


def view(trace: Trace) -> object:
    """The Player of a trace; for a trace without events, the sentence that says why it has none."""
    from coro_lab.views.widgets.player import Player

    return Player(trace) if trace.events else _nothing(trace)


def as_html(trace: Trace) -> str | None:
    """The saved page in a frame. None in a notebook, which stores the widget already."""
    if in_notebook():
        return None
    if not trace.events:
        return f"<pre>{escape(_nothing(trace))}</pre>"
    from coro_lab.views.html_page import html

    page = escape(html(trace).encode("utf-8", "backslashreplace").decode("utf-8"))
    style = f"width: 100%; height: {_HEIGHT}px; border: 0"
    title = escape(repr(trace))
    return f'<iframe sandbox="allow-scripts" title="{title}" style="{style}" srcdoc="{page}"></iframe>'


def _nothing(trace: Trace) -> str:
    return f"{trace!r}\n{trace.text()}".strip()
