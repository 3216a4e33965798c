"""The lab: JupyterLab in a browser, with every notebook and a Python that can run them; nothing is installed.

It is JupyterLite with Pyodide. `wheels` gathers what that Python has, `pyodide` puts it beside the interpreter with a
list of its hashes, `contents` prepares the notebooks, and `front_end` builds the pages. All of it lies in one folder,
and nothing is asked of another host.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from docs.site.lab import contents, front_end, pyodide, wheels
from docs.site.places import WORK

_WORK = WORK / "lab"


def build(target: Path) -> None:
    """Write the lab into the folder `target`, which is there and empty."""
    shutil.rmtree(_WORK / "lite", ignore_errors=True)
    runs = contents.write(_WORK / "contents")
    packages = wheels.gather(_WORK / "wheels", runs)
    pyodide.write(_WORK / "lite" / "static" / "pyodide", packages)
    front_end.build(_WORK / "lite", _WORK / "contents", packages, target)
