"""The pages of the lab, made by JupyterLite."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from coro_lab.views.widgets import frontend

_APPS = ["lab", "notebooks", "repl"]  # for a wide screen, a narrow one, and one cell
_STARTING = Path(__file__).with_name("starting.js")
_PACKAGES = ["micropip", "piplite", "pyodide-kernel", "ipykernel", "ipython", "comm", "anywidget", "coro-lab",
             "coro-lab-stored"]  # fmt: skip
_SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "Coro Lab",
        "exposeAppInBrowser": True,  # for the tests
        "litePluginSettings": {
            "@jupyterlite/pyodide-kernel-extension:kernel": {
                "disablePyPIFallback": True,
                "loadPyodideOptions": {"packages": _PACKAGES},
            }
        },
    },
}
_WITH_EXTENSIONS = ("anywidget-*.whl", "coro_lab-*.whl", "jupyterlab_widgets-*.whl")
_WITHOUT_NOTEBOOKS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {"disabledExtensions": ["@jupyterlab/codemirror-extension:commands"]},
}
"""Of the page with one console: this extension asks for notebooks there, and fails."""
_MENDED = (
    # It forgets the cells that wait whenever one fails, though "Run All" is to get past a cell that fails on purpose.
    (
        "build",
        r'"execute_reply"===e\.header\.msg_type&&"error"===e\.content\.status&&"interrupt"!==e\.metadata\.cause&&',
        "false&&",
    ),
    # Its kernels do not answer this question, so stored widgets would wait for the answer for ever. A new page has a
    # new kernel, which has no widgets yet.
    (
        "build",
        r"requestCommInfo\(n\)\{",
        'requestCommInfo(n){return Promise.resolve({content:{status:"ok",comms:{}}});',
    ),
    # A kernel says what it is before Python is there. Otherwise the stored players would wait for Python.
    (
        "build",
        r"await (\w)\.ready,(await \1\.handleMessage\((\w)\))",
        r'"kernel_info_request"===\3.header.msg_type||await \1.ready,\2',
    ),
    # `None` comes to the page as undefined, where every other kernel sends null.
    (
        "extensions/@jupyterlite",
        r"(\w) instanceof Array(\?this\.mapToObject\(\1\):\1);",
        r"\1 instanceof Array||\1?.constructor===Object\2??null;",
    ),
)
"""What is wrong in JupyterLite 0.8.6: in which folder, as a pattern, and what stands there instead."""


def build(lite: Path, contents: Path, packages: list[Path], target: Path) -> None:
    """Write the pages into `target`; `lite` is the folder with what JupyterLite is to take over."""
    (lite / "jupyter-lite.json").write_text(json.dumps(_SETTINGS), encoding="utf-8")
    (lite / "repl").mkdir(exist_ok=True)
    (lite / "repl" / "jupyter-lite.json").write_text(json.dumps(_WITHOUT_NOTEBOOKS), encoding="utf-8")
    extensions = [str(file) for file in packages for pattern in _WITH_EXTENSIONS if file.match(pattern)]
    settings = {
        "apps": _APPS,
        "contents": [str(contents)],
        "federated_extensions": extensions,
        "lite_dir": str(lite),
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "output_dir": str(target),
    }
    (lite / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": settings}), encoding="utf-8")
    _build(lite)
    for folder, old, new in _MENDED:
        _mend(target / folder, old, new)
    for page in target.rglob("index.html"):
        site = "../" * len(page.relative_to(target).parts)  # where the player's button for a link leads
        head = f'<meta name="coro-lab-site" content="{site}">'
        head += '<link rel="icon" href="data:,">'  # without one, a browser asks the host for it, outside of the site
        text = page.read_text(encoding="utf-8").replace("</head>", f"{head}</head>", 1)
        if page.parent.name in _APPS:
            text = text.replace("</body>", f"<script>{{{frontend.stripped(_STARTING)}}}</script></body>", 1)
        page.write_text(text, encoding="utf-8")


def _build(lite: Path) -> None:
    words = [sys.executable, "-m", "jupyterlite_core", "build"]
    done = subprocess.run(words, cwd=lite, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        sys.exit(f"JupyterLite could not build the lab (exit status {done.returncode}).")


def _mend(folder: Path, old: str, new: str) -> None:
    """Replace this pattern wherever it stands; a file has it once at most."""
    counts = []
    for file in folder.rglob("*.js"):
        text, count = re.subn(old, new, file.read_text(encoding="utf-8"))
        if count:
            file.write_text(text, encoding="utf-8")
            counts.append(count)
    if set(counts) != {1}:
        sys.exit(f"JupyterLite has changed: {old!r} is not there once in a file. See docs/site/lab/front_end.py.")
