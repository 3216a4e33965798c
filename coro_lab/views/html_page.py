"""A run as one HTML page: the player and the trace in a single file that makes no network requests."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.views.file_replacement import replace_file
from coro_lab.views.widgets import frontend

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; base-uri 'none'; form-action 'none'; script-src '{hash}'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
{head}<title>{title}</title>
<style>
body {{ margin: 0; padding: 16px; background: Canvas; }}
main {{ max-width: 1100px; margin: auto; }}
{style}</style>
</head>
<body>
<main></main>
<script type="application/json">{given}</script>
<script type="module">{script}</script>
</body>
</html>
"""
_LOAD = """
mount(document.querySelector("main")).load(JSON.parse(document.querySelector('script[type="application/json"]').textContent));
"""


def html(trace: Trace, *, title: str = "") -> str:
    """The page as text. The trace cannot end the script element, because its JSON has no `<`, `>` and `&`."""
    title = title or f"A run of {', '.join(trace.names(4))}"
    return page(title, frontend.module() + _LOAD, frontend.given(trace, title=title))


def page(title: str, script: str, given: Any = None, *, head: str = "", style: str = "") -> str:
    """A page with the player's style whose one script is this module, which finds `given` in it as JSON.

    The page makes no requests, and runs no other script: its policy names the hash of this one.
    """
    script = f"\n{script}"
    known = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _PAGE.format(
        title=escape(title), hash=f"sha256-{known}", head=head, style=frontend.style_sheet() + style,
        given=_as_safe_json(given), script=script,
    )  # fmt: skip


def save(trace: Trace, path: str | PathLike[str], *, title: str = "") -> None:
    """Write the page to a file. An existing file is kept if the page cannot be made or not be written as a whole.

    Lone surrogates, which a program can print, are escaped. Raises ArgumentError if `path` is not a path or `title`
    is not a text, and OSError if the file cannot be written.
    """
    if not isinstance(path, (str, PathLike)) or not isinstance(title, str):
        wrote = describe(path) if title == "" else f"{describe(path)}, title={describe(title)}"
        instead = 'save_html("run.html"), or save_html("run.html", title="A run")'
        said = advice("save_html takes the path of a file, and a title in words.", f"save_html({wrote})", instead)
        is_path = isinstance(path, (str, PathLike))
        raise ArgumentError(said, argument="title" if is_path else "path", given=describe(title if is_path else path))
    page = html(trace, title=title).encode("utf-8", "backslashreplace")
    if Path(path).exists() and not Path(path).is_file():
        Path(path).write_bytes(page)  # works for a pipe; raises OSError for a folder
    else:
        replace_file(Path(path), page)


def _as_safe_json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
