"""The widgets that a notebook stores, for pages without a kernel.

Each is an anywidget module with the values of its traits, so a page needs no widget manager: `alive.js` loads the
module and lets it draw. The module and the style sheet of a kind are written once for all pages. Until then, and
without JavaScript, the page shows the widget's text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docs.site.places import HERE

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
WITHOUT_KERNEL = "Nothing runs on this page. Press “Open in the lab”, at its top: there each cell runs in your browser."
_FOR_JUPYTER = ("_model_", "_view_", "_esm", "_css", "_anywidget_id", "_dom_classes", "layout", "tabbable", "tooltip")

Models = dict[str, dict[str, Any]]


class StoredWidgets:
    """Writes the stored widgets of notebooks as HTML; what the pages share goes to the folder `widgets` of `static`."""

    def __init__(self, static: Path) -> None:
        self._folder = static / "widgets"
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "alive.js").write_bytes((HERE / "alive.js").read_bytes())

    def bring_alive(self, notebook: dict[str, Any]) -> None:
        """Turn each widget in the outputs of this notebook into HTML."""
        models = notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
        for cell in notebook["cells"]:
            for output in cell.get("outputs", ()):
                if VIEW in (data := output.get("data", {})):
                    identity = data.pop(VIEW)["model_id"]
                    data["text/html"] = self.html(models, identity, "".join(data.pop("text/plain")))
        notebook["metadata"].pop("widgets", None)

    def html(self, models: Models, identity: str, text: str) -> str:
        """One widget; `text` is what it is in words."""
        leaves = "".join(map(self._leaf, _leaves(models, identity)))
        return f'<div class="coro-stored"><pre class="coro-text">{escape(text)}</pre>{leaves}</div>'

    def _leaf(self, model: dict[str, Any]) -> str:
        state = model["state"]
        said = f'data-without-kernel="{escape(WITHOUT_KERNEL)}"'
        if model["model_name"] == "ButtonModel":
            button = f'<button type="button">{escape(state["description"])}</button>'
            return f'<div class="coro-kernels-button" {said}>{button}<p role="status"></p></div>'
        shown = {
            "module": self._shared(state["_esm"], ".js"),
            "style": self._shared(state["_css"], ".css"),
            "state": {name: value for name, value in state.items() if not name.startswith(_FOR_JUPYTER)},
        }
        given = json.dumps(shown, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        script = f'<script type="application/json">{given}</script>'
        return f'<div class="coro-host jupyter-widgets-disconnected" {said}>{script}</div>'

    def _shared(self, text: str, ending: str) -> str:
        """The name of the file with this text. A module is the string in a script, which is loaded from a file, too."""
        name = hashlib.sha256(text.encode()).hexdigest()[:16] + ending
        if ending == ".js":
            text = f"(window.coroModules ??= {{}})[{json.dumps(name)}] = {json.dumps(text, ensure_ascii=False)};\n"
        (self._folder / name).write_text(text, encoding="utf-8")
        return name


def _leaves(models: Models, identity: str) -> Iterator[dict[str, Any]]:
    """The widgets that show something, from top to bottom. Raises ValueError if one is of an unknown kind."""
    model = models[identity]
    if model["model_name"] == "VBoxModel":
        for child in model["state"]["children"]:
            yield from _leaves(models, child.removeprefix("IPY_MODEL_"))
    elif model["model_name"] in ("AnyModel", "ButtonModel"):
        yield model
    else:
        raise ValueError(f"The site cannot show a widget of the kind {model['model_name']}; see docs/site/stored.py.")
